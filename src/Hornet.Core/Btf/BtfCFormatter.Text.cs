using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hornet.Btf;

// The text of one declaration or definition.
public sealed partial class BtfCFormatter
{
    private const int MaxNesting = 256;

    private int _nesting;
    private long _written;

    /// <summary>
    /// Bounds the text by the size of its source. Nameless types are written out wherever they are used, which damaged or hostile
    /// types can multiply without end; the text of a real kernel is half as long as its BTF.
    /// </summary>
    private void Spend(BtfType type, int length)
    {
        _written += length;
        if (_written > (16L << 20) + 64L * type.Spec.RawData.Length) throw type.Spec.Malformed("written out, the types are endless");
    }

    /// <summary>A declaration, from the inside out as C has it.</summary>
    /// <param name="type">The type declared.</param>
    /// <param name="name">What is declared; empty for the type alone.</param>
    /// <param name="indent">How deep in braces it stands.</param>
    /// <param name="nameless">
    /// A member without a name whose type has one: <c>struct s { struct tag; };</c>, which the kernel uses since 6.19 and C knows
    /// with -fms-extensions only. Its members are written out, which is the same for every compiler.
    /// </param>
    private string Declare(BtfType type, string name, int indent, bool nameless = false)
    {
        if (++_nesting > MaxNesting) throw type.Spec.Malformed($"type {type.Id} is nested too deeply");
        string declarator = name, qualifiers = "";
        for (int depth = 0; ; depth++)
        {
            if (depth > 4 * BtfSpec.MaxDepth) throw type.Spec.Malformed($"type {type.Id} is a chain without an end");
            switch (type.Kind)
            {
                case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict:
                    string qualifier = type.Kind.Describe() + " ";
                    // A const array of const elements is const once.
                    if (!qualifiers.Contains(qualifier, StringComparison.Ordinal)) qualifiers = qualifier + qualifiers;
                    type = type.Target;
                    continue;
                case BtfKind.TypeTag:
                    if (_options.TypeTags && Tag(type) is { Length: > 0 } tag) qualifiers += tag + " ";
                    type = type.Target;
                    continue;
                case BtfKind.Pointer:
                    BtfType target = type.Target;
                    declarator = "*" + qualifiers + declarator;
                    qualifiers = "";
                    if (BehindModifiers(target).Kind is BtfKind.Array or BtfKind.FunctionPrototype) declarator = "(" + declarator + ")";
                    type = target;
                    continue;
                case BtfKind.Array:
                    // Qualifiers of an array are those of its elements, so they stay for the next round.
                    declarator += string.Create(CultureInfo.InvariantCulture, $"[{type.ArrayLength}]");
                    type = type.Target;
                    continue;
                case BtfKind.FunctionPrototype:
                    declarator += Parameters(type);
                    qualifiers = "";
                    type = type.Target;
                    continue;
            }
            break;
        }
        string text = nameless && BehindTypedefs(type) is { IsComposite: true } members ? Composite(members, indent, nameless: true) : Base(type, indent);
        // restrict is for pointers only; elsewhere it can only come from damaged types.
        qualifiers = qualifiers.Replace("restrict ", "", StringComparison.Ordinal);
        _nesting--;
        Spend(type, text.Length + declarator.Length);
        return qualifiers + text + (declarator.Length == 0 ? "" : " " + declarator);
    }

    private string Base(BtfType type, int indent) => type.Kind switch
    {
        BtfKind.Void => "void",
        BtfKind.Int or BtfKind.Float => CNames.Words(type.Name),
        BtfKind.Typedef => _names.Of(type),
        BtfKind.Struct or BtfKind.Union => type.IsAnonymous ? Composite(type, indent) : $"{CNames.Keyword(type)} {_names.Of(type)}",
        BtfKind.Enum or BtfKind.Enum64 => type.IsAnonymous ? Enumeration(type, indent) : $"enum {_names.Of(type)}",
        BtfKind.Forward => $"{CNames.Keyword(type)} {_names.Of(type)}",
        _ => throw type.Spec.Malformed($"type {type.Id} is a {type.Kind.Describe()} where a type of data is expected"),
    };

    private string Parameters(BtfType prototype)
    {
        if (prototype.Count == 0) return "(void)";
        StringBuilder text = new("(");
        foreach (var parameter in prototype.Parameters)
        {
            if (parameter.Index > 0) text.Append(", ");
            text.Append(parameter.IsVariadic ? "..." : Declare(parameter.Type, parameter.NameBytes.IsEmpty ? "" : CNames.Identifier(parameter.Name), 0));
        }
        return text.Append(')').ToString();
    }

    [GeneratedRegex(@"^\w+(\([\w ,]*\))?$", RegexOptions.ECMAScript)]
    private static partial Regex AttributeForm();

    private static string Tag(BtfType tag)
    {
        if (!tag.KindFlag) return $"__attribute__((btf_type_tag(\"{CNames.Literal(tag.NameBytes)}\")))";
        // A name, or a name and arguments: anything else would be more C than an attribute.
        string value = tag.Name;
        return AttributeForm().IsMatch(value) ? $"__attribute__(({value}))" : "";
    }

    /// <summary>A struct or union with its members, padding and attributes.</summary>
    private string Composite(BtfType type, int indent, bool nameless = false)
    {
        if (++_nesting > MaxNesting) throw type.Spec.Malformed($"type {type.Id} is nested too deeply");
        bool packed = _layout.IsPacked(type);
        StringBuilder text = new(CNames.Keyword(type));
        if (!type.IsAnonymous && !nameless) text.Append(' ').Append(_names.Of(type));
        text.Append(" {");
        if (type.Count > 0 || type.Size > 0) text.Append('\n');
        string tabs = new('\t', indent + 1);
        long cursor = 0, largest = 0;
        bool union = type.Kind == BtfKind.Union;
        int alignment = 1;
        foreach (var member in type.Members)
        {
            int natural = packed ? 1 : _layout.AlignmentOf(member.Type);
            alignment = Math.Max(alignment, natural);
            long size = member.Type.ByteSize * 8;
            if (!union)
            {
                if (Next(cursor, member, natural, size, packed) != member.BitOffset) Pad(text, tabs, cursor, member.BitOffset);
                cursor = member.BitOffset + (member.BitfieldSize != 0 ? member.BitfieldSize : size);
            }
            largest = Math.Max(largest, member.BitfieldSize != 0 ? member.BitfieldSize : size);
            bool anonymous = member.NameBytes.IsEmpty;
            text.Append(tabs).Append(Declare(member.Type, anonymous ? "" : CNames.Identifier(member.Name), indent + 1, anonymous));
            if (member.BitfieldSize != 0) text.Append(CultureInfo.InvariantCulture, $": {member.BitfieldSize}");
            text.Append(";\n");
        }
        string attributes = packed ? " __attribute__((packed))" : "";
        long end = union ? largest : cursor, whole = (long)type.Size * 8;
        if (RoundUp(end, 8L * alignment) < whole)
        {
            if (union) text.Append(tabs).Append(CultureInfo.InvariantCulture, $"char __padding[{type.Size}];\n");
            else Pad(text, tabs, end, whole);
        }
        if (type.Count > 0 || type.Size > 0) text.Append('\t', indent);
        _nesting--;
        return text.Append('}').Append(attributes).ToString();
    }

    /// <summary>Where the compiler would put a member by itself.</summary>
    private static long Next(long cursor, BtfMember member, int alignment, long size, bool packed)
    {
        if (member.BitfieldSize == 0) return RoundUp(cursor, 8L * alignment);
        // A bitfield does not cross a boundary of its type, unless the struct is packed.
        if (packed || size == 0) return cursor;
        return cursor / size == (cursor + member.BitfieldSize - 1) / size ? cursor : RoundUp(cursor, size);
    }

    /// <summary>Unnamed bitfields from where the compiler is to where the next member lies, in the largest units that fit.</summary>
    private static void Pad(StringBuilder text, string tabs, long from, long to)
    {
        while (from < to)
        {
            if (from % 8 == 0 && to - from >= 8 * 1024)
            {
                // Hundreds of lines of padding are no help to anyone.
                text.Append(tabs).Append(CultureInfo.InvariantCulture, $"char __padding_{from / 8}[{(to - from) / 8}];\n");
                from += (to - from) / 8 * 8;
                continue;
            }
            (string unit, int bits) = Fit(from, to);
            text.Append(tabs).Append(CultureInfo.InvariantCulture, $"{unit}: {bits};\n");
            from += bits;
        }

        static (string, int) Fit(long from, long to)
        {
            long left = to - from;
            if (from % 64 == 0 && left >= 64) return ("long", 64);
            if (from % 32 == 0 && left >= 32) return ("int", 32);
            if (from % 16 == 0 && left >= 16) return ("short", 16);
            return ("char", (int)Math.Min(left, 8 - from % 8));
        }
    }

    private string Enumeration(BtfType type, int indent)
    {
        StringBuilder text = new("enum");
        if (!type.IsAnonymous) text.Append(' ').Append(_names.Of(type));
        if (type.Count == 0) return text.Append(type.IsAnonymous ? " {}" : "").ToString();
        text.Append(" {\n");
        bool wide = false;
        foreach (var value in type.Values)
        {
            string enumerator = _names.OfEnumerator(type, value);
            Spend(type, enumerator.Length + 8);
            text.Append('\t', indent + 1).Append(enumerator).Append(" = ");
            if (type.Kind == BtfKind.Enum64 && !type.KindFlag)
            {
                wide |= (ulong)value.Value > uint.MaxValue;
                text.Append(CultureInfo.InvariantCulture, $"{(ulong)value.Value}").Append((ulong)value.Value > uint.MaxValue ? "ULL" : "");
            }
            else if (type.Kind == BtfKind.Enum64)
            {
                wide |= value.Value is < int.MinValue or > int.MaxValue;
                // The smallest number has no literal of its own in C.
                text.Append(value.Value == long.MinValue ? "(-9223372036854775807LL - 1)"
                    : string.Create(CultureInfo.InvariantCulture, $"{value.Value}{(value.Value is < int.MinValue or > int.MaxValue ? "LL" : "")}"));
            }
            else
            {
                // Without the flag it is not known whether it is signed; before 6.0 it never was recorded.
                text.Append(CultureInfo.InvariantCulture, $"{(type.KindFlag ? value.Value : UnsignedOrNegative(type, value))}");
            }
            text.Append(",\n");
        }
        text.Append('\t', indent).Append('}');
        string mode = type.Size switch
        {
            1 => " __attribute__((mode(byte)))",
            2 => " __attribute__((mode(HI)))",
            8 when !wide => " __attribute__((mode(word)))",
            _ => "",
        };
        return text.Append(mode).ToString();
    }

    // A small enum has only small values, so what looks large is negative.
    private static long UnsignedOrNegative(BtfType type, BtfEnumValue value) => type.Size < 4 && value.Value > int.MaxValue ? (int)value.Value : value.Value;

    private static long RoundUp(long value, long unit) => (value + unit - 1) / unit * unit;

    private static BtfType BehindTypedefs(BtfType type)
    {
        for (int depth = 0; depth < BtfSpec.MaxDepth && (type.IsModifier || type.Kind == BtfKind.Typedef); depth++) type = type.Target;
        return type;
    }

    private static BtfType BehindModifiers(BtfType type)
    {
        for (int depth = 0; depth < BtfSpec.MaxDepth && type.IsModifier; depth++) type = type.Target;
        return type;
    }
}
