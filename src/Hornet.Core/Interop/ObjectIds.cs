namespace Hornet.Interop;

/// <summary>The kernel's numbered objects: programs, maps, links and BTF. All need CAP_SYS_ADMIN (or CAP_BPF since 5.8 for some).</summary>
internal static class ObjectIds
{
    /// <summary>
    /// The ids of all live objects of a kind, rising (<c>BPF_*_GET_NEXT_ID</c>). What is made or goes away meanwhile may
    /// or may not be among them.
    /// </summary>
    /// <param name="next">Which kind: one of the <c>GetNextId</c> commands.</param>
    /// <param name="what">The kind in the plural, for messages.</param>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static List<uint> List(BpfCommand next, string what)
    {
        List<uint> ids = [];
        IdAttr attr = default;
        while (true)
        {
            if (Bpf.Call(next, ref attr) < 0)
            {
                return Libc.LastError switch
                {
                    Errno.ENOENT => ids,
                    Errno.EPERM => throw new BpfSyscallException($"list BPF {what}", Errno.EPERM, "It needs CAP_SYS_ADMIN."),
                    Errno.EINVAL => throw new BpfSyscallException($"list BPF {what}", Errno.EINVAL, "This kernel is too old for it."),
                    var errno => throw new BpfSyscallException($"list BPF {what}", errno),
                };
            }
            ids.Add(attr.NextId);
            attr.StartId = attr.NextId;
        }
    }

    /// <summary>Opens an object by id (<c>BPF_*_GET_FD_BY_ID</c>); null when it does not exist (any more).</summary>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason.</exception>
    public static FileDescriptor? TryOpen(BpfCommand byId, uint id, string what)
    {
        IdAttr attr = new() { ProgId = id };
        if (Bpf.TryOpen(byId, ref attr, $"{what} {id}") is { } descriptor) return descriptor;
        return Libc.LastError switch
        {
            Errno.ENOENT => null,
            Errno.EPERM => throw new BpfSyscallException($"open {what} {id}", Errno.EPERM, "It needs CAP_SYS_ADMIN."),
            var errno => throw new BpfSyscallException($"open {what} {id}", errno),
        };
    }
}
