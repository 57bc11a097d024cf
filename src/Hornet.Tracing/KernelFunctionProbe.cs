using Hornet.Btf;

namespace Hornet.Tracing;

/// <summary>A function of the kernel or a module whose prototype BTF tells.</summary>
public sealed class KernelFunctionProbe : Probe
{
    private IReadOnlyList<ProbeArgument>? _arguments;

    internal KernelFunctionProbe(BtfType function, string? module) : base(ProbeKind.Function, function.Name) => (Function, Module) = (function, module);

    /// <summary>The function's type: <see cref="BtfKind.Function"/>; its target is the prototype.</summary>
    public BtfType Function { get; }

    /// <inheritdoc/>
    public override string? Module { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeArgument> Arguments => _arguments ??= Prototypes.Arguments(Function.Target, skip: 0);

    /// <inheritdoc/>
    public override string? ReturnTypeName => Prototypes.Result(Function.Target);

    /// <summary>
    /// The functions that match a pattern, of the kernel and then of the modules. Whether one can be probed is the
    /// kernel's word at attaching: it refuses functions marked <c>notrace</c>.
    /// </summary>
    /// <param name="pattern">A name with wildcards; <c>module:name</c> looks into one module only.</param>
    /// <exception cref="BpfNotSupportedException">The kernel was built without BTF.</exception>
    public static IEnumerable<KernelFunctionProbe> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        int colon = pattern.IndexOf(':');
        NamePattern module = new(colon < 0 ? "*" : pattern[..colon]), name = new(colon < 0 ? pattern : pattern[(colon + 1)..]);
        return Find(Prototypes.Specs(module, colon < 0), name);
    }

    /// <summary>The functions that match, of some sets of types. One name can stand for several static functions; of each set it comes once.</summary>
    internal static IEnumerable<KernelFunctionProbe> Find(IEnumerable<BtfSpec> specs, NamePattern name)
    {
        foreach (var spec in specs)
        {
            string? owner = spec.Base is null ? null : spec.Name;
            HashSet<string> seen = new(StringComparer.Ordinal);
            IEnumerable<BtfType> candidates = name.IsExact ? spec.FindAll(name.ToString()).ToList() : spec.OwnTypes;
            foreach (var type in candidates)
            {
                if (type.Kind != BtfKind.Function || !ReferenceEquals(type.Spec, spec) || !name.Matches(type.NameBytes)) continue;
                var probe = new KernelFunctionProbe(type, owner);
                if (seen.Add(probe.Name)) yield return probe;
            }
        }
    }
}
