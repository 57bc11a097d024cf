using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>By which of the kernel's two doors a program gets to a cgroup.</summary>
public enum CgroupMethod
{
    /// <summary>A BPF link where the kernel has cgroup links (5.7), otherwise without.</summary>
    Auto,
    /// <summary>A BPF link: detached by the kernel when the process ends, always beside other programs.</summary>
    Link,
    /// <summary>Without a link (<c>BPF_PROG_ATTACH</c>): stays when the process is killed, and may exclude other programs.</summary>
    Legacy,
}

/// <summary>The flags of an attachment to a cgroup (<c>BPF_F_*</c>).</summary>
[Flags]
public enum CgroupAttachFlags : uint
{
    /// <summary>The only program on this hook, here and in the cgroups below.</summary>
    Exclusive = 0,
    /// <summary>The only program on this hook here; a cgroup below may have its own instead (<c>BPF_F_ALLOW_OVERRIDE</c>).</summary>
    AllowOverride = 1 << 0,
    /// <summary>Beside other programs; those of the cgroups above run too (<c>BPF_F_ALLOW_MULTI</c>, 4.15).</summary>
    AllowMulti = 1 << 1,
    /// <summary>Runs before the programs of the cgroups below (<c>BPF_F_PREORDER</c>, 6.15).</summary>
    PreOrder = 1 << 6,
}

/// <summary>How a program is attached to a cgroup.</summary>
public sealed record CgroupOptions
{
    /// <summary>The hook; null for the one the program was loaded for.</summary>
    public AttachType? Hook { get; init; }

    /// <summary>By link or without.</summary>
    public CgroupMethod Method { get; init; }

    /// <summary>How the program gets along with others. Links are always <see cref="CgroupAttachFlags.AllowMulti"/>, with or without <see cref="CgroupAttachFlags.PreOrder"/>.</summary>
    public CgroupAttachFlags Flags { get; init; } = CgroupAttachFlags.AllowMulti;

    /// <summary>The place among the programs of this cgroup (6.17).</summary>
    public AttachOrder? Order { get; init; }

    /// <summary>Without link only: take the place of this attached program (<c>BPF_F_REPLACE</c>, 5.6).</summary>
    public BpfProgram? Replace { get; init; }
}

/// <summary>
/// A program on a hook of a cgroup (version 2): it runs for the processes and sockets of that cgroup and of those below.
/// By BPF link since 5.7; without a link it survives the process and is recorded in the <see cref="AttachmentJournal"/>.
/// </summary>
public sealed class CgroupLink : BpfLink
{
    internal const string JournalKind = "cgroup";

    private readonly FileDescriptor? _link;
    private readonly FileDescriptor? _cgroup;
    private readonly CgroupAttachFlags _flags;
    private FileDescriptor? _program;

    private CgroupLink(string path, AttachType hook, FileDescriptor link)
    {
        Path = path;
        Hook = hook;
        _link = Own(link);
    }

    private CgroupLink(string path, AttachType hook, CgroupAttachFlags flags, FileDescriptor cgroup, FileDescriptor program, Survivor survivor)
    {
        Path = path;
        Hook = hook;
        _flags = flags;
        _cgroup = Own(cgroup);
        _program = Own(program);
        Survivor = survivor;
    }

    /// <summary>The cgroup's directory.</summary>
    public string Path { get; }

    /// <summary>The hook.</summary>
    public AttachType Hook { get; }

    /// <inheritdoc/>
    public override FileDescriptor? Descriptor => _link;

    /// <inheritdoc/>
    public override string Description => Describe(Path, Hook);

    /// <summary>Attaches a program to a cgroup.</summary>
    /// <param name="program">A program of a cgroup type, or sockops. For LSM programs see <see cref="LsmCgroupLink"/>.</param>
    /// <param name="path">The cgroup's directory below a cgroup2 mount.</param>
    /// <param name="options">How; null for a link, behind the programs that are there.</param>
    /// <exception cref="BpfException">There is no such cgroup, or the kernel refused; the message says why.</exception>
    public static CgroupLink Attach(BpfProgram program, string path, CgroupOptions? options = null)
    {
        options ??= new CgroupOptions();
        var hook = CgroupHooks.Choose(program, options.Hook);
        bool legacyOnly = options.Replace is not null || !options.Flags.HasFlag(CgroupAttachFlags.AllowMulti);
        Validate(options, legacyOnly);
        var cgroup = CgroupPath.Open(path);
        try
        {
            if (options.Method != CgroupMethod.Legacy && !legacyOnly && TryAttachLink(program, cgroup, path, hook, options) is { } link)
            {
                cgroup.Dispose();
                return link;
            }
            return AttachLegacy(program, cgroup, path, hook, options);
        }
        catch
        {
            cgroup.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Update(BpfProgram program, BpfProgram? expectedOld = null)
    {
        if (_cgroup is null)
        {
            base.Update(program, expectedOld);
            return;
        }
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        CgroupHooks.Choose(program, Hook);
        if (expectedOld is not null && ProgramIdentity.Of(expectedOld.Descriptor) != ProgramIdentity.Of(_program!))
            throw new BpfException($"Update {Description}: the program attached now is not '{expectedOld.Name}'.");
        var next = Own(program.Descriptor.Duplicate($"program {program.Name}"));
        Survivor!.Update(next, () => Attach(next, _cgroup, Path, Hook, _flags, _flags.HasFlag(CgroupAttachFlags.AllowMulti) ? _program : null, new AttachOrder(), $"update {Description}"));
        _program = next;
    }

    /// <inheritdoc/>
    public override void Detach()
    {
        if (_cgroup is null) base.Detach();
        else Detach(_cgroup, Hook, _program!, $"detach {Description}");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_cgroup is not null) Detach();
        base.Dispose(disposing);
    }

    /// <summary>Removes what a dead process left; called by the journal.</summary>
    internal static bool Remove(JournalEntry entry, FileDescriptor program)
    {
        string path = entry.Text("path");
        if (!Directory.Exists(path)) return false;
        using var cgroup = CgroupPath.Open(path);
        // Another cgroup may have been made by the same name.
        return FileStatus.Of(cgroup.Value)?.Inode == entry.Number("cgroup")
            && Detach(cgroup, (AttachType)entry.Number("hook"), program, $"detach {entry.Description}");
    }

    private static string Describe(string path, AttachType hook) => $"{hook} on cgroup {path}";

    private static AttachNeeds Needs(AttachType hook, bool link)
    {
        var since = CgroupHooks.Since(hook);
        return new(hook.ToString(), link && since < new Version(5, 7) ? new Version(5, 7) : since, "CONFIG_CGROUP_BPF", "CAP_BPF and CAP_NET_ADMIN");
    }

    private static void Validate(CgroupOptions options, bool legacyOnly)
    {
        if (legacyOnly && options.Method == CgroupMethod.Link)
            throw new ArgumentException("A link is always beside other programs: Replace, Exclusive and AllowOverride need CgroupMethod.Legacy", nameof(options));
        if (options.Flags.HasFlag(CgroupAttachFlags.AllowMulti | CgroupAttachFlags.AllowOverride))
            throw new ArgumentException("AllowMulti and AllowOverride exclude each other", nameof(options));
        if (options.Replace is not null && !options.Flags.HasFlag(CgroupAttachFlags.AllowMulti))
            throw new ArgumentException("Replace needs AllowMulti: an exclusive program takes the other's place anyway", nameof(options));
    }

    // Null when the kernel has no cgroup links and the caller does not insist.
    private static CgroupLink? TryAttachLink(BpfProgram program, FileDescriptor cgroup, string path, AttachType hook, CgroupOptions options)
    {
        var order = options.Order ?? new AttachOrder();
        LinkCreateAttr attr = new()
        {
            ProgFd = (uint)program.Descriptor.Value,
            TargetFd = (uint)cgroup.Value,
            AttachType = (uint)hook,
            Flags = order.Anchor.Flags | (uint)(options.Flags & CgroupAttachFlags.PreOrder),
            CgroupRelativeFd = order.Anchor.Relative,
            CgroupExpectedRevision = order.ExpectedRevision,
        };
        string description = Describe(path, hook);
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, description) is { } descriptor) return new CgroupLink(path, hook, descriptor);
        var errno = Libc.LastError;
        if (options.Method == CgroupMethod.Auto && errno is Errno.EINVAL or Errno.ENOSYS && KernelFacts.Version < new Version(5, 7)) return null;
        throw AttachError.Create($"attach '{program.Name}' to {description}", errno, Needs(hook, link: true), Explain(errno, path, order, options.Flags));
    }

    private static CgroupLink AttachLegacy(BpfProgram program, FileDescriptor cgroup, string path, AttachType hook, CgroupOptions options)
    {
        var held = program.Descriptor.Duplicate($"program {program.Name}");
        try
        {
            var entry = new JournalEntry(JournalKind, Describe(path, hook))
                .With("path", System.IO.Path.GetFullPath(path)).With("cgroup", FileStatus.Of(cgroup.Value)?.Inode ?? 0).With("hook", (ulong)hook);
            var survivor = Survivor.Record(entry, held, _ => Attach(held, cgroup, path, hook, options.Flags, options.Replace?.Descriptor,
                options.Order ?? new AttachOrder(), $"attach '{program.Name}' to {Describe(path, hook)}"));
            var link = new CgroupLink(path, hook, options.Flags, cgroup, held, survivor);
            AttachmentJournal.Announce(link, survivor.Notice);
            return link;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static void Attach(FileDescriptor program, FileDescriptor cgroup, string path, AttachType hook, CgroupAttachFlags flags, FileDescriptor? replace, AttachOrder order, string operation)
    {
        const uint replaceFlag = 1 << 2;
        ProgramAttachAttr attr = new()
        {
            TargetFd = (uint)cgroup.Value,
            AttachBpfFd = (uint)program.Value,
            AttachType = (uint)hook,
            AttachFlags = (uint)flags | order.Anchor.Flags | (replace is null ? 0 : replaceFlag),
            ReplaceBpfFd = replace is null ? 0 : (uint)replace.Value,
            RelativeFd = order.Anchor.Relative,
            ExpectedRevision = order.ExpectedRevision,
        };
        if (Bpf.Call(BpfCommand.ProgramAttach, ref attr) >= 0) return;
        var errno = Libc.LastError;
        string? hint = errno == Errno.ENOENT && replace is not null ? "The program to replace is not attached there." : Explain(errno, path, order, flags);
        throw AttachError.Create(operation, errno, Needs(hook, link: false), hint);
    }

    private static bool Detach(FileDescriptor cgroup, AttachType hook, FileDescriptor program, string operation)
    {
        // The kernel takes any program for the one that is attached alone, so its id is asked first.
        uint id = ProgramIdentity.Of(program).Id;
        if (!AttachmentQuery.Query((uint)cgroup.Value, hook, 0, operation, Needs(hook, link: false)).Programs.Any(p => p.ProgramId == id && p.LinkId == 0)) return false;
        ProgramAttachAttr attr = new() { TargetFd = (uint)cgroup.Value, AttachBpfFd = (uint)program.Value, AttachType = (uint)hook };
        if (Bpf.Call(BpfCommand.ProgramDetach, ref attr) >= 0) return true;
        var errno = Libc.LastError;
        return errno is Errno.ENOENT or Errno.ENODEV ? false : throw new BpfSyscallException(operation, errno);
    }

    private static string? Explain(Errno errno, string path, AttachOrder order, CgroupAttachFlags flags)
    {
        if (errno is Errno.EINVAL && KernelFacts.Version < new Version(6, 17) && (!order.Anchor.IsDefault || order.ExpectedRevision != 0))
            return $"Anchors on cgroups need Linux 6.17; this is {KernelFacts.Release}.";
        if (errno is Errno.EINVAL && KernelFacts.Version < new Version(6, 15) && flags.HasFlag(CgroupAttachFlags.PreOrder))
            return $"PreOrder needs Linux 6.15; this is {KernelFacts.Release}.";
        return CgroupPath.Explain(errno, path) ?? AttachOrder.Explain(errno, order);
    }
}
