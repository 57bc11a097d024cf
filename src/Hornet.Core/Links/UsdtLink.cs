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

    /// <summary>
    /// The map in which a program without <see cref="Specs"/> looks its place up by address, for kernels before 5.15 (see
    /// <see cref="UsdtCode"/>); null for programs that read the cookie, or do not care.
    /// </summary>
    public UsdtAddressTable? Addresses { get; init; }

    /// <summary>The value of <c>bpf_usdt_cookie</c>, for programs with <see cref="Specs"/>.</summary>
    public ulong Cookie { get; init; }
}

/// <summary>
/// A program at every place of a USDT probe. Where the places differ in how their arguments lie, the program is told by the
/// cookie (5.15): the layout's number in <see cref="UsdtProbe.Layouts"/>, or in the <see cref="UsdtSpecTable"/>. Before, it finds
/// that number by its own address in a <see cref="UsdtAddressTable"/>. Semaphores are raised while the link lives.
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
    private readonly UsdtAddressTable? _addresses;
    private readonly List<uint> _specIds;
    private readonly List<ulong> _taken;

    private UsdtLink(UsdtProbe probe, BpfLink places, UsdtOptions options, List<uint> specIds, List<ulong> taken)
    {
        Probe = probe;
        _places = Own(places);
        _specs = options.Specs;
        _addresses = options.Specs?.Addresses ?? options.Addresses;
        _specIds = specIds;
        _taken = taken;
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
        var addresses = options.Specs?.Addresses ?? options.Addresses;
        if (options.Specs is { Addresses: null } && KernelFacts.Version < s_cookieNeeds.Since)
        {
            throw new BpfNotSupportedException(s_cookieNeeds.Name, UnsupportedCause.Version,
                $"attach '{program.Name}' to {target}: telling its places apart by cookie needs Linux {s_cookieNeeds.Since.ToString(2)}; this is {KernelFacts.Release}. Give its {nameof(UsdtSpecTable)} a {nameof(UsdtAddressTable)}.", s_cookieNeeds.Since);
        }
        var pieces = addresses is null ? [] : MappedCode(program, probe, options.Process, target);
        List<uint> specIds = [];
        List<ulong> taken = [];
        try
        {
            foreach (var layout in probe.Layouts)
            {
                if (options.Specs is { } table) specIds.Add(table.Add(layout, options.Cookie));
            }
            uint NumberOf(int layout) => options.Specs is null ? (uint)layout : specIds[layout];
            foreach (var site in probe.Sites)
            {
                if (addresses is null) break;
                foreach (ulong address in AddressesOf(site, probe, pieces, target))
                {
                    addresses.Add(address, NumberOf(site.Layout), target);
                    taken.Add(address);
                }
            }
            ulong CookieOf(int layout) => addresses is null ? NumberOf(layout) : 0;
            UprobePlace[] places = [.. probe.Sites.Select(site => new UprobePlace(site.FileOffset, site.SemaphoreOffset, CookieOf(site.Layout)))];
            BpfLink link = program.AttachType == AttachType.TraceUprobeMulti
                ? UprobeMultiLink.Open(program, probe.Path, target, places, new() { Process = options.Process })
                : UprobeLink.Open(program, probe.Path, target, places, new() { Process = options.Process });
            return new UsdtLink(probe, link, options, specIds, taken);
        }
        catch
        {
            foreach (ulong address in taken) addresses!.Remove(address);
            foreach (uint id in specIds) options.Specs!.Remove(id);
            throw;
        }
    }

    /// <summary>Where the binary's code is in the process; nothing where that is the same in every process.</summary>
    private static List<UserMappings.Piece> MappedCode(BpfProgram program, UsdtProbe probe, int? process, string target)
    {
        if (!probe.IsMovable) return [];
        if (process is not { } id)
        {
            throw new BpfNotSupportedException(s_cookieNeeds.Name, UnsupportedCause.Version,
                $"attach '{program.Name}' to {target}: without cookies (Linux {s_cookieNeeds.Since.ToString(2)}; this is {KernelFacts.Release}) the program tells the probe's places apart by address, and the binary lies at another one in each process. Give the process.", s_cookieNeeds.Since);
        }
        var pieces = UserMappings.OfCode(id, probe.Path);
        return pieces.Count > 0 ? pieces : throw new BpfException($"attach '{program.Name}' to {target}: process {id} has not mapped {probe.Path}.");
    }

    private static List<ulong> AddressesOf(UsdtSite site, UsdtProbe probe, List<UserMappings.Piece> pieces, string target)
    {
        if (!probe.IsMovable) return [site.Address];
        var found = pieces.Where(p => site.FileOffset >= p.FileOffset && site.FileOffset - p.FileOffset < p.End - p.Start).Select(p => p.Start + (site.FileOffset - p.FileOffset)).ToList();
        return found.Count > 0 ? found : throw new BpfException($"attach to {target}: the process has not mapped the place at 0x{site.FileOffset:x} of the file.");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _places.Dispose();
        foreach (ulong address in _taken) _addresses!.Remove(address);
        _taken.Clear();
        foreach (uint id in _specIds) _specs!.Remove(id);
        _specIds.Clear();
    }
}
