using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Options of <see cref="UsdtLink"/>.</summary>
public sealed record UsdtOptions
{
    /// <summary>Only in this process; null for every process that runs the binary.</summary>
    public int? Process { get; init; }

    /// <summary>
    /// The map in which the program looks up where its arguments are, when it was compiled with <c>usdt.bpf.h</c>; null for
    /// programs that know (see <see cref="UsdtCode"/>).
    /// </summary>
    public UsdtSpecTable? Specs { get; init; }

    /// <summary>The value of <c>bpf_usdt_cookie</c>, for programs with <see cref="Specs"/>.</summary>
    public ulong Cookie { get; init; }
}

/// <summary>
/// A program at every place of a USDT probe. Where the places differ in how their arguments lie, the program is told by the
/// cookie (5.15): the layout's number in <see cref="UsdtProbe.Layouts"/>, or in the <see cref="UsdtSpecTable"/>.
/// Semaphores are raised while the link lives.
/// </summary>
/// <remarks>
/// The program is of type <see cref="ProgramType.Kprobe"/>. Loaded with <see cref="AttachType.TraceUprobeMulti"/> (6.6) all
/// places take one link; otherwise each takes a perf event.
/// </remarks>
public sealed class UsdtLink : BpfLink
{
    private static readonly AttachNeeds s_cookieNeeds = PerfLink.CookieNeeds with { Name = "USDT arguments by table" };

    private readonly BpfLink _places;
    private readonly UsdtSpecTable? _specs;
    private readonly List<uint> _specIds;

    private UsdtLink(UsdtProbe probe, BpfLink places, UsdtSpecTable? specs, List<uint> specIds)
    {
        Probe = probe;
        _places = Own(places);
        _specs = specs;
        _specIds = specIds;
    }

    /// <summary>The probe.</summary>
    public UsdtProbe Probe { get; }

    /// <inheritdoc/>
    public override string Description => $"usdt {Probe.Path}:{Probe}";

    /// <inheritdoc/>
    /// <remarks>Null where the places take an event each and there are several.</remarks>
    public override FileDescriptor? Descriptor => _places.Descriptor;

    /// <summary>Attaches to every place of a probe.</summary>
    /// <param name="program">The program.</param>
    /// <param name="binary">A path, or the name of an executable or library; with a process, as that process sees it.</param>
    /// <param name="provider">The provider; null for whichever has a probe of that name.</param>
    /// <param name="name">The probe's name.</param>
    /// <param name="options">The options.</param>
    public static UsdtLink Attach(BpfProgram program, string binary, string? provider, string name, UsdtOptions? options = null) =>
        Attach(program, UsdtProbe.Find(binary, provider, name, options?.Process), options);

    /// <summary>Attaches to every place of a probe.</summary>
    public static UsdtLink Attach(BpfProgram program, UsdtProbe probe, UsdtOptions? options = null)
    {
        Require.Type(program, ProgramType.Kprobe, "a USDT probe");
        ArgumentNullException.ThrowIfNull(probe);
        options ??= new();
        if (options is { Specs: null, Cookie: not 0 })
            throw new ArgumentException("The cookie of a USDT probe is for programs that look it up in a table; without one the kernel's cookie tells the layout.", nameof(options));
        string target = $"{probe.Path}:{probe}";
        if (options.Specs is not null && KernelFacts.Version < s_cookieNeeds.Since)
        {
            // usdt.bpf.h would look the program's place up by its address, which nobody knows before the binary runs.
            throw new BpfNotSupportedException(s_cookieNeeds.Name, UnsupportedCause.Version,
                $"attach '{program.Name}' to {target}: telling its places apart needs Linux {s_cookieNeeds.Since.ToString(2)}; this is {KernelFacts.Release}.", s_cookieNeeds.Since);
        }
        List<uint> specIds = [];
        try
        {
            foreach (var layout in probe.Layouts)
            {
                if (options.Specs is { } table) specIds.Add(table.Add(layout, options.Cookie));
            }
            ulong CookieOf(int layout) => options.Specs is null ? (ulong)layout : specIds[layout];
            UprobePlace[] places = [.. probe.Sites.Select(site => new UprobePlace(site.FileOffset, site.SemaphoreOffset, CookieOf(site.Layout)))];
            BpfLink link = program.AttachType == AttachType.TraceUprobeMulti
                ? UprobeMultiLink.Open(program, probe.Path, target, places, new() { Process = options.Process })
                : UprobeLink.Open(program, probe.Path, target, places, new() { Process = options.Process });
            return new UsdtLink(probe, link, options.Specs, specIds);
        }
        catch
        {
            foreach (uint id in specIds) options.Specs!.Remove(id);
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _places.Dispose();
        foreach (uint id in _specIds) _specs!.Remove(id);
    }
}
