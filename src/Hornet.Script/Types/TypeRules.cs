namespace Hornet.Script.Types;

/// <summary>How types go together: which fit into which, and what holds two of them. The rules are bpftrace's.</summary>
internal static class TypeRules
{
    /// <summary>An aggregate that stands for one number where a number is wanted.</summary>
    public static bool IsCastable(ScriptType type) => type is AggregateType { Kind: AggregateKind.Count or AggregateKind.Sum or AggregateKind.Min or AggregateKind.Max or AggregateKind.Avg };

    /// <summary>An aggregate of many numbers that is printed as a picture.</summary>
    public static bool IsPicture(ScriptType type) => type is AggregateType { Kind: AggregateKind.Hist or AggregateKind.LinearHist or AggregateKind.TimeSeries };

    /// <summary>Integers and enumerations.</summary>
    public static bool IsInteger(ScriptType type) => type is IntegerType or EnumType;

    /// <summary>What counts as a number in arithmetic.</summary>
    public static bool IsNumber(ScriptType type) => IsInteger(type) || type is BooleanType || IsCastable(type);

    public static bool IsSigned(ScriptType type) => type switch
    {
        IntegerType integer => integer.IsSigned,
        EnumType e => e.Info.IsSigned,
        AggregateType aggregate => aggregate.Kind != AggregateKind.Count && aggregate.IsSigned,
        _ => false,
    };

    public static bool IsFlexible(ScriptType type) => type is IntegerType { IsSignFlexible: true };

    /// <summary>The number an aggregate stands for.</summary>
    public static IntegerType NumberOf(ScriptType aggregate) => IsSigned(aggregate) ? IntegerType.Int64 : IntegerType.UInt64;

    public static IntegerType Integer(int bytes, bool isSigned) => new(Math.Min(bytes, 8) * 8, isSigned);

    /// <summary>The smallest type of a number that was written down: signed as long as that holds it, its sign still open when it is not negative.</summary>
    public static IntegerType OfLiteral(LiteralNumber value)
    {
        if (value > long.MaxValue) return IntegerType.UInt64;
        var type = value >= sbyte.MinValue && value <= sbyte.MaxValue ? IntegerType.Int8
            : value >= short.MinValue && value <= short.MaxValue ? IntegerType.Int16
            : value >= int.MinValue && value <= int.MaxValue ? IntegerType.Int32
            : IntegerType.Int64;
        return value >= 0 ? type with { IsSignFlexible = true } : type;
    }

    /// <summary>Whether a number that was written down can be a value of a type.</summary>
    public static bool Holds(ScriptType type, LiteralNumber value)
    {
        int bits = type.Size * 8;
        bool signed = IsSigned(type);
        // -1 does not become an unsigned number by itself.
        return signed
            ? value >= long.MinValue >> (64 - bits) && value <= long.MaxValue >> (64 - bits)
            : value >= 0 && value <= ulong.MaxValue >> (64 - bits);
    }

    /// <summary>Whether two types can be brought together at all, whatever their sizes.</summary>
    public static bool IsCompatible(ScriptType a, ScriptType b) => (a, b) switch
    {
        (IntegerType or EnumType, IntegerType or EnumType) => true,
        (StringType, StringType) => true,
        (BufferType, BufferType) => true,
        (CompositeType x, CompositeType y) => x.Info == y.Info || x.Info.Name == y.Info.Name,
        (PointerType x, PointerType y) => IsCompatible(x.Target, y.Target),
        (ArrayType x, ArrayType y) => (x.Element.Equals(y.Element) || x.Element is PointerType && IsCompatible(x.Element, y.Element)) && (x.Count == 0 || y.Count == 0 || x.Count == y.Count),
        (StackType x, StackType y) => x.Equals(y),
        (AggregateType x, AggregateType y) => x.Kind == y.Kind,
        (TupleType { Names: null } x, TupleType { Names: null } y) => x.Elements.Count == y.Elements.Count && x.Elements.Zip(y.Elements).All(p => IsCompatible(p.First, p.Second)),
        (TupleType { Names: not null } x, TupleType { Names: not null } y) => x.Elements.Count == y.Elements.Count &&
            x.Names.Select((name, i) => IndexOf(y, name) is >= 0 and var at && IsCompatible(x.Elements[i], y.Elements[at])).All(ok => ok),
        _ => a.GetType() == b.GetType(),
    };

    /// <summary>Whether a value of one type is a value of the other without loss.</summary>
    public static bool FitsInto(ScriptType type, ScriptType target)
    {
        if (!IsCompatible(type, target)) return false;
        return (type, target) switch
        {
            (StringType a, StringType b) => a.Length <= b.Length,
            (IntegerType or EnumType, IntegerType or EnumType) when IsSigned(type) == IsSigned(target) || IsFlexible(type) => type.Size <= target.Size,
            (IntegerType or EnumType, IntegerType or EnumType) => !IsSigned(type) && type.Size < target.Size,
            (TupleType { Names: null } a, TupleType { Names: null } b) => a.Elements.Zip(b.Elements).All(p => FitsInto(p.First, p.Second)),
            (TupleType a, TupleType b) => a.Names!.Select((name, i) => FitsInto(a.Elements[i], b.Elements[IndexOf(b, name)])).All(ok => ok),
            _ => type.Equals(target),
        };
    }

    /// <summary>The type that holds values of both; null when there is none.</summary>
    public static ScriptType? Promote(ScriptType? current, ScriptType type)
    {
        if (current is null) return IsCastable(type) ? NumberOf(type) : type;
        if (current.Equals(type) && current is not (IntegerType or TupleType)) return type;
        if (!IsCompatible(current, type))
        {
            return (IsInteger(current) && IsCastable(type)) || (IsInteger(type) && IsCastable(current)) ? PromoteIntegers(current, type) : null;
        }
        return PromoteElement(current, type);
    }

    public static int IndexOf(TupleType record, string name)
    {
        for (int i = 0; i < record.Names!.Count; i++)
        {
            if (record.Names[i] == name) return i;
        }
        return -1;
    }

    private static ScriptType? PromoteElement(ScriptType current, ScriptType type)
    {
        switch (current)
        {
            case EnumType when current.Equals(type): return current;
            case IntegerType or EnumType: return PromoteIntegers(current, type);
            case AggregateType when IsCastable(current): return IsSigned(current) == IsSigned(type) || IsSigned(current) ? current : type;
            case StringType text: return new StringType(Math.Max(text.Length, ((StringType)type).Length));
            case BufferType buffer: return new BufferType(Math.Max(buffer.Capacity, ((BufferType)type).Capacity));
            case PointerType pointer:
                var other = (PointerType)type;
                if (PromoteElement(pointer.Target, other.Target) is not { } target) return null;
                return new PointerType(target, pointer.Space == other.Space || other.Space == AddressSpace.None ? pointer.Space : other.Space);
            case TupleType tuple:
                var second = (TupleType)type;
                var elements = new ScriptType[tuple.Elements.Count];
                for (int i = 0; i < elements.Length; i++)
                {
                    var element = second.Elements[tuple.Names is null ? i : IndexOf(second, tuple.Names[i])];
                    if (PromoteElement(tuple.Elements[i], element) is not { } promoted) return null;
                    elements[i] = promoted;
                }
                return new TupleType(elements, tuple.Names);
            default: return current;
        }
    }

    private static IntegerType PromoteIntegers(ScriptType current, ScriptType type)
    {
        bool a = IsSigned(current), b = IsSigned(type);
        int sizeA = IsCastable(current) ? 8 : current.Size, sizeB = IsCastable(type) ? 8 : type.Size;
        bool flexibleA = IsFlexible(current), flexibleB = IsFlexible(type);
        var clock = type is IntegerType { Clock: not 0 } t ? t.Clock : current is IntegerType c ? c.Clock : 0;
        int size = Math.Max(sizeA, sizeB);
        if (a == b || flexibleA || flexibleB)
        {
            bool sign = a == b ? a : (!flexibleA && a) || (!flexibleB && b);
            return Integer(size, sign) with { IsSignFlexible = flexibleA && flexibleB, Clock = clock };
        }
        if ((a && sizeA > sizeB) || (b && sizeB > sizeA)) return Integer(size, true) with { Clock = clock };
        // Both of 64 bits: signed, with a warning where the values meet.
        return Integer(size * 2, true) with { Clock = clock };
    }
}
