using Hornet.Btf;

namespace Hornet.Tracing;

/// <summary>A question that the kernel puts to its security modules: <c>lsm:file_open</c> (kernel 5.7, with <c>bpf</c> among the modules).</summary>
public sealed class LsmProbe : Probe
{
    private const string Prefix = "bpf_lsm_";

    private IReadOnlyList<ProbeArgument>? _arguments;

    private LsmProbe(BtfType function) : base(ProbeKind.Lsm, function.Name[Prefix.Length..]) => Function = function;

    /// <summary>The function <c>bpf_lsm_NAME</c>, which has the question's parameters.</summary>
    public BtfType Function { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeArgument> Arguments => _arguments ??= Prototypes.Arguments(Function.Target, skip: 0);

    /// <inheritdoc/>
    public override string? ReturnTypeName => Prototypes.Result(Function.Target);

    /// <summary>The questions that match a pattern, sorted.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel was built without BTF.</exception>
    public static IEnumerable<LsmProbe> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        return Find(KernelBtf.Vmlinux, new NamePattern(pattern));
    }

    internal static IEnumerable<LsmProbe> Find(BtfSpec kernel, NamePattern name)
    {
        // Functions around the hooks begin so, too; the kernel's table of hooks has a member for each.
        HashSet<string>? hooks = kernel.TryFind("security_list_options", BtfKind.Union, out var table) ? [.. table.Members.Select(m => m.Name)] : null;
        return KernelFunctionProbe.Find([kernel], name.Behind(Prefix)).Select(f => new LsmProbe(f.Function)).Where(p => hooks?.Contains(p.Name) != false)
            .OrderBy(p => p.Name, StringComparer.Ordinal);
    }
}
