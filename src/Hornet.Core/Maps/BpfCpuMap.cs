using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>A CPU that XDP redirects packets to.</summary>
/// <param name="QueueSize">How many packets its queue holds.</param>
/// <param name="Program">When reading, the id of the program that runs there (5.9); 0 for none.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct CpuMapEntry(uint QueueSize, uint Program);

/// <summary>CPUs that take over packets from XDP (4.15); with programs since 5.9. The index is the CPU's number.</summary>
public sealed unsafe class BpfCpuMap : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfCpuMap(BpfMap map) : base(map, [MapType.CpuMap])
    {
    }

    /// <summary>Creates a cpumap whose entries may have programs.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="length">The highest CPU number plus one.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfCpuMap Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.CpuMap, ValueSize = 8, MaxEntries = length }), static map => new BpfCpuMap(map));

    /// <summary>Makes a CPU take packets. The kernel starts a thread there.</summary>
    /// <param name="cpu">The CPU.</param>
    /// <param name="queueSize">How many packets its queue holds, at most 16384.</param>
    /// <param name="program">An XDP program loaded for cpumaps; null for none.</param>
    /// <exception cref="BpfSyscallException">There is no such slot (E2BIG) or CPU (ENODEV), the queue is too large (EOVERFLOW), or the program is of another kind.</exception>
    public void Set(uint cpu, uint queueSize, FileDescriptor? program = null)
    {
        if (program is not null && Map.ValueSize < 8) throw new BpfException($"The {Map} has values of {Map.ValueSize} bytes, without room for a program.");
        CpuMapEntry entry = new(queueSize, program is null ? 0 : (uint)program.Value);
        Write(cpu, &entry);
    }

    /// <summary>The entry of a CPU; false when it takes no packets.</summary>
    public bool TryGet(uint cpu, out CpuMapEntry entry)
    {
        CpuMapEntry read = default;
        bool found = TryRead(cpu, &read) && read.QueueSize != 0;
        entry = read;
        return found;
    }

    /// <summary>Ends a CPU's taking. The kernel does not say whether it took any.</summary>
    public void Remove(uint cpu) => Empty(cpu);
}
