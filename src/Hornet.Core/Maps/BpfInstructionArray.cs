using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>An instruction by where it is in a program's three forms. Offsets count instructions, the last counts bytes.</summary>
/// <param name="Original">In the program as it was loaded.</param>
/// <param name="Translated">In the verified and rewritten program; all ones for one that was removed.</param>
/// <param name="Jited">In the machine code, in bytes from its beginning.</param>
/// <param name="Reserved">Zero.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct InstructionAddress(uint Original, uint Translated, uint Jited, uint Reserved = 0);

/// <summary>
/// An instruction array (6.19): addresses of instructions of one program, kept right while the verifier rewrites it. The
/// table behind an indirect jump. It is filled with original offsets, frozen, then the program that names it is loaded.
/// </summary>
public sealed unsafe class BpfInstructionArray : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfInstructionArray(BpfMap map) : base(map, [MapType.InstructionArray]) => CheckValueSize<InstructionAddress>();

    /// <summary>Creates an instruction array.</summary>
    public static BpfInstructionArray Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.InstructionArray, KeySize = 4, ValueSize = (uint)sizeof(InstructionAddress), MaxEntries = length }),
            static map => new BpfInstructionArray(map));

    /// <summary>Names an instruction by its original offset.</summary>
    public void Set(uint index, uint originalOffset)
    {
        InstructionAddress address = new(originalOffset, 0, 0);
        Write(index, &address);
    }

    /// <summary>The instruction in a slot; false when there is no such slot.</summary>
    public bool TryGet(uint index, out InstructionAddress address)
    {
        InstructionAddress read = default;
        bool found = TryRead(index, &read);
        address = read;
        return found;
    }
}
