namespace Hornet.Script.Syntax.C;

/// <summary>The members of a struct or union.</summary>
internal sealed class CMemberParser(CDeclarationParser declarations, CSpecifierParser specifiers)
{
    private CTokenBuffer Tokens => declarations.Tokens;

    /// <summary>All of them, from the opening brace, which is next, to the closing one.</summary>
    public List<CMember> Parse(string owner)
    {
        Tokens.Take();
        List<CMember> members = [];
        while (!Tokens.Peek().Is("}"))
        {
            if (Tokens.Peek().Kind == CTokenKind.End)
            {
                declarations.Fail(Tokens.Peek(), $"expected '}}' at the end of {owner}");
                return members;
            }
            if (Tokens.Match(";") || Tokens.MatchWord("__extension__")) continue;
            if (Tokens.Peek().Text is "_Static_assert" or "static_assert") declarations.ParseStaticAssertion();
            else if (!ParseDeclaration(members)) Skip();
        }
        Tokens.Take();
        return members;
    }

    private bool ParseDeclaration(List<CMember> members)
    {
        var first = Tokens.Peek();
        var (type, _, attributes) = specifiers.Parse();
        if (type is null)
        {
            declarations.UnknownType(first);
            return false;
        }
        if (Tokens.Peek().Is(";"))
        {
            Tokens.Take();
            // struct { … }; is a member without a name; struct x { … }; declares only.
            if (type is CComposite { IsComplete: true } composite && composite.Name.EndsWith('>')) members.Add(new CMember("", type, -1, attributes.Alignment, attributes.IsPacked));
            return true;
        }
        while (true)
        {
            var start = Tokens.Peek();
            string name = "";
            var memberType = type;
            if (!Tokens.Peek().Is(":")) (name, memberType) = declarations.Declarators.Parse(type);
            int bits = -1;
            if (Tokens.Match(":"))
            {
                var at = Tokens.Peek();
                if (declarations.ParseConstant() is { Value: >= 0 and <= 64 } width && width.Value <= memberType.Size * 8L) bits = (int)width.Value;
                else
                {
                    declarations.Fail(at, name.Length > 0 ? $"width of bit-field '{name}' is no constant its type can hold" : "width of bit-field is no constant its type can hold");
                    (memberType, bits) = (CBasic.UnsignedInt, 1);
                }
            }
            CAttributes own = new();
            specifiers.TryParseAttributes(own);
            own.Add(attributes);
            if (memberType is CComposite { IsComplete: false } hollow) declarations.Complete(hollow);
            if (name.Length == 0 && bits < 0)
            {
                declarations.Fail(start, $"expected a member's name, found '{Tokens.Peek()}'");
                return false;
            }
            if (memberType is CFunction || (!memberType.IsComplete && memberType is not CArray))
            {
                declarations.Fail(start, $"field '{name}' has incomplete type '{memberType}'");
                memberType = CBasic.Char;
            }
            members.Add(new CMember(name, memberType, bits, own.Alignment, own.IsPacked));
            if (Tokens.Match(",")) continue;
            if (Tokens.Match(";") || Tokens.Peek().Is("}")) return true;
            declarations.Fail(Tokens.Peek(), $"expected ';' after a member, found '{Tokens.Peek()}'");
            return false;
        }
    }

    private void Skip()
    {
        while (!Tokens.Peek().Is(";") && !Tokens.Peek().Is("}") && Tokens.Peek().Kind != CTokenKind.End)
        {
            if (Tokens.Peek().Is("{") || Tokens.Peek().Is("(") || Tokens.Peek().Is("[")) Tokens.SkipBalanced();
            else Tokens.Take();
        }
        Tokens.Match(";");
    }
}
