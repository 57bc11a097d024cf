using System.Diagnostics.CodeAnalysis;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>Values kept with control groups (<c>BPF_MAP_TYPE_CGRP_STORAGE</c>, 6.2), for programs of all kinds.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class BpfCgroupStorage<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : LocalStorageMap<T> where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfCgroupStorage(BpfMap map) : base(map, MapType.CgrpStorage)
    {
    }

    /// <summary>Creates a storage.</summary>
    public static BpfCgroupStorage<T> Create(string name, MapOptions? options = null) =>
        Own(Create(MapType.CgrpStorage, name, options), static map => new BpfCgroupStorage<T>(map));

    /// <summary>Opens a control group's folder, to name it to the other members.</summary>
    /// <param name="path">The folder in a cgroup2 file system.</param>
    public static FileDescriptor OpenGroup(string path) =>
        new(Libc.Check(Libc.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC), $"open control group {path}"), $"cgroup {path}");

    /// <summary>Kernel code only: the value of the current task's control group, in place; a null reference when it has none, to be tested with <c>Unsafe.IsNullRef</c>.</summary>
    [KernelOnly]
    public ref T Find() => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: the value of the current task's control group, in place; made of zeros when it has none. Ends the program when there is no memory.</summary>
    [KernelOnly]
    public ref T GetOrAdd() => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: removes the value of the current task's control group; false when it has none.</summary>
    [KernelOnly]
    public bool Remove() => throw KernelOnlyMember.Error();
}
