using Hornet.Btf;

namespace Hornet.Maps;

/// <summary>A map as plain data: what to create, not yet created. Nothing in it depends on the running kernel.</summary>
public sealed class MapSpec
{
    /// <summary>The name; the kernel keeps its first 15 bytes.</summary>
    public required string Name { get; set; }

    /// <summary>The kind of map.</summary>
    public required MapType Type { get; set; }

    /// <summary>Bytes per key; 0 for kinds without keys.</summary>
    public uint KeySize { get; set; }

    /// <summary>Bytes per value; 0 for kinds without values.</summary>
    public uint ValueSize { get; set; }

    /// <summary>The largest number of entries; for ring buffers their size in bytes, for arenas in pages.</summary>
    public uint MaxEntries { get; set; }

    /// <summary>Creation flags.</summary>
    public MapFlags Flags { get; set; }

    /// <summary>Kind-specific extra: the number of hash functions of a bloom filter, the address of an arena (<c>map_extra</c>).</summary>
    public ulong Extra { get; set; }

    /// <summary>The NUMA node, when <see cref="MapFlags.NumaNode"/> is set.</summary>
    public uint NumaNode { get; set; }

    /// <summary>The network interface a map is offloaded to; 0 for none.</summary>
    public uint InterfaceIndex { get; set; }

    /// <summary>The type id of the key in the object's BTF; 0 for none.</summary>
    public uint KeyTypeId { get; set; }

    /// <summary>The type id of the value in the object's BTF; 0 for none.</summary>
    public uint ValueTypeId { get; set; }

    /// <summary>
    /// Adds the types of key and value to an object's BTF and gives their ids: of a map that is only declared, whose values have fields
    /// that the kernel must know of. Null for all others.
    /// </summary>
    internal Func<BtfBuilder, (uint Key, uint Value)>? DescribeTypes { get; set; }

    /// <summary>What an element of a map of maps looks like; null for other kinds.</summary>
    public MapSpec? InnerMap { get; set; }

    /// <summary>How the map is shared through the BPF file system.</summary>
    public PinType Pinning { get; set; }

    /// <summary>The path to pin at, when it is not derived from the name.</summary>
    public string? PinPath { get; set; }

    /// <summary>Whether user space loses write access once the contents are in (<c>BPF_MAP_FREEZE</c>).</summary>
    public bool Freeze { get; set; }

    /// <summary>
    /// The first contents, written right after creation: key bytes and either value bytes (<c>byte[]</c>) or the name
    /// of a map or program of the same object (<c>string</c>).
    /// </summary>
    public IList<(byte[] Key, object Value)> Contents { get; private set; } = [];

    /// <summary>The bytes after the known fields of a legacy map definition (iproute2 keeps its own there).</summary>
    public byte[] LegacyExtra { get; set; } = [];

    /// <summary>The struct_ops type this map holds (<c>tcp_congestion_ops</c>), for <see cref="MapType.StructOps"/>.</summary>
    public string? StructOpsType { get; set; }

    /// <summary>For struct_ops: the program that implements each member, by member name.</summary>
    public IDictionary<string, string> StructOpsPrograms { get; private set; } = new Dictionary<string, string>();

    /// <summary>Whether the map is created at load. Off for maps an object may do without.</summary>
    public bool AutoCreate { get; set; } = true;

    /// <summary>A copy that can be edited without touching this one.</summary>
    public MapSpec Clone()
    {
        var copy = (MapSpec)MemberwiseClone();
        copy.InnerMap = InnerMap?.Clone();
        copy.StructOpsPrograms = new Dictionary<string, string>(StructOpsPrograms);
        copy.Contents = [];
        for (int i = 0; i < Contents.Count; i++)
        {
            var (key, value) = Contents[i];
            copy.Contents.Add(((byte[])key.Clone(), value is byte[] bytes ? bytes.Clone() : value));
        }
        return copy;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Name} (key {KeySize}, value {ValueSize}, max_entries {MaxEntries})";
}

/// <summary>How a map is shared through the BPF file system.</summary>
public enum PinType
{
    /// <summary>Not pinned.</summary>
    None = 0,
    /// <summary>Pinned under its name (<c>LIBBPF_PIN_BY_NAME</c>); an existing compatible pin is used instead of a new map.</summary>
    ByName = 1,
}
