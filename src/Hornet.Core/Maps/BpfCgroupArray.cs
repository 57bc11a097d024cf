using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>An array of control groups (4.8), for <c>bpf_skb_under_cgroup</c> and <c>bpf_current_task_under_cgroup</c>.</summary>
public sealed unsafe class BpfCgroupArray : IndexedMap
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind.</exception>
    public BpfCgroupArray(BpfMap map) : base(map, [MapType.CgroupArray])
    {
    }

    /// <summary>Creates a cgroup array.</summary>
    public static BpfCgroupArray Create(string name, uint length, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.CgroupArray, MaxEntries = length }), static map => new BpfCgroupArray(map));

    /// <summary>Puts a control group in a slot.</summary>
    /// <param name="index">The slot.</param>
    /// <param name="path">The group's folder in a cgroup2 file system.</param>
    /// <exception cref="BpfSyscallException">There is no such slot or folder, or it is not one of cgroup2 (EBADF).</exception>
    public void Set(uint index, string path)
    {
        using var folder = new FileDescriptor(Libc.Check(Libc.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC), $"open control group {path}"), $"cgroup {path}");
        Set(index, folder);
    }

    /// <summary>Puts a control group in a slot, by the descriptor of its folder.</summary>
    public void Set(uint index, FileDescriptor cgroup)
    {
        ArgumentNullException.ThrowIfNull(cgroup);
        uint fd = (uint)cgroup.Value;
        Write(index, &fd);
    }

    /// <summary>Empties a slot; false when it is empty already.</summary>
    public bool Remove(uint index) => Empty(index);
}
