namespace Hornet.Btf;

/// <summary>
/// Makes split BTF independent of the exact base it was made over. What it needs of the base to be recognised again
/// (names, kinds, sizes) becomes a small base of its own; what has no name to be recognised by (pointers, arrays,
/// prototypes, anonymous structs) moves into the split set.
/// </summary>
internal static class BtfDistiller
{
    public static BtfSpec Run(BtfSpec split, BtfSpec source)
    {
        var needed = NeededOf(split, source);
        var ids = new Dictionary<uint, uint>(needed.Count) { [0] = 0 };

        BtfBuilder baseBuilder = new();
        foreach (var type in needed)
        {
            if (IsRecognisable(type)) ids[type.Id] = baseBuilder.AddRaw(Outline(type, baseBuilder));
        }
        var distilled = BtfSpec.Parse(baseBuilder.ToArray(split.IsBigEndian), null, $"{split.Name} (distilled base)");

        BtfBuilder builder = new(distilled);
        for (uint id = split.FirstId; id < split.TypeCount; id++) ids[id] = Copy(split[id], builder);
        foreach (var type in needed)
        {
            if (!IsRecognisable(type)) ids[type.Id] = Copy(type, builder);
        }
        // References may point forward, so ids are replaced only when every type has its own.
        for (uint id = builder.FirstId; id < builder.NextId; id++) BtfRecord.MapTypes(builder.Record(id), old => ids[old]);
        return BtfSpec.Parse(builder.ToArray(split.IsBigEndian), distilled, split.Name);
    }

    /// <summary>
    /// The base's types that the split ones lead to, in order of id. The way ends at named structs and unions, whose
    /// members nobody needs in order to recognise them.
    /// </summary>
    private static List<BtfType> NeededOf(BtfSpec split, BtfSpec source)
    {
        SortedDictionary<uint, BtfType> needed = [];
        Stack<BtfType> open = new(split.OwnTypes);
        while (open.TryPop(out var type))
        {
            BtfRecord.MapTypes(type.Spec.ReadRecord(type.Id), id =>
            {
                if (id == 0 || id >= split.FirstId || needed.ContainsKey(id))
                    return id < split.TypeCount ? id : throw split.Malformed($"type {type.Id} refers to type {id} (only {split.TypeCount})");
                var target = source[id];
                if (target.Kind is BtfKind.Function or BtfKind.Variable or BtfKind.DataSection or BtfKind.DeclTag || (int)target.Kind >= BtfKindExtensions.Count)
                    throw split.Malformed($"{type} refers to {target} of its base, which split types cannot");
                needed.Add(id, target);
                if (!IsRecognisable(target)) open.Push(target);
                return id;
            });
        }
        return [.. needed.Values];
    }

    /// <summary>Whether a relocation can find it by name. An int, float or declaration without a name stays in the base too: that is malformed, and is said there.</summary>
    private static bool IsRecognisable(BtfType type) => type.Kind switch
    {
        BtfKind.Int or BtfKind.Float or BtfKind.Forward => true,
        BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 => !type.IsAnonymous,
        _ => false,
    };

    /// <summary>The record without members and values. Enumerations of either kind become the older one, and match either.</summary>
    private static uint[] Outline(BtfType type, BtfBuilder builder)
    {
        uint name = builder.AddString(type.NameBytes);
        return type.Kind switch
        {
            BtfKind.Struct or BtfKind.Union => [name, (uint)type.Kind << 24, type.Size],
            BtfKind.Enum or BtfKind.Enum64 => [name, (uint)BtfKind.Enum << 24, type.Size],
            BtfKind.Int => [name, type.Info, type.Third, type.Extra(0)],
            _ => [name, type.Info, type.Third],
        };
    }

    private static uint Copy(BtfType type, BtfBuilder builder)
    {
        uint[] record = type.Spec.ReadRecord(type.Id);
        BtfRecord.MapStrings(record, offset => builder.AddString(type.Spec.GetStringBytes(offset)));
        return builder.AddRaw(record);
    }
}
