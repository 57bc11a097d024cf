using System.Globalization;

namespace Hornet.Tracing.Symbols.Demangling;

internal sealed partial class ItaniumParser
{
    private Node Literal()
    {
        Expect('L');
        if (Take("_Z"))
        {
            var entity = Encoding();
            Expect('E');
            return entity;
        }
        if (Take("Dn"))
        {
            Take("0");
            Expect('E');
            return Count(new TextNode("nullptr"));
        }
        if (Here == 'A')
        {
            var text = Type();
            Expect('E');
            return Count(new Sequence("\"<", text, ">\""));
        }
        char kind = Here;
        if (kind is 'f' or 'd' or 'e' or 'g')
        {
            var type = Type();
            int start = _at;
            while (!AtEnd && Here != 'E') _at++;
            string digits = name[start.._at];
            Expect('E');
            // The bytes as they are: what they mean depends on the machine.
            return Count(new Sequence("(", type, $")[{digits}]"));
        }
        var known = Type();
        if (Here == 'E')
        {
            // A lambda or an empty object: its type is all there is.
            _at++;
            return Count(new Sequence("(", known, ")0"));
        }
        string value = Number();
        Expect('E');
        return kind switch
        {
            'b' when value == "0" => Count(new TextNode("false")),
            'b' when value == "1" => Count(new TextNode("true")),
            'i' => Count(new LiteralText(value)),
            'j' => Count(new LiteralText(value + "u")),
            'l' => Count(new LiteralText(value + "l")),
            'm' => Count(new LiteralText(value + "ul")),
            'x' => Count(new LiteralText(value + "ll")),
            'y' => Count(new LiteralText(value + "ull")),
            _ => Count(new Sequence("(", known, ")", value)),
        };
    }

    private sealed class LiteralText(string text) : Node
    {
        public override void Left(NameWriter w) => w.Add(text);
    }

    private Node Expression()
    {
        using var _ = Enter();
        bool global = Take("gs");
        if (_at + 2 > name.Length) throw new DemangleException();
        if (Here == 'L') return Literal();
        if (Here == 'T' && !IsElaborated()) return TemplateParameter();
        if (Take("fpT")) return Count(new ParameterName("this"));
        if (Here == 'f' && Next is 'p' or 'L') return FunctionParameter();
        if (Here == 'f' && Next is 'l' or 'r' or 'L' or 'R') return Fold();
        if (char.IsAsciiDigit(Here)) return Unresolved(global);
        string code = name.Substring(_at, 2);
        switch (code)
        {
            case "cl":
                _at += 2;
                var called = Expression();
                return Count(new Sequence(Callee(called), "(", Expressions('E'), ")"));
            case "cp":
                _at += 2;
                var known = Expression();
                return Count(new Sequence("(", known, ")(", Expressions('E'), ")"));
            case "cv":
                _at += 2;
                var target = Type();
                if (Take("_")) return Count(new Sequence("(", target, ")(", Expressions('E'), ")"));
                return Count(new Sequence("(", target, ")", new Operand(Expression())));
            case "tl":
                _at += 2;
                var listed = Type();
                return Count(new BracedList(listed, Expressions('E')));
            case "il":
                _at += 2;
                return Count(new BracedList(null, Expressions('E')));
            case "nw" or "na":
                return New(global);
            case "dl" or "da":
                _at += 2;
                return Count(new Sequence(global ? "::" : "", code == "dl" ? "delete " : "delete[] ", Expression()));
            case "dc" or "sc" or "cc" or "rc":
                _at += 2;
                var to = Type();
                string cast = code switch { "dc" => "dynamic_cast", "sc" => "static_cast", "cc" => "const_cast", _ => "reinterpret_cast" };
                return Count(new Sequence(cast, Count(new TemplateArguments([to])), "(", Expression(), ")"));
            case "ti" or "st" or "at":
                _at += 2;
                return Count(new Sequence(code switch { "ti" => "typeid (", "st" => "sizeof (", _ => "alignof (" }, Type(), ")"));
            case "te" or "sz" or "az":
                _at += 2;
                return Count(new Sequence(code switch { "te" => "typeid ", "sz" => "sizeof ", _ => "alignof " }, new Operand(Expression())));
            case "nx":
                _at += 2;
                return Count(new Sequence("noexcept", new Operand(Expression())));
            case "dt" or "pt":
                _at += 2;
                var holder = Expression();
                return Count(new Sequence(new Operand(holder), code == "dt" ? "." : "->", Member()));
            case "ds":
                _at += 2;
                return Binary(".*");
            case "sZ":
                _at += 2;
                return SizeOfPack(Here == 'T' ? TemplateParameter() : FunctionParameter());
            case "sP":
                _at += 2;
                List<Node> captured = [];
                while (!Take("E")) captured.Add(TemplateArgument());
                return Count(new Sequence("sizeof...(", captured, ")"));
            case "sp":
                _at += 2;
                return Count(new PackExpansion(Expression()));
            case "tw":
                _at += 2;
                return Count(new Sequence("throw ", Expression()));
            case "tr":
                _at += 2;
                return Count(new TextNode("throw"));
            case "sr": return Unresolved(global);
            case "on" or "dn": return Unresolved(global);
            case "ix":
                _at += 2;
                var array = Expression();
                return Count(new Sequence(new Operand(array), "[", Expression(), "]"));
            case "qu":
                _at += 2;
                var condition = Expression();
                var yes = Expression();
                return Count(new Sequence(new Operand(condition), "?", new Operand(yes), " : ", new Operand(Expression())));
            case "pp" or "mm":
                _at += 2;
                bool prefix = Take("_");
                var changed = new Operand(Expression());
                string twice = code == "pp" ? "++" : "--";
                return Count(prefix ? new Sequence(twice, changed) : new Sequence(changed, twice));
            case "aw":
                _at += 2;
                return Count(new Sequence("co_await ", Expression()));
            case "rq" or "rQ":
                throw new DemangleException();
        }
        if (Here == 'u' && char.IsAsciiDigit(Next))
        {
            // An operation of the compiler.
            _at++;
            string vendor = SourceText();
            List<Node> operands = [];
            while (!Take("E")) operands.Add(TemplateArgument());
            return Count(new Sequence(vendor, "(", operands, ")"));
        }
        if (!s_operators.TryGetValue(code, out var known2)) throw new DemangleException();
        _at += 2;
        if (!known2.IsUnary) return Binary(known2.Text);
        var operand = Expression();
        // The address of a function is written with its name alone, of a template's whole.
        if (code == "ad" && operand is FunctionNode { Name: NestedName, HasQualifiers: false } function) return Count(new Sequence("&", function.Name));
        return Count(new Sequence(known2.Text.Trim(), new Operand(operand)));

        bool IsElaborated() => Next is 'y' or 'n' or 't' or 'p';
    }

    private BinaryExpression Binary(string sign)
    {
        var left = Expression();
        return Count(new BinaryExpression(left, sign, Expression()));
    }

    private static Node Callee(Node called) => called is FunctionNode function ? new Sequence("(", function.Name, ")") : new Operand(called);

    private List<Node> Expressions(char end)
    {
        List<Node> list = [];
        while (Here != end)
        {
            if (AtEnd) throw new DemangleException();
            list.Add(Expression());
        }
        _at++;
        return list;
    }

    private Node SizeOfPack(Node pack) => pack is PackNode known ? Count(new TextNode(known.Elements.Count.ToString(CultureInfo.InvariantCulture))) : Count(new Sequence("sizeof...(", pack, ")"));

    private Sequence New(bool global)
    {
        bool array = Next == 'a';
        _at += 2;
        var placement = Expressions('_');
        var type = Type();
        List<Node>? initial = null;
        if (Take("pi")) initial = Expressions('E');
        else if (Here == 'i' && Next == 'l')
        {
            var list = Expression();
            return Count(new Sequence(global ? "::" : "", array ? "new[] " : "new ", placement.Count > 0 ? "(" : "", placement, placement.Count > 0 ? ") " : "", type, list));
        }
        else Expect('E');
        return Count(new Sequence(global ? "::" : "", array ? "new[] " : "new ", placement.Count > 0 ? "(" : "", placement, placement.Count > 0 ? ") " : "", type, initial is null ? "" : "(", initial, initial is null ? "" : ")"));
    }

    private ParameterName FunctionParameter()
    {
        if (Take("fL"))
        {
            SmallNumber();
            Expect('p');
        }
        else if (!Take("fp")) throw new DemangleException();
        CvQualifiers();
        return Count(new ParameterName($"{{parm#{OptionalIndex() + 1}}}"));
    }

    private Sequence Fold()
    {
        char kind = Next;
        _at += 2;
        if (_at + 2 > name.Length || !s_operators.TryGetValue(name.Substring(_at, 2), out var sign)) throw new DemangleException();
        _at += 2;
        Node first = Expression();
        return kind switch
        {
            'l' => Count(new Sequence("(...", sign.Text, new Operand(first), ")")),
            'r' => Count(new Sequence("(", new Operand(first), sign.Text, "...)")),
            _ => Count(new Sequence("(", new Operand(first), sign.Text, "...", sign.Text, new Operand(Expression()), ")")),
        };
    }

    private Node Member()
    {
        if (Here == 'L' || Here == 'T') return Expression();
        return Unresolved(false);
    }

    private Node Unresolved(bool global)
    {
        Node? scope = null;
        if (typesAsScopes && Take("sr"))
        {
            scope = Type();
            return Count(new NestedName(scope, BaseUnresolved()));
        }
        if (Take("srN"))
        {
            scope = UnresolvedType();
            if (Here == 'I') scope = Count(new TemplateName(scope, Arguments(keep: false)));
            while (!Take("E")) scope = Count(new NestedName(scope, SimpleId()));
            return Count(new NestedName(scope, BaseUnresolved()));
        }
        if (Take("sr"))
        {
            if (!char.IsAsciiDigit(Here) || !TryQualifiers(out scope))
            {
                scope = UnresolvedType();
                if (Here == 'I') scope = Count(new TemplateName(scope, Arguments(keep: false)));
            }
            return Count(new NestedName(scope!, BaseUnresolved()));
        }
        var result = BaseUnresolved();
        return global ? Count(new Sequence("::", result)) : result;
    }

    /// <summary>Names that end with E. gcc writes the type itself instead, without an end.</summary>
    private bool TryQualifiers(out Node? scope)
    {
        int saved = _at, nodes = _nodes, substitutions = _substitutions.Count;
        scope = null;
        try
        {
            do
            {
                var part = SimpleId();
                scope = scope is null ? part : Count(new NestedName(scope, part));
            }
            while (char.IsAsciiDigit(Here));
            if (Take("E") && (char.IsAsciiDigit(Here) || (Here is 'o' or 'd' && Next == 'n'))) return true;
        }
        catch (DemangleException)
        {
        }
        (_at, _nodes, scope) = (saved, nodes, null);
        _substitutions.RemoveRange(substitutions, _substitutions.Count - substitutions);
        return false;
    }

    private Node UnresolvedType()
    {
        if (Here == 'T')
        {
            return SubstitutableParameter();
        }
        if (Here == 'D')
        {
            var type = Decltype();
            _substitutions.Add(type);
            return type;
        }
        if (Here == 'S' && Next != 't') return Substitution();
        return Type();
    }

    private Node SimpleId()
    {
        Node id = Tags(SourceName());
        return Here == 'I' ? Count(new TemplateName(id, Arguments(keep: false))) : id;
    }

    private Node BaseUnresolved()
    {
        if (char.IsAsciiDigit(Here)) return SimpleId();
        if (Take("dn")) return Count(new Sequence("~", char.IsAsciiDigit(Here) ? SimpleId() : UnresolvedType()));
        Take("on");
        NameState state = default;
        var named = Operator(ref state);
        return Here == 'I' ? Count(new TemplateName(named, Arguments(keep: false))) : named;
    }
}
