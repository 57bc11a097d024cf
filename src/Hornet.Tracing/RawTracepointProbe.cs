using Hornet.Btf;

namespace Hornet.Tracing;

/// <summary>
/// A tracepoint with the arguments that the kernel's code passes to it, before they become a record. BTF tells them in
/// the types <c>btf_trace_NAME</c>, which the kernel makes for <c>tp_btf</c> programs (5.5).
/// </summary>
public sealed class RawTracepointProbe : Probe
{
    private const string Prefix = "btf_trace_";

    private IReadOnlyList<ProbeArgument>? _arguments;

    private RawTracepointProbe(BtfType type, string? module) : base(ProbeKind.RawTracepoint, type.Name[Prefix.Length..]) => (Type, Module) = (type, module);

    /// <summary>The type <c>btf_trace_NAME</c>: a pointer to a prototype whose first parameter is the kernel's own.</summary>
    public BtfType Type { get; }

    /// <summary>The prototype; parameter 0 is the kernel's own, the program's arguments begin with 1.</summary>
    public BtfType Prototype => Type.Resolve().Target.Resolve();

    // The function that calls the tracepoint's listeners (5.10) has the same parameters, and their names.
    private BtfType? Named => Type.Spec.TryFind("__traceiter_" + Name, BtfKind.Function, out var function)
        && function.Target is var prototype && prototype.Parameters.Count == Prototype.Parameters.Count ? prototype : null;

    /// <inheritdoc/>
    public override string? Module { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeArgument> Arguments => _arguments ??= Prototypes.Arguments(Named ?? Prototype, skip: 1);

    /// <summary>The raw tracepoints that match a pattern, of the kernel and then of the modules.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel was built without BTF.</exception>
    public static IEnumerable<RawTracepointProbe> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        NamePattern name = new(Prefix + pattern);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var spec in Prototypes.Specs(new NamePattern("*"), kernelToo: true))
        {
            string? owner = spec.Base is null ? null : spec.Name;
            if (name.IsExact)
            {
                foreach (var type in spec.FindAll(name.ToString()).ToList())
                {
                    if (IsTracepoint(type) && type.Spec == spec) yield return new RawTracepointProbe(type, owner);
                }
                continue;
            }
            foreach (var type in spec.OwnTypes)
            {
                if (!IsTracepoint(type) || !name.Matches(type.NameBytes)) continue;
                var probe = new RawTracepointProbe(type, owner);
                if (seen.Add(probe.Name)) yield return probe;
            }
        }
    }

    private static bool IsTracepoint(BtfType type) => type.Kind == BtfKind.Typedef && type.NameBytes.StartsWith("btf_trace_"u8)
        && type.Resolve() is { Kind: BtfKind.Pointer } pointer && pointer.Target.Resolve().Kind == BtfKind.FunctionPrototype;
}
