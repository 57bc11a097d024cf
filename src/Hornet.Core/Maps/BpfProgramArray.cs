using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>
/// A program array (4.2), the table behind tail calls. The kernel empties it when the last descriptor and pin of the map
/// are gone, even while programs use it: keep this object, or pin the map.
/// </summary>
public sealed unsafe class BpfProgramArray : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfProgramArray(BpfMap map) : base(map, [MapType.ProgramArray])
    {
    }

    /// <summary>Creates a program array.</summary>
    public static BpfProgramArray Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.ProgramArray, MaxEntries = length }), static map => new BpfProgramArray(map));

    /// <summary>Puts a program in a slot. The array keeps the program in the kernel.</summary>
    /// <param name="index">The slot.</param>
    /// <param name="program">The program's descriptor.</param>
    /// <exception cref="BpfSyscallException">There is no such slot (E2BIG), or the program does not go with the others (EINVAL).</exception>
    public void Set(uint index, FileDescriptor program)
    {
        ArgumentNullException.ThrowIfNull(program);
        uint fd = (uint)program.Value;
        Write(index, &fd);
    }

    /// <summary>The id of the program in a slot; null when it is empty.</summary>
    public uint? GetProgramId(uint index)
    {
        uint id;
        return TryRead(index, &id) ? id : null;
    }

    /// <summary>Empties a slot: a tail call to it fails and the program goes on. False when it is empty already.</summary>
    public bool Remove(uint index) => Empty(index);
}
