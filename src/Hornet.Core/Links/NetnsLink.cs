using Hornet.Interop;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// A program on a network namespace: a flow dissector (link since 5.7), which takes packet headers apart for the whole
/// namespace, or a socket lookup (5.9), which chooses the socket for packets that arrive, whatever it is bound to.
/// </summary>
public sealed class NetnsLink : BpfFdLink
{
    private NetnsLink(FileDescriptor descriptor, string description) : base(descriptor, description) { }

    /// <summary>Attaches a program to a network namespace.</summary>
    /// <param name="program">A program of type <see cref="ProgramType.SkLookup"/> or <see cref="ProgramType.FlowDissector"/>.</param>
    /// <param name="path">The namespace, such as <c>/run/netns/blue</c> or <c>/proc/1234/ns/net</c>; null for the calling thread's.</param>
    /// <exception cref="BpfException">There is no such namespace, or the kernel refused; the message says why.</exception>
    public static NetnsLink Attach(BpfProgram program, string? path = null)
    {
        using var netns = path is null ? NetworkNamespaces.OpenCurrent() : NetworkNamespaces.Open(path);
        return Attach(program, netns, path ?? "of this thread");
    }

    /// <summary>Attaches a program to a network namespace that is open already.</summary>
    /// <param name="program">A program of type <see cref="ProgramType.SkLookup"/> or <see cref="ProgramType.FlowDissector"/>.</param>
    /// <param name="netns">A descriptor of the namespace; it can be closed afterwards.</param>
    public static NetnsLink Attach(BpfProgram program, FileDescriptor netns) => Attach(program, netns, $"of descriptor {netns.Value}");

    private static NetnsLink Attach(BpfProgram program, FileDescriptor netns, string name)
    {
        Require.Type(program, [ProgramType.SkLookup, ProgramType.FlowDissector], "a network namespace");
        bool lookup = program.Type == ProgramType.SkLookup;
        string description = $"{(lookup ? "socket lookup" : "flow dissector")} of network namespace {name}";
        LinkCreateAttr attr = new()
        {
            ProgFd = (uint)program.Descriptor.Value,
            TargetFd = (uint)netns.Value,
            AttachType = (uint)(lookup ? AttachType.SkLookup : AttachType.FlowDissector),
        };
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, description) is { } descriptor) return new NetnsLink(descriptor, description);
        var errno = Libc.LastError;
        AttachNeeds needs = lookup
            ? new("socket lookup programs", new Version(5, 9), Capabilities: "CAP_BPF and CAP_NET_ADMIN")
            : new("flow dissector links", new Version(5, 7), Capabilities: "CAP_BPF and CAP_NET_ADMIN");
        throw AttachError.Create($"attach '{program.Name}' as {description}", errno, needs, errno switch
        {
            Errno.E2BIG => "A namespace takes one flow dissector, or 64 socket lookup programs; the limit is reached.",
            Errno.EEXIST => "The namespace has a flow dissector already (one per namespace; the first namespace's serves for all when it has one).",
            Errno.EINVAL when FileStatus.Of(netns.Value) is { IsDirectory: true } => "That is no network namespace.",
            _ => null,
        });
    }
}
