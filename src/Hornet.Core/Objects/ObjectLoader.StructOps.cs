using System.Buffers.Binary;
using Hornet.Btf;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Objects;

internal sealed partial class ObjectLoader
{
    private const string ValuePrefix = "bpf_struct_ops_";

    /// <summary>The tables that a program is in, and the member it implements.</summary>
    private IEnumerable<(MapSpec Map, string Member)> StructOpsUses(string program) =>
        from map in _object.Maps
        where map.Type == MapType.StructOps
        from member in map.StructOpsPrograms
        where member.Value == program
        select (map, member.Key);

    private ProgramLoadOptions FindStructOps(ProgramSpec program, ProgramLoadOptions options)
    {
        var uses = StructOpsUses(program.Name).Where(u => u.Map.AutoCreate).ToList();
        var (map, member) = uses[0];
        var kernel = KernelStruct(map);
        var (index, _) = KernelMember(map, kernel.Type, member) ?? throw new BpfException($"program '{program.Name}': this kernel's {map.StructOpsType} has no member '{member}', which '{map.Name}' sets");
        foreach (var (otherMap, otherMember) in uses.Skip(1))
        {
            var other = KernelStruct(otherMap);
            if (other.Type.Id != kernel.Type.Id || KernelMember(otherMap, other.Type, otherMember)?.Index != index)
                throw new BpfException($"program '{program.Name}': it is used as '{map.Name}.{member}' and as '{otherMap.Name}.{otherMember}', which are different functions");
        }
        program.AttachType = (AttachType)index;
        return options with { AttachBtfId = kernel.Type.Id, AttachBtfObject = kernel.Module };
    }

    private KernelType KernelStruct(MapSpec map) => _kernel.Find(map.StructOpsType ?? "", BtfKind.Struct)
        ?? throw new BpfException($"map '{map.Name}': this kernel has no struct '{map.StructOpsType}'");

    private static (int Index, BtfMember Member)? KernelMember(MapSpec map, BtfType type, string name)
    {
        int flavor = name.IndexOf("___", StringComparison.Ordinal);
        string wanted = flavor > 0 ? name[..flavor] : name;
        foreach (var member in type.Members)
        {
            if (member.Name == wanted) return (member.Index, member);
        }
        return null;
    }

    private KernelType KernelValue(MapSpec map)
    {
        string name = ValuePrefix + map.StructOpsType;
        if (_kernel.Find(name, BtfKind.Struct) is { } value) return value;
        throw new BpfNotSupportedException($"struct_ops {map.StructOpsType}", UnsupportedCause.Config,
            $"map '{map.Name}': this kernel takes no implementations of '{map.StructOpsType}' (it has no struct {name}): it is too old, or was built without the option");
    }

    private BpfMap CreateStructOps(MapSpec map)
    {
        var value = KernelValue(map);
        var spec = map.Clone();
        (spec.KeySize, spec.ValueSize, spec.MaxEntries, spec.KeyTypeId, spec.ValueTypeId) = (4, (uint)value.Type.ByteSize, 1, 0, 0);
        spec.Contents.Clear();
        return BpfMap.Create(spec, new MapCreateOptions
        {
            Btf = _btf?.Descriptor,
            Token = _options.Token,
            KernelValueTypeId = value.Type.Id,
            KernelValueBtf = value.Module,
            DeferContents = true,
        });
    }

    /// <summary>
    /// Puts the tables together as this kernel lays them out: data by member name, and the programs' descriptors. A table
    /// for a link is handed over now and takes effect when the link is made; another takes effect when it is handed over,
    /// so that is left to attaching.
    /// </summary>
    private void WriteStructOps()
    {
        foreach (var map in _object.Maps)
        {
            if (map.Type != MapType.StructOps || !_maps.TryGetValue(map.Name, out var live) || !_created.Contains(map.Name)) continue;
            byte[] value = StructOpsValue(map);
            if ((map.Flags & MapFlags.Link) != 0) live.Update(new byte[4], value);
            else _structOpsValues.Add(map.Name, value);
        }
    }

    private readonly Dictionary<string, byte[]> _structOpsValues = [];

    private byte[] StructOpsValue(MapSpec map)
    {
        var local = _object.Btf![map.ValueTypeId];
        var kernelValue = KernelValue(map).Type;
        byte[] value = new byte[kernelValue.ByteSize];
        var data = kernelValue.Members.FirstOrDefault(m => m.Name == "data");
        var kernel = data.Type.Resolve();
        int start = (int)data.ByteOffset;
        byte[] contents = map.Contents is [(_, byte[] bytes), ..] ? bytes : new byte[local.ByteSize];
        foreach (var member in local.Members)
        {
            int size = (int)member.Type.ByteSize;
            var own = contents.AsSpan((int)member.ByteOffset, Math.Min(size, contents.Length - (int)member.ByteOffset));
            bool isSet = map.StructOpsPrograms.ContainsKey(member.Name) || own.ContainsAnyExcept((byte)0);
            if (KernelMember(map, kernel, member.Name) is not { Member: var there })
            {
                if (isSet) throw new BpfException($"map '{map.Name}': it sets '{member.Name}', which this kernel's {map.StructOpsType} does not have");
                continue;
            }
            int at = start + (int)there.ByteOffset;
            if (map.StructOpsPrograms.TryGetValue(member.Name, out string? program))
            {
                if (!_programs.TryGetValue(program, out var live)) throw new BpfException($"map '{map.Name}': its member '{member.Name}' is the program '{program}', which is not loaded");
                BinaryPrimitives.WriteUInt64LittleEndian(value.AsSpan(at), (ulong)live.Descriptor.Value);
                continue;
            }
            if (!isSet) continue;
            if (member.Type.Resolve().Kind == BtfKind.Pointer) throw new BpfException($"map '{map.Name}': its member '{member.Name}' holds an address, which means nothing in the kernel");
            if (member.BitfieldSize != 0 || there.BitfieldSize != 0) throw new BpfException($"map '{map.Name}': its member '{member.Name}' is a bitfield, which cannot be set");
            long room = there.Type.ByteSize;
            if (room != size) throw new BpfException($"map '{map.Name}': its member '{member.Name}' has {size} bytes, and {room} in this kernel");
            own.CopyTo(value.AsSpan(at));
        }
        return value;
    }
}
