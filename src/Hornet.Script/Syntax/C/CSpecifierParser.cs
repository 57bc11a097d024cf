namespace Hornet.Script.Syntax.C;

/// <summary>The types at the beginning of a declaration: words of numbers, typedefs, structs, unions, enums.</summary>
internal sealed class CSpecifierParser(CDeclarationParser declarations)
{
    private const int MaxDepth = 100;

    private static readonly HashSet<string> Storage =
    [
        "extern", "static", "inline", "__inline", "__inline__", "_Noreturn", "register", "auto", "_Thread_local", "__thread", "const", "__const", "__const__",
        "volatile", "__volatile", "__volatile__", "restrict", "__restrict", "__restrict__", "__extension__", "_Nullable", "_Nonnull", "__noreturn__",
    ];

    private static readonly HashSet<string> Numbers =
    [
        "void", "char", "short", "int", "long", "float", "double", "signed", "__signed", "__signed__", "unsigned", "_Bool", "_Complex", "__complex__",
        "__int128", "__int128_t", "__uint128_t", "_Float16", "_Float32", "_Float64", "_Float128", "__float128", "_Float32x", "_Float64x", "__bf16",
    ];

    private int _depth;

    private CTokenBuffer Tokens => declarations.Tokens;

    public bool BeginsType(CToken token) => token.Kind == CTokenKind.Word &&
        (Numbers.Contains(token.Text) || (Storage.Contains(token.Text) && token.Text is not ("extern" or "static")) || token.Text is "struct" or "union" or "enum" or "typeof" or "__typeof__" or "__typeof"
            or "__attribute__" or "_Alignas" or "_Atomic" || declarations.IsTypeName(token.Text));

    /// <summary>The specifiers that are next; a null type when there are none.</summary>
    public (CType? Type, bool IsTypedef, CAttributes Attributes) Parse()
    {
        CType? type = null;
        bool isTypedef = false;
        CAttributes attributes = new();
        List<string> words = [];
        while (true)
        {
            var token = Tokens.Peek();
            if (token.Kind != CTokenKind.Word) break;
            if (token.Text == "typedef")
            {
                Tokens.Take();
                isTypedef = true;
            }
            else if (Storage.Contains(token.Text)) Tokens.Take();
            else if (TryParseAttributes(attributes)) continue;
            else if (token.Text == "_Atomic")
            {
                Tokens.Take();
                if (!Tokens.Match("(")) continue;
                type = declarations.ParseTypeName();
                Tokens.Match(")");
            }
            else if (Numbers.Contains(token.Text))
            {
                Tokens.Take();
                words.Add(token.Text);
            }
            else if (type is not null || words.Count > 0) break;
            else if (token.Text is "struct" or "union") type = ParseComposite();
            else if (token.Text == "enum") type = ParseEnumeration();
            else if (token.Text is "typeof" or "__typeof__" or "__typeof" or "__auto_type") type = ParseTypeof();
            else if (declarations.FindTypeName(token.Text) is { } named)
            {
                Tokens.Take();
                type = named;
            }
            else break;
        }
        if (words.Count > 0) type = Number(words);
        if (attributes.Mode is { } mode && type is not null) type = WithMode(type, mode);
        return (type, isTypedef, attributes);
    }

    /// <summary>Attributes and alignments that are next; false when there are none.</summary>
    public bool TryParseAttributes(CAttributes attributes)
    {
        bool any = false;
        while (true)
        {
            var token = Tokens.Peek();
            if (token.Text is "__attribute__" or "__attribute")
            {
                Tokens.Take();
                if (Tokens.Match("(")) ParseAttributeList(attributes);
                Tokens.Match(")");
            }
            else if (token.Text is "_Alignas" or "alignas" && Tokens.Peek(1).Is("("))
            {
                Tokens.Take();
                Tokens.Take();
                SetAlignment(attributes, BeginsType(Tokens.Peek()) ? declarations.ParseTypeName()?.Alignment : declarations.ParseConstant()?.Value);
                Tokens.Match(")");
            }
            else if (token.Text is "__declspec" or "__asm__" or "asm" or "__asm" && Tokens.Peek(1).Is("("))
            {
                Tokens.Take();
                Tokens.SkipBalanced();
            }
            else return any;
            any = true;
        }
    }

    private void ParseAttributeList(CAttributes attributes)
    {
        if (!Tokens.Match("(")) return;
        while (!Tokens.Peek().Is(")") && Tokens.Peek().Kind != CTokenKind.End)
        {
            var name = Tokens.Take();
            switch (name.Text)
            {
                case "packed" or "__packed__": attributes.IsPacked = true; break;
                case "aligned" or "__aligned__":
                    if (!Tokens.Peek().Is("("))
                    {
                        SetAlignment(attributes, 16);
                        break;
                    }
                    Tokens.Take();
                    SetAlignment(attributes, declarations.ParseConstant()?.Value);
                    Tokens.Match(")");
                    break;
                case "mode" or "__mode__" when Tokens.Peek().Is("("):
                    Tokens.Take();
                    attributes.Mode = Tokens.Take().Text.Trim('_');
                    Tokens.Match(")");
                    break;
                default:
                    if (Tokens.Peek().Is("(")) Tokens.SkipBalanced();
                    break;
            }
            // What an expression left over.
            while (!Tokens.Peek().Is(",") && !Tokens.Peek().Is(")") && Tokens.Peek().Kind != CTokenKind.End) Tokens.Take();
            Tokens.Match(",");
        }
        Tokens.Match(")");
    }

    private static void SetAlignment(CAttributes attributes, long? alignment)
    {
        if (alignment is > 0 and <= 1 << 28 && (alignment & (alignment - 1)) == 0) attributes.Alignment = Math.Max(attributes.Alignment, (int)alignment);
    }

    private CComposite ParseComposite()
    {
        var keyword = Tokens.Take();
        bool isUnion = keyword.Text == "union";
        CAttributes attributes = new();
        TryParseAttributes(attributes);
        string? tag = Tokens.Peek().Kind == CTokenKind.Word ? Tokens.Take().Text : null;
        TryParseAttributes(attributes);
        string name = $"{keyword.Text} {tag ?? "<anonymous>"}";
        if (!Tokens.Peek().Is("{")) return tag is null ? new CComposite(name, isUnion) : declarations.Composite(name, isUnion);
        var composite = tag is null ? new CComposite(name, isUnion) : declarations.NewComposite(name, isUnion, keyword.Span);
        var packing = declarations.Packing;
        List<CMember> members = [];
        composite.IsOpen = true;
        if (++_depth > MaxDepth)
        {
            declarations.Fail(keyword, "structs are nested too deeply");
            Tokens.SkipBalanced();
        }
        else members = new CMemberParser(declarations, this).Parse(name);
        _depth--;
        composite.IsOpen = false;
        TryParseAttributes(attributes);
        composite.Complete(members, attributes.IsPacked, attributes.Alignment, packing);
        return composite;
    }

    private CEnumeration ParseEnumeration()
    {
        Tokens.Take();
        CAttributes attributes = new();
        TryParseAttributes(attributes);
        string? tag = Tokens.Peek().Kind == CTokenKind.Word ? Tokens.Take().Text : null;
        TryParseAttributes(attributes);
        string name = "enum " + (tag ?? "<anonymous>");
        CType? underlying = null;
        if (Tokens.Peek().Is(":") && BeginsType(Tokens.Peek(1)))
        {
            Tokens.Take();
            underlying = Parse().Type;
        }
        var enumeration = tag is null ? new CEnumeration(name) : declarations.Enumeration(name);
        if (!Tokens.Peek().Is("{")) return enumeration;
        if (enumeration.Values is not null && tag is not null) enumeration = declarations.NewEnumeration(name);
        Tokens.Take();
        List<(string, long)> values = [];
        CNumber next = new(0, false);
        bool hasUnsigned64 = false;
        while (Tokens.Peek().Kind == CTokenKind.Word)
        {
            var enumerator = Tokens.Take();
            TryParseAttributes(new CAttributes());
            if (Tokens.Match("="))
            {
                var at = Tokens.Peek();
                if (declarations.ParseConstant() is { } value) next = value;
                else declarations.Fail(at, $"the value of enumerator '{enumerator.Text}' is not an integer constant");
                while (!Tokens.Peek().Is(",") && !Tokens.Peek().Is("}") && Tokens.Peek().Kind != CTokenKind.End) Tokens.Take();
            }
            values.Add((enumerator.Text, next.Value));
            hasUnsigned64 |= next.IsUnsigned && next.Value < 0;
            declarations.AddEnumerator(enumerator, next, enumeration);
            next = next with { Value = unchecked(next.Value + 1), Bits = next.Value is >= int.MaxValue or < int.MinValue ? 64 : next.Bits };
            if (!Tokens.Match(",")) break;
        }
        if (!Tokens.Match("}"))
        {
            declarations.Fail(Tokens.Peek(), "expected '}' or an enumerator");
            while (!Tokens.Peek().Is("}") && Tokens.Peek().Kind != CTokenKind.End) Tokens.Take();
            Tokens.Match("}");
        }
        TryParseAttributes(attributes);
        enumeration.Complete(values, hasUnsigned64, attributes.IsPacked, underlying);
        return enumeration;
    }

    private CType ParseTypeof()
    {
        Tokens.Take();
        if (!Tokens.Peek().Is("(")) return CBasic.Int;
        if (!BeginsType(Tokens.Peek(1)))
        {
            // Of an expression: nothing here keeps the types of objects.
            Tokens.SkipBalanced();
            return CBasic.Int;
        }
        Tokens.Take();
        var type = declarations.ParseTypeName();
        Tokens.Match(")");
        return type ?? CBasic.Int;
    }

    private static CType Number(List<string> words)
    {
        int longs = words.Count(w => w == "long");
        bool isUnsigned = words.Contains("unsigned"), isSigned = words.Exists(w => w.Contains("signed", StringComparison.Ordinal) && w != "unsigned");
        foreach (string word in words)
        {
            switch (word)
            {
                case "void": return CBasic.Void;
                case "_Bool": return CBasic.Bool;
                case "char": return isUnsigned ? CBasic.UnsignedChar : isSigned ? CBasic.SignedChar : CBasic.Char;
                case "short": return isUnsigned ? CBasic.UnsignedShort : CBasic.Short;
                case "float" or "_Float32": return CBasic.Bytes(4, 4);
                case "_Float16" or "__bf16": return CBasic.Bytes(2, 2);
                case "double": return longs > 0 ? CBasic.Bytes(16, 16) : CBasic.Bytes(8, 8);
                case "_Float64" or "_Float32x": return CBasic.Bytes(8, 8);
                case "__int128" or "__int128_t" or "__uint128_t" or "_Float128" or "__float128" or "_Float64x": return CBasic.Bytes(16, 16);
            }
        }
        return longs > 0 ? isUnsigned ? CBasic.UnsignedLong : CBasic.Long : isUnsigned ? CBasic.UnsignedInt : CBasic.Int;
    }

    /// <summary>A number of another width: <c>__attribute__((mode(DI)))</c>.</summary>
    public static CType WithMode(CType type, string mode)
    {
        if (type is not CBasic) return type;
        bool isUnsigned = type.ToScript() is Types.IntegerType { IsSigned: false };
        return mode switch
        {
            "QI" or "byte" => isUnsigned ? CBasic.UnsignedChar : CBasic.SignedChar,
            "HI" => isUnsigned ? CBasic.UnsignedShort : CBasic.Short,
            "SI" => isUnsigned ? CBasic.UnsignedInt : CBasic.Int,
            "DI" or "word" or "pointer" => isUnsigned ? CBasic.UnsignedLong : CBasic.Long,
            "TI" => CBasic.Bytes(16, 16),
            _ => type,
        };
    }
}
