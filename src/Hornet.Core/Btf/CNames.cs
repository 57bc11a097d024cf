using System.Globalization;
using System.Text;

namespace Hornet.Btf;

/// <summary>
/// The names that types have in C. C has one space for struct, union and enum tags and one for typedefs and enumerators; BTF
/// has neither, so a second type of a name gets a flavor (<c>name___2</c>), which CO-RE ignores again.
/// </summary>
internal sealed class CNames
{
    private readonly Dictionary<BtfType, string> _known = [];
    private readonly Dictionary<string, BtfType> _tags = [];
    // The compiler's own va_list is another type on another machine, and declaring it again is an error.
    private readonly Dictionary<string, BtfType> _ordinary = new() { ["__builtin_va_list"] = default };
    private readonly Dictionary<string, int> _lastFlavor = [];

    /// <summary>A type's name, the same whenever asked.</summary>
    public string Of(BtfType type)
    {
        if (_known.TryGetValue(type, out var name)) return name;
        name = Claim(Identifier(type.Name), type, type.Kind == BtfKind.Typedef ? _ordinary : _tags);
        _known.Add(type, name);
        return name;
    }

    /// <summary>An enumerator's name. Two enumerations can have values of one name, and an anonymous one can be printed twice.</summary>
    public string OfEnumerator(BtfType owner, BtfEnumValue value) => Claim(Identifier(value.Name), owner, _ordinary, once: true);

    /// <summary>Letters, digits and underscores: what other languages put into names becomes an underscore.</summary>
    public static string Identifier(string name)
    {
        bool legal = name.Length > 0 && !char.IsAsciiDigit(name[0]);
        foreach (char c in name) legal &= char.IsAsciiLetterOrDigit(c) || c == '_';
        if (legal) return name;
        StringBuilder text = new(name.Length + 1);
        if (name.Length == 0 || char.IsAsciiDigit(name[0])) text.Append('_');
        foreach (char c in name) text.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        return text.ToString();
    }

    /// <summary>A basic type's name, which may be several words: <c>long unsigned int</c>.</summary>
    public static string Words(string name) => string.Join(' ', name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Identifier).DefaultIfEmpty("_"));

    /// <summary>Text between quotation marks; what cannot stand there becomes octal.</summary>
    public static string Literal(ReadOnlySpan<byte> text)
    {
        StringBuilder literal = new(text.Length);
        foreach (byte b in text)
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not ((byte)'"' or (byte)'\\')) literal.Append((char)b);
            else literal.Append('\\').Append(Convert.ToString(b, 8).PadLeft(3, '0'));
        }
        return literal.ToString();
    }

    private string Claim(string name, BtfType type, Dictionary<string, BtfType> space, bool once = false)
    {
        if (!space.TryGetValue(name, out var holder))
        {
            space.Add(name, type);
            return name;
        }
        // A forward declaration and the struct it announces share the name.
        if (!once && Keyword(holder) == Keyword(type) && (holder.Kind == BtfKind.Forward || type.Kind == BtfKind.Forward))
        {
            if (type.Kind != BtfKind.Forward) space[name] = type;
            return name;
        }
        string key = ReferenceEquals(space, _tags) ? "tag " + name : name;
        int flavor = _lastFlavor.GetValueOrDefault(key, 1);
        string unique;
        do unique = string.Create(CultureInfo.InvariantCulture, $"{name}___{++flavor}");
        while (!space.TryAdd(unique, type));
        _lastFlavor[key] = flavor;
        return unique;
    }

    public static string Keyword(BtfType type) => type.Kind switch
    {
        BtfKind.Union => "union",
        BtfKind.Forward => type.KindFlag ? "union" : "struct",
        BtfKind.Enum or BtfKind.Enum64 => "enum",
        BtfKind.Typedef => "typedef",
        _ => "struct",
    };
}
