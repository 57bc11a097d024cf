using Hornet.Btf;

namespace Hornet.Tracing;

/// <summary>Prototypes of BTF as arguments and results.</summary>
internal static class Prototypes
{
    public static IReadOnlyList<ProbeArgument> Arguments(BtfType prototype, int skip)
    {
        var parameters = prototype.Parameters;
        var arguments = new List<ProbeArgument>(Math.Max(0, parameters.Count - skip));
        for (int i = skip; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            if (parameter.IsVariadic) arguments.Add(new ProbeArgument("...", ""));
            else arguments.Add(new ProbeArgument(parameter.NameBytes.IsEmpty ? $"arg{i - skip}" : parameter.Name, BtfCFormatter.TypeName(parameter.Type)));
        }
        return arguments;
    }

    public static string? Result(BtfType prototype) => prototype.Target.Kind == BtfKind.Void ? null : BtfCFormatter.TypeName(prototype.Target);

    /// <summary>vmlinux's types and those of the modules that match.</summary>
    public static IEnumerable<BtfSpec> Specs(NamePattern module, bool kernelToo)
    {
        if (kernelToo || module.Matches("vmlinux".AsSpan())) yield return KernelBtf.Vmlinux;
        foreach (string name in KernelBtf.Modules)
        {
            if (module.Matches(name.AsSpan()) && KernelBtf.TryGetModule(name, out var spec)) yield return spec;
        }
    }
}
