using System.Globalization;
using System.Text;

namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>
/// Names of Rust. The old ones look like C++: <c>_ZN4core3fmt5write17h0123456789abcdefE</c>; the hash is left out. The new ones (<c>_R…</c>,
/// RFC 2603) have types, generic arguments and references back into themselves.
/// </summary>
internal sealed partial class RustName
{
    private const int DeepestNesting = 128;
    private const int LongestName = 1 << 16;
    private const int MostSteps = 1 << 16;

    private readonly string _name;
    private readonly StringBuilder _out = new();
    private int _at;
    private int _depth;
    private int _steps;
    private int _lifetimes;
    private bool _silent;

    private RustName(string name, int start) => (_name, _at) = (name, start);

    private char Here => _at < _name.Length ? _name[_at] : '\0';

    /// <summary>An old name: parts with their lengths, the last of them a hash.</summary>
    public static bool TryParseLegacy(string name, out string? demangled)
    {
        const int hashLength = 17;
        demangled = null;
        List<string> parts = [];
        int at = 3;
        while (at < name.Length && name[at] != 'E')
        {
            int length = 0, digits = at;
            while (at < name.Length && char.IsAsciiDigit(name[at]) && length < 1 << 16) length = length * 10 + name[at++] - '0';
            if (at == digits || length == 0 || length > name.Length - at) return false;
            parts.Add(name.Substring(at, length));
            at += length;
        }
        if (at >= name.Length || parts.Count < 2 || parts[^1].Length != hashLength || parts[^1][0] != 'h') return false;
        if (!parts[^1][1..].All(char.IsAsciiHexDigitLower)) return false;
        // What looks like a hash and is not has few different digits.
        if (parts[^1][1..].Distinct().Count() < 5) return false;
        string suffix = name[(at + 1)..];
        if (suffix.StartsWith(".llvm.", StringComparison.Ordinal)) suffix = "";
        if (suffix.Length > 0 && suffix[0] != '.') return false;
        StringBuilder text = new();
        for (int i = 0; i < parts.Count - 1; i++)
        {
            if (i > 0) text.Append("::");
            if (!Unescape(parts[i], text)) return false;
        }
        demangled = text.Append(suffix).ToString();
        return true;
    }

    /// <summary>A new name.</summary>
    public static string ParseV0(string name)
    {
        int start = 2;
        // A number would be the version of an encoding that does not exist yet.
        if (name.Length < 4 || !char.IsAsciiLetterUpper(name[start])) throw new DemangleException();
        int end = name.IndexOf('.');
        string suffix = end < 0 ? "" : name[end..];
        RustName parser = new(end < 0 ? name : name[..end], start);
        parser.Path(inValue: true);
        // The crate that a generic function was made for may follow.
        if (parser._at < parser._name.Length)
        {
            parser._silent = true;
            parser.Path(inValue: false);
        }
        if (parser._at < parser._name.Length) throw new DemangleException();
        if (suffix.StartsWith(".llvm.", StringComparison.Ordinal)) suffix = "";
        return parser._out + suffix;
    }

    private static bool Unescape(string part, StringBuilder text)
    {
        ReadOnlySpan<char> rest = part;
        if (rest.StartsWith("_$")) rest = rest[1..];
        while (!rest.IsEmpty)
        {
            if (rest[0] == '.')
            {
                bool two = rest.Length > 1 && rest[1] == '.';
                text.Append(two ? "::" : ".");
                rest = rest[(two ? 2 : 1)..];
                continue;
            }
            if (rest[0] != '$')
            {
                text.Append(rest[0]);
                rest = rest[1..];
                continue;
            }
            int end = rest[1..].IndexOf('$');
            if (end < 0) return false;
            var escape = rest.Slice(1, end);
            rest = rest[(end + 2)..];
            string? plain = escape switch
            {
                "SP" => "@",
                "BP" => "*",
                "RF" => "&",
                "LT" => "<",
                "GT" => ">",
                "LP" => "(",
                "RP" => ")",
                "C" => ",",
                _ => null,
            };
            if (plain is null)
            {
                if (escape.Length < 2 || escape[0] != 'u' || !uint.TryParse(escape[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) || !Rune.IsValid(code) || Rune.IsControl(new Rune(code))) return false;
                plain = new Rune(code).ToString();
            }
            text.Append(plain);
        }
        return true;
    }

    private void Add(string text)
    {
        if (_silent) return;
        _out.Append(text);
        if (_out.Length > LongestName) throw new DemangleException();
    }

    private char Take()
    {
        if (_at >= _name.Length) throw new DemangleException();
        return _name[_at++];
    }

    private bool Take(char c)
    {
        if (Here != c) return false;
        _at++;
        return true;
    }

    private void Enter()
    {
        if (++_depth > DeepestNesting || ++_steps > MostSteps) throw new DemangleException();
    }

    /// <summary>A number in base 62 that ends with an underscore; alone, the underscore is 0.</summary>
    private ulong Base62()
    {
        if (Take('_')) return 0;
        ulong value = 0;
        while (true)
        {
            char c = Take();
            if (c == '_') return value + 1;
            uint digit = char.IsAsciiDigit(c) ? (uint)(c - '0') : char.IsAsciiLetterLower(c) ? (uint)(c - 'a' + 10) : char.IsAsciiLetterUpper(c) ? (uint)(c - 'A' + 36) : throw new DemangleException();
            if (value > (ulong.MaxValue - digit) / 62) throw new DemangleException();
            value = value * 62 + digit;
        }
    }

    private ulong Optional(char tag) => Take(tag) ? Base62() + 1 : 0;

    private string Identifier()
    {
        bool punycode = Take('u');
        int length = 0;
        if (!char.IsAsciiDigit(Here)) throw new DemangleException();
        // A zero is a whole number: leading ones do not exist.
        if (!Take('0'))
        {
            while (char.IsAsciiDigit(Here) && length < 1 << 16) length = length * 10 + _name[_at++] - '0';
        }
        // An underscore parts it from a name that begins with a digit.
        Take('_');
        if (length > _name.Length - _at) throw new DemangleException();
        string text = _name.Substring(_at, length);
        _at += length;
        return punycode ? Punycode.Decode(text) : text;
    }
}
