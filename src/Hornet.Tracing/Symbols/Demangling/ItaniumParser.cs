using System.Globalization;
using System.Text;

namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>
/// Reads names of the Itanium C++ ABI, which every compiler on Linux uses. Whatever is not such a name throws
/// <see cref="DemangleException"/>; depth and size are bounded.
/// </summary>
/// <param name="name">The name.</param>
/// <param name="typesAsScopes">Scopes in expressions are whole types, as older compilers wrote them.</param>
internal sealed partial class ItaniumParser(string name, bool typesAsScopes = false)
{
    private const int DeepestNesting = 192;
    private const int MostNodes = 1 << 14;

    private readonly List<Node> _substitutions = [];
    // Of substitutions that are parameters of a template: which parameter.
    private readonly Dictionary<int, int> _parameters = [];
    private readonly List<ForwardReference> _forwards = [];
    private List<Node> _templateArguments = [];
    private int _at;
    private int _depth;
    private int _nodes;
    private int _lambdaDepth;
    private bool _acceptForwards;
    // Within a type, a name's arguments are only its own; those of the function stay what parameters refer to.
    private bool _inType;

    /// <summary>What a name says besides itself, which its function needs.</summary>
    private struct NameState
    {
        public bool IsConstructorOrConversion;
        public bool EndsWithArguments;
        public string Qualifiers;
    }

    private bool AtEnd => _at >= name.Length;

    private char Here => _at < name.Length ? name[_at] : '\0';

    private char Next => _at + 1 < name.Length ? name[_at + 1] : '\0';

    /// <summary>The whole: <c>_Z</c>, an encoding, and what compilers append to clones.</summary>
    public Node ParseMangled()
    {
        if (!Take("_Z")) throw new DemangleException();
        var encoding = Encoding();
        while (Here == '.') encoding = Clone(encoding);
        return AtEnd ? encoding : throw new DemangleException();
    }

    /// <summary>A type alone, as <c>typeid</c> has it.</summary>
    public Node ParseType()
    {
        var type = Type();
        return AtEnd ? type : throw new DemangleException();
    }

    /// <summary><c>.constprop.0</c>: a letter word and numbers.</summary>
    private Sequence Clone(Node of)
    {
        int start = _at++;
        if (char.IsAsciiLetterLower(Here) || Here == '_')
        {
            while (char.IsAsciiLetterLower(Here) || Here == '_') _at++;
        }
        else if (!char.IsAsciiDigit(Here)) throw new DemangleException();
        else
        {
            while (char.IsAsciiDigit(Here)) _at++;
        }
        while (Here == '.' && char.IsAsciiDigit(Next))
        {
            _at++;
            while (char.IsAsciiDigit(Here)) _at++;
        }
        return new Sequence(of, $" [clone {name[start.._at]}]");
    }

    private Node Encoding()
    {
        using var _ = Enter();
        if (Here is 'T' or 'G') return Special();
        NameState state = default;
        // The arguments of an outer template are not those of this function.
        var outer = _templateArguments;
        _templateArguments = [];
        int firstForward = _forwards.Count;
        bool inType = _inType;
        _inType = false;
        var entity = Name(ref state);
        Resolve(firstForward);
        if (AtEnd || Here is 'E' or '.')
        {
            (_templateArguments, _inType) = (outer, inType);
            return entity;
        }
        Node? result = null;
        if (!state.IsConstructorOrConversion && state.EndsWithArguments) result = Type();
        List<Node> parameters = [];
        if (Here == 'v' && (_at + 1 == name.Length || Next is 'E' or '.' or 'Q')) _at++;
        else
        {
            do parameters.Add(Type());
            while (!AtEnd && Here is not ('E' or '.' or 'Q'));
        }
        (_templateArguments, _inType) = (outer, inType);
        return Count(new FunctionNode(result, entity, parameters, state.Qualifiers ?? ""));
    }

    private void Resolve(int from)
    {
        for (int i = from; i < _forwards.Count; i++)
        {
            var forward = _forwards[i];
            if (forward.Index >= _templateArguments.Count) throw new DemangleException();
            forward.Target = _templateArguments[forward.Index];
        }
        _forwards.RemoveRange(from, _forwards.Count - from);
    }

    private Node Special()
    {
        if (Take("TV")) return Prefixed("vtable for ", Type());
        if (Take("TT")) return Prefixed("VTT for ", Type());
        if (Take("TI")) return Prefixed("typeinfo for ", Type());
        if (Take("TS")) return Prefixed("typeinfo name for ", Type());
        if (Take("TA")) return Prefixed("template parameter object for ", TemplateArgument());
        if (Take("TH")) return Prefixed("TLS init function for ", NameOnly());
        if (Take("TW")) return Prefixed("TLS wrapper function for ", NameOnly());
        if (Take("TF")) return Prefixed("typeinfo fn for ", Type());
        if (Take("TJ")) return Prefixed("java Class for ", Type());
        if (Take("Tc"))
        {
            Offset();
            Offset();
            return Prefixed("covariant return thunk to ", Encoding());
        }
        if (Take("TC"))
        {
            var derived = Type();
            Number();
            Expect('_');
            return Count(new Sequence("construction vtable for ", Type(), "-in-", derived));
        }
        if (Here == 'T' && Next is 'h' or 'v')
        {
            bool isVirtual = Next == 'v';
            _at++;
            Offset();
            return Prefixed(isVirtual ? "virtual thunk to " : "non-virtual thunk to ", Encoding());
        }
        if (Take("GV")) return Prefixed("guard variable for ", NameOnly());
        if (Take("GR"))
        {
            var of = NameOnly();
            // The first has no number.
            int number = Here == '_' ? 0 : SequenceId() + 1;
            Take("_");
            return Count(new Sequence($"reference temporary #{number} for ", of));
        }
        if (Take("GTt")) return Prefixed("transaction clone for ", Encoding());
        if (Take("GTn")) return Prefixed("non-transaction clone for ", Encoding());
        if (Take("GA")) return Prefixed("hidden alias for ", Encoding());
        throw new DemangleException();

        Node NameOnly()
        {
            NameState state = default;
            return Name(ref state);
        }
    }

    private Sequence Prefixed(string text, Node node) => Count(new Sequence(text, node));

    /// <summary>How far a thunk moves <c>this</c>.</summary>
    private void Offset()
    {
        if (Take("h"))
        {
            Number();
            Expect('_');
            return;
        }
        Expect('v');
        Number();
        Expect('_');
        Number();
        Expect('_');
    }

    private T Count<T>(T node) where T : Node => ++_nodes <= MostNodes ? node : throw new DemangleException();

    private Scope Enter() => ++_depth <= DeepestNesting ? new Scope(this) : throw new DemangleException();

    private readonly struct Scope(ItaniumParser parser) : IDisposable
    {
        public void Dispose() => parser._depth--;
    }

    private bool Take(string text)
    {
        if (string.CompareOrdinal(name, _at, text, 0, text.Length) != 0) return false;
        _at += text.Length;
        return true;
    }

    private void Expect(char c)
    {
        if (Here != c) throw new DemangleException();
        _at++;
    }

    /// <summary>A decimal number; n before it is the minus.</summary>
    private string Number()
    {
        int start = _at;
        if (Here == 'n') _at++;
        int digits = _at;
        while (char.IsAsciiDigit(Here)) _at++;
        if (_at == digits) throw new DemangleException();
        return name[start] == 'n' ? $"-{name[digits.._at]}" : name[start.._at];
    }

    private int SmallNumber() => int.TryParse(Number(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value is >= 0 and < 1 << 20 ? value : throw new DemangleException();

    /// <summary>A number in base 36.</summary>
    private int SequenceId()
    {
        int value = 0, start = _at;
        while (char.IsAsciiDigit(Here) || char.IsAsciiLetterUpper(Here))
        {
            value = value * 36 + (char.IsAsciiDigit(Here) ? Here - '0' : Here - 'A' + 10);
            if (value > 1 << 20) throw new DemangleException();
            _at++;
        }
        return _at > start ? value : throw new DemangleException();
    }

    /// <summary>A number that is left out when it is 0 and ends with an underscore.</summary>
    private int OptionalIndex()
    {
        int value = 0;
        if (char.IsAsciiDigit(Here)) value = SmallNumber() + 1;
        Expect('_');
        return value;
    }

    private string CvQualifiers()
    {
        StringBuilder text = new();
        bool isRestrict = Take("r"), isVolatile = Take("V"), isConst = Take("K");
        if (isConst) text.Append(" const");
        if (isVolatile) text.Append(" volatile");
        if (isRestrict) text.Append(" __restrict");
        return text.ToString();
    }
}
