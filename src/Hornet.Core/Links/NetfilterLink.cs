using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>The protocol whose packets a netfilter program sees (<c>NFPROTO_*</c>).</summary>
public enum NetfilterProtocol : uint
{
    /// <summary>IPv4.</summary>
    IPv4 = 2,
    /// <summary>IPv6.</summary>
    IPv6 = 10,
}

/// <summary>Where in the path of a packet through the IP stack a netfilter program runs (<c>NF_INET_*</c>).</summary>
public enum NetfilterHook : uint
{
    /// <summary>Every packet that arrives, before routing.</summary>
    PreRouting = 0,
    /// <summary>Packets for this host.</summary>
    LocalIn = 1,
    /// <summary>Packets passing through.</summary>
    Forward = 2,
    /// <summary>Packets this host sends.</summary>
    LocalOut = 3,
    /// <summary>Every packet that leaves, after routing.</summary>
    PostRouting = 4,
}

/// <summary>How a netfilter program is attached.</summary>
public sealed record NetfilterOptions
{
    /// <summary>Smaller runs first. Taken places are refused; the first and last number there is are reserved. -200 is where connection tracking is, 0 where filter tables are.</summary>
    public int Priority { get; init; }

    /// <summary>The program sees whole packets, not fragments (<c>BPF_F_NETFILTER_IP_DEFRAG</c>, 6.6). The priority must then be greater than -400.</summary>
    public bool Defragment { get; init; }
}

/// <summary>
/// A program on a netfilter hook of the calling thread's network namespace (Linux 6.4): it returns 0 to drop a packet
/// and 1 to accept it.
/// </summary>
public sealed class NetfilterLink : BpfFdLink
{
    private const int DefragmentPriority = -400; // NF_IP_PRI_CONNTRACK_DEFRAG
    private static readonly AttachNeeds s_needs = new("netfilter programs", FirstKernel.Netfilter, "CONFIG_NETFILTER_BPF_LINK", "CAP_BPF and CAP_NET_ADMIN");

    private NetfilterLink(FileDescriptor descriptor, string description) : base(descriptor, description) { }

    /// <summary>Attaches a program to a hook.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel has no netfilter programs.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; the message says why.</exception>
    public static NetfilterLink Attach(BpfProgram program, NetfilterProtocol protocol, NetfilterHook hook, NetfilterOptions? options = null)
    {
        Require.Type(program, ProgramType.Netfilter, "netfilter");
        options ??= new NetfilterOptions();
        if (!Enum.IsDefined(protocol)) throw new ArgumentException($"netfilter programs see IPv4 or IPv6, not protocol {protocol}", nameof(protocol));
        if (!Enum.IsDefined(hook)) throw new ArgumentException($"{hook} is no netfilter hook", nameof(hook));
        if (options.Priority is int.MinValue or int.MaxValue) throw new ArgumentException($"the priority {options.Priority} is reserved", nameof(options));
        if (options is { Defragment: true, Priority: <= DefragmentPriority })
            throw new ArgumentException($"a program that wants whole packets needs a priority greater than {DefragmentPriority}, where they are put together", nameof(options));
        string description = $"netfilter {protocol} {hook} priority {options.Priority}";
        LinkCreateAttr attr = new()
        {
            ProgFd = (uint)program.Descriptor.Value,
            AttachType = (uint)AttachType.Netfilter,
            NetfilterPf = (uint)protocol,
            NetfilterHooknum = (uint)hook,
            NetfilterPriority = options.Priority,
            NetfilterFlags = options.Defragment ? 1u : 0,
        };
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, description) is { } descriptor) return new NetfilterLink(descriptor, description);
        var errno = Libc.LastError;
        throw AttachError.Create($"attach '{program.Name}' to {description}", errno, s_needs, errno switch
        {
            Errno.EBUSY => "Another BPF program or a module that insists on its place has this priority: choose another.",
            Errno.EOPNOTSUPP when options.Defragment && KernelFacts.Version < new Version(6, 6) => $"Defragment needs Linux 6.6; this is {KernelFacts.Release}.",
            Errno.EAFNOSUPPORT or Errno.EOPNOTSUPP => "This kernel has no netfilter hooks for the protocol, or its defragmentation module (nf_defrag_ipv4, nf_defrag_ipv6) is missing.",
            _ => null,
        });
    }
}
