using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>
/// An array of perf events (4.3), one for each CPU: where <c>bpf_perf_event_output</c> writes and
/// <c>bpf_perf_event_read</c> reads. <see cref="Hornet.Maps"/> only keeps it; reading is the perf buffer reader's.
/// </summary>
public sealed unsafe class BpfPerfEventArray : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfPerfEventArray(BpfMap map) : base(map, [MapType.PerfEventArray])
    {
    }

    /// <summary>Creates an array with a slot for each CPU.</summary>
    public static BpfPerfEventArray Create(string name, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.PerfEventArray }), static map => new BpfPerfEventArray(map));

    /// <summary>Puts a perf event in the slot of a CPU.</summary>
    /// <exception cref="BpfSyscallException">There is no such slot (E2BIG), or the event is of a kind that cannot be read by programs (EINVAL).</exception>
    public void Set(uint cpu, FileDescriptor perfEvent)
    {
        ArgumentNullException.ThrowIfNull(perfEvent);
        uint fd = (uint)perfEvent.Value;
        Write(cpu, &fd);
    }

    /// <summary>Empties the slot of a CPU; false when it is empty already.</summary>
    public bool Remove(uint cpu) => Empty(cpu);
}
