namespace Hornet.Script.Runtime;

/// <summary>
/// The maps that programs walk stacks with, and user space fills. One (a trie of longest prefixes) says what code lies at an address
/// of a process; the other has a map of rows (<see cref="Hornet.Tracing.Dwarf.UnwindRow"/>, ascending) for each binary.
/// </summary>
internal static class UnwindLayout
{
    public const string CodeMap = "unwind_code", TablesMap = "unwind_tables", AskedMap = ".data.unwound";

    /// <summary>How many binaries can have rows, and how many pieces of code all processes together.</summary>
    public const int MostTables = 4096, MostCode = 1 << 17;

    // The key: number of bits (u32), process (u32, big-endian), address (u64, big-endian).
    public const int KeySize = 16, KeyProcess = 4, KeyAddress = 8, ProcessBits = 32, KeyBits = 96;

    // The value: the address its rows count from (u64), the table (u32), the number of rows (u32).
    public const int CodeSize = 16, CodeBase = 0, CodeTable = 8, CodeRows = 12;

    /// <summary>Instead of a table: code that was not there when user space looked last (what the process's own entry, without an address, says).</summary>
    public const int UnknownCode = 0;

    /// <summary>Instead of a table: code without one, of a compiler at run time or a binary without call frame information.</summary>
    public const int FramePointers = 1;

    /// <summary>Tables have numbers from here on.</summary>
    public const int FirstTable = 2;

    // UnwindRow.
    public const int RowSize = 16, RowAddress = 0, RowCfaOffset = 4, RowFrameOffset = 8, RowReturnOffset = 10, RowCfa = 12, RowFrame = 13, RowReturn = 14, RowFlags = 15;
}
