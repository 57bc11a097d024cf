namespace Hornet.Tracing.Dwarf;

/// <summary>A unit: what one run of a compiler contributed, a type of its own, or a part that several share.</summary>
internal sealed class DwarfUnit(DwarfImage image)
{
    private AbbreviationTable? _abbreviations;
    private bool _rootRead;
    private ulong _stringOffsetsBase, _rangeListsBase;
    private ulong? _addressBase;

    public DwarfImage Image => image;

    public required bool InTypes { get; init; }

    public required int HeaderOffset { get; init; }

    public required int FirstDie { get; init; }

    public required int End { get; init; }

    public required int Version { get; init; }

    public required UnitType Type { get; init; }

    public required int AddressSize { get; init; }

    public required int OffsetSize { get; init; }

    public required ulong AbbreviationOffset { get; init; }

    /// <summary>The signature of a type unit, the id of a split unit and its skeleton.</summary>
    public required ulong Id { get; init; }

    /// <summary>Where the type is in a type unit, from the unit's header.</summary>
    public required ulong TypeOffset { get; init; }

    /// <summary>The unit in the executable that a split unit belongs to.</summary>
    public DwarfUnit? Skeleton { get; set; } = image.Skeleton;

    public bool IsSplit => image.Skeleton is not null || Skeleton is not null;

    public ReadOnlyMemory<byte> Data => image.Data(InTypes);

    public AbbreviationTable Abbreviations => _abbreviations ??= image.AbbreviationsOf(this);

    public DwarfDie Root => new(this, FirstDie);

    /// <summary>The name of the split unit's file and where that is relative to; null when this is no skeleton.</summary>
    public (string Name, string Folder, ulong Id)? SplitFile
    {
        get
        {
            var root = Root;
            if (!root.TryGet(At.DwoName, out var name) && !root.TryGet(At.GnuDwoName, out name)) return null;
            // A split unit says its own name too.
            if (IsSplit || Type == UnitType.SplitCompile) return null;
            ulong id = Type == UnitType.Skeleton ? Id : root.TryGet(At.GnuDwoId, out var value) ? value.Unsigned : 0;
            return (name.Text, CompilationFolder, id);
        }
    }

    public string CompilationFolder => Root.TryGet(At.CompDir, out var folder) ? folder.Text : "";

    public string Name => Root.TryGet(At.Name, out var name) ? name.Text : "";

    /// <summary>Where the unit's code begins, from which its range lists count.</summary>
    public ulong LowPc => (Skeleton ?? this).Root.TryGet(At.LowPc, out var low) && low.TryAddress(out ulong address) ? address : 0;

    /// <summary>The beginning of a string of <c>.debug_str_offsets</c> by number.</summary>
    public ulong StringOffset(ulong index)
    {
        ReadRoot();
        return Entry(image.Sections.StringOffsets, _stringOffsetsBase, index, OffsetSize, "strings");
    }

    /// <summary>An address of <c>.debug_addr</c> by number.</summary>
    public ulong Address(ulong index)
    {
        var owner = Skeleton ?? this;
        owner.ReadRoot();
        return owner.Entry(owner.Image.Sections.Addresses, owner._addressBase ?? (Version >= 5 ? 8u : 0), index, AddressSize, "addresses");
    }

    /// <summary>Where a range list begins in <c>.debug_rnglists</c>, by number.</summary>
    public ulong RangeList(ulong index)
    {
        ReadRoot();
        return _rangeListsBase + Entry(image.Sections.RangeLists, _rangeListsBase, index, OffsetSize, "range lists");
    }

    /// <summary>What the offsets of range lists of an old split unit count from.</summary>
    public ulong GnuRangesBase => Skeleton is { } skeleton && skeleton.Root.TryGet(At.GnuRangesBase, out var value) ? value.Unsigned : 0;

    public override string ToString() => $"{image.Sections.Name}: unit at {HeaderOffset} ({Type}, DWARF {Version})";

    private ulong Entry(ReadOnlyMemory<byte> section, ulong start, ulong index, int size, string what)
    {
        ulong length = (ulong)section.Length;
        if (start > length || index >= (length - start) / (ulong)size) throw new BpfFormatException($"{this}: number {index} is outside the table of {what}");
        DwarfCursor cursor = new(section.Span, (int)(start + index * (ulong)size), image.Sections.LittleEndian, image.Sections.Name);
        return cursor.Unsigned(size);
    }

    /// <summary>The bases that other attributes need, also those of the first entry itself.</summary>
    private void ReadRoot()
    {
        if (_rootRead) return;
        // Split units have no attributes for these: their tables are their own, after the header of each.
        bool split = IsSplit || Type is UnitType.SplitCompile or UnitType.SplitType;
        ulong header = OffsetSize == 8 ? 16u : 8u;
        ulong strings = split && Version >= 5 ? header : 0;
        ulong rangeLists = split && Version >= 5 ? header + 4 : 0;
        var root = Root;
        if (root.TryGet(At.StrOffsetsBase, out var value)) strings = value.Unsigned;
        else if (Version >= 5 && !split) strings = header;
        if (root.TryGet(At.RngListsBase, out value)) rangeLists = value.Unsigned;
        if (root.TryGet(At.AddrBase, out value) || root.TryGet(At.GnuAddrBase, out value)) _addressBase = value.Unsigned;
        (_stringOffsetsBase, _rangeListsBase) = (strings, rangeLists);
        _rootRead = true;
    }
}
