using Hornet.Btf;
using Hornet.Maps;

namespace Hornet.Objects;

/// <summary>
/// Maps defined by types: an anonymous struct whose members' types carry the numbers. <c>__uint(max_entries, 16)</c> is a
/// pointer to an array of 16, <c>__type(key, T)</c> a pointer to T, <c>__ulong(map_extra, N)</c> an enum with one value.
/// </summary>
internal sealed class MapDefinitions(string objectName)
{
    public MapSpec Read(string name, BtfType variable)
    {
        var definition = variable.Target.Resolve();
        if (definition.Kind != BtfKind.Struct) throw Wrong(name, $"its definition is no struct but {definition.Kind}");
        return Read(name, definition, isInner: false);
    }

    private MapSpec Read(string name, BtfType definition, bool isInner)
    {
        MapSpec map = new() { Name = name, Type = MapType.Unspec };
        foreach (var member in definition.Members)
        {
            switch (member.Name)
            {
                case "type":
                    map.Type = (MapType)Number(name, member);
                    break;
                case "max_entries":
                    map.MaxEntries = Number(name, member);
                    break;
                case "map_flags":
                    map.Flags = (MapFlags)Number(name, member);
                    break;
                case "numa_node":
                    map.NumaNode = Number(name, member);
                    break;
                case "map_extra":
                    map.Extra = LongNumber(name, member);
                    break;
                case "key_size":
                    map.KeySize = Same(name, "key", map.KeySize, Number(name, member));
                    break;
                case "value_size":
                    map.ValueSize = Same(name, "value", map.ValueSize, Number(name, member));
                    break;
                case "key":
                    (map.KeyTypeId, uint keySize) = Type(name, member);
                    map.KeySize = Same(name, "key", map.KeySize, keySize);
                    break;
                case "value":
                    (map.ValueTypeId, uint valueSize) = Type(name, member);
                    map.ValueSize = Same(name, "value", map.ValueSize, valueSize);
                    break;
                case "pinning":
                    if (isInner) throw Wrong(name, "an inner map cannot be pinned");
                    // Other numbers belong to other loaders (16 is Cilium's "replace"); they are refused at load.
                    map.Pinning = (PinType)Number(name, member);
                    break;
                case "values":
                    ReadValues(name, map, member, isInner);
                    break;
                default:
                    throw Wrong(name, $"its definition has an unknown field '{member.Name}'");
            }
        }
        if (map.Type == MapType.Unspec) throw Wrong(name, "its definition has no type");
        if (map.InnerMap is not null && map.Type is not (MapType.ArrayOfMaps or MapType.HashOfMaps))
            throw Wrong(name, "only maps of maps have inner maps");
        if (map.Type is MapType.ArrayOfMaps or MapType.HashOfMaps or MapType.ProgramArray)
        {
            if (map.KeySize == 0) map.KeySize = 4;
            if (map.ValueSize == 0) map.ValueSize = 4;
        }
        return map;
    }

    private void ReadValues(string name, MapSpec map, BtfMember member, bool isInner)
    {
        if (isInner) throw Wrong(name, "maps of maps cannot be nested");
        var array = member.Type.Resolve();
        if (array.Kind != BtfKind.Array || array.Target.Resolve() is not { Kind: BtfKind.Pointer } pointer)
            throw Wrong(name, "'values' is no array of pointers");
        var element = pointer.Target.Resolve();
        switch (element.Kind)
        {
            case BtfKind.Struct:
                map.InnerMap = Read(name + ".inner", element, isInner: true);
                break;
            case BtfKind.FunctionPrototype:
                if (map.Type is not (MapType.ProgramArray or MapType.Unspec)) throw Wrong(name, "only program arrays hold programs");
                break;
            default:
                throw Wrong(name, "'values' points at neither maps nor programs");
        }
    }

    private uint Number(string map, BtfMember member)
    {
        var pointer = member.Type.Resolve();
        return pointer.Kind == BtfKind.Pointer && pointer.Target.Resolve() is { Kind: BtfKind.Array } array
            ? array.ArrayLength
            : throw Wrong(map, $"'{member.Name}' is no number in the form of __uint()");
    }

    private ulong LongNumber(string map, BtfMember member)
    {
        var type = member.Type.Resolve();
        if (!type.IsEnum) return Number(map, member);
        return type.Count == 1 ? (ulong)type.Values[0].Value : throw Wrong(map, $"'{member.Name}' is no number in the form of __ulong()");
    }

    private (uint Id, uint Size) Type(string map, BtfMember member)
    {
        var pointer = member.Type.Resolve();
        if (pointer.Kind != BtfKind.Pointer) throw Wrong(map, $"'{member.Name}' is no type in the form of __type()");
        long size = pointer.Target.ByteSize;
        return size is >= 0 and <= uint.MaxValue ? (pointer.TargetId, (uint)size) : throw Wrong(map, $"the type of '{member.Name}' has no size");
    }

    private uint Same(string map, string what, uint known, uint given) =>
        known == 0 || known == given ? given : throw Wrong(map, $"its {what} has {known} bytes by one field and {given} by another");

    private BpfFormatException Wrong(string map, string what) => new($"{objectName}: map '{map}': {what}");
}
