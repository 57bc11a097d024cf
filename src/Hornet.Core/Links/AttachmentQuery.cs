using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Maps;

namespace Hornet.Links;

/// <summary>One program on a hook.</summary>
/// <param name="ProgramId">The program.</param>
/// <param name="LinkId">The link that holds it; 0 when it was attached without one, or the kernel does not tell (it does for tcx and netkit).</param>
/// <param name="Flags">The flags of its attachment, such as <see cref="CgroupAttachFlags.AllowMulti"/> (6.3 for cgroups).</param>
public readonly record struct AttachedProgram(uint ProgramId, uint LinkId, uint Flags);

/// <summary>
/// The programs attached to one hook, in the order they run (<c>BPF_PROG_QUERY</c>): whose they are does not matter.
/// </summary>
/// <param name="Programs">The programs.</param>
/// <param name="Revision">Changes with every attach and detach (tcx and netkit; cgroups since 6.17), for <see cref="AttachOrder.ExpectedRevision"/>; 0 where there is none.</param>
/// <param name="Flags">The flags of the hook itself, such as the cgroup's <see cref="CgroupAttachFlags"/>.</param>
public sealed record AttachmentQuery(IReadOnlyList<AttachedProgram> Programs, ulong Revision, uint Flags)
{
    private const uint Effective = 1;

    /// <summary>The programs of a cgroup's hook (4.15).</summary>
    /// <param name="path">The cgroup's directory.</param>
    /// <param name="hook">The hook.</param>
    /// <param name="effective">Also those inherited from the cgroups above, in the order they run; the kernel then tells no flags.</param>
    public static AttachmentQuery Cgroup(string path, AttachType hook, bool effective = false)
    {
        using var cgroup = CgroupPath.Open(path);
        return Query((uint)cgroup.Value, hook, effective ? Effective : 0, $"query {hook} on cgroup '{path}'",
            new AttachNeeds("cgroup queries", new Version(4, 15), "CONFIG_CGROUP_BPF", "CAP_NET_ADMIN"));
    }

    /// <summary>The programs of a network namespace's hook: <see cref="AttachType.FlowDissector"/> (4.20) or <see cref="AttachType.SkLookup"/> (5.9).</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="path">The namespace, such as <c>/run/netns/blue</c>; null for the calling thread's.</param>
    public static AttachmentQuery NetworkNamespace(AttachType hook, string? path = null)
    {
        using var netns = path is null ? NetworkNamespaces.OpenCurrent() : NetworkNamespaces.Open(path);
        return Query((uint)netns.Value, hook, 0, $"query {hook} on network namespace '{path ?? "of this thread"}'",
            new AttachNeeds($"{hook} queries", new Version(5, 9), Capabilities: "CAP_NET_ADMIN"));
    }

    /// <summary>The tcx programs of an interface (6.6).</summary>
    public static AttachmentQuery Tcx(string interfaceName, TcDirection direction) =>
        Query((uint)NetworkDevice.Find(interfaceName).Index, TcxLink.HookOf(direction), 0, $"query tcx on {interfaceName}",
            new AttachNeeds("tcx", FirstKernel.Tcx, "CONFIG_NET_XGRESS", "CAP_NET_ADMIN"));

    /// <summary>The programs of one end of a netkit pair, asked on its primary end (6.7).</summary>
    public static AttachmentQuery Netkit(string interfaceName, NetkitEnd end) =>
        Query((uint)NetworkDevice.Find(interfaceName).Index, NetkitLink.HookOf(end), 0, $"query netkit on {interfaceName}",
            new AttachNeeds("netkit", FirstKernel.Netkit, "CONFIG_NETKIT", "CAP_NET_ADMIN"));

    /// <summary>The program of a sockmap's or sockhash's hook (5.19).</summary>
    public static AttachmentQuery SockMap(BpfMap map, AttachType hook) =>
        Query((uint)map.Descriptor.Value, hook, 0, $"query {hook} on map '{map.Name}'",
            new AttachNeeds("sockmap queries", new Version(5, 19), Capabilities: "CAP_NET_ADMIN"));

    /// <summary>The programs of an infrared receiver (4.18).</summary>
    /// <param name="path">The device: <c>/dev/lirc0</c>.</param>
    public static AttachmentQuery Lirc(string path)
    {
        using var device = new FileDescriptor(Libc.Check(Libc.Open(path, Libc.O_RDONLY | Libc.O_CLOEXEC), $"open infrared device '{path}'"), path);
        return Query((uint)device.Value, AttachType.LircMode2, 0, $"query infrared device '{path}'",
            new AttachNeeds("lirc queries", new Version(4, 18), "CONFIG_BPF_LIRC_MODE2", "CAP_NET_ADMIN"));
    }

    internal static unsafe AttachmentQuery Query(uint target, AttachType hook, uint queryFlags, string operation, in AttachNeeds needs)
    {
        // The arrays beside the ids came later (6.3 for cgroups' flags, 6.6 for tcx), and a kernel or hook without them says EINVAL.
        bool details = true;
        for (uint capacity = 64; ;)
        {
            uint[] programs = new uint[capacity], programFlags = new uint[capacity], links = new uint[capacity], linkFlags = new uint[capacity];
            fixed (uint* p = programs, pf = programFlags, l = links, lf = linkFlags)
            {
                QueryAttr attr = new()
                {
                    TargetFd = target,
                    AttachType = (uint)hook,
                    QueryFlags = queryFlags,
                    ProgIds = Bpf.Pointer(p),
                    ProgCnt = capacity,
                    ProgAttachFlags = details && queryFlags == 0 ? Bpf.Pointer(pf) : 0,
                    LinkIds = details ? Bpf.Pointer(l) : 0,
                    LinkAttachFlags = details ? Bpf.Pointer(lf) : 0,
                };
                if (Bpf.Call(BpfCommand.ProgramQuery, ref attr) < 0)
                {
                    var errno = Libc.LastError;
                    // More programs than fit; the count says how many there are.
                    if (errno == Errno.ENOSPC && attr.ProgCnt > capacity)
                    {
                        capacity = attr.ProgCnt;
                        continue;
                    }
                    if (details && errno is Errno.EINVAL or Errno.E2BIG)
                    {
                        details = false;
                        continue;
                    }
                    throw AttachError.Create(operation, errno, needs);
                }
                var result = new AttachedProgram[Math.Min(attr.ProgCnt, capacity)];
                for (int i = 0; i < result.Length; i++) result[i] = new AttachedProgram(programs[i], links[i], programFlags[i] | linkFlags[i]);
                return new AttachmentQuery(result, attr.Revision, attr.AttachFlags);
            }
        }
    }
}
