namespace Hornet.Tracing.Symbols.Demangling;

internal sealed partial class ItaniumParser
{
    private static readonly Dictionary<string, (string Text, bool IsUnary)> s_operators = new()
    {
        ["nw"] = (" new", true),
        ["na"] = (" new[]", true),
        ["dl"] = (" delete", true),
        ["da"] = (" delete[]", true),
        ["aw"] = (" co_await", true),
        ["ps"] = ("+", true),
        ["ng"] = ("-", true),
        ["ad"] = ("&", true),
        ["de"] = ("*", true),
        ["co"] = ("~", true),
        ["nt"] = ("!", true),
        ["pl"] = ("+", false),
        ["mi"] = ("-", false),
        ["ml"] = ("*", false),
        ["dv"] = ("/", false),
        ["rm"] = ("%", false),
        ["an"] = ("&", false),
        ["or"] = ("|", false),
        ["eo"] = ("^", false),
        ["aS"] = ("=", false),
        ["pL"] = ("+=", false),
        ["mI"] = ("-=", false),
        ["mL"] = ("*=", false),
        ["dV"] = ("/=", false),
        ["rM"] = ("%=", false),
        ["aN"] = ("&=", false),
        ["oR"] = ("|=", false),
        ["eO"] = ("^=", false),
        ["ls"] = ("<<", false),
        ["rs"] = (">>", false),
        ["lS"] = ("<<=", false),
        ["rS"] = (">>=", false),
        ["eq"] = ("==", false),
        ["ne"] = ("!=", false),
        ["lt"] = ("<", false),
        ["gt"] = (">", false),
        ["le"] = ("<=", false),
        ["ge"] = (">=", false),
        ["ss"] = ("<=>", false),
        ["aa"] = ("&&", false),
        ["oo"] = ("||", false),
        ["pp"] = ("++", true),
        ["mm"] = ("--", true),
        ["cm"] = (",", false),
        ["pm"] = ("->*", false),
        ["pt"] = ("->", false),
        ["cl"] = ("()", false),
        ["ix"] = ("[]", false),
        ["qu"] = ("?", false),
    };

    private Node Name(ref NameState state)
    {
        using var _ = Enter();
        if (Here == 'N') return Nested(ref state);
        if (Here == 'Z') return Local(ref state);
        if (Here == 'S' && Next != 't')
        {
            // A substitution here is the name of a template, its arguments follow.
            var known = Substitution();
            if (Here != 'I') throw new DemangleException();
            return WithArguments(known, ref state);
        }
        Node result = Here == 'S' ? StandardUnqualified(ref state) : Unqualified(ref state, null);
        if (Here == 'I')
        {
            _substitutions.Add(result);
            return WithArguments(result, ref state);
        }
        return result;
    }

    private NestedName StandardUnqualified(ref NameState state)
    {
        _at += 2;
        return Count(new NestedName(new TextNode("std"), Unqualified(ref state, null)));
    }

    private TemplateName WithArguments(Node of, ref NameState state)
    {
        var arguments = Arguments(keep: !_inType);
        state.EndsWithArguments = true;
        return Count(new TemplateName(of, arguments));
    }

    private Node Local(ref NameState state)
    {
        Expect('Z');
        var around = Encoding();
        if (around is FunctionNode function) around = function.WithoutResult();
        Expect('E');
        if (Take("s"))
        {
            Discriminator();
            return Count(new NestedName(around, new TextNode("string literal")));
        }
        if (Take("d"))
        {
            int number = Here == '_' ? 0 : SmallNumber() + 1;
            Expect('_');
            return Count(new NestedName(Count(new NestedName(around, new TextNode($"{{default arg#{number + 1}}}"))), Name(ref state)));
        }
        var entity = Name(ref state);
        Discriminator();
        return Count(new NestedName(around, entity));
    }

    private void Discriminator()
    {
        if (Here != '_') return;
        if (char.IsAsciiDigit(Next)) _at += 2;
        else if (Next == '_')
        {
            int before = _at;
            _at += 2;
            while (char.IsAsciiDigit(Here)) _at++;
            if (!Take("_")) _at = before;
        }
    }

    private Node Nested(ref NameState state)
    {
        Expect('N');
        bool explicitObject = Take("H");
        string qualifiers = CvQualifiers();
        if (Take("O")) qualifiers += " &&";
        else if (Take("R")) qualifiers += " &";
        Node? soFar = null;
        while (!Take("E"))
        {
            if (AtEnd) throw new DemangleException();
            state.EndsWithArguments = false;
            if (Here == 'T')
            {
                if (soFar is null)
                {
                    soFar = SubstitutableParameter();
                    continue;
                }
                soFar = Append(soFar, TemplateParameter());
                _substitutions.Add(soFar);
                continue;
            }
            if (Here == 'I')
            {
                if (soFar is null) throw new DemangleException();
                soFar = WithArguments(soFar, ref state);
                if (Here != 'E') _substitutions.Add(soFar);
                continue;
            }
            if (Here == 'D' && Next is 't' or 'T')
            {
                soFar = Append(soFar, Decltype());
                _substitutions.Add(soFar);
                continue;
            }
            if (Here == 'S' && Next != 't')
            {
                var known = Substitution();
                soFar = soFar is null ? known : Append(soFar, known);
                // A constructor of std::string has the name of what that stands for.
                if (soFar is StandardName standard && Here is 'C' or 'D' && IsConstructor()) soFar = standard.Full;
                continue;
            }
            if (Here == 'S')
            {
                if (soFar is not null) throw new DemangleException();
                _at += 2;
                soFar = new TextNode("std");
                continue;
            }
            if (Here == 'M')
            {
                // The member whose initializer has a lambda: it is the scope already.
                _at++;
                continue;
            }
            if (Here is 'C' or 'D' && IsConstructor())
            {
                if (soFar is null) throw new DemangleException();
                soFar = Append(soFar, Constructor(soFar, ref state));
                soFar = Tags(soFar);
                _substitutions.Add(soFar);
                continue;
            }
            soFar = Append(soFar, Unqualified(ref state, soFar));
            _substitutions.Add(soFar);
        }
        // The last one is the name itself, which nothing refers to.
        if (soFar is null || _substitutions.Count == 0) throw new DemangleException();
        if (!state.EndsWithArguments && _substitutions.Count > 0 && ReferenceEquals(_substitutions[^1], soFar)) _substitutions.RemoveAt(_substitutions.Count - 1);
        _ = explicitObject;
        state.Qualifiers = qualifiers;
        return soFar;

        Node Append(Node? scope, Node part) => scope is null ? part : Count(new NestedName(scope, part));
    }

    private bool IsConstructor() => (Here == 'C' && (char.IsAsciiDigit(Next) || Next == 'I')) || (Here == 'D' && char.IsAsciiDigit(Next));

    private TextNode Constructor(Node scope, ref NameState state)
    {
        bool destructor = Here == 'D';
        _at++;
        bool inherited = Take("I");
        if (!char.IsAsciiDigit(Here)) throw new DemangleException();
        _at++;
        if (inherited)
        {
            NameState ignored = default;
            Name(ref ignored);
        }
        state.IsConstructorOrConversion = true;
        string text = scope.BaseName;
        if (text.Length == 0) throw new DemangleException();
        return Count(new TextNode(destructor ? "~" + text : text));
    }

    private Node Tags(Node node)
    {
        while (Take("B")) node = Count(new TaggedName(node, SourceText()));
        return node;
    }

    private Node Unqualified(ref NameState state, Node? scope)
    {
        using var _ = Enter();
        Take("L");
        Node result;
        if (char.IsAsciiDigit(Here)) result = SourceName();
        else if (Here == 'U') result = Unnamed();
        else if (Take("DC"))
        {
            List<Node> names = [];
            do names.Add(SourceName());
            while (!Take("E"));
            result = new Sequence("[", names, "]");
        }
        else if (Here is 'C' or 'D' && scope is not null && IsConstructor()) result = Constructor(scope, ref state);
        else result = Operator(ref state);
        return Tags(Count(result));
    }

    private string SourceText()
    {
        int length = SmallNumber();
        if (length == 0 || length > name.Length - _at) throw new DemangleException();
        string text = name.Substring(_at, length);
        _at += length;
        return text;
    }

    private TextNode SourceName()
    {
        string text = SourceText();
        // gcc writes _GLOBAL__N_ and a name made of the file's.
        return new TextNode(text.StartsWith("_GLOBAL__N", StringComparison.Ordinal) || text.StartsWith("_GLOBAL_.N", StringComparison.Ordinal) || text.StartsWith("_GLOBAL_$N", StringComparison.Ordinal) ? "(anonymous namespace)" : text);
    }

    private Node Unnamed()
    {
        if (Take("Ut")) return new Sequence($"{{unnamed type#{OptionalIndex() + 1}}}");
        if (Take("Ul"))
        {
            _lambdaDepth++;
            List<Node> parameters = [];
            // A lambda's own template parameters are declared first.
            while (Here == 'T' && Next is 'y' or 'n' or 't' or 'p' or 'k') TemplateParameterDeclaration();
            do
            {
                var type = Type();
                if (!(parameters.Count == 0 && type is TextNode { Text: "void" } && Here == 'E')) parameters.Add(type);
            }
            while (!AtEnd && Here is not ('E' or 'Q'));
            _lambdaDepth--;
            Expect('E');
            int number = OptionalIndex();
            return new Sequence("{lambda(", parameters, $")#{number + 1}}}");
        }
        if (Take("Ub"))
        {
            OptionalIndex();
            return new TextNode("'block-literal'");
        }
        throw new DemangleException();
    }

    private void TemplateParameterDeclaration()
    {
        if (Take("Ty")) return;
        if (Take("Tn"))
        {
            Type();
            return;
        }
        if (Take("Tp"))
        {
            TemplateParameterDeclaration();
            return;
        }
        if (Take("Tk"))
        {
            NameState state = default;
            Name(ref state);
            return;
        }
        if (!Take("Tt")) throw new DemangleException();
        while (!Take("E")) TemplateParameterDeclaration();
    }

    private Node Operator(ref NameState state)
    {
        if (Take("cv"))
        {
            // The type may use arguments that come behind.
            bool before = _acceptForwards;
            _acceptForwards = true;
            var type = Type();
            _acceptForwards = before;
            state.IsConstructorOrConversion = true;
            return new Sequence("operator ", type);
        }
        if (Take("li")) return new Sequence("operator\"\" ", SourceName());
        if (Here == 'v' && char.IsAsciiDigit(Next))
        {
            _at += 2;
            return new Sequence("operator ", SourceName());
        }
        if (_at + 2 > name.Length || !s_operators.TryGetValue(name.Substring(_at, 2), out var known)) throw new DemangleException();
        _at += 2;
        return new TextNode("operator" + known.Text);
    }

    private Node Substitution()
    {
        Expect('S');
        char c = Here;
        if (char.IsAsciiLetterLower(c))
        {
            _at++;
            Node special = c switch
            {
                'a' => new StandardName("std::allocator", "std::allocator", "allocator"),
                'b' => new StandardName("std::basic_string", "std::basic_string", "basic_string"),
                's' => new StandardName("std::string", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "basic_string"),
                'i' => new StandardName("std::istream", "std::basic_istream<char, std::char_traits<char> >", "basic_istream"),
                'o' => new StandardName("std::ostream", "std::basic_ostream<char, std::char_traits<char> >", "basic_ostream"),
                'd' => new StandardName("std::iostream", "std::basic_iostream<char, std::char_traits<char> >", "basic_iostream"),
                _ => throw new DemangleException(),
            };
            if (Here != 'B') return special;
            special = Tags(special);
            _substitutions.Add(special);
            return special;
        }
        int index = 0;
        if (c != '_') index = SequenceId() + 1;
        Expect('_');
        if (index >= _substitutions.Count) throw new DemangleException();
        // What stands for a parameter stands for it also within another template, where it is another argument.
        return _parameters.TryGetValue(index, out int parameter) && parameter < _templateArguments.Count ? _templateArguments[parameter] : _substitutions[index];
    }

    /// <summary>A parameter that can be referred to again.</summary>
    private Node SubstitutableParameter()
    {
        int start = _at;
        var parameter = TemplateParameter();
        if (parameter is not (ForwardReference or TextNode) || _templateArguments.Contains(parameter))
        {
            int index = name[start + 1] == '_' ? 0 : name[start + 1] is >= '0' and <= '9' ? OptionalIndexAt(start + 1) : -1;
            if (index >= 0) _parameters[_substitutions.Count] = index;
        }
        _substitutions.Add(parameter);
        return parameter;
    }

    private int OptionalIndexAt(int position)
    {
        int here = _at;
        _at = position;
        int index = OptionalIndex();
        _at = here;
        return index;
    }

    private Node TemplateParameter()
    {
        Expect('T');
        int level = 0;
        if (Take("L"))
        {
            level = SmallNumber() + 1;
            Expect('_');
        }
        int index = OptionalIndex();
        // Those of a lambda are "auto".
        if (_lambdaDepth > 0 && level == 0 && index >= _templateArguments.Count) return Count(new TextNode($"auto:{index + 1}"));
        if (level > 0) return Count(new TextNode($"auto:{index + 1}"));
        if (_acceptForwards)
        {
            ForwardReference forward = new(index);
            _forwards.Add(forward);
            return Count(forward);
        }
        return index < _templateArguments.Count ? _templateArguments[index] : throw new DemangleException();
    }

    /// <param name="keep">Whether parameters in what follows refer to these.</param>
    private TemplateArguments Arguments(bool keep)
    {
        using var scope = Enter();
        Expect('I');
        if (keep) _templateArguments = [];
        List<Node> arguments = [];
        List<Node> collected = [];
        while (!Take("E"))
        {
            if (AtEnd) throw new DemangleException();
            // What the requirements of a template are is not written.
            if (Take("Q"))
            {
                Expression();
                continue;
            }
            var argument = TemplateArgument();
            if (keep)
            {
                collected.Add(argument is PackNode pack ? new PackNode(pack.Elements, isParameter: true) : argument);
                _templateArguments = collected;
            }
            arguments.Add(argument);
        }
        return Count(new TemplateArguments(arguments));
    }

    private Node TemplateArgument()
    {
        using var _ = Enter();
        switch (Here)
        {
            case 'X':
                _at++;
                var expression = Expression();
                Expect('E');
                return expression;
            case 'J':
                _at++;
                List<Node> elements = [];
                while (!Take("E"))
                {
                    if (AtEnd) throw new DemangleException();
                    elements.Add(TemplateArgument());
                }
                return Count(new PackNode(elements, isParameter: false));
            case 'L' when Next == 'Z':
                _at += 2;
                var function = Encoding();
                Expect('E');
                return function;
            case 'L': return Literal();
            case 'T' when Next is 'y' or 'n' or 't' or 'p' or 'k':
                TemplateParameterDeclaration();
                return TemplateArgument();
            default: return Type();
        }
    }
}
