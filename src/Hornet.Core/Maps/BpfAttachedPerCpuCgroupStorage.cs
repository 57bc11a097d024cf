using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>
/// One value for each CPU, kept with the attachment of a program to a control group
/// (<c>BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE</c>, 4.20). Deprecated by the kernel, as <see cref="BpfAttachedCgroupStorage{T}"/>.
/// </summary>
/// <typeparam name="T">The value of one CPU.</typeparam>
public sealed unsafe class BpfAttachedPerCpuCgroupStorage<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : MapView where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfAttachedPerCpuCgroupStorage(BpfMap map) : base(map, [MapType.PerCpuCgroupStorage])
    {
        ElementLayout.CheckValue<T>();
        CheckKeySize<ulong>();
        CheckValueSize<T>();
    }

    /// <summary>Creates a storage shared by all programs of a group that use it (keys of 8 bytes, 5.9).</summary>
    public static BpfAttachedPerCpuCgroupStorage<T> Create(string name, MapOptions? options = null)
    {
        ElementLayout.CheckValue<T>();
        return Own(MapOptions.Create(options, new() { Name = name, Type = MapType.PerCpuCgroupStorage, KeySize = sizeof(ulong), ValueSize = (uint)sizeof(T) }),
            static map => new BpfAttachedPerCpuCgroupStorage<T>(map));
    }

    /// <summary>The values of a control group, by its id; false when no program is attached.</summary>
    public bool TryGetValues(ulong cgroupId, PerCpuValues<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Map.TryLookup(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in cgroupId)), values.Bytes);
    }

    /// <summary>Replaces the values of a control group; false when no program is attached.</summary>
    public bool TrySet(ulong cgroupId, PerCpuValues<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Map.TryUpdate(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in cgroupId)), values.Bytes, MapUpdateFlags.Exist);
    }

    /// <summary>Kernel code only: this CPU's value of the control group that the program runs for, in place. It is always there. For programs attached to control groups.</summary>
    public ref T Current
    {
        [KernelOnly]
        get => throw KernelOnlyMember.Error();
    }
}
