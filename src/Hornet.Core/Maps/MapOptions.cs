using Hornet.Kernel;

namespace Hornet.Maps;

/// <summary>What a typed map may be created with beside its sizes.</summary>
public record MapOptions
{
    /// <summary>Creation flags.</summary>
    public MapFlags Flags { get; init; }

    /// <summary>The NUMA node to allocate on; null for any.</summary>
    public uint? NumaNode { get; init; }

    /// <summary>A BPF token that delegates the creation (6.9).</summary>
    public BpfToken? Token { get; init; }

    internal static BpfMap Create(MapOptions? options, MapSpec spec, MapCreateOptions? more = null)
    {
        if (options is not null)
        {
            spec.Flags |= options.Flags;
            if (options.NumaNode is { } node)
            {
                spec.NumaNode = node;
                spec.Flags |= MapFlags.NumaNode;
            }
        }
        more ??= new();
        return BpfMap.Create(spec, options?.Token is { } token ? more with { Token = token } : more);
    }
}
