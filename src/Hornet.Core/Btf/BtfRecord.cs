namespace Hornet.Btf;

/// <summary>Where in a type's record, counted in words, there are strings and type ids. Word 0 is the name, word 2 may be a type.</summary>
internal static class BtfRecord
{
    /// <summary>The first word and the distance of the strings in the list of a kind; (0, 0) when there are none.</summary>
    public static (int First, int Stride) Strings(BtfKind kind) => kind switch
    {
        BtfKind.Struct or BtfKind.Union or BtfKind.Enum64 => (3, 3),
        BtfKind.Enum or BtfKind.FunctionPrototype => (3, 2),
        _ => (0, 0),
    };

    /// <summary>The first word and the distance of the type ids in the list of a kind; (0, 0) when there are none.</summary>
    public static (int First, int Stride) Types(BtfKind kind) => kind switch
    {
        BtfKind.Struct or BtfKind.Union => (4, 3),
        BtfKind.FunctionPrototype => (4, 2),
        BtfKind.DataSection => (3, 3),
        _ => (0, 0),
    };

    /// <summary>Replaces every string offset of a record.</summary>
    public static void MapStrings(Span<uint> record, Func<uint, uint> map)
    {
        record[0] = map(record[0]);
        (int first, int stride) = Strings(Kind(record));
        if (stride == 0) return;
        for (int i = 0, n = Count(record); i < n; i++) record[first + i * stride] = map(record[first + i * stride]);
    }

    /// <summary>Replaces every type id of a record.</summary>
    public static void MapTypes(Span<uint> record, Func<uint, uint> map)
    {
        BtfKind kind = Kind(record);
        if (kind.RefersToType()) record[2] = map(record[2]);
        if (kind == BtfKind.Array)
        {
            record[3] = map(record[3]);
            record[4] = map(record[4]);
        }
        (int first, int stride) = Types(kind);
        if (stride == 0) return;
        for (int i = 0, n = Count(record); i < n; i++) record[first + i * stride] = map(record[first + i * stride]);
    }

    public static BtfKind Kind(ReadOnlySpan<uint> record) => (BtfKind)(record[1] >> 24 & 0x7f);

    public static int Count(ReadOnlySpan<uint> record) => (int)(record[1] & 0xffffff);
}
