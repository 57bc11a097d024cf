using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hornet.Analyzers;

/// <summary>A lambda or method of a program, as it was reached.</summary>
internal sealed class Function
{
    private readonly Lazy<Dictionary<ISymbol, Variable>> _variables;

    public Function(SyntaxNode declaration, IMethodSymbol symbol, IOperation body, Function? caller, Location? calledAt)
    {
        Declaration = declaration;
        Symbol = symbol;
        Body = body;
        Caller = caller;
        CalledAt = calledAt;
        _variables = new(() => Variable.Find(body));
    }

    public SyntaxNode Declaration { get; }

    public IMethodSymbol Symbol { get; }

    public IOperation Body { get; }

    public Function? Caller { get; }

    /// <summary>Where it is called; null for what the kernel calls.</summary>
    public Location? CalledAt { get; }

    /// <summary>Parameters that may be constants in this call.</summary>
    public HashSet<ISymbol> Known { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>Whether the object it belongs to was captured.</summary>
    public bool IsThisKnown { get; set; }

    /// <summary>Whether a change of the struct it belongs to would be a change of something captured.</summary>
    public bool IsThisCaptured { get; set; }

    /// <summary>Whether what follows may not be part of the program: a constant may have ended it.</summary>
    public bool IsOver { get; set; }

    /// <summary>How many calls lead here.</summary>
    public int Depth => Caller is null ? 0 : Caller.Depth + 1;

    /// <summary>Whether a variable is one of the program's own.</summary>
    public bool Declares(ISymbol symbol)
    {
        foreach (var reference in symbol.DeclaringSyntaxReferences)
        {
            for (var at = this; at is not null; at = at.Caller)
            {
                if (reference.SyntaxTree == at.Declaration.SyntaxTree && at.Declaration.Span.Contains(reference.Span)) return true;
            }
        }
        return false;
    }

    /// <summary>What is known of a variable of the program.</summary>
    public Variable? Find(ISymbol symbol)
    {
        for (var at = this; at is not null; at = at.Caller)
        {
            if (at._variables.Value.TryGetValue(symbol, out var variable)) return variable;
        }
        return null;
    }
}

/// <summary>What a variable is given.</summary>
internal sealed class Variable
{
    /// <summary>The values that are assigned.</summary>
    public List<IOperation> Values { get; } = [];

    /// <summary>Whether it is changed in other ways: counted, passed by reference, taken apart.</summary>
    public bool IsChanged { get; private set; }

    public static Dictionary<ISymbol, Variable> Find(IOperation body)
    {
        Dictionary<ISymbol, Variable> variables = new(SymbolEqualityComparer.Default);
        foreach (var operation in body.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation declarator:
                    var declared = Of(declarator.Symbol);
                    if (declarator.Symbol.RefKind != RefKind.None) declared.IsChanged = true;
                    else if ((declarator.Initializer ?? (declarator.Parent as IVariableDeclarationOperation)?.Initializer)?.Value is { } initial) declared.Values.Add(initial);
                    else if (operation.Parent is IForEachLoopOperation) declared.IsChanged = true;
                    break;
                case ISimpleAssignmentOperation { Target: ILocalReferenceOperation or IParameterReferenceOperation } assignment:
                    Of(SymbolOf(assignment.Target)!).Values.Add(assignment.Value);
                    break;
                case ICompoundAssignmentOperation compound:
                    Change(compound.Target);
                    break;
                case ICoalesceAssignmentOperation coalesce:
                    Change(coalesce.Target);
                    break;
                case IIncrementOrDecrementOperation increment:
                    Change(increment.Target);
                    break;
                case IDeconstructionAssignmentOperation deconstruction:
                    foreach (var part in deconstruction.Target.DescendantsAndSelf()) Change(part);
                    break;
                case IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument:
                    foreach (var part in argument.Value.DescendantsAndSelf()) Change(part);
                    break;
                case IAddressOfOperation address:
                    Change(address.Reference);
                    break;
                case IForEachLoopOperation loop:
                    foreach (var part in loop.LoopControlVariable.DescendantsAndSelf())
                    {
                        if (part is IVariableDeclaratorOperation each) Of(each.Symbol).IsChanged = true;
                        else Change(part);
                    }
                    break;
                case IDeclarationPatternOperation { DeclaredSymbol: { } symbol }:
                    Pattern(symbol, operation);
                    break;
                case IRecursivePatternOperation { DeclaredSymbol: { } symbol }:
                    Pattern(symbol, operation);
                    break;
                case IListPatternOperation { DeclaredSymbol: { } symbol }:
                    Pattern(symbol, operation);
                    break;
                case IFieldReferenceOperation { Instance: { } owner } field when field.Parent is IAssignmentOperation written && written.Target == field:
                    Change(owner);
                    break;
            }
        }
        return variables;

        Variable Of(ISymbol symbol)
        {
            if (!variables.TryGetValue(symbol, out var variable)) variables.Add(symbol, variable = new Variable());
            return variable;
        }

        void Change(IOperation target)
        {
            if (SymbolOf(target) is { } symbol) Of(symbol).IsChanged = true;
        }

        void Pattern(ISymbol symbol, IOperation pattern)
        {
            var at = pattern.Parent;
            while (at is IPatternOperation or IPropertySubpatternOperation or ISwitchExpressionArmOperation or IPatternCaseClauseOperation or ISwitchCaseOperation) at = at.Parent;
            var value = at switch { IIsPatternOperation test => test.Value, ISwitchExpressionOperation choice => choice.Value, ISwitchOperation choice => choice.Value, _ => null };
            if (value is null) Of(symbol).IsChanged = true;
            else Of(symbol).Values.Add(value);
        }
    }

    private static ISymbol? SymbolOf(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IDeclarationExpressionOperation declared => SymbolOf(declared.Expression),
        _ => null,
    };
}
