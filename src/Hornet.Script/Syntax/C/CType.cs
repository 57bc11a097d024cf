using Hornet.Script.Types;

namespace Hornet.Script.Syntax.C;

/// <summary>A type of C with the size and alignment it has in memory.</summary>
internal abstract class CType
{
    public abstract int Size { get; }

    public abstract int Alignment { get; }

    /// <summary>How many pointers and arrays lie around its innermost type.</summary>
    public virtual int Depth => 0;

    /// <summary>Whether values of it can exist.</summary>
    public virtual bool IsComplete => true;

    /// <summary>How it is called in the language.</summary>
    public abstract ScriptType ToScript();

    /// <summary>A number as this type holds it.</summary>
    public virtual CNumber? Convert(CNumber value) => null;
}

/// <summary>A number, <c>void</c>, or what is only bytes for us.</summary>
internal sealed class CBasic(ScriptType type, int size, int alignment) : CType
{
    public static readonly CBasic Void = new(VoidType.Instance, 0, 1);
    public static readonly CBasic Bool = new(BooleanType.Instance, 1, 1);
    public static readonly CBasic Char = new(IntegerType.Int8, 1, 1), SignedChar = new(IntegerType.Int8, 1, 1), UnsignedChar = new(IntegerType.UInt8, 1, 1);
    public static readonly CBasic Short = new(IntegerType.Int16, 2, 2), UnsignedShort = new(IntegerType.UInt16, 2, 2);
    public static readonly CBasic Int = new(IntegerType.Int32, 4, 4), UnsignedInt = new(IntegerType.UInt32, 4, 4);
    public static readonly CBasic Long = new(IntegerType.Int64, 8, 8), UnsignedLong = new(IntegerType.UInt64, 8, 8);

    /// <summary>Numbers that no program can compute with: floating ones, and those of 128 bits.</summary>
    public static CBasic Bytes(int size, int alignment) => new(new OpaqueType(size, alignment), size, alignment);

    public override string ToString() => type.ToString();
    public override int Size => size;
    public override int Alignment => alignment;
    public override bool IsComplete => type is not VoidType;
    public override ScriptType ToScript() => type;

    public override CNumber? Convert(CNumber value) => type switch
    {
        BooleanType => CNumber.Of(value.IsTrue),
        IntegerType integer => Convert(value.Value, integer.Bits, integer.IsSigned),
        _ => null,
    };

    public static CNumber Convert(long value, int bits, bool isSigned)
    {
        int shift = 64 - bits;
        long shifted = value << shift;
        return new CNumber(isSigned ? shifted >> shift : (long)((ulong)shifted >> shift), !isSigned && bits >= 32, Math.Max(bits, 32));
    }
}

/// <summary>A type that is known elsewhere: of the kernel's BTF.</summary>
internal sealed class CForeign(ScriptType type) : CType
{
    public override string ToString() => type.ToString();
    public override int Size => type.Size;

    public override int Alignment => type switch
    {
        CompositeType composite => composite.Info.Alignment,
        ArrayType array => Math.Max(1, array.Element.Alignment),
        _ => Math.Max(1, type.Alignment),
    };

    public override bool IsComplete => type is not (VoidType or CompositeType { Info.IsIncomplete: true });
    public override ScriptType ToScript() => type;
    public override CNumber? Convert(CNumber value) => type is IntegerType integer ? CBasic.Convert(value.Value, integer.Bits, integer.IsSigned) : null;
}

internal sealed class CPointer(CType target) : CType
{
    private PointerType? _type;

    public CType Target { get; } = target;
    public override int Depth { get; } = target.Depth + 1;
    public override int Size => 8;
    public override int Alignment => 8;

    // A pointer in a struct to that struct: the target knows itself before its members do.
    public override ScriptType ToScript() => _type ??= new PointerType(Target.ToScript());
    public override CNumber? Convert(CNumber value) => value with { IsUnsigned = true, Bits = 64 };
}

/// <summary>A function; what points to one is an address.</summary>
internal sealed class CFunction : CType
{
    public override string ToString() => "function";
    public static readonly CFunction Instance = new();
    public override int Size => 1;
    public override int Alignment => 1;
    public override ScriptType ToScript() => VoidType.Instance;
}

/// <summary>An array; without a length it takes no room.</summary>
internal sealed class CArray(CType element, long? count) : CType
{
    public CType Element { get; } = element;
    public override int Depth { get; } = element.Depth + 1;
    public override int Size => (int)((count ?? 0) * Element.Size);
    public override int Alignment => Element.Alignment;
    public override ScriptType ToScript() => ReferenceEquals(Element, CBasic.Char) ? new StringType(Size) : new ArrayType(Element.ToScript(), (int)(count ?? 0));
}

/// <summary>A type with another alignment than its own: a typedef with <c>aligned</c>.</summary>
internal sealed class CAligned(CType type, int alignment) : CType
{
    public CType Type { get; } = type;
    public override int Depth { get; } = type.Depth;
    public override int Size => Type.Size;
    public override int Alignment => alignment;
    public override bool IsComplete => Type.IsComplete;
    public override ScriptType ToScript() => Type.ToScript();
    public override CNumber? Convert(CNumber value) => Type.Convert(value);
}

internal sealed class CEnumeration(string name) : CType
{
    private EnumType? _type;

    /// <summary>Set when its values are known.</summary>
    public List<(string Name, long Value)>? Values { get; private set; }

    public int Bits { get; private set; } = 32;
    public bool IsSigned { get; private set; }
    public string Name { get; set; } = name;
    public override string ToString() => Name;
    public override int Size => Bits / 8;
    public override int Alignment => Bits / 8;
    public override bool IsComplete => Values is not null;

    /// <summary>As gcc has it: 32 bits, unsigned without negative values, more when they do not fit; as few as possible when packed.</summary>
    public void Complete(List<(string Name, long Value)> values, bool hasUnsigned64, bool packed, CType? underlying)
    {
        Values = values;
        long least = values.Count > 0 ? Math.Min(0, values.Min(v => v.Value)) : 0, most = values.Count > 0 ? values.Max(v => v.Value) : 0;
        IsSigned = least < 0 && !hasUnsigned64;
        Bits = hasUnsigned64 || least < int.MinValue || most > (IsSigned ? int.MaxValue : uint.MaxValue) ? 64 : 32;
        if (packed && Bits == 32)
        {
            if (IsSigned ? least >= sbyte.MinValue && most <= sbyte.MaxValue : most <= byte.MaxValue) Bits = 8;
            else if (IsSigned ? least >= short.MinValue && most <= short.MaxValue : most <= ushort.MaxValue) Bits = 16;
        }
        if (underlying is CBasic && underlying.ToScript() is IntegerType integer) (Bits, IsSigned) = (integer.Bits, integer.IsSigned);
    }

    public override ScriptType ToScript() => _type ??= new EnumType(new EnumTypeInfo(Name, Bits, IsSigned, Values ?? []));
    public override CNumber? Convert(CNumber value) => CBasic.Convert(value.Value, Bits, IsSigned);
}

/// <summary>A member of a struct or union.</summary>
/// <param name="Name">Empty for an anonymous struct or union, and for a bitfield that only takes room.</param>
/// <param name="Bits">The width of a bitfield; −1 for all others.</param>
/// <param name="Alignment">What <c>aligned</c> or <c>_Alignas</c> says; 0 without.</param>
/// <param name="IsPacked">Whether this member alone is packed.</param>
internal sealed record CMember(string Name, CType Type, int Bits, int Alignment, bool IsPacked)
{
    /// <summary>Bits from the beginning.</summary>
    public long BitOffset { get; set; }

    /// <summary>Bytes from the beginning.</summary>
    public long Offset => BitOffset / 8;
}

internal sealed class CComposite(string name, bool isUnion) : CType
{
    private CompositeType? _type;
    private int _size;
    private int _alignment = 1;

    /// <summary>With its keyword, or a typedef's name when it has no tag.</summary>
    public string Name { get; set; } = name;
    public bool IsUnion { get; } = isUnion;
    public List<CMember>? Members { get; private set; }

    /// <summary>Whether its members are being read.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Another source's type of this name, for one that is only declared here.</summary>
    public ScriptType? Foreign { get; set; }

    public override string ToString() => Name;
    public override int Size => Foreign?.Size ?? _size;
    public override int Alignment => Foreign is CompositeType { Info: var info } ? info.Alignment : _alignment;
    public override bool IsComplete => Members is not null || Foreign is CompositeType { Info.IsIncomplete: false };

    public void Complete(List<CMember> members, bool packed, int alignment, int packing)
    {
        Members = members;
        (_size, _alignment) = CLayout.Lay(members, IsUnion, packed, alignment, packing);
        Foreign = null;
    }

    public (CType Type, long Offset)? Find(string name)
    {
        foreach (var member in Members ?? [])
        {
            if (member.Name == name && name.Length > 0) return (member.Type, member.Offset);
            if (member.Name.Length == 0 && member.Bits < 0 && member.Type is CComposite inner && inner.Find(name) is { } found)
                return (found.Type, found.Offset + member.Offset);
        }
        return null;
    }

    public override ScriptType ToScript()
    {
        if (Members is null && Foreign is not null) return Foreign;
        return _type ??= new CompositeType(new CompositeTypeInfo(Name, IsUnion, Size, () => CLayout.Fields(Members ?? [], Size)) { Alignment = Math.Max(1, Alignment), IsIncomplete = Members is null });
    }
}
