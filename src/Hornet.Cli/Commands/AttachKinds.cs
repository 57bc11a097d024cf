using System.Globalization;
using Hornet.Cli.Common;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary>What else may be said about an attachment. An option that its kind does not take is a mistake.</summary>
internal sealed record AttachExtras(string? Hook, XdpMode? Mode, ulong? Frequency)
{
    /// <summary>Those that were given, by the names of their options.</summary>
    public IEnumerable<string> Given
    {
        get
        {
            if (Hook is not null) yield return "--hook";
            if (Mode is not null) yield return "--mode";
            if (Frequency is not null) yield return "--frequency";
        }
    }
}

/// <summary>One way to attach a loaded program.</summary>
/// <param name="Name">How it is called on the command line.</param>
/// <param name="Target">What the target looks like; null when the program was loaded for its target.</param>
/// <param name="Extra">The option it takes besides; null for none.</param>
/// <param name="Attach">Attaches the program.</param>
internal sealed record AttachKind(string Name, string? Target, string? Extra, Func<BpfProgram, string, AttachExtras, BpfLink> Attach);

/// <summary>The kinds of attachment that a command line can describe. Sockets, routes and USDT need more than words.</summary>
internal static class AttachKinds
{
    public static readonly IReadOnlyList<AttachKind> All =
    [
        new("tracepoint", "GROUP/NAME", null, (program, target, _) => TracepointLink.Attach(program, target)),
        new("raw_tracepoint", "NAME", null, (program, target, _) => RawTracepointLink.Attach(program, target)),
        new("kprobe", "FUNCTION[+OFFSET]", null, (program, target, _) => Kprobe(program, target, isReturn: false)),
        new("kretprobe", "FUNCTION", null, (program, target, _) => Kprobe(program, target, isReturn: true)),
        new("kprobe_multi", "PATTERN", null, (program, target, _) => KprobeMultiLink.AttachPattern(program, target)),
        new("kretprobe_multi", "PATTERN", null, (program, target, _) => KprobeMultiLink.AttachPattern(program, target, new KprobeMultiOptions { IsReturn = true })),
        new("uprobe", "BINARY:FUNCTION[+OFFSET]", null, (program, target, _) => Uprobe(program, target, isReturn: false)),
        new("uretprobe", "BINARY:FUNCTION", null, (program, target, _) => Uprobe(program, target, isReturn: true)),
        new("uprobe_multi", "BINARY:PATTERN", null, (program, target, _) => UprobeMulti(program, target, isReturn: false)),
        new("uretprobe_multi", "BINARY:PATTERN", null, (program, target, _) => UprobeMulti(program, target, isReturn: true)),
        new("perf_event", "SOFTWARE-EVENT", "--frequency", PerfEvent),
        new("tracing", null, null, (program, _, _) => TracingLink.Attach(program)),
        new("lsm", null, null, (program, _, _) => LsmLink.Attach(program)),
        new("freplace", null, null, (program, _, _) => FreplaceLink.Attach(program)),
        new("iterator", null, null, (program, _, _) => IteratorLink.Attach(program)),
        new("xdp", "INTERFACE", "--mode", (program, target, extras) => XdpLink.Attach(program, target, new XdpOptions { Mode = extras.Mode ?? XdpMode.Any })),
        new("tc_ingress", "INTERFACE", null, (program, target, _) => TcLink.Attach(program, target, TcDirection.Ingress)),
        new("tc_egress", "INTERFACE", null, (program, target, _) => TcLink.Attach(program, target, TcDirection.Egress)),
        new("netkit_primary", "INTERFACE", null, (program, target, _) => NetkitLink.Attach(program, target, NetkitEnd.Primary)),
        new("netkit_peer", "INTERFACE", null, (program, target, _) => NetkitLink.Attach(program, target, NetkitEnd.Peer)),
        new("cgroup", "FOLDER", "--hook", (program, target, extras) => CgroupLink.Attach(program, target, new CgroupOptions { Hook = Hook(extras) })),
        new("lsm_cgroup", "FOLDER", null, (program, target, _) => LsmCgroupLink.Attach(program, target)),
        new("netns", "FILE", null, (program, target, _) => NetnsLink.Attach(program, target)),
        new("netfilter", "PROTOCOL/HOOK[/PRIORITY]", null, (program, target, _) => Netfilter(program, target)),
        new("sockmap", "MAP", "--hook", SockMap),
    ];

    public static AttachKind Find(string name) => All.FirstOrDefault(k => k.Name == name)
        ?? throw new UserException($"there is no kind of attachment '{name}'. {CloseNames.Describe(name, [.. All.Select(k => k.Name)])}");

    private static KprobeLink Kprobe(BpfProgram program, string target, bool isReturn)
    {
        var (function, offset) = SplitOffset(target);
        return KprobeLink.Attach(program, function, new KprobeOptions { Offset = offset, IsReturn = isReturn });
    }

    private static UprobeLink Uprobe(BpfProgram program, string target, bool isReturn)
    {
        var (binary, rest) = SplitBinary(target, "BINARY:FUNCTION");
        var (function, offset) = SplitOffset(rest);
        return UprobeLink.Attach(program, binary, function, new UprobeOptions { Offset = offset, IsReturn = isReturn });
    }

    private static UprobeMultiLink UprobeMulti(BpfProgram program, string target, bool isReturn)
    {
        var (binary, pattern) = SplitBinary(target, "BINARY:PATTERN");
        return UprobeMultiLink.AttachPattern(program, binary, pattern, new UprobeMultiOptions { IsReturn = isReturn });
    }

    private static PerfEventLink PerfEvent(BpfProgram program, string target, AttachExtras extras)
    {
        var source = Named<SoftwareEvent>(target, "software event");
        if (extras.Frequency is null && source is SoftwareEvent.CpuClock or SoftwareEvent.TaskClock) throw new UserException($"{target} wants --frequency: a clock has no events of its own.");
        if (extras.Frequency == 0) throw new UserException("--frequency 0 would never run the program.");
        return PerfEventLink.Attach(program, PerfEventSource.Software(source), extras.Frequency is null ? new PerfEventOptions { Period = 1 } : new PerfEventOptions { Frequency = extras.Frequency });
    }

    private static NetfilterLink Netfilter(BpfProgram program, string target)
    {
        string[] parts = target.Split('/');
        int priority = 0;
        if (parts.Length is not (2 or 3) || (parts.Length == 3 && !int.TryParse(parts[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out priority)))
            throw new UserException($"'{target}' is not of the form PROTOCOL/HOOK[/PRIORITY], as in ipv4/local-in/-128.");
        return NetfilterLink.Attach(program, Named<NetfilterProtocol>(parts[0], "netfilter protocol"), Named<NetfilterHook>(parts[1], "netfilter hook"), new NetfilterOptions { Priority = priority });
    }

    private static SockMapLink SockMap(BpfProgram program, string target, AttachExtras extras)
    {
        using var map = References.Map(target);
        return SockMapLink.Attach(program, map, Hook(extras));
    }

    private static AttachType? Hook(AttachExtras extras) => extras.Hook is { } name ? Named<AttachType>(name, "hook") : null;

    // cpu-clock, cpu_clock and CpuClock are the same.
    private static T Named<T>(string text, string what) where T : struct, Enum
    {
        string plain = Plain(text);
        foreach (T value in Enum.GetValues<T>())
        {
            if (Plain(value.ToString()) == plain) return value;
        }
        throw new UserException($"there is no {what} '{text}'. {CloseNames.Describe(plain, [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())])}");
    }

    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static (string Binary, string Place) SplitBinary(string target, string form)
    {
        int colon = target.LastIndexOf(':');
        return colon > 0 && colon < target.Length - 1 ? (target[..colon], target[(colon + 1)..]) : throw new UserException($"'{target}' is not of the form {form}.");
    }

    private static (string Function, ulong Offset) SplitOffset(string target)
    {
        int plus = target.LastIndexOf('+');
        if (plus <= 0) return (target, 0);
        string text = target[(plus + 1)..];
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(isHex ? text.AsSpan(2) : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong offset)
            ? (target[..plus], offset)
            : throw new UserException($"'{text}' is not an offset: write a number, or 0x and hexadecimal digits.");
    }
}
