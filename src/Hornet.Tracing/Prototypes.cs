using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Hornet.Btf;

namespace Hornet.Tracing;

/// <summary>Prototypes of BTF as arguments and results.</summary>
internal static class Prototypes
{
    // A kernel has twenty times as many parameters as types of parameters.
    private static readonly ConditionalWeakTable<BtfSpec, ConcurrentDictionary<uint, string>> s_names = [];

    public static IReadOnlyList<ProbeArgument> Arguments(BtfType prototype, int skip)
    {
        var parameters = prototype.Parameters;
        var arguments = new List<ProbeArgument>(Math.Max(0, parameters.Count - skip));
        for (int i = skip; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            if (parameter.IsVariadic) arguments.Add(new ProbeArgument("...", ""));
            else arguments.Add(new ProbeArgument(parameter.NameBytes.IsEmpty ? $"arg{i - skip}" : parameter.Name, NameOf(parameter.Type)));
        }
        return arguments;
    }

    public static string? Result(BtfType prototype) => prototype.Target.Kind == BtfKind.Void ? null : NameOf(prototype.Target);

    private static string NameOf(BtfType type) => s_names.GetOrCreateValue(type.Spec).GetOrAdd(type.Id, static (_, type) => BtfCFormatter.TypeName(type), type);

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
