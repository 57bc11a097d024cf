namespace Hornet.Script.Syntax.C;

/// <summary>What stands around a declared name: pointers, arrays, functions, parentheses.</summary>
internal sealed class CDeclaratorParser(CDeclarationParser declarations, CSpecifierParser specifiers)
{
    private const int MaxDepth = 100;
    private const int MaxTypeDepth = 100;
    private const long MaxBytes = 1L << 30;

    private static readonly HashSet<string> Qualifiers =
        ["const", "volatile", "restrict", "__const", "__volatile__", "__restrict", "__restrict__", "_Atomic", "_Nullable", "_Nonnull", "__extension__"];

    private int _depth;

    private CTokenBuffer Tokens => declarations.Tokens;

    /// <summary>A declarator, with a name or (in casts and parameters) without: the name is empty then.</summary>
    public (string Name, CType Type) Parse(CType type)
    {
        var (name, wrap) = ParseParts();
        return (name, wrap(type));
    }

    private (string Name, Func<CType, CType> Wrap) ParseParts()
    {
        int pointers = 0;
        while (true)
        {
            if (Tokens.Match("*") || Tokens.Match("^")) pointers++;
            else if (Tokens.Peek().Kind == CTokenKind.Word && Qualifiers.Contains(Tokens.Peek().Text)) Tokens.Take();
            else if (!specifiers.TryParseAttributes(new CAttributes())) break;
        }
        string name = "";
        Func<CType, CType>? inner = null;
        if (Tokens.Peek().Is("(") && BeginsDeclarator(Tokens.Peek(1)))
        {
            Tokens.Take();
            if (++_depth > MaxDepth) declarations.Fail(Tokens.Peek(), "declarators are nested too deeply");
            else (name, inner) = ParseParts();
            _depth--;
            if (!Tokens.Match(")")) declarations.Fail(Tokens.Peek(), $"expected ')', found '{Tokens.Peek()}'");
        }
        else if (Tokens.Peek().Kind == CTokenKind.Word) name = Tokens.Take().Text;
        var suffixes = ParseSuffixes();
        return (name, type =>
        {
            if (type.Depth + pointers + suffixes.Count > MaxTypeDepth)
            {
                declarations.Fail(Tokens.Peek(), $"a type of more than {MaxTypeDepth} pointers and arrays");
                return CBasic.Int;
            }
            for (int i = 0; i < pointers; i++) type = new CPointer(type);
            // int a[2][3]: the last bracket is the innermost array's.
            for (int i = suffixes.Count - 1; i >= 0; i--) type = suffixes[i].IsFunction ? CFunction.Instance : Array(type, suffixes[i].Length);
            return inner is null ? type : inner(type);
        }
        );
    }

    private List<(bool IsFunction, long? Length)> ParseSuffixes()
    {
        List<(bool, long?)> suffixes = [];
        while (true)
        {
            if (Tokens.Peek().Is("("))
            {
                Tokens.SkipBalanced();
                suffixes.Add((true, null));
            }
            else if (Tokens.Match("["))
            {
                while (Tokens.Peek().Kind == CTokenKind.Word && (Qualifiers.Contains(Tokens.Peek().Text) || Tokens.Peek().Text == "static")) Tokens.Take();
                long? length = null;
                if (!Tokens.Peek().Is("]"))
                {
                    var at = Tokens.Peek();
                    if (declarations.ParseConstant() is { Value: >= 0 } count && Tokens.Peek().Is("]")) length = count.Value;
                    else declarations.Fail(at, "the length of an array is not an integer constant");
                    for (int depth = 0; Tokens.Peek().Kind != CTokenKind.End && !(depth == 0 && (Tokens.Peek().Is("]") || Tokens.Peek().Is(";") || Tokens.Peek().Is("}")));)
                    {
                        var token = Tokens.Take();
                        if (token.Is("[")) depth++;
                        else if (token.Is("]")) depth--;
                    }
                }
                Tokens.Match("]");
                suffixes.Add((false, length));
            }
            else return suffixes;
        }
    }

    private CArray Array(CType element, long? length)
    {
        if (element is CComposite { IsComplete: false } hollow) declarations.Complete(hollow);
        if (length is { } count && element.Size > 0 && count > MaxBytes / element.Size)
        {
            declarations.Fail(Tokens.Peek(), $"an array of {count} elements is too large");
            length = 0;
        }
        else if (length > MaxBytes) length = MaxBytes;
        return new CArray(element, length);
    }

    /// <summary>Behind a parenthesis: a declarator, or the parameters of a function without a name.</summary>
    private bool BeginsDeclarator(CToken token) => token.Is("*") || token.Is("^") || token.Is("(") || token.Is("[") || token.Text is "__attribute__" ||
        (token.Kind == CTokenKind.Word && !specifiers.BeginsType(token));
}
