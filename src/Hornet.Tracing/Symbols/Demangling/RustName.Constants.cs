using System.Globalization;
using System.Text;

namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>Values among generic arguments: numbers, characters, texts, structures.</summary>
internal sealed partial class RustName
{
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
}
