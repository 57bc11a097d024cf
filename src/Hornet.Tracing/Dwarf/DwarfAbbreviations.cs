using System.Runtime.InteropServices;

namespace Hornet.Tracing.Dwarf;

/// <summary>An attribute as an abbreviation declares it.</summary>
/// <param name="Name">Which one.</param>
/// <param name="Form">How it is stored.</param>
/// <param name="Size">Bytes it takes in a unit of this kind; -1 when they vary.</param>
/// <param name="Constant">The value itself, of <see cref="Form.ImplicitConst"/>.</param>
internal readonly record struct AttributeSpec(At Name, Form Form, short Size, long Constant);

/// <summary>The shape of an entry: its tag, whether entries are below it, its attributes.</summary>
internal sealed class Abbreviation(Tag tag, bool hasChildren, AttributeSpec[] attributes)
{
    public Tag Tag => tag;

    public bool HasChildren => hasChildren;

    public AttributeSpec[] Attributes => attributes;

    /// <summary>Bytes of all attributes together; -1 when they vary.</summary>
    public int FixedSize { get; } = Sum(attributes);

    /// <summary>Whether an inlined function of this shape may stand for a function of another unit.</summary>
    public bool RefersToOtherUnits { get; } = attributes.Any(a => a.Name == At.AbstractOrigin && a.Form is not (Form.Ref1 or Form.Ref2 or Form.Ref4 or Form.Ref8 or Form.RefUdata));

    private static int Sum(AttributeSpec[] attributes)
    {
        int sum = 0;
        foreach (var attribute in attributes)
        {
            if (attribute.Size < 0) return -1;
            sum += attribute.Size;
        }
        return sum;
    }
}

/// <summary>The abbreviations of a unit, by code.</summary>
internal sealed class AbbreviationTable
{
    // Compilers number from 1 without gaps; whatever lies beyond is found by search.
    private readonly Abbreviation?[] _dense;
    private readonly Dictionary<ulong, Abbreviation>? _sparse;

    private AbbreviationTable(List<Abbreviation?> dense, Dictionary<ulong, Abbreviation>? sparse) => (_dense, _sparse) = (dense.ToArray(), sparse);

    public Abbreviation? Find(ulong code)
    {
        if (code < (ulong)_dense.Length) return _dense[(int)code];
        return _sparse is not null && _sparse.TryGetValue(code, out var found) ? found : null;
    }

    /// <summary>Whether any inlined function of the unit may stand for a function of another unit.</summary>
    public bool InlinesFromOtherUnits =>
        _dense.Any(a => a is { Tag: Tag.InlinedSubroutine, RefersToOtherUnits: true }) || (_sparse?.Values.Any(a => a is { Tag: Tag.InlinedSubroutine, RefersToOtherUnits: true }) ?? false);

    /// <summary>Reads a table.</summary>
    /// <param name="cursor">Where it begins; left behind its end.</param>
    /// <param name="addressSize">Bytes of an address in the unit.</param>
    /// <param name="offsetSize">4, or 8 in 64-bit DWARF.</param>
    /// <param name="version">The version of the unit.</param>
    public static AbbreviationTable Read(ref DwarfCursor cursor, int addressSize, int offsetSize, int version)
    {
        List<Abbreviation?> dense = [null];
        Dictionary<ulong, Abbreviation>? sparse = null;
        List<AttributeSpec> attributes = [];
        while (!cursor.AtEnd)
        {
            ulong code = cursor.Uleb();
            if (code == 0) break;
            var tag = (Tag)Math.Min(cursor.Uleb(), 0xffff);
            bool children = cursor.U8() != 0;
            attributes.Clear();
            while (true)
            {
                ulong name = cursor.Uleb(), form = cursor.Uleb();
                if (name == 0 && form == 0) break;
                long constant = form == (ulong)Form.ImplicitConst ? cursor.Sleb() : 0;
                var known = form <= 0xffff ? (Form)form : Form.None;
                attributes.Add(new AttributeSpec((At)Math.Min(name, 0xffff), known, Size(known, addressSize, offsetSize, version), constant));
            }
            Abbreviation abbreviation = new(tag, children, CollectionsMarshal.AsSpan(attributes).ToArray());
            // The first declaration of a code counts.
            if (code == (ulong)dense.Count) dense.Add(abbreviation);
            else if (code > (ulong)dense.Count) (sparse ??= []).TryAdd(code, abbreviation);
        }
        return new AbbreviationTable(dense, sparse);
    }

    private static short Size(Form form, int addressSize, int offsetSize, int version) => form switch
    {
        Form.FlagPresent or Form.ImplicitConst => 0,
        Form.Data1 or Form.Ref1 or Form.Flag or Form.Strx1 or Form.Addrx1 => 1,
        Form.Data2 or Form.Ref2 or Form.Strx2 or Form.Addrx2 => 2,
        Form.Strx3 or Form.Addrx3 => 3,
        Form.Data4 or Form.Ref4 or Form.RefSup4 or Form.Strx4 or Form.Addrx4 => 4,
        Form.Data8 or Form.Ref8 or Form.RefSig8 or Form.RefSup8 => 8,
        Form.Data16 => 16,
        Form.Addr => (short)addressSize,
        // DWARF 2 had addresses here.
        Form.RefAddr => (short)(version <= 2 ? addressSize : offsetSize),
        Form.Strp or Form.LineStrp or Form.SecOffset or Form.StrpSup or Form.GnuRefAlt or Form.GnuStrpAlt => (short)offsetSize,
        _ => -1,
    };
}
