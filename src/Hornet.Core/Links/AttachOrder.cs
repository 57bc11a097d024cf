using Hornet.Interop;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// A place among the programs on one hook, relative to another program or to the ends. The default is wherever the
/// kernel puts it: behind the last.
/// </summary>
public readonly record struct Anchor
{
    private const uint BeforeFlag = 1 << 3, AfterFlag = 1 << 4, IdFlag = 1 << 5, LinkFlag = 1 << 13;

    private readonly FileDescriptor? _descriptor;
    private readonly uint _id;

    private Anchor(uint flags, FileDescriptor? descriptor = null, uint id = 0)
    {
        Flags = flags;
        _descriptor = descriptor;
        _id = id;
    }

    /// <summary>Before all others.</summary>
    public static Anchor First => new(BeforeFlag);

    /// <summary>Behind all others.</summary>
    public static Anchor Last => new(AfterFlag);

    /// <summary>Right before an attached program.</summary>
    public static Anchor Before(BpfProgram program) => new(BeforeFlag, program.Descriptor);

    /// <summary>Right behind an attached program.</summary>
    public static Anchor After(BpfProgram program) => new(AfterFlag, program.Descriptor);

    /// <summary>Right before the program of a link.</summary>
    public static Anchor Before(BpfLink link) => new(BeforeFlag | LinkFlag, Descriptor(link));

    /// <summary>Right behind the program of a link.</summary>
    public static Anchor After(BpfLink link) => new(AfterFlag | LinkFlag, Descriptor(link));

    /// <summary>Right before the program with that id.</summary>
    public static Anchor BeforeProgram(uint id) => new(BeforeFlag | IdFlag, id: id);

    /// <summary>Right behind the program with that id.</summary>
    public static Anchor AfterProgram(uint id) => new(AfterFlag | IdFlag, id: id);

    /// <summary>Right before the link with that id.</summary>
    public static Anchor BeforeLink(uint id) => new(BeforeFlag | LinkFlag | IdFlag, id: id);

    /// <summary>Right behind the link with that id.</summary>
    public static Anchor AfterLink(uint id) => new(AfterFlag | LinkFlag | IdFlag, id: id);

    internal uint Flags { get; }

    /// <summary>The descriptor or id, as the kernel's one field for both takes it.</summary>
    internal uint Relative => _descriptor is null ? _id : (uint)_descriptor.Value;

    internal bool IsDefault => Flags == 0;

    private static FileDescriptor Descriptor(BpfLink link) =>
        link.Descriptor ?? throw new BpfException($"'{link.Description}' cannot be an anchor: it is no BPF link object.");
}

/// <summary>Where a program goes among others on one hook, and what must not have changed meanwhile.</summary>
public sealed record AttachOrder
{
    /// <summary>The place; by default behind the last.</summary>
    public Anchor Anchor { get; init; }

    /// <summary>
    /// The revision of the hook as last queried (<see cref="AttachmentQuery"/>): if anything was attached or detached
    /// since, the kernel refuses with ESTALE. 0 for no check.
    /// </summary>
    public ulong ExpectedRevision { get; init; }

    /// <summary>What the kernel's answers mean on a hook with many programs (kernel/bpf/mprog.c).</summary>
    internal static string? Explain(Errno errno, AttachOrder order) => errno switch
    {
        Errno.ESTALE => $"The programs on this hook have changed since revision {order.ExpectedRevision}: query it again and decide anew.",
        Errno.EEXIST => "This program is attached to this hook already.",
        Errno.ENOENT when !order.Anchor.IsDefault => "The anchor is not attached to this hook.",
        Errno.ENOENT or Errno.EINVAL when !order.Anchor.IsDefault => "The anchor does not exist, or is of another kind.",
        Errno.ERANGE => "The limit of programs on this hook (64) is reached.",
        _ => null,
    };
}
