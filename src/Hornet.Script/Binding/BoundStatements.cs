using Hornet.Script.Source;

namespace Hornet.Script.Binding;

internal abstract record BoundStatement(SourceSpan Span);

/// <summary>Statements in a row. Variables of the block are zero each time it begins.</summary>
internal sealed record BoundBlock(SourceSpan Span, IReadOnlyList<BoundStatement> Statements) : BoundStatement(Span)
{
    public IReadOnlyList<BoundLocal> Locals { get; init; } = [];
}

/// <summary>An expression for what it does.</summary>
internal sealed record BoundExpressionStatement(SourceSpan Span, BoundExpression Expression) : BoundStatement(Span);

/// <summary>The value has the variable's type.</summary>
internal sealed record BoundAssignLocal(SourceSpan Span, BoundLocal Local, BoundExpression Value) : BoundStatement(Span);

/// <summary>Key and value have the map's types. The key is null for a map without one.</summary>
internal sealed record BoundAssignMap(SourceSpan Span, BoundMap Map, BoundExpression? Key, BoundExpression Value) : BoundStatement(Span);

/// <summary>
/// <c>@m[k] = count()</c> and its kin: what the map's <see cref="Types.AggregateType"/> says is done with the operand (64 bits;
/// null for count). Hist, lhist and tseries take it as bpftrace does.
/// </summary>
internal sealed record BoundAggregate(SourceSpan Span, BoundMap Map, BoundExpression? Key, BoundExpression? Operand) : BoundStatement(Span);

internal sealed record BoundIf(SourceSpan Span, BoundExpression Condition, BoundStatement Then, BoundStatement? Else) : BoundStatement(Span);

internal sealed record BoundWhile(SourceSpan Span, BoundExpression Condition, BoundStatement Body) : BoundStatement(Span);

/// <summary>The body so many times; the count is known.</summary>
internal sealed record BoundUnroll(SourceSpan Span, int Count, BoundStatement Body) : BoundStatement(Span);

/// <summary>From (inclusive) to (exclusive), both evaluated once, both of the variable's type (64 bits signed unless told otherwise).</summary>
internal sealed record BoundForRange(SourceSpan Span, BoundLocal Variable, BoundExpression From, BoundExpression To, BoundStatement Body) : BoundStatement(Span);

/// <summary>Every element of a map; the variable is the tuple (key, value), aggregates summed as <see cref="Types.IntegerType"/>.</summary>
internal sealed record BoundForMap(SourceSpan Span, BoundLocal Variable, BoundMap Map, BoundStatement Body) : BoundStatement(Span);

internal sealed record BoundBreak(SourceSpan Span) : BoundStatement(Span);

internal sealed record BoundContinue(SourceSpan Span) : BoundStatement(Span);

/// <summary>Leaves the program or function. In loops that are callbacks the generator finds a way.</summary>
internal sealed record BoundReturn(SourceSpan Span, BoundExpression? Value) : BoundStatement(Span);

/// <summary>Sends a record: the arguments fill the action's payload, each of the element's type.</summary>
/// <param name="Action">The number in <see cref="BoundScript.Actions"/>.</param>
internal sealed record BoundAsync(SourceSpan Span, int Action, IReadOnlyList<BoundExpression> Arguments) : BoundStatement(Span)
{
    /// <summary><c>exit()</c>: the program ends here.</summary>
    public bool EndsProgram { get; init; }
}
