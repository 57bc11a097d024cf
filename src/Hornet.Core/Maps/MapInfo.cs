namespace Hornet.Maps;

/// <summary>What the kernel says about a map (<c>struct bpf_map_info</c>, and <c>/proc/self/fdinfo</c> for the rest).</summary>
public sealed record MapInfo
{
    /// <summary>The kernel's number of the map.</summary>
    public required uint Id { get; init; }

    /// <summary>The kind.</summary>
    public required MapType Type { get; init; }

    /// <summary>The name, at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes per key.</summary>
    public required uint KeySize { get; init; }

    /// <summary>Bytes per value; for per-CPU kinds, of one CPU's value.</summary>
    public required uint ValueSize { get; init; }

    /// <summary>The largest number of entries.</summary>
    public required uint MaxEntries { get; init; }

    /// <summary>The creation flags.</summary>
    public required MapFlags Flags { get; init; }

    /// <summary>The kind-specific extra (<c>map_extra</c>, 5.16); 0 on older kernels.</summary>
    public ulong Extra { get; init; }

    /// <summary>The network interface the map is offloaded to; 0 for none.</summary>
    public uint InterfaceIndex { get; init; }

    /// <summary>The id of the BTF object with the map's types; 0 for none.</summary>
    public uint BtfId { get; init; }

    /// <summary>The type of the key in that BTF; 0 for none.</summary>
    public uint KeyTypeId { get; init; }

    /// <summary>The type of the value in that BTF; 0 for none.</summary>
    public uint ValueTypeId { get; init; }

    /// <summary>The kernel's value type of a struct_ops map; 0 for others.</summary>
    public uint KernelValueTypeId { get; init; }

    /// <summary>The id of the BTF object <see cref="KernelValueTypeId"/> belongs to (6.9).</summary>
    public uint KernelBtfId { get; init; }

    /// <summary>The memory the map takes, in bytes, as fdinfo has it; 0 when it could not be read.</summary>
    public ulong MemoryBytes { get; init; }

    /// <summary>Whether user space has lost write access (<see cref="BpfMap.Freeze"/>).</summary>
    public bool Frozen { get; init; }

    /// <summary>The type of the programs in a program array; null when it has none yet or the map is another kind.</summary>
    public ProgramType? OwnerType { get; init; }
}
