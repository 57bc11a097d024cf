using System.Globalization;
using System.Text;

namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>
/// Names of Rust. The old ones look like C++: <c>_ZN4core3fmt5write17h0123456789abcdefE</c>; the hash is left out. The new ones (<c>_R…</c>,
/// RFC 2603) have types, generic arguments and references back into themselves.
/// </summary>
internal sealed class RustName
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
        return punycode ? Punycode(text) : text;
    }

    private void Path(bool inValue)
    {
        Enter();
        switch (Take())
        {
            case 'C':
                Optional('s');
                Add(Identifier());
                break;
            case 'N':
                char kind = Take();
                if (!char.IsAsciiLetter(kind)) throw new DemangleException();
                Path(inValue);
                ulong number = Optional('s');
                string name = Identifier();
                if (char.IsAsciiLetterUpper(kind))
                {
                    // What has no name of its own is counted.
                    Add("::{");
                    Add(kind switch { 'C' => "closure", 'S' => "shim", _ => kind.ToString() });
                    if (name.Length > 0)
                    {
                        Add(":");
                        Add(name);
                    }
                    Add(string.Create(CultureInfo.InvariantCulture, $"#{number}}}"));
                }
                else if (name.Length > 0)
                {
                    Add("::");
                    Add(name);
                }
                break;
            case 'M':
                ImplPath();
                Add("<");
                Type();
                Add(">");
                break;
            case 'X':
                ImplPath();
                TraitImpl();
                break;
            case 'Y':
                TraitImpl();
                break;
            case 'I':
                Path(inValue);
                if (inValue) Add("::");
                Add("<");
                List(GenericArgument, ", ");
                Add(">");
                break;
            case 'B':
                BackReference(() => Path(inValue));
                break;
            default: throw new DemangleException();
        }
        _depth--;
    }

    private void TraitImpl()
    {
        Add("<");
        Type();
        Add(" as ");
        Path(inValue: false);
        Add(">");
    }

    /// <summary>Where an implementation stands, which is not written.</summary>
    private void ImplPath()
    {
        bool silent = _silent;
        _silent = true;
        Optional('s');
        Path(inValue: false);
        _silent = silent;
    }

    private int List(Action element, string separator)
    {
        int count = 0;
        while (!Take('E'))
        {
            if (count++ > 0) Add(separator);
            element();
            if (count > 1 << 12) throw new DemangleException();
        }
        return count;
    }

    private void BackReference(Action read)
    {
        int from = _at - 1;
        ulong place = Base62();
        // It counts from behind the prefix and always leads back.
        if (place >= (ulong)(from - 2)) throw new DemangleException();
        if (_silent) return;
        int after = _at;
        _at = (int)place + 2;
        read();
        _at = after;
    }

    private void GenericArgument()
    {
        if (Take('L')) Lifetime(Base62());
        else if (Take('K')) Constant(inValue: false);
        else Type();
    }

    private void Lifetime(ulong index)
    {
        if (index == 0)
        {
            Add("'_");
            return;
        }
        if (index > (ulong)_lifetimes) throw new DemangleException();
        ulong depth = (ulong)_lifetimes - index;
        Add(depth < 26 ? $"'{(char)('a' + depth)}" : string.Create(CultureInfo.InvariantCulture, $"'_{depth}"));
    }

    private void Binder(Action inner)
    {
        ulong count = Optional('G');
        if (count > 1 << 10) throw new DemangleException();
        if (count > 0)
        {
            Add("for<");
            for (ulong i = 0; i < count; i++)
            {
                if (i > 0) Add(", ");
                _lifetimes++;
                Lifetime(1);
            }
            Add("> ");
        }
        inner();
        _lifetimes -= (int)count;
    }

    private void Type()
    {
        Enter();
        char tag = Take();
        if (Basic(tag) is { } basic)
        {
            Add(basic);
            _depth--;
            return;
        }
        switch (tag)
        {
            case 'A' or 'S':
                Add("[");
                Type();
                if (tag == 'A')
                {
                    Add("; ");
                    Constant(inValue: true);
                }
                Add("]");
                break;
            case 'T':
                Add("(");
                if (List(Type, ", ") == 1) Add(",");
                Add(")");
                break;
            case 'R' or 'Q':
                Add("&");
                if (Take('L') && Base62() is > 0 and var lifetime)
                {
                    Lifetime(lifetime);
                    Add(" ");
                }
                if (tag == 'Q') Add("mut ");
                Type();
                break;
            case 'P':
                Add("*const ");
                Type();
                break;
            case 'O':
                Add("*mut ");
                Type();
                break;
            case 'F':
                Binder(Signature);
                break;
            case 'D':
                Add("dyn ");
                Binder(() => List(DynTrait, " + "));
                if (!Take('L')) throw new DemangleException();
                if (Base62() is > 0 and var bound)
                {
                    Add(" + ");
                    Lifetime(bound);
                }
                break;
            case 'B':
                BackReference(Type);
                break;
            default:
                _at--;
                Path(inValue: false);
                break;
        }
        _depth--;
    }

    private void Signature()
    {
        bool isUnsafe = Take('U');
        string abi = "";
        if (Take('K')) abi = Take('C') ? "C" : Identifier().Replace('_', '-');
        if (isUnsafe) Add("unsafe ");
        if (abi.Length > 0) Add($"extern \"{abi}\" ");
        Add("fn(");
        List(Type, ", ");
        Add(")");
        if (Take('u')) return;
        Add(" -> ");
        Type();
    }

    private void DynTrait()
    {
        bool open = OpenPath();
        while (Take('p'))
        {
            Add(open ? ", " : "<");
            open = true;
            Add(Identifier());
            Add(" = ");
            Type();
        }
        if (open) Add(">");
    }

    /// <summary>A path whose list of arguments is left open, for the associated types that follow.</summary>
    private bool OpenPath()
    {
        if (Take('B'))
        {
            bool open = false;
            BackReference(() => open = OpenPath());
            return open;
        }
        if (Take('I'))
        {
            Path(inValue: false);
            Add("<");
            List(GenericArgument, ", ");
            return true;
        }
        Path(inValue: false);
        return false;
    }

    private void Constant(bool inValue)
    {
        Enter();
        char tag = Take();
        switch (tag)
        {
            case 'p':
                Add("_");
                break;
            case 'h' or 't' or 'm' or 'y' or 'o' or 'j':
                Integer();
                break;
            case 'a' or 's' or 'l' or 'x' or 'n' or 'i':
                if (Take('n')) Add("-");
                Integer();
                break;
            case 'b':
                string truth = Hex();
                Add(truth switch { "0" => "false", "1" => "true", _ => throw new DemangleException() });
                break;
            case 'c':
                if (!uint.TryParse(Hex(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) || !Rune.IsValid(code)) throw new DemangleException();
                Add($"'{Escaped(new Rune(code), '\'')}'");
                break;
            case 'e':
                // A text in an expression is a place behind a reference.
                Add("*");
                Text();
                break;
            case 'R' or 'Q':
                if (tag == 'R' && Take('e'))
                {
                    Text();
                    break;
                }
                Braced(inValue, () =>
                {
                    Add(tag == 'R' ? "&" : "&mut ");
                    Constant(inValue: true);
                });
                break;
            case 'A':
                Braced(inValue, () =>
                {
                    Add("[");
                    List(() => Constant(inValue: true), ", ");
                    Add("]");
                });
                break;
            case 'T':
                Braced(inValue, () =>
                {
                    Add("(");
                    if (List(() => Constant(inValue: true), ", ") == 1) Add(",");
                    Add(")");
                });
                break;
            case 'V':
                Braced(inValue, () =>
                {
                    Path(inValue: true);
                    switch (Take())
                    {
                        case 'U': break;
                        case 'T':
                            Add("(");
                            List(() => Constant(inValue: true), ", ");
                            Add(")");
                            break;
                        case 'S':
                            Add(" { ");
                            List(() =>
                            {
                                Optional('s');
                                Add(Identifier());
                                Add(": ");
                                Constant(inValue: true);
                            }, ", ");
                            Add(" }");
                            break;
                        default: throw new DemangleException();
                    }
                });
                break;
            case 'B':
                BackReference(() => Constant(inValue));
                break;
            default: throw new DemangleException();
        }
        _depth--;
    }

    private void Braced(bool inValue, Action inner)
    {
        if (!inValue) Add("{");
        inner();
        if (!inValue) Add("}");
    }

    private void Integer()
    {
        string digits = Hex();
        Add(digits.Length <= 16 && ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) ? value.ToString(CultureInfo.InvariantCulture) : "0x" + digits);
    }

    private string Hex()
    {
        int start = _at;
        while (Here != '_')
        {
            if (!char.IsAsciiHexDigitLower(Take())) throw new DemangleException();
        }
        string digits = _name[start.._at].TrimStart('0');
        _at++;
        return digits.Length == 0 ? "0" : digits;
    }

    private void Text()
    {
        int start = _at;
        while (Here != '_')
        {
            if (!char.IsAsciiHexDigitLower(Take())) throw new DemangleException();
        }
        string digits = _name[start.._at];
        _at++;
        if (digits.Length % 2 != 0) throw new DemangleException();
        StringBuilder text = new("\"");
        foreach (var rune in Encoding.UTF8.GetString(Convert.FromHexString(digits)).EnumerateRunes()) text.Append(Escaped(rune, '"'));
        Add(text.Append('"').ToString());
    }

    private static string Escaped(Rune rune, char quote) => rune.Value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\\' => "\\\\",
        0 => "\\0",
        var c when c == quote => $"\\{quote}",
        var c when Rune.IsControl(rune) => string.Create(CultureInfo.InvariantCulture, $"\\u{{{c:x}}}"),
        _ => rune.ToString(),
    };

    private static string? Basic(char tag) => tag switch
    {
        'b' => "bool",
        'c' => "char",
        'e' => "str",
        'u' => "()",
        'a' => "i8",
        's' => "i16",
        'l' => "i32",
        'x' => "i64",
        'n' => "i128",
        'i' => "isize",
        'h' => "u8",
        't' => "u16",
        'm' => "u32",
        'y' => "u64",
        'o' => "u128",
        'j' => "usize",
        'f' => "f32",
        'd' => "f64",
        'z' => "!",
        'p' => "_",
        'v' => "...",
        _ => null,
    };

    /// <summary>A name with characters beyond ASCII (RFC 3492; the delimiter is an underscore).</summary>
    private static string Punycode(string text)
    {
        const int firstCode = 128, smallest = 1, largest = 26, skew = 38, damp = 700, firstBias = 72;
        int delimiter = text.LastIndexOf('_');
        List<int> runes = [];
        foreach (char c in delimiter > 0 ? text[..delimiter] : "") runes.Add(c);
        int at = delimiter >= 0 ? delimiter + 1 : 0, code = firstCode, bias = firstBias, index = 0;
        bool first = true;
        while (at < text.Length)
        {
            int before = index;
            long weight = 1;
            for (int k = 36; ; k += 36)
            {
                if (at >= text.Length) throw new DemangleException();
                char c = text[at++];
                int digit = char.IsAsciiLetterLower(c) ? c - 'a' : char.IsAsciiDigit(c) ? c - '0' + 26 : throw new DemangleException();
                long next = index + digit * weight;
                if (next > 1 << 26) throw new DemangleException();
                index = (int)next;
                int threshold = Math.Clamp(k - bias, smallest, largest);
                if (digit < threshold) break;
                weight *= 36 - threshold;
                if (weight > 1 << 26) throw new DemangleException();
            }
            int count = runes.Count + 1, delta = first ? (index - before) / damp : (index - before) / 2;
            first = false;
            delta += delta / count;
            int rounds = 0;
            for (; delta > (36 - smallest) * largest / 2; rounds += 36) delta /= 36 - smallest;
            bias = rounds + (36 - smallest + 1) * delta / (delta + skew);
            code += index / count;
            index %= count;
            if (!Rune.IsValid(code)) throw new DemangleException();
            runes.Insert(index++, code);
        }
        StringBuilder result = new();
        foreach (int rune in runes) result.Append(new Rune(rune).ToString());
        return result.ToString();
    }
}
