using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>
/// Values kept with the attachment of a program to a control group (<c>BPF_MAP_TYPE_CGROUP_STORAGE</c>, 4.19). The kernel
/// calls the kind deprecated; <see cref="BpfCgroupStorage{T}"/> follows it. Elements come and go with attachments: user
/// space reads and changes them, and cannot make or remove them.
/// </summary>
/// <typeparam name="T">The value.</typeparam>
public sealed unsafe class BpfAttachedCgroupStorage<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : MapView where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfAttachedCgroupStorage(BpfMap map) : base(map, [MapType.CgroupStorage])
    {
        ElementLayout.CheckValue<T>();
        CheckKeySize<ulong>();
        CheckValueSize<T>();
    }

    /// <summary>Creates a storage shared by all programs of a group that use it (keys of 8 bytes, 5.9).</summary>
    public static BpfAttachedCgroupStorage<T> Create(string name, MapOptions? options = null)
    {
        ElementLayout.CheckValue<T>();
        return Own(MapOptions.Create(options, new() { Name = name, Type = MapType.CgroupStorage, KeySize = sizeof(ulong), ValueSize = (uint)sizeof(T) }),
            static map => new BpfAttachedCgroupStorage<T>(map));
    }

    /// <summary>The value of a control group, by its id (the inode number of its folder); false when no program is attached.</summary>
    public bool TryGetValue(ulong cgroupId, out T value)
    {
        T read = default;
        bool found = Map.TryLookup(Bytes(cgroupId), MemoryMarshal.AsBytes(new Span<T>(ref read)));
        value = read;
        return found;
    }

    /// <summary>Replaces the value of a control group; false when no program is attached.</summary>
    public bool TrySet(ulong cgroupId, in T value) =>
        Map.TryUpdate(Bytes(cgroupId), MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)), MapUpdateFlags.Exist);

    /// <summary>The ids of all control groups that have a value.</summary>
    public IReadOnlyList<ulong> Groups()
    {
        List<ulong> groups = [];
        byte[] key = new byte[sizeof(ulong)];
        // Kernels before 6.12 walk past the last element and name a group that is none; only what can be looked up counts.
        for (bool more = Map.TryGetNextKey(default, key); more; more = Map.TryGetNextKey(key, key))
        {
            ulong group = BitConverter.ToUInt64(key);
            if (!TryGetValue(group, out _) || groups.Contains(group)) break;
            groups.Add(group);
        }
        return groups;
    }

    /// <summary>Kernel code only: the value of the control group that the program runs for, in place. It is always there. For programs attached to control groups.</summary>
    public ref T Current
    {
        [KernelOnly]
        get => throw KernelOnlyMember.Error();
    }

    private static ReadOnlySpan<byte> Bytes(in ulong id) => MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in id));
}
