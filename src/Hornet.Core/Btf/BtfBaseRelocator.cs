namespace Hornet.Btf;

/// <summary>
/// Puts split BTF that was made over a distilled base onto a real one: each distilled type is looked for in the new base
/// by name, kind and, where a wrong size would matter, by size.
/// </summary>
internal static class BtfBaseRelocator
{
    public static BtfSpec Run(BtfSpec split, BtfSpec distilled, BtfSpec target)
    {
        var embedded = EmbeddedOf(split);
        var ids = new uint[distilled.TypeCount];
        for (uint id = 1; id < distilled.TypeCount; id++) ids[id] = Match(split, distilled[id], embedded.Contains(id), target).Id;

        BtfBuilder builder = new(target);
        uint first = distilled.TypeCount;
        for (uint id = first; id < split.TypeCount; id++)
        {
            uint[] record = split.ReadRecord(id);
            BtfRecord.MapStrings(record, offset => builder.AddString(split.GetStringBytes(offset)));
            BtfRecord.MapTypes(record, old => old < first ? ids[old]
                : old < split.TypeCount ? old - first + builder.FirstId
                : throw split.Malformed($"type {id} refers to type {old} (only {split.TypeCount})"));
            builder.AddRaw(record);
        }
        return BtfSpec.Parse(builder.ToArray(split.IsBigEndian), target, split.Name);
    }

    /// <summary>
    /// The distilled structs and unions that lie by value inside a struct of the split set: with another size everything
    /// behind them would lie elsewhere.
    /// </summary>
    private static HashSet<uint> EmbeddedOf(BtfSpec split)
    {
        HashSet<uint> embedded = [];
        foreach (var type in split.OwnTypes)
        {
            foreach (var member in type.Members)
            {
                var inner = member.Type;
                for (int depth = 0; inner.IsModifier || inner.Kind is BtfKind.Typedef or BtfKind.Array; depth++)
                {
                    if (depth == BtfSpec.MaxDepth) throw split.Malformed($"member {member.Index} of type {type.Id} is a chain of more than {BtfSpec.MaxDepth} types");
                    inner = inner.Target;
                }
                if (inner.IsComposite && inner.Id < split.FirstId) embedded.Add(inner.Id);
            }
        }
        return embedded;
    }

    private static BtfType Match(BtfSpec split, BtfType wanted, bool embedded, BtfSpec target)
    {
        if (wanted.Kind is not (BtfKind.Int or BtfKind.Float or BtfKind.Enum or BtfKind.Struct or BtfKind.Union or BtfKind.Forward))
            throw split.Malformed($"{wanted} is no kind of type for a distilled base: the set was made over an ordinary base, and only fits that one");
        if (wanted.IsAnonymous) throw split.Malformed($"{wanted} of the distilled base has no name to be found by");

        var named = target.FindAll(wanted.Name).ToList();
        var fitting = named.FindAll(candidate => Fits(wanted, candidate));
        bool sized = wanted.Kind is not BtfKind.Forward;
        if (wanted.IsComposite)
        {
            // The name alone decides as long as it is unique, so that a struct may grow; by value it may not.
            sized = embedded || named.Count(type => type.IsComposite) > 1;
            // A base that only knows the name serves for pointers.
            if (fitting.Count == 0 && !embedded) fitting = named.FindAll(type => type.Kind == BtfKind.Forward && type.IsForwardUnion == (wanted.Kind == BtfKind.Union));
        }
        var exact = sized ? fitting.FindAll(candidate => candidate.Size == wanted.Size || candidate.Kind == BtfKind.Forward) : fitting;
        return exact.Count switch
        {
            1 => exact[0],
            0 => throw new BpfException($"{split.Name} needs {Describe(wanted)}, which {target.Name} does not have{Instead(named, embedded)}"),
            _ => throw new BpfException($"{split.Name} needs {Describe(wanted)}, and {target.Name} has {exact.Count} that cannot be told apart: {string.Join(", ", exact.Take(4))}"),
        };
    }

    private static bool Fits(BtfType wanted, BtfType candidate) => wanted.Kind switch
    {
        BtfKind.Int => candidate.Kind == BtfKind.Int && candidate.IntEncoding == wanted.IntEncoding,
        BtfKind.Enum => candidate.IsEnum,
        BtfKind.Forward when candidate.Kind != BtfKind.Forward => candidate.Kind == (wanted.IsForwardUnion ? BtfKind.Union : BtfKind.Struct),
        BtfKind.Forward => candidate.IsForwardUnion == wanted.IsForwardUnion,
        _ => candidate.Kind == wanted.Kind,
    };

    private static string Describe(BtfType type) => type.Kind == BtfKind.Forward
        ? $"{(type.IsForwardUnion ? "union" : "struct")} {type.Name}"
        : $"{type.Kind.Describe()} {type.Name} of {type.Size} bytes";

    private static string Instead(List<BtfType> named, bool embedded) => named.Count == 0 ? ""
        : $" (it has {string.Join(", ", named.Take(4).Select(Describe))}{(embedded ? "; the struct lies by value inside another, so its size must be the same" : "")})";
}
