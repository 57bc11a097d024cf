using System.Text;
using Hornet.Btf;

namespace Hornet.Tracing;

/// <summary>A kind of objects that a program can walk through, one run for each: <c>iter:task</c>.</summary>
public sealed class IteratorProbe : Probe
{
    private IReadOnlyList<ProbeArgument>? _arguments;

    private IteratorProbe(string name, BtfType? function, string? module) : base(ProbeKind.Iterator, name) => (Function, Module) = (function, module);

    /// <summary>The function <c>bpf_iter_NAME</c>, whose parameters but for the first are what a run is given; null when BTF has none.</summary>
    public BtfType? Function { get; }

    /// <inheritdoc/>
    public override string? Module { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeArgument>? Arguments => _arguments ??= Function is { } function ? Prototypes.Arguments(function.Target, skip: 1) : null;

    /// <summary>The iterators that match a pattern, sorted: BTF has a context for each.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel was built without BTF.</exception>
    public static IEnumerable<IteratorProbe> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        return Find(Prototypes.Specs(new NamePattern("*"), kernelToo: true), new NamePattern(pattern));
    }

    internal static IEnumerable<IteratorProbe> Find(IEnumerable<BtfSpec> specs, NamePattern name)
    {
        SortedDictionary<string, IteratorProbe> found = new(StringComparer.Ordinal);
        foreach (var spec in specs)
        {
            foreach (var type in spec.OwnTypes)
            {
                if (type.Kind != BtfKind.Struct) continue;
                var bytes = type.NameBytes;
                // What ends so is a note of the verifier's on the context of the same name.
                if (!bytes.StartsWith("bpf_iter__"u8) || bytes.EndsWith("__safe_trusted"u8) || bytes.EndsWith("__safe_trusted_or_null"u8) || !name.Matches(bytes[10..])) continue;
                string text = Encoding.UTF8.GetString(bytes[10..]);
                found.TryAdd(text, new IteratorProbe(text, spec.TryFind($"bpf_iter_{text}", BtfKind.Function, out var function) ? function : null, spec.Base is null ? null : spec.Name));
            }
        }
        return found.Values;
    }
}
