using System.Text;
using Hornet.Btf;

namespace Hornet.Tracing;

/// <summary>
/// A tracepoint with the arguments that the kernel's code passes to it, before they become a record. BTF tells them in
/// the types <c>btf_trace_NAME</c>, which the kernel makes for <c>tp_btf</c> programs (5.5), and with their names in the functions
/// that call the tracepoint's listeners (5.10).
/// </summary>
public sealed class RawTracepointProbe : Probe
{
    private const string TypePrefix = "btf_trace_";

    // The stubs of a tracepoint, the one to be preferred first.
    private static readonly string[] s_stubs = ["__probestub_", "__traceiter_"];
    private static readonly byte[][] s_prefixes = [.. s_stubs.Append(TypePrefix).Select(Encoding.ASCII.GetBytes)];

    private IReadOnlyList<ProbeArgument>? _arguments;

    private RawTracepointProbe(string name, BtfType prototype, BtfType described, string? module) : base(ProbeKind.RawTracepoint, name) =>
        (Prototype, Described, Module) = (prototype, described, module);

    /// <summary>The prototype; parameter 0 is the kernel's own, the program's arguments begin with 1.</summary>
    public BtfType Prototype { get; }

    /// <summary>The same prototype, with the names of its parameters where the kernel has them.</summary>
    internal BtfType Described { get; }

    /// <inheritdoc/>
    public override string? Module { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeArgument> Arguments => _arguments ??= Prototypes.Arguments(Described, skip: 1);

    /// <summary>The raw tracepoints that match a pattern, of the kernel and then of the modules, sorted in each.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel was built without BTF.</exception>
    public static IEnumerable<RawTracepointProbe> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        return Find(Prototypes.Specs(new NamePattern("*"), kernelToo: true), new NamePattern(pattern)).DistinctBy(p => p.Name);
    }

    /// <summary>The same in some sets of types.</summary>
    internal static IEnumerable<RawTracepointProbe> Find(IEnumerable<BtfSpec> specs, NamePattern name)
    {
        foreach (var spec in specs)
        {
            // Of each name the prototypes of stubs and type, as far as they are there.
            SortedDictionary<string, BtfType?[]> found = new(StringComparer.Ordinal);
            IEnumerable<BtfType> candidates = name.IsExact ? s_stubs.Append(TypePrefix).SelectMany(p => spec.FindAll(p + name).ToList()) : spec.OwnTypes;
            foreach (var type in candidates)
            {
                int rank = Rank(type);
                if (rank < 0 || !ReferenceEquals(type.Spec, spec) || !name.Matches(type.NameBytes[s_prefixes[rank].Length..])) continue;
                var prototype = rank < s_stubs.Length ? type.Target : type.Resolve() is { Kind: BtfKind.Pointer } pointer ? pointer.Target.Resolve() : default;
                if (prototype.Kind != BtfKind.FunctionPrototype) continue;
                string text = Encoding.UTF8.GetString(type.NameBytes[s_prefixes[rank].Length..]);
                if (!found.TryGetValue(text, out var known)) found.Add(text, known = new BtfType?[s_prefixes.Length]);
                known[rank] ??= prototype;
            }
            string? owner = spec.Base is null ? null : spec.Name;
            foreach (var (text, known) in found)
            {
                // The kernel makes the type together with what programs attach to: a tracepoint without it (sched_set_state_tp) is not for them.
                if (known[^1] is { } prototype) yield return new RawTracepointProbe(text, prototype, known.First(p => p is not null)!.Value, owner);
            }
        }
    }

    // Which of the prefixes it is; -1 for none.
    private static int Rank(BtfType type)
    {
        if (type.Kind is not (BtfKind.Function or BtfKind.Typedef)) return -1;
        var name = type.NameBytes;
        if (type.Kind == BtfKind.Typedef) return name.StartsWith(s_prefixes[^1]) ? s_prefixes.Length - 1 : -1;
        return name.StartsWith(s_prefixes[0]) ? 0 : name.StartsWith(s_prefixes[1]) ? 1 : -1;
    }
}
