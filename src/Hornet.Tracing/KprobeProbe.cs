using Hornet.Btf;

namespace Hornet.Tracing;

/// <summary>A kernel function by its symbol. BTF tells the prototype of most.</summary>
public sealed class KprobeProbe : Probe
{
    private readonly Lazy<KernelFunctionProbe?> _function;

    private KprobeProbe(string name, string? module) : base(ProbeKind.Kprobe, name)
    {
        Module = module;
        _function = new(() => KernelBtf.IsAvailable ? KernelFunctionProbe.Find(name).FirstOrDefault() : null);
    }

    /// <summary>The function's type; null when BTF does not know it: assembly, compiler-made copies (<c>.isra</c>, <c>.cold</c>).</summary>
    public BtfType? Function => _function.Value?.Function;

    /// <inheritdoc/>
    public override string? Module { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeArgument>? Arguments => _function.Value?.Arguments;

    /// <inheritdoc/>
    public override string? ReturnTypeName => _function.Value?.ReturnTypeName;

    /// <summary>
    /// The functions among the kernel's symbols that match a pattern, each name once, in the order of kallsyms. Some of
    /// them refuse probes (<c>/sys/kernel/debug/kprobes/blacklist</c>).
    /// </summary>
    public static IEnumerable<KprobeProbe> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        NamePattern name = new(pattern);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (module, symbol) in FunctionNames.All().Find(null, name))
        {
            if (seen.Add(symbol)) yield return new KprobeProbe(symbol, module);
        }
    }
}
