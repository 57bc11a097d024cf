using System.Globalization;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet.Objects;

public sealed partial class LoadedObject
{
    private UsdtSpecTable? _usdtSpecs;

    /// <summary>Where programs that were compiled with <c>usdt.bpf.h</c> look their arguments up; null in objects without.</summary>
    /// <remarks>
    /// On kernels before 5.15, and where the external symbol <c>LINUX_HAS_BPF_COOKIE</c> was set to 0, they find their
    /// description by address: see <see cref="UsdtAddressTable"/>.
    /// </remarks>
    public UsdtSpecTable? UsdtSpecs => _usdtSpecs ??= _maps.TryGetValue(UsdtSpecTable.MapName, out var map)
        ? new UsdtSpecTable(map, !HasCookies && _maps.TryGetValue(UsdtAddressTable.MapName, out var addresses) ? new UsdtAddressTable(addresses) : null)
        : null;

    private bool HasCookies => Spec.Externs.TryGet("LINUX_HAS_BPF_COOKIE", out var external) && external.Value is { } given
        ? given.AsSpan().ContainsAnyExcept((byte)0)
        : KconfigValues.HasAttachCookie(KernelVersion.Running);

    /// <summary>
    /// Attaches every program as its section's name says (<c>kprobe/vfs_read</c>, <c>tp/sched/sched_switch</c>), and
    /// registers the struct_ops tables. Programs that need what no section name tells (an interface, a cgroup, a socket)
    /// are listed with the reason.
    /// </summary>
    /// <param name="ignoreErrors">
    /// Lists refused attachments with the others. Otherwise a refusal detaches everything again and is thrown.
    /// </param>
    /// <exception cref="BpfException">An attachment was refused.</exception>
    public AttachedLinks AttachAll(bool ignoreErrors = false)
    {
        AttachedLinks attached = new();
        try
        {
            foreach (var (name, program) in _programs)
            {
                var spec = Spec.Programs[name];
                attached.Add(name, () => AutoAttach.Attach(spec, program, UsdtSpecs), ignoreErrors);
            }
            foreach (var (name, map) in _maps)
            {
                if (map.Type != MapType.StructOps) continue;
                attached.Add(name, () => ((BpfLink)(StructOpsValues.TryGetValue(name, out byte[]? value) ? StructOpsLink.AttachByValue(map, value) : StructOpsLink.Attach(map)), ""), ignoreErrors);
            }
            return attached;
        }
        catch
        {
            attached.Dispose();
            throw;
        }
    }
}

/// <summary>The links that <see cref="LoadedObject.AttachAll"/> made. Disposing detaches them, the last first.</summary>
public sealed class AttachedLinks : IDisposable
{
    private readonly Dictionary<string, BpfLink> _links = [];
    private readonly Dictionary<string, string> _reasons = [];

    /// <summary>The links, by the name of the program or of the struct_ops table.</summary>
    public IReadOnlyDictionary<string, BpfLink> Links => _links;

    /// <summary>Why the other programs are not attached, by name.</summary>
    public IReadOnlyDictionary<string, string> NotAttached => _reasons;

    /// <summary>Detaches everything.</summary>
    public void Dispose()
    {
        BpfLink.DisposeAll(_links.Values);
        _links.Clear();
    }

    internal void Add(string name, Func<(BpfLink? Link, string Reason)> attach, bool ignoreErrors)
    {
        try
        {
            var (link, reason) = attach();
            if (link is null) _reasons.Add(name, reason);
            else _links.Add(name, link);
        }
        catch (BpfException e) when (ignoreErrors)
        {
            _reasons.Add(name, e.Message);
        }
    }
}

/// <summary>From the section's name to the link.</summary>
internal static class AutoAttach
{
    public static (BpfLink? Link, string Reason) Attach(ProgramSpec spec, BpfProgram program, UsdtSpecTable? usdtSpecs)
    {
        if (!spec.AutoAttach) return (null, "its AutoAttach is off");
        var kind = SectionTable.Find(spec.SectionName, out _)?.AutoAttach ?? AutoAttachKind.None;
        if (kind == AutoAttachKind.None) return (null, Needs(spec));
        if (kind == AutoAttachKind.Netfilter) return (null, "it needs a protocol, a hook and a priority: NetfilterLink.Attach");
        if (kind is AutoAttachKind.Tracing or AutoAttachKind.Lsm or AutoAttachKind.Iterator) return Fixed(kind, spec, program);
        if (string.IsNullOrEmpty(spec.AttachTo)) return (null, $"the section '{spec.SectionName}' does not name what to attach to; set ProgramSpec.AttachTo before the load, or attach it by its kind of link");
        string target = spec.AttachTo;
        switch (kind)
        {
            case AutoAttachKind.Kprobe or AutoAttachKind.Kretprobe:
                var (function, offset) = SplitOffset(target);
                return (KprobeLink.Attach(program, function, new KprobeOptions { Offset = offset, IsReturn = kind == AutoAttachKind.Kretprobe }), "");
            case AutoAttachKind.KprobeMulti or AutoAttachKind.KretprobeMulti or AutoAttachKind.KprobeSession:
                return (KprobeMultiLink.AttachPattern(program, target, new KprobeMultiOptions { IsReturn = kind == AutoAttachKind.KretprobeMulti }), "");
            case AutoAttachKind.Ksyscall or AutoAttachKind.Kretsyscall:
                return (KprobeLink.AttachSystemCall(program, target, new KprobeOptions { IsReturn = kind == AutoAttachKind.Kretsyscall }), "");
            case AutoAttachKind.Tracepoint:
                return Parts(target, '/') is [var group, var name] ? (TracepointLink.Attach(program, group, name), "") : (null, $"'{target}' is not of the form group/name");
            case AutoAttachKind.RawTracepoint:
                return (RawTracepointLink.Attach(program, target), "");
            case AutoAttachKind.TracingMulti:
                return (TracingMultiLink.AttachPattern(program, target), "");
            case AutoAttachKind.Uprobe or AutoAttachKind.Uretprobe:
                return AttachUprobe(program, target, kind == AutoAttachKind.Uretprobe);
            case AutoAttachKind.UprobeMulti or AutoAttachKind.UretprobeMulti or AutoAttachKind.UprobeSession:
                return Parts(target, ':') is [var binary, var pattern]
                    ? (UprobeMultiLink.AttachPattern(program, binary, pattern, new UprobeMultiOptions { IsReturn = kind == AutoAttachKind.UretprobeMulti }), "")
                    : (null, $"'{target}' is not of the form binary:pattern");
            case AutoAttachKind.Usdt:
                return Parts(target, ':') is [var probed, var probe] && Parts(probed, ':') is [var file, var provider]
                    ? (UsdtLink.Attach(program, file, provider, probe, new UsdtOptions { Specs = usdtSpecs }), "")
                    : (null, $"'{target}' is not of the form binary:provider:name");
            default:
                return (null, $"nothing attaches sections such as '{spec.SectionName}' by themselves");
        }
    }

    private static (BpfLink? Link, string Reason) Fixed(AutoAttachKind kind, ProgramSpec spec, BpfProgram program) => (kind, spec.AttachType) switch
    {
        (AutoAttachKind.Lsm, _) => (LsmLink.Attach(program), ""),
        (AutoAttachKind.Iterator, _) when spec.AttachTo is "bpf_map_elem" or "bpf_sk_storage_map" => (null, "it iterates over a map, which has to be given: IteratorLink.Attach"),
        (AutoAttachKind.Iterator, _) => (IteratorLink.Attach(program), ""),
        (_, AttachType.TraceRawTp) => (RawTracepointLink.AttachTyped(program), ""),
        _ when spec.Type == ProgramType.Ext => (FreplaceLink.Attach(program), ""),
        _ => (TracingLink.Attach(program), ""),
    };

    private static (BpfLink? Link, string Reason) AttachUprobe(BpfProgram program, string target, bool isReturn)
    {
        int colon = target.LastIndexOf(':');
        if (colon <= 0) return (null, $"'{target}' is not of the form binary:function");
        string binary = target[..colon];
        var (function, offset) = SplitOffset(target[(colon + 1)..]);
        UprobeOptions options = new() { IsReturn = isReturn, Offset = offset };
        // A bare number is a place in the file.
        return ParseNumber(function) is { } place
            ? (UprobeLink.AttachAt(program, binary, place + offset, options with { Offset = 0 }), "")
            : (UprobeLink.Attach(program, binary, function, options), "");
    }

    private static string[] Parts(string target, char separator)
    {
        int at = separator == ':' ? target.LastIndexOf(separator) : target.IndexOf(separator);
        return at <= 0 || at == target.Length - 1 ? [] : [target[..at], target[(at + 1)..]];
    }

    private static (string Name, ulong Offset) SplitOffset(string target)
    {
        int plus = target.LastIndexOf('+');
        return plus > 0 && ParseNumber(target[(plus + 1)..]) is { } offset ? (target[..plus], offset) : (target, 0);
    }

    private static ulong? ParseNumber(string text)
    {
        bool hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(hexadecimal ? text.AsSpan(2) : text, hexadecimal ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;
    }

    private static string Needs(ProgramSpec spec) => spec.Type switch
    {
        ProgramType.Xdp => "it needs an interface: XdpLink.Attach",
        ProgramType.SchedCls or ProgramType.SchedAct => "it needs an interface and a direction: TcLink.Attach",
        ProgramType.CgroupSkb or ProgramType.CgroupSock or ProgramType.CgroupSockAddr or ProgramType.CgroupSockOpt or ProgramType.CgroupSysctl
            or ProgramType.CgroupDevice or ProgramType.SockOps => "it needs a cgroup: CgroupLink.Attach",
        ProgramType.Lsm => "it needs a cgroup: LsmCgroupLink.Attach",
        ProgramType.SkSkb or ProgramType.SkMsg => "it needs a socket map: SockMapLink.Attach",
        ProgramType.SkLookup or ProgramType.FlowDissector => "it needs a network namespace: NetnsLink.Attach",
        ProgramType.SocketFilter or ProgramType.SkReusePort => "it needs a socket: SocketLink",
        ProgramType.PerfEvent => "it needs an event: PerfEventLink.Attach",
        ProgramType.Syscall => "it is run by whoever wants it to: BpfProgram.TestRun",
        ProgramType.StructOps => "it is a member of a table, which is registered as a whole",
        ProgramType.LwtIn or ProgramType.LwtOut or ProgramType.LwtXmit or ProgramType.LwtSeg6local => "it needs a route",
        _ => $"no link attaches the section '{spec.SectionName}' by itself",
    };
}
