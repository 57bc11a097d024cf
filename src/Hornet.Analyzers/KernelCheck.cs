using Hornet.Compiler.Diagnostics;
using Hornet.IL;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Hornet.Analyzers;

/// <summary>Looks at one program: its lambda or method, and the methods that it calls.</summary>
internal sealed partial class KernelCheck
{
    private const int DeepestCall = 48;

    private readonly Compilation _compilation;
    private readonly HornetTypes _types;
    private readonly Findings _findings;
    private readonly Action<Diagnostic> _report;
    private readonly CancellationToken _token;
    private readonly HashSet<(SyntaxNode, string)> _seen = [];
    private readonly HashSet<(string, SyntaxNode)> _once = [];
    private Function? _current;
    private int _count;

    public KernelCheck(Compilation compilation, HornetTypes types, Findings findings, Action<Diagnostic> report, CancellationToken token)
    {
        _compilation = compilation;
        _types = types;
        _findings = findings;
        _report = report;
        _token = token;
    }

    private Function Current => _current!;

    /// <summary>A value that is given as kernel code: what of it is known in the source.</summary>
    public void Delegate(IOperation value)
    {
        foreach (var target in Targets(value))
        {
            switch (target)
            {
                case IAnonymousFunctionOperation lambda:
                    Enter(new Function(lambda.Syntax, lambda.Symbol, lambda.Body, null, null) { IsThisKnown = true });
                    break;
                case IMethodReferenceOperation method:
                    Program(method.Method);
                    break;
            }
        }
    }

    /// <summary>A method that is a program.</summary>
    public void Program(IMethodSymbol method)
    {
        if (BodyOf(method, out var declaration) is { } body) Enter(new Function(declaration!, method, body, null, null) { IsThisKnown = true });
        else if (method.IsExtern && !method.DeclaringSyntaxReferences.IsEmpty) Report(Rules.NoBody, method.Locations[0], $"{Members.NameOf(method)} has no IL that could be compiled");
    }

    // The lambdas and methods that a value of a delegate type may be.
    private IEnumerable<IOperation> Targets(IOperation value, int depth = 0)
    {
        value = Syntaxes.Bare(value);
        switch (value)
        {
            case IAnonymousFunctionOperation or IMethodReferenceOperation:
                yield return value;
                break;
            case IConditionalOperation { WhenFalse: { } other } choice:
                foreach (var target in Targets(choice.WhenTrue, depth)) yield return target;
                foreach (var target in Targets(other, depth)) yield return target;
                break;
            case ILocalReferenceOperation local when depth < 4 && OnlyValue(local.Local) is { } initial:
                foreach (var target in Targets(initial, depth + 1)) yield return target;
                break;
            case IFieldReferenceOperation { Field: { IsReadOnly: true } field } when depth < 4 && OnlyValue(field) is { } initial:
                foreach (var target in Targets(initial, depth + 1)) yield return target;
                break;
        }
    }

    // What a variable or field is initialized with, when it is given nothing else.
    private IOperation? OnlyValue(ISymbol symbol)
    {
        if (symbol.DeclaringSyntaxReferences is not [var reference] || !_compilation.ContainsSyntaxTree(reference.SyntaxTree)) return null;
        if (reference.GetSyntax(_token) is not VariableDeclaratorSyntax { Initializer.Value: { } value } declarator) return null;
        if (symbol is ILocalSymbol)
        {
            SyntaxNode member = declarator.FirstAncestorOrSelf<MemberDeclarationSyntax>()!;
            if (member is GlobalStatementSyntax) member = member.Parent!;
            foreach (var assignment in member.DescendantNodes().OfType<AssignmentExpressionSyntax>())
            {
                if (assignment.Left is IdentifierNameSyntax name && name.Identifier.ValueText == symbol.Name) return null;
            }
        }
        return _compilation.GetSemanticModel(reference.SyntaxTree).GetOperation(value, _token);
    }

    private IOperation? BodyOf(IMethodSymbol method, out SyntaxNode? declaration)
    {
        method = method.OriginalDefinition;
        method = method.PartialImplementationPart ?? method;
        declaration = null;
        foreach (var reference in method.DeclaringSyntaxReferences)
        {
            if (!_compilation.ContainsSyntaxTree(reference.SyntaxTree)) continue;
            declaration = reference.GetSyntax(_token);
            if (declaration is AccessorDeclarationSyntax { Body: null, ExpressionBody: null } or TypeDeclarationSyntax or ParameterSyntax) return null;
            switch (_compilation.GetSemanticModel(reference.SyntaxTree).GetOperation(declaration, _token))
            {
                case IMethodBodyBaseOperation body: return body;
                case ILocalFunctionOperation function: return function.Body;
                case IAnonymousFunctionOperation lambda: return lambda.Body;
                case IBlockOperation block: return block;
            }
        }
        return null;
    }

    private void Enter(Function function)
    {
        _token.ThrowIfCancellationRequested();
        string known = $"{string.Join(",", function.Known.Select(parameter => parameter.Name))}|{function.IsThisKnown}|{function.IsThisCaptured}";
        if (!_seen.Add((function.Declaration, known))) return;
        var caller = _current;
        _current = function;
        try
        {
            if (function.Symbol.IsAsync) ReportFunction(Rules.Async, $"{Members.NameOf(function.Symbol)} is asynchronous");
            else if (IsIterator(function)) ReportFunction(Rules.Allocation, $"{Members.NameOf(function.Symbol)} is an iterator, which is an object");
            else if (FirstCatch(function.Body) is { } handler) Report(Rules.Exceptions, Header(handler), $"{NameOf(function.Symbol)} catches exceptions");
            else Visit(function.Body);
        }
        finally
        {
            _current = caller;
        }
    }

    private static string NameOf(IMethodSymbol function) => function.MethodKind == MethodKind.AnonymousFunction ? "this lambda" : Members.NameOf(function);

    // What cannot be a function at all is told where it is called, or at its beginning.
    private void ReportFunction(DiagnosticRule rule, string message)
    {
        if (Current.CalledAt is { } call)
        {
            var function = Current;
            _current = function.Caller;
            Report(rule, call, message);
            _current = function;
            return;
        }
        var first = Current.Declaration switch
        {
            LambdaExpressionSyntax lambda => Syntaxes.Between(lambda.GetFirstToken(), lambda.ArrowToken),
            AnonymousMethodExpressionSyntax old => Syntaxes.Between(old.GetFirstToken(), old.DelegateKeyword),
            _ => Current.Symbol.Locations[0],
        };
        Report(rule, first, Current.Symbol.MethodKind == MethodKind.AnonymousFunction ? "this lambda is asynchronous" : message);
    }

    private static bool IsIterator(Function function) => !(function.Symbol.MethodKind == MethodKind.AnonymousFunction) && function.Body.Descendants()
        .Any(operation => operation.Kind is OperationKind.YieldReturn or OperationKind.YieldBreak && (Syntaxes.FunctionOf(operation) is not { } inner || inner.Syntax == function.Declaration));

    private static ICatchClauseOperation? FirstCatch(IOperation operation)
    {
        foreach (var child in operation.ChildOperations)
        {
            if (child is IAnonymousFunctionOperation or ILocalFunctionOperation) continue;
            if (FirstCatch(child) is { } inner) return inner;
        }
        return operation is ITryOperation { Catches: [var first, ..] } ? first : null;
    }

    // Where its own code begins.
    private static Location Header(ICatchClauseOperation handler) => handler.Syntax switch
    {
        CatchClauseSyntax { Filter: { } filter } => filter.GetLocation(),
        CatchClauseSyntax clause => Syntaxes.Between(clause.CatchKeyword, clause.Declaration?.CloseParenToken ?? clause.CatchKeyword),
        var other => other.GetLocation(),
    };

    private void Report(DiagnosticRule rule, SyntaxNode at, string message) => Report(rule, at.GetLocation(), message);

    // Several operations of one statement may break a rule together; it is told once.
    private void ReportOnce(DiagnosticRule rule, SyntaxNode at, string message)
    {
        if (_once.Add((rule.Id, Syntaxes.StatementOf(at)))) Report(rule, at, message);
        else _count++;
    }

    private void Report(DiagnosticRule rule, Location at, string message)
    {
        _count++;
        if (!_findings.Add(rule.Id, at)) return;
        List<Location> calls = [];
        string text = $"{message}: {rule.Why}; {rule.Fix}";
        for (var function = _current; function is not null; function = function.Caller)
        {
            if (function.CalledAt is not { } call) continue;
            calls.Add(call);
            var place = call.GetLineSpan();
            text += $"{(calls.Count == 1 ? " (" : ", ")}{NameOf(function.Symbol)} called at {Path.GetFileName(place.Path)}:{place.StartLinePosition.Line + 1}:{place.StartLinePosition.Character + 1}";
        }
        if (calls.Count > 0) text += ")";
        _report(Diagnostic.Create(Descriptors.Of(rule), at, calls, text));
    }
}
