using System.Text;

namespace Hornet.Tracing.Dwarf;

/// <summary>The value of an attribute.</summary>
/// <param name="Unit">Whose attribute it is.</param>
/// <param name="Form">How it is stored.</param>
/// <param name="Raw">The number; for text and blocks in place, where they begin.</param>
/// <param name="Length">Bytes of text and blocks in place.</param>
internal readonly record struct DwarfValue(DwarfUnit Unit, Form Form, ulong Raw, int Length)
{
    // Longer than any name a compiler writes; what is longer has no name here.
    private const int LongestText = 1 << 16;

    /// <summary>A number that is not negative.</summary>
    public ulong Unsigned => Raw;

    /// <summary>A number whose sign the form says.</summary>
    public long Signed => (long)Raw;

    public bool IsConstant => Form is Form.Data1 or Form.Data2 or Form.Data4 or Form.Data8 or Form.Sdata or Form.Udata or Form.ImplicitConst;

    public bool IsBlock => Form is Form.Block1 or Form.Block2 or Form.Block4 or Form.Block or Form.Exprloc or Form.Data16;

    public bool IsReference => Form is Form.Ref1 or Form.Ref2 or Form.Ref4 or Form.Ref8 or Form.RefUdata or Form.RefAddr or Form.RefSig8 or Form.RefSup4 or Form.RefSup8 or Form.GnuRefAlt;

    public bool Flag => Form == Form.FlagPresent || Raw != 0;

    /// <summary>The bytes of a block.</summary>
    public ReadOnlySpan<byte> Block => IsBlock ? Unit.Data.Span.Slice((int)Raw, Length) : [];

    /// <summary>A text; empty when it is none or lies nowhere.</summary>
    public string Text => Encoding.UTF8.GetString(TextBytes);

    /// <summary>The bytes of a text; empty when it is none, has no end or lies nowhere.</summary>
    public ReadOnlySpan<byte> TextBytes
    {
        get
        {
            var sections = Unit.Image.Sections;
            switch (Form)
            {
                case Form.String: return Unit.Data.Span.Slice((int)Raw, Math.Min(Length, LongestText));
                case Form.Strp: return At(sections.Strings.Span, Raw);
                case Form.LineStrp: return At(sections.LineStrings.Span, Raw);
                case Form.Strx or Form.Strx1 or Form.Strx2 or Form.Strx3 or Form.Strx4 or Form.GnuStrIndex: return At(sections.Strings.Span, Unit.StringOffset(Raw));
                case Form.StrpSup or Form.GnuStrpAlt: return Unit.Image.Alternate is { } alternate ? At(alternate.Sections.Strings.Span, Raw) : [];
                default: return [];
            }
        }
    }

    /// <summary>The entry that is referred to.</summary>
    /// <returns>False when it is no reference, or one into a file that was not found.</returns>
    /// <exception cref="BpfFormatException">The reference leads outside.</exception>
    public bool TryReference(out DwarfDie die)
    {
        die = default;
        switch (Form)
        {
            case Form.Ref1 or Form.Ref2 or Form.Ref4 or Form.Ref8 or Form.RefUdata:
                if (Raw >= (ulong)(Unit.End - Unit.HeaderOffset) || Raw < (ulong)(Unit.FirstDie - Unit.HeaderOffset)) throw new BpfFormatException($"{Unit}: the reference {Raw} leads outside");
                die = new DwarfDie(Unit, Unit.HeaderOffset + (int)Raw);
                return true;
            case Form.RefAddr:
                if (Raw > int.MaxValue) throw new BpfFormatException($"{Unit}: the reference {Raw} leads outside");
                die = Unit.Image.DieAt((long)Raw);
                return true;
            case Form.RefSup4 or Form.RefSup8 or Form.GnuRefAlt:
                if (Unit.Image.Alternate is not { } alternate || Raw > int.MaxValue) return false;
                die = alternate.DieAt((long)Raw);
                return true;
            case Form.RefSig8:
                if (Unit.Image.FindSignature(Raw) is not { } unit) return false;
                if (unit.TypeOffset >= (ulong)(unit.End - unit.HeaderOffset) || unit.TypeOffset < (ulong)(unit.FirstDie - unit.HeaderOffset)) throw new BpfFormatException($"{unit}: its type lies outside");
                die = new DwarfDie(unit, unit.HeaderOffset + (int)unit.TypeOffset);
                return true;
            default:
                return false;
        }
    }

    /// <summary>An address; false when it is none.</summary>
    public bool TryAddress(out ulong address)
    {
        address = Raw;
        switch (Form)
        {
            case Form.Addr: return true;
            case Form.Addrx or Form.Addrx1 or Form.Addrx2 or Form.Addrx3 or Form.Addrx4 or Form.GnuAddrIndex:
                address = Unit.Address(Raw);
                return true;
            default: return false;
        }
    }

    /// <summary>Reads a value and leaves the cursor behind it.</summary>
    public static DwarfValue Read(ref DwarfCursor cursor, DwarfUnit unit, in AttributeSpec spec)
    {
        var form = spec.Form;
        if (form == Form.Indirect)
        {
            form = (Form)Math.Min(cursor.Uleb(), 0xffff);
            if (form is Form.Indirect or Form.ImplicitConst) throw new BpfFormatException($"{unit}: an indirect form at {cursor.Position} that is {form} again");
        }
        switch (form)
        {
            case Form.FlagPresent: return new DwarfValue(unit, form, 1, 0);
            case Form.ImplicitConst: return new DwarfValue(unit, form, (ulong)spec.Constant, 0);
            case Form.Data1 or Form.Ref1 or Form.Flag or Form.Strx1 or Form.Addrx1: return new DwarfValue(unit, form, cursor.U8(), 0);
            case Form.Data2 or Form.Ref2 or Form.Strx2 or Form.Addrx2: return new DwarfValue(unit, form, cursor.U16(), 0);
            case Form.Strx3 or Form.Addrx3: return new DwarfValue(unit, form, cursor.U24(), 0);
            case Form.Data4 or Form.Ref4 or Form.RefSup4 or Form.Strx4 or Form.Addrx4: return new DwarfValue(unit, form, cursor.U32(), 0);
            case Form.Data8 or Form.Ref8 or Form.RefSig8 or Form.RefSup8: return new DwarfValue(unit, form, cursor.U64(), 0);
            case Form.Sdata: return new DwarfValue(unit, form, (ulong)cursor.Sleb(), 0);
            case Form.Udata or Form.RefUdata or Form.Strx or Form.Addrx or Form.Loclistx or Form.Rnglistx or Form.GnuAddrIndex or Form.GnuStrIndex:
                return new DwarfValue(unit, form, cursor.Uleb(), 0);
            case Form.Addr: return new DwarfValue(unit, form, cursor.Unsigned(unit.AddressSize), 0);
            case Form.RefAddr: return new DwarfValue(unit, form, cursor.Unsigned(unit.Version <= 2 ? unit.AddressSize : unit.OffsetSize), 0);
            case Form.Strp or Form.LineStrp or Form.SecOffset or Form.StrpSup or Form.GnuRefAlt or Form.GnuStrpAlt:
                return new DwarfValue(unit, form, cursor.Unsigned(unit.OffsetSize), 0);
            case Form.String:
                int start = cursor.Position;
                return new DwarfValue(unit, form, (ulong)start, cursor.CString().Length);
            case Form.Block1: return Bytes(ref cursor, unit, form, cursor.U8());
            case Form.Block2: return Bytes(ref cursor, unit, form, cursor.U16());
            case Form.Block4: return Bytes(ref cursor, unit, form, cursor.U32());
            case Form.Block or Form.Exprloc: return Bytes(ref cursor, unit, form, cursor.Uleb());
            case Form.Data16: return Bytes(ref cursor, unit, form, 16);
            default: throw new BpfFormatException($"{unit}: the unknown form 0x{(int)form:x} at {cursor.Position}");
        }
    }

    /// <summary>Passes over a value.</summary>
    public static void Skip(ref DwarfCursor cursor, DwarfUnit unit, in AttributeSpec spec)
    {
        if (spec.Size >= 0)
        {
            cursor.Skip((uint)spec.Size);
            return;
        }
        switch (spec.Form)
        {
            case Form.Udata or Form.Sdata or Form.RefUdata or Form.Strx or Form.Addrx or Form.Loclistx or Form.Rnglistx or Form.GnuAddrIndex or Form.GnuStrIndex:
                while (cursor.U8() >= 0x80)
                {
                }
                break;
            case Form.Exprloc or Form.Block: cursor.Skip(cursor.Uleb()); break;
            case Form.Block1: cursor.Skip(cursor.U8()); break;
            default: Read(ref cursor, unit, spec); break;
        }
    }

    private static DwarfValue Bytes(ref DwarfCursor cursor, DwarfUnit unit, Form form, ulong length)
    {
        int start = cursor.Position;
        return new DwarfValue(unit, form, (ulong)start, cursor.Take(length).Length);
    }

    private static ReadOnlySpan<byte> At(ReadOnlySpan<byte> strings, ulong offset)
    {
        if (offset >= (ulong)strings.Length) return [];
        var rest = strings[(int)offset..];
        if (rest.Length > LongestText) rest = rest[..LongestText];
        int end = rest.IndexOf((byte)0);
        return end < 0 ? [] : rest[..end];
    }
}
