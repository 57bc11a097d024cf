using Hornet.Elf;

namespace Hornet.Tracing.Dwarf;

/// <summary>
/// How to walk from each instruction of a binary to its caller without frame pointers: what <c>.eh_frame</c> (which C++ exceptions need,
/// so stripped binaries have it too) and <c>.debug_frame</c> describe as programs, as one sorted array of rows. For x86-64 and arm64.
/// </summary>
public sealed class UnwindTable
{
    private readonly UnwindRow[] _rows;

    private UnwindTable(ulong start, UnwindRow[] rows, int unsupported, ElfMachine machine) => (Base, _rows, Unsupported, Machine) = (start, rows, unsupported, machine);

    /// <summary>The virtual address that the rows' addresses count from.</summary>
    public ulong Base { get; }

    /// <summary>The rows, ascending. Between functions there is a row that says that nothing is known.</summary>
    public ReadOnlySpan<UnwindRow> Rows => _rows;

    /// <summary>The number of rows whose rule a table cannot hold (an expression, another register): a walk ends there.</summary>
    public int Unsupported { get; }

    /// <summary>The machine.</summary>
    public ElfMachine Machine { get; }

    /// <summary>Reads the table of a binary.</summary>
    /// <param name="path">The binary.</param>
    /// <param name="folders">Where separate debug files may be besides the usual places.</param>
    /// <exception cref="BpfException">The machine is neither x86-64 nor arm64.</exception>
    /// <exception cref="BpfFormatException">The binary is malformed.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static UnwindTable Open(string path, params IReadOnlyList<string> folders)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = ElfFile.Open(path);
        ElfFile? debug = null;
        try
        {
            if (file.FindSection(".debug_frame") is null) debug = DebugFiles.Find(file, path, folders, []);
            return Read(file, debug ?? file);
        }
        finally
        {
            if (debug != file) debug?.Dispose();
        }
    }

    /// <summary>The row for an address; null when nothing is known there.</summary>
    /// <param name="address">A virtual address of the file.</param>
    public UnwindRow? Find(ulong address)
    {
        if (address < Base || address - Base > uint.MaxValue) return null;
        uint relative = (uint)(address - Base);
        int low = 0, high = _rows.Length - 1, found = -1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (_rows[middle].Address <= relative)
            {
                found = middle;
                low = middle + 1;
            }
            else high = middle - 1;
        }
        return found < 0 || _rows[found].Cfa == CfaRule.Unknown ? null : _rows[found];
    }

    /// <summary>Goes from a frame to its caller.</summary>
    /// <param name="registers">The registers in the frame; those in the caller afterwards.</param>
    /// <param name="address">The instruction the frame is at as a virtual address of the file; for all frames but the first, one less than where it continues.</param>
    /// <param name="read">Reads eight bytes of the stack; null when they cannot be read.</param>
    /// <returns>False at the end of the stack, and where nothing is known or readable.</returns>
    public bool TryStep(ref UnwindRegisters registers, ulong address, Func<ulong, ulong?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return Find(address) is { } row && TryStep(ref registers, row, address, read);
    }

    internal static UnwindTable Read(ElfFile file, ElfFile debug)
    {
        if (file.Machine is not (ElfMachine.X64 or ElfMachine.Arm64)) throw new BpfException($"{file.Name}: frames of {file.Machine} cannot be walked; x86-64 and arm64 can");
        FrameReader reader = new(file.Machine, file.IsLittleEndian);
        if (file.FindSection(".eh_frame") is { Type: not ElfSectionType.NoBits } exceptions) reader.Add(file.Read(exceptions).Span, exceptions.Address, isDebugFrame: false, $"{file.Name}: .eh_frame");
        if (debug.FindSection(".debug_frame") is { Type: not ElfSectionType.NoBits } frames) reader.Add(debug.Read(frames).Span, frames.Address, isDebugFrame: true, $"{debug.Name}: .debug_frame");
        var (start, rows, unsupported) = reader.Finish();
        return new UnwindTable(start, rows, unsupported, file.Machine);
    }

    private static bool TryStep(ref UnwindRegisters registers, in UnwindRow row, ulong address, Func<ulong, ulong?> read)
    {
        ulong sp = registers.StackPointer, fp = registers.FramePointer;
        ulong offset = unchecked((ulong)(long)row.CfaOffset);
        ulong? cfa = row.Cfa switch
        {
            CfaRule.StackPointer => unchecked(sp + offset),
            CfaRule.FramePointer => unchecked(fp + offset),
            CfaRule.AtStackPointer => read(unchecked(sp + offset)),
            CfaRule.AtFramePointer => read(unchecked(fp + offset)),
            CfaRule.LinkerStub => unchecked(sp + 8 + ((address & 15) >= 11 ? 8u : 0)),
            _ => null,
        };
        if (cfa is not { } canonical) return false;
        if (Restore(row.Return, row.ReturnOffset, registers.Link, canonical, sp, read) is not { } back || back == 0) return false;
        ulong? frame = Restore(row.Frame, row.FrameOffset, fp, canonical, sp, read);
        // A stack that does not grow is no stack; only a leaf of arm64 and a signal's other stack may.
        if (canonical < sp && !row.IsSignalFrame) return false;
        registers = new UnwindRegisters(back, canonical, frame ?? 0, row.Return == RegisterRule.Same ? 0 : back);
        return true;
    }

    private static ulong? Restore(RegisterRule rule, short offset, ulong value, ulong cfa, ulong sp, Func<ulong, ulong?> read) => rule switch
    {
        RegisterRule.Same => value,
        RegisterRule.AtCfa => read(unchecked(cfa + (ulong)(long)offset)),
        RegisterRule.AtStackPointer => read(unchecked(sp + (ulong)(long)offset)),
        _ => null,
    };
}
