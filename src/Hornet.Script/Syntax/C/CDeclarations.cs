using System.Diagnostics.CodeAnalysis;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Syntax.C;

/// <summary>A constant of C: a number or a text.</summary>
/// <param name="Value">The number; 0 for a text.</param>
/// <param name="IsUnsigned">Whether it is <c>unsigned long</c> rather than signed.</param>
/// <param name="Text">The bytes of a text without its final zero; null for a number.</param>
internal sealed record CConstant(long Value, bool IsUnsigned, byte[]? Text)
{
    /// <summary>Its enumeration when it is an enumerator.</summary>
    public EnumType? Enumeration { get; init; }
}

/// <summary>The C of a script: its types with their layouts, its constants, its macros.</summary>
internal sealed class CDeclarations
{
    private readonly CPreprocessor _preprocessor;
    private readonly CDeclarationParser _parser;
    private readonly Dictionary<string, CConstant?> _constants = [];

    private CDeclarations(CPreprocessor preprocessor, CDeclarationParser parser) => (_preprocessor, _parser) = (preprocessor, parser);

    /// <summary>All macros that were defined, those of the compiler among them (see <see cref="CMacro.IsPredefined"/>).</summary>
    public IReadOnlyDictionary<string, CMacro> Macros => _preprocessor.Macros;

    /// <summary>The names of structs, unions and enums with their keywords, and of typedefs, that were declared with their members.</summary>
    public IEnumerable<string> TypeNames => _parser.Composites.Where(c => c.Value.Members is not null).Select(c => c.Key)
        .Concat(_parser.Enumerations.Where(e => e.Value.IsComplete).Select(e => e.Key)).Concat(_parser.Typedefs.Keys);

    /// <summary>Names of all enumerators.</summary>
    public IEnumerable<string> EnumeratorNames => _parser.Enumerators.Keys;

    /// <summary>Reads the C of a script and of the headers it includes; what is wrong is reported at its place.</summary>
    /// <param name="script">The script.</param>
    /// <param name="environment">Where headers are.</param>
    /// <param name="resolve">The type of a name (<c>struct x</c>, <c>pid_t</c>) that is not declared, from the kernel's BTF; null when that has none.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    public static CDeclarations Read(ScriptSyntax script, CEnvironment environment, Func<string, ScriptType?> resolve, DiagnosticBag diagnostics)
    {
        CDiagnostics own = new(diagnostics);
        CPreprocessor preprocessor = new(environment, own);
        var source = script.Span.Source;
        // What is imported has texts of its own, in front; the one opened last is read first.
        foreach (var pieces in script.CDefinitions.GroupBy(d => d.Span.Source).Reverse()) preprocessor.Open(pieces.Key, pieces);
        foreach (string header in environment.Includes.AsEnumerable().Reverse())
        {
            var at = new SourceSpan(source, 0, 0);
            if (!preprocessor.Include(header, quoted: true, next: false, at)) own.Error(default, $"'{header}' file not found");
        }
        CDeclarationParser parser = new(preprocessor, resolve) { Script = source };
        parser.Parse();
        // What is only declared here may be the kernel's, whose members a script reaches through pointers.
        foreach (var composite in parser.Composites.Values.Where(c => !c.IsComplete).ToList()) parser.Complete(composite);
        return new CDeclarations(preprocessor, parser);
    }

    /// <summary>A type that was declared with its members.</summary>
    /// <param name="name">With the keyword (<c>struct foo</c>, <c>union u</c>, <c>enum e</c>), or a typedef's name.</param>
    /// <param name="type">The type.</param>
    public bool TryFindType(string name, [NotNullWhen(true)] out ScriptType? type)
    {
        CType? found = _parser.Composites.TryGetValue(name, out var composite) && composite.Members is not null ? composite
            : _parser.Enumerations.TryGetValue(name, out var enumeration) && enumeration.IsComplete ? enumeration
            : _parser.Typedefs.GetValueOrDefault(name);
        if (found is CComposite { IsComplete: false } hollow) _parser.Complete(hollow);
        type = found?.ToScript();
        return type is not null;
    }

    /// <summary>An enumerator, or a macro without parameters that stands for a number or a text.</summary>
    public bool TryFindConstant(string name, [NotNullWhen(true)] out CConstant? constant)
    {
        if (_parser.Enumerators.TryGetValue(name, out var enumerator))
        {
            constant = new CConstant(enumerator.Value.Value, enumerator.Value is { IsUnsigned: true, Bits: 64 }, null) { Enumeration = enumerator.Type.ToScript() as EnumType };
            return true;
        }
        if (!_constants.TryGetValue(name, out constant)) _constants[name] = constant = Evaluate(name);
        return constant is not null;
    }

    private CConstant? Evaluate(string name)
    {
        if (!Macros.TryGetValue(name, out var macro) || macro.Parameters is not null || macro.IsPredefined || macro.Tokens.Count == 0) return null;
        var tokens = _preprocessor.Expander.Expand(macro.Tokens);
        // Parentheses around a text do not matter.
        int first = 0, last = tokens.Count - 1;
        while (first < last && tokens[first].Is("(") && tokens[last].Is(")"))
        {
            first++;
            last--;
        }
        if (first <= last && tokens.GetRange(first, last - first + 1).TrueForAll(t => t.Kind == CTokenKind.Text))
            return new CConstant(0, false, [.. tokens.GetRange(first, last - first + 1).SelectMany(t => CLiterals.ParseText(t.Text))]);
        CTokenList list = new(tokens, macro.Tokens[^1].Span);
        return new CExpressionParser(list, new ConstantTypes(_parser, list)).Parse() is { } value && list.AtEnd ? new CConstant(value.Value, value is { IsUnsigned: true, Bits: 64 }, null) : null;
    }

    /// <summary>Types in a macro: <c>(u32)1</c>, <c>sizeof(struct foo)</c>; names with pointers only.</summary>
    private sealed class ConstantTypes(CDeclarationParser parser, CTokenList tokens) : ICTypes
    {
        public bool BeginsType(CToken token) => parser.BeginsType(token);

        public bool TryFindEnumerator(string name, out CNumber value) => parser.TryFindEnumerator(name, out value);

        public CType? ParseTypeName()
        {
            List<CToken> name = [];
            for (int depth = 0; tokens.Peek().Kind != CTokenKind.End; name.Add(tokens.Take()))
            {
                if (tokens.Peek().Is("(")) depth++;
                else if (depth == 0 && (tokens.Peek().Is(")") || tokens.Peek().Is(","))) break;
                else if (tokens.Peek().Is(")")) depth--;
            }
            return parser.ParseTypeName(name);
        }
    }
}
