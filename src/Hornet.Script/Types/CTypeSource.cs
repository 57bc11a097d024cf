using System.Globalization;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Syntax.C;
using Hornet.Script.Syntax.Parsing;

namespace Hornet.Script.Types;

/// <summary>The types and constants of a script's C part.</summary>
internal sealed class CTypeSource(CDeclarations declarations) : ITypeSource
{
    private readonly Dictionary<string, ExpressionSyntax?> _constants = new(StringComparer.Ordinal);

    public ScriptType? FindDeclared(string name) => FindType(name);

    public ScriptType? FindType(string name) => declarations.TryFindType(name, out var type) ? type : null;

    public (EnumType Type, long Value)? FindEnumerator(string name) =>
        declarations.EnumeratorNames.Contains(name) && declarations.TryFindConstant(name, out var constant) && constant.Enumeration is { } type ? (type, constant.Value) : null;

    public ScriptType? FindVariableType(string name) => null;

    public IEnumerable<string> Names => declarations.TypeNames;

    public ExpressionSyntax? FindConstant(string name)
    {
        if (!_constants.TryGetValue(name, out var constant)) _constants.Add(name, constant = Constant(name));
        return constant;
    }

    // A number or text; what else is an expression of the language means that.
    private ExpressionSyntax? Constant(string name)
    {
        if (!declarations.Macros.TryGetValue(name, out var macro) || macro.Parameters is not null || macro.IsPredefined || macro.Tokens.Count == 0) return null;
        SourceText source = new(name, macro.Body);
        SourceSpan span = new(source, 0, source.Text.Length);
        if (declarations.TryFindConstant(name, out var constant))
        {
            if (constant.Text is { } text) return new StringSyntax(span, text);
            string digits = constant.IsUnsigned ? ((ulong)constant.Value).ToString(CultureInfo.InvariantCulture) : constant.Value.ToString(CultureInfo.InvariantCulture);
            return new IntegerSyntax(span, (ulong)constant.Value, digits) { IsNegative = !constant.IsUnsigned && constant.Value < 0 };
        }
        return ScriptParser.ParseExpression(source, new DiagnosticBag());
    }
}
