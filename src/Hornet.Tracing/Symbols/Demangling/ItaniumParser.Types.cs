namespace Hornet.Tracing.Symbols.Demangling;

internal sealed partial class ItaniumParser
{
    private static string? Builtin(char c) => c switch
    {
        'v' => "void",
        'w' => "wchar_t",
        'b' => "bool",
        'c' => "char",
        'a' => "signed char",
        'h' => "unsigned char",
        's' => "short",
        't' => "unsigned short",
        'i' => "int",
        'j' => "unsigned int",
        'l' => "long",
        'm' => "unsigned long",
        'x' => "long long",
        'y' => "unsigned long long",
        'n' => "__int128",
        'o' => "unsigned __int128",
        'f' => "float",
        'd' => "double",
        'e' => "long double",
        'g' => "__float128",
        'z' => "...",
        _ => null,
    };

    private Node Type()
    {
        using var _ = Enter();
        if (AtEnd) throw new DemangleException();
        Node result;
        switch (Here)
        {
            case 'r' or 'V' or 'K':
                // Qualifiers of a function type are the function's own.
                int behind = _at;
                while (behind < name.Length && name[behind] is 'r' or 'V' or 'K') behind++;
                bool isFunction = behind < name.Length && (name[behind] == 'F' || (name[behind] == 'D' && behind + 1 < name.Length && name[behind + 1] is 'o' or 'O' or 'w' or 'x'));
                result = isFunction ? Function() : Qualified();
                break;
            case 'U':
                result = VendorQualified();
                break;
            case 'u':
                _at++;
                string vendor = SourceText();
                Node named = new TextNode(vendor);
                if (Here == 'I') named = Count(new TemplateName(named, Arguments(keep: false)));
                result = named;
                break;
            case 'D':
                switch (Next)
                {
                    case 'd': return Standard("decimal64");
                    case 'e': return Standard("decimal128");
                    case 'f': return Standard("decimal32");
                    case 'h': return Standard("half");
                    case 'i': return Standard("char32_t");
                    case 's': return Standard("char16_t");
                    case 'u': return Standard("char8_t");
                    case 'a': return Standard("auto");
                    case 'c': return Standard("decltype(auto)");
                    case 'n': return Standard("decltype(nullptr)");
                    case 'F': return FloatingPoint();
                    case 'B' or 'U': return BitInt();
                    case 't' or 'T':
                        result = Decltype();
                        break;
                    case 'v':
                        result = Vector();
                        break;
                    case 'p':
                        _at += 2;
                        result = Count(new PackExpansion(Type()));
                        break;
                    case 'o' or 'O' or 'w' or 'x':
                        result = Function();
                        break;
                    default: throw new DemangleException();
                }
                break;
            case 'F':
                result = Function();
                break;
            case 'A':
                result = Array();
                break;
            case 'M':
                _at++;
                var scope = Type();
                result = Count(new MemberPointerType(scope, Type()));
                break;
            case 'T':
                if (Next is 's' or 'u' or 'e')
                {
                    // An elaborated name: struct, union, enum.
                    _at += 2;
                    result = TypeName();
                    break;
                }
                result = SubstitutableParameter();
                if (Here != 'I' || (_acceptForwards && !ArgumentsFit())) return result;
                result = Count(new TemplateName(result, Arguments(keep: false)));
                break;
            case 'P' or 'R' or 'O':
                string sign = Here == 'P' ? "*" : Here == 'R' ? "&" : "&&";
                _at++;
                result = Count(new PointerType(Type(), sign));
                break;
            case 'C':
                _at++;
                result = Count(new Sequence(Type(), " _Complex"));
                break;
            case 'G':
                _at++;
                result = Count(new Sequence(Type(), " _Imaginary"));
                break;
            case 'S' when Next != 't':
                var known = Substitution();
                if (Here != 'I') return known;
                result = Count(new TemplateName(known, Arguments(keep: false)));
                break;
            default:
                if (!char.IsAsciiDigit(Here) && Here is not ('N' or 'Z' or 'S' or 'L') && Builtin(Here) is { } builtin)
                {
                    _at++;
                    return Count(new TextNode(builtin));
                }
                result = TypeName();
                break;
        }
        _substitutions.Add(result);
        return result;

        TextNode Standard(string text)
        {
            _at += 2;
            return Count(new TextNode(text));
        }
    }

    private Node TypeName()
    {
        bool before = _inType;
        _inType = true;
        NameState state = default;
        var result = Name(ref state);
        _inType = before;
        return result;
    }

    /// <summary>
    /// Behind a conversion operator's template parameter, arguments are either that parameter's or the operator's own: its own when
    /// something but the end follows them.
    /// </summary>
    private bool ArgumentsFit()
    {
        int saved = _at, nodes = _nodes, substitutions = _substitutions.Count, forwards = _forwards.Count;
        var arguments = _templateArguments;
        try
        {
            Arguments(keep: false);
            return Here == 'I';
        }
        catch (DemangleException)
        {
            return false;
        }
        finally
        {
            (_at, _nodes, _templateArguments) = (saved, nodes, arguments);
            _substitutions.RemoveRange(substitutions, _substitutions.Count - substitutions);
            _forwards.RemoveRange(forwards, _forwards.Count - forwards);
        }
    }

    private CvType Qualified()
    {
        string qualifiers = CvQualifiers();
        if (qualifiers.Length == 0) throw new DemangleException();
        return Count(new CvType(Type(), qualifiers));
    }

    private Sequence VendorQualified()
    {
        _at++;
        string text = SourceText();
        TemplateArguments? arguments = Here == 'I' ? Arguments(keep: false) : null;
        var type = Type();
        return Count(new Sequence(type, " ", text, arguments));
    }

    private TextNode FloatingPoint()
    {
        _at += 2;
        string bits = Number();
        if (Take("b")) return Count(new TextNode(bits == "16" ? "std::bfloat16_t" : $"_Float{bits}b"));
        if (Take("x")) return Count(new TextNode($"_Float{bits}x"));
        Expect('_');
        return Count(new TextNode($"_Float{bits}"));
    }

    private Sequence BitInt()
    {
        bool unsigned = Next == 'U';
        _at += 2;
        Node bits = char.IsAsciiDigit(Here) ? new TextNode(Number()) : Expression();
        Expect('_');
        return Count(new Sequence(unsigned ? "unsigned _BitInt(" : "_BitInt(", bits, ")"));
    }

    private Sequence Decltype()
    {
        _at += 2;
        var expression = Expression();
        Expect('E');
        return Count(new Sequence("decltype (", expression, ")"));
    }

    private Sequence Vector()
    {
        _at += 2;
        Node size = char.IsAsciiDigit(Here) ? new TextNode(Number()) : Here == '_' ? new TextNode("") : Expression();
        Expect('_');
        return Count(new Sequence(Type(), " __vector(", size, ")"));
    }

    private ArrayType Array()
    {
        _at++;
        Node? count = null;
        if (char.IsAsciiDigit(Here)) count = new TextNode(Number());
        else if (Here != '_') count = Expression();
        Expect('_');
        return Count(new ArrayType(Type(), count));
    }

    private FunctionType Function()
    {
        string qualifiers = CvQualifiers(), exception = "";
        if (Take("Do")) exception = " noexcept";
        else if (Take("DO"))
        {
            NameWriter text = new();
            Expression().Write(text);
            Expect('E');
            exception = $" noexcept({text})";
        }
        else if (Take("Dw"))
        {
            List<Node> types = [];
            while (!Take("E")) types.Add(Type());
            NameWriter text = new();
            Node.WriteList(text, types);
            exception = $" throw({text})";
        }
        if (Take("Dx")) exception = " transaction_safe" + exception;
        Expect('F');
        // extern "C" is not written.
        Take("Y");
        var result = Type();
        List<Node> parameters = [];
        while (!Take("E"))
        {
            if (AtEnd) throw new DemangleException();
            if (Here == 'v' && parameters.Count == 0 && Next is 'E' or 'R' or 'O')
            {
                _at++;
                continue;
            }
            if (Here == 'R' && Next == 'E')
            {
                _at += 2;
                return Count(new FunctionType(result, parameters, qualifiers + " &" + exception));
            }
            if (Here == 'O' && Next == 'E')
            {
                _at += 2;
                return Count(new FunctionType(result, parameters, qualifiers + " &&" + exception));
            }
            parameters.Add(Type());
        }
        return Count(new FunctionType(result, parameters, qualifiers + exception));
    }
}
