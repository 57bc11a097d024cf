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
        foreach (var spec in Prototypes.Specs(module, colon < 0))
        {
            string? owner = spec.Base is null ? null : spec.Name;
            if (name.IsExact)
            {
                foreach (var type in spec.FindAll(name.ToString()).ToList())
                {
                    if (type.Kind == BtfKind.Function && type.Spec == spec) yield return new KernelFunctionProbe(type, owner);
                }
                continue;
            }
            // One name can stand for several static functions; the list shows it once.
            HashSet<string> seen = new(StringComparer.Ordinal);
            foreach (var type in spec.OwnTypes)
            {
                if (type.Kind != BtfKind.Function || !name.Matches(type.NameBytes)) continue;
                var probe = new KernelFunctionProbe(type, owner);
                if (seen.Add(probe.Name)) yield return probe;
            }
        }
    }
}
