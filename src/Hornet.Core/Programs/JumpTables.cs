using Hornet.Maps;

namespace Hornet.Programs;

/// <summary>
/// The instruction arrays behind a program's indirect jumps (6.19). They belong to this one program, since they hold its
/// offsets; the kernel's program keeps them, so that here they live only as long as it takes to load it.
/// </summary>
internal sealed class JumpTables : IDisposable
{
    // As libbpf calls them.
    private const string Name = ".jumptables";

    private readonly List<BpfInstructionArray> _tables = [];

    /// <summary>Makes a table of slots of the program and returns its descriptor.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel is older than 6.19.</exception>
    public int Create(IReadOnlyList<int> slots)
    {
        var table = BpfInstructionArray.Create(Name, (uint)slots.Count);
        _tables.Add(table);
        for (int i = 0; i < slots.Count; i++) table.Set((uint)i, (uint)slots[i]);
        table.Map.Freeze();
        return table.Map.Descriptor.Value;
    }

    public void Dispose()
    {
        foreach (var table in _tables) table.Dispose();
    }
}
