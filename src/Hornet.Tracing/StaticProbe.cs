using Hornet.Links;

namespace Hornet.Tracing;

/// <summary>A static probe of an executable or library.</summary>
public sealed class StaticProbe : Probe
{
    private IReadOnlyList<ProbeArgument>? _arguments;

    private StaticProbe(UsdtProbe probe) : base(ProbeKind.Usdt, $"{probe.Path}:{probe.Provider}:{probe.Name}") => Usdt = probe;

    /// <summary>The probe as it attaches.</summary>
    public UsdtProbe Usdt { get; }

    /// <summary>The arguments: unnamed, with the sizes and signs that the notes record.</summary>
    public override IReadOnlyList<ProbeArgument> Arguments => _arguments ??= Usdt.Layouts.Count == 0 ? [] :
        [.. Usdt.Layouts[0].Select((a, i) => new ProbeArgument($"arg{i}", TypeOf(a)))];

    /// <summary>The static probes of a binary that match patterns.</summary>
    /// <param name="binary">A path, or the name of an executable or library (see <see cref="UserBinary"/>).</param>
    /// <param name="provider">The provider's name with wildcards.</param>
    /// <param name="name">The probe's name with wildcards.</param>
    /// <exception cref="BpfException">There is no such file, or it is no ELF file.</exception>
    public static IReadOnlyList<StaticProbe> Find(string binary, string provider, string name)
    {
        NamePattern providers = new(provider), names = new(name);
        return [.. UsdtProbe.List(binary).Where(p => providers.Matches(p.Provider.AsSpan()) && names.Matches(p.Name.AsSpan()))
            .OrderBy(p => p.ToString(), StringComparer.Ordinal).Select(p => new StaticProbe(p))];
    }

    private static string TypeOf(UsdtArgument argument) => $"{(argument.IsSigned ? "s" : "u")}{argument.Size * 8}";
}
