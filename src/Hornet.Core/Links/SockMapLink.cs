using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>By which of the kernel's two doors a program gets to a sockmap.</summary>
public enum SockMapMethod
{
    /// <summary>A BPF link where the kernel has sockmap links (6.10), otherwise without.</summary>
    Auto,
    /// <summary>A BPF link: detached by the kernel when the process ends.</summary>
    Link,
    /// <summary>Without a link (<c>BPF_PROG_ATTACH</c>, 4.14): stays as long as the map does.</summary>
    Legacy,
}

/// <summary>
/// A program on a sockmap or sockhash: it runs for the sockets in the map. A stream parser says where messages end, a
/// verdict program (sk_skb, sk_msg) what happens to them: pass, drop, or redirect to another socket of a map.
/// </summary>
/// <remarks>
/// A socket runs the programs its map had when it was put in: attach before inserting; an update is for sockets inserted after it.
/// By link since 6.10. Without one the program stays for as long as the map: it ends with the process unless the map is
/// pinned or held by others, so it is not recorded in the <see cref="AttachmentJournal"/>.
/// </remarks>
public sealed class SockMapLink : BpfLink
{
    private static readonly AttachNeeds s_linkNeeds = new("sockmap links", FirstKernel.SockMapLink, "CONFIG_BPF_STREAM_PARSER", "CAP_BPF and CAP_NET_ADMIN");
    private static readonly AttachNeeds s_legacyNeeds = new("sockmap programs", new Version(4, 14), "CONFIG_BPF_STREAM_PARSER", "CAP_BPF and CAP_NET_ADMIN");

    private readonly FileDescriptor? _link;
    private readonly FileDescriptor? _map;
    private FileDescriptor? _program;

    private SockMapLink(AttachType hook, string mapName, FileDescriptor link)
    {
        Hook = hook;
        Description = Describe(hook, mapName);
        _link = Own(link);
    }

    private SockMapLink(AttachType hook, string mapName, FileDescriptor map, FileDescriptor program)
    {
        Hook = hook;
        Description = Describe(hook, mapName);
        _map = Own(map);
        _program = Own(program);
    }

    /// <summary>The hook: <see cref="AttachType.SkSkbStreamParser"/>, <see cref="AttachType.SkSkbStreamVerdict"/>, <see cref="AttachType.SkSkbVerdict"/> (5.13) or <see cref="AttachType.SkMsgVerdict"/> (4.17).</summary>
    public AttachType Hook { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override FileDescriptor? Descriptor => _link;

    /// <summary>Attaches a program to a sockmap or sockhash.</summary>
    /// <param name="program">A program of type <see cref="ProgramType.SkSkb"/> or <see cref="ProgramType.SkMsg"/>.</param>
    /// <param name="map">The map.</param>
    /// <param name="hook">The hook; null for the one the program was loaded for.</param>
    /// <param name="method">By link or without.</param>
    /// <exception cref="BpfException">The kernel refused; the message says why.</exception>
    public static SockMapLink Attach(BpfProgram program, BpfMap map, AttachType? hook = null, SockMapMethod method = SockMapMethod.Auto)
    {
        var place = ChooseHook(program, hook);
        ArgumentNullException.ThrowIfNull(map);
        if (map.Type is not (MapType.SockMap or MapType.SockHash))
            throw new BpfException($"Map '{map.Name}' is of type {map.Type}; only SockMap and SockHash take programs.");
        string operation = $"attach '{program.Name}' to {Describe(place, map.Name)}";
        if (method != SockMapMethod.Legacy)
        {
            LinkCreateAttr attr = new() { ProgFd = (uint)program.Descriptor.Value, TargetFd = (uint)map.Descriptor.Value, AttachType = (uint)place };
            if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, operation) is { } descriptor) return new SockMapLink(place, map.Name, descriptor);
            var errno = Libc.LastError;
            if (!(method == SockMapMethod.Auto && errno is Errno.EINVAL && KernelFacts.Version < s_linkNeeds.Since))
                throw AttachError.Create(operation, errno, s_linkNeeds, errno == Errno.EBUSY ? Busy(map, place) : null);
        }
        var held = program.Descriptor.Duplicate($"program {program.Name}");
        try
        {
            AttachLegacy(map.Descriptor, held, place, operation);
            return new SockMapLink(place, map.Name, map.Descriptor.Duplicate($"map {map.Name}"), held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Update(BpfProgram program, BpfProgram? expectedOld = null)
    {
        ChooseHook(program, Hook);
        if (_map is null)
        {
            base.Update(program, expectedOld);
            return;
        }
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (expectedOld is not null && ProgramIdentity.Of(expectedOld.Descriptor) != ProgramIdentity.Of(_program!))
            throw new BpfException($"Update {Description}: the program attached now is not '{expectedOld.Name}'.");
        // Attaching exchanges the one program a hook has.
        var next = Own(program.Descriptor.Duplicate($"program {program.Name}"));
        AttachLegacy(_map, next, Hook, $"update {Description}");
        _program = next;
    }

    /// <inheritdoc/>
    public override void Detach()
    {
        if (_map is null)
        {
            base.Detach();
            return;
        }
        ProgramAttachAttr attr = new() { TargetFd = (uint)_map.Value, AttachBpfFd = (uint)_program!.Value, AttachType = (uint)Hook };
        // ENOENT: another program took the place, which the kernel leaves alone.
        if (Bpf.Call(BpfCommand.ProgramDetach, ref attr) < 0 && Libc.LastError is not Errno.ENOENT)
            throw new BpfSyscallException($"detach {Description}", Libc.LastError);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_map is not null) Detach();
        base.Dispose(disposing);
    }

    private static void AttachLegacy(FileDescriptor map, FileDescriptor program, AttachType hook, string operation)
    {
        ProgramAttachAttr attr = new() { TargetFd = (uint)map.Value, AttachBpfFd = (uint)program.Value, AttachType = (uint)hook };
        if (Bpf.Call(BpfCommand.ProgramAttach, ref attr) < 0)
            throw AttachError.Create(operation, Libc.LastError, s_legacyNeeds, Libc.LastError == Errno.EBUSY ? "A link or a program of another kind of verdict holds this map: SkSkbVerdict and SkSkbStreamVerdict exclude each other." : null);
    }

    private static AttachType ChooseHook(BpfProgram program, AttachType? wanted)
    {
        Require.Type(program, [ProgramType.SkSkb, ProgramType.SkMsg], "a sockmap");
        AttachType[] hooks = program.Type == ProgramType.SkMsg
            ? [AttachType.SkMsgVerdict]
            : [AttachType.SkSkbVerdict, AttachType.SkSkbStreamVerdict, AttachType.SkSkbStreamParser];
        var hook = wanted ?? (program.Type == ProgramType.SkMsg ? AttachType.SkMsgVerdict : program.AttachType)
            ?? throw new BpfException($"The kernel does not tell which hook program '{program.Name}' was loaded for: name one of {string.Join(", ", hooks)}.");
        return hooks.Contains(hook)
            ? hook
            : throw new BpfException($"A program of type {program.Type} loaded for {program.AttachType} cannot be attached to {hook}: name one of {string.Join(", ", hooks)}.");
    }

    private static string Busy(BpfMap map, AttachType hook)
    {
        try
        {
            var there = AttachmentQuery.SockMap(map, hook).Programs;
            if (there.Count > 0) return $"There is already {ProgramIdentity.Describe(there[0].ProgramId)}: update its link, or detach it.";
        }
        catch (BpfException)
        {
            // Only the name is missing then.
        }
        return "There is already a program on this hook, or one of another kind of verdict: SkSkbVerdict and SkSkbStreamVerdict exclude each other.";
    }

    private static string Describe(AttachType hook, string map) => $"{hook} on map {map}";
}
