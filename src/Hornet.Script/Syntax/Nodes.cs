using Hornet.Script.Source;

namespace Hornet.Script.Syntax;

/// <summary>A piece of a script as it was written. Nodes never change: passes make new ones (<c>with</c>).</summary>
internal abstract record Node(SourceSpan Span);

/// <summary>A whole script.</summary>
internal sealed record ScriptSyntax(SourceSpan Span) : Node(Span)
{
    /// <summary>The interpreter line, without its end; null when there is none.</summary>
    public string? Shebang { get; init; }

    /// <summary>C in front: directives and declarations, as it stands (several pieces keep their places).</summary>
    public IReadOnlyList<CDefinitionsSyntax> CDefinitions { get; init; } = [];
    public IReadOnlyList<ConfigAssignmentSyntax> Config { get; init; } = [];
    public IReadOnlyList<ImportSyntax> Imports { get; init; } = [];
    public IReadOnlyList<ProbeSyntax> Probes { get; init; } = [];
    public IReadOnlyList<MacroSyntax> Macros { get; init; } = [];
    public IReadOnlyList<FunctionSyntax> Functions { get; init; } = [];
    public IReadOnlyList<MapDeclarationSyntax> Maps { get; init; } = [];
}

/// <summary>A line of the preprocessor (with those a backslash continues), or a declaration, whose semicolon may be missing.</summary>
internal sealed record CDefinitionsSyntax(SourceSpan Span) : Node(Span);

/// <summary><c>name = value</c> of the block <c>config = { … }</c>; the value is a number, a string, a word or a boolean.</summary>
internal sealed record ConfigAssignmentSyntax(SourceSpan Span, string Name, string Value, SourceSpan NameSpan, SourceSpan ValueSpan) : Node(Span);

internal sealed record ImportSyntax(SourceSpan Span, string Path) : StatementSyntax(Span);

/// <summary><c>let @name = hash(1024);</c></summary>
internal sealed record MapDeclarationSyntax(SourceSpan Span, string Name, string Kind, SourceSpan KindSpan, ulong MaxEntries) : Node(Span);

/// <summary>An attach point as written: <c>name=kprobe:vfs_*</c>, with positional parameters put in later.</summary>
/// <param name="Text">All of it but the name in front and what is tried instead, without blanks around it.</param>
/// <param name="Alias">What stands in front of <c>=</c>; null without.</param>
/// <param name="Fallbacks">What is attached when this cannot be: <c>a || b</c>.</param>
internal sealed record AttachPointSyntax(SourceSpan Span, string Text, string? Alias, IReadOnlyList<AttachPointSyntax> Fallbacks) : Node(Span);

/// <param name="Span">The attach points, as messages show them.</param>
internal sealed record ProbeSyntax(SourceSpan Span, IReadOnlyList<AttachPointSyntax> AttachPoints, ExpressionSyntax? Predicate, BlockSyntax Body) : Node(Span)
{
    /// <summary>The predicate with its slashes; empty without one.</summary>
    public SourceSpan PredicateSpan { get; init; }
}

/// <summary>A parameter of a macro: <c>$x</c> (a variable), <c>@x</c> (a map) or <c>x</c> (any expression).</summary>
internal sealed record MacroParameterSyntax(SourceSpan Span, string Name, MacroParameterKind Kind) : Node(Span);

internal enum MacroParameterKind { Variable, Map, Expression }

/// <summary><c>macro name(a, $b, @c) { … }</c>; the body is a block expression.</summary>
/// <param name="Span">From <c>macro</c> to the end of the name.</param>
internal sealed record MacroSyntax(SourceSpan Span, string Name, IReadOnlyList<MacroParameterSyntax> Parameters, BlockSyntax Body) : Node(Span);

/// <summary><c>fn name($a : T, …) : R { … }</c></summary>
/// <param name="Span">From <c>fn</c> to the end of the name.</param>
internal sealed record FunctionSyntax(SourceSpan Span, string Name, IReadOnlyList<(string Name, TypeSyntax Type, SourceSpan Span)> Parameters, TypeSyntax? ReturnType, BlockSyntax Body) : Node(Span);

/// <summary>
/// A type as written. <c>struct foo *[4]</c> is Name "struct foo" with the suffixes pointer, array(4).
/// </summary>
internal sealed record TypeSyntax(SourceSpan Span, string Name, IReadOnlyList<TypeSuffix> Suffixes) : Node(Span)
{
    /// <summary>The size in <c>string[64]</c>, <c>buffer[8]</c>, <c>inet[4]</c>; null when there is none.</summary>
    public ExpressionSyntax? Size { get; init; }

    /// <summary>The expression of <c>typeof(e)</c>, or a <see cref="TypeExpressionSyntax"/> for <c>typeof(T)</c>; then the name is "typeof".</summary>
    public ExpressionSyntax? TypeOf { get; init; }

    /// <summary>Members of a tuple type <c>(int32, string)</c>; then the name is "".</summary>
    public IReadOnlyList<TypeSyntax>? Elements { get; init; }
}

/// <summary>A pointer (<c>*</c>, no length) or an array (<c>[n]</c>; the length may be an expression).</summary>
/// <param name="Length">Null for a pointer, and for <c>[]</c>, which is as long as what is converted to it.</param>
internal sealed record TypeSuffix(bool IsPointer, ExpressionSyntax? Length);

// ── Statements ──────────────────────────────────────────────────────────────────────────────────────────────

internal abstract record StatementSyntax(SourceSpan Span) : Node(Span);

/// <summary>Statements, and the value of the last expression when it stands without a semicolon: <c>{ $x = 1; $x + 1 }</c>.</summary>
internal sealed record BlockSyntax(SourceSpan Span, IReadOnlyList<StatementSyntax> Statements, ExpressionSyntax? Result) : StatementSyntax(Span);

internal sealed record ExpressionStatementSyntax(SourceSpan Span, ExpressionSyntax Expression) : StatementSyntax(Span);

/// <summary><c>let $x : T = e;</c></summary>
internal sealed record LetSyntax(SourceSpan Span, VariableSyntax Variable, TypeSyntax? Type, ExpressionSyntax? Value) : StatementSyntax(Span)
{
    /// <summary><c>let $x</c>.</summary>
    public SourceSpan DeclarationSpan { get; init; }
}

/// <summary><c>$x = e</c>, <c>@x[k] += e</c>, <c>_ = e</c> (then the target is a <see cref="DiscardSyntax"/>).</summary>
/// <param name="Operator">The operator in front of <c>=</c>; null for plain assignment.</param>
internal sealed record AssignmentSyntax(SourceSpan Span, ExpressionSyntax Target, BinarySyntaxOperator? Operator, ExpressionSyntax Value) : StatementSyntax(Span)
{
    /// <summary>From the operator to the end: the place of the operation in <c>$x += 1</c>.</summary>
    public SourceSpan OperationSpan { get; init; }
}

/// <summary>An <c>if</c> as a statement. <see cref="Else"/> is a block or another <c>if</c>.</summary>
internal sealed record IfSyntax(SourceSpan Span, ExpressionSyntax Condition, BlockSyntax Then, StatementSyntax? Else) : StatementSyntax(Span)
{
    /// <summary><c>if comptime c</c>: the branch not taken is not even looked at.</summary>
    public bool IsComptime { get; init; }
}

internal sealed record WhileSyntax(SourceSpan Span, ExpressionSyntax Condition, BlockSyntax Body) : StatementSyntax(Span);

internal sealed record UnrollSyntax(SourceSpan Span, ExpressionSyntax Count, BlockSyntax Body) : StatementSyntax(Span);

/// <summary><c>for ($i : from..to) { … }</c></summary>
internal sealed record ForRangeSyntax(SourceSpan Span, VariableSyntax Variable, ExpressionSyntax From, ExpressionSyntax To, BlockSyntax Body) : StatementSyntax(Span)
{
    /// <summary>From <c>for</c> to the end of the range.</summary>
    public SourceSpan RangeSpan { get; init; }
}

/// <summary><c>for ($kv : @map) { … }</c></summary>
internal sealed record ForMapSyntax(SourceSpan Span, VariableSyntax Variable, MapSyntax Map, BlockSyntax Body) : StatementSyntax(Span);

internal sealed record BreakSyntax(SourceSpan Span) : StatementSyntax(Span);

internal sealed record ContinueSyntax(SourceSpan Span) : StatementSyntax(Span);

internal sealed record ReturnSyntax(SourceSpan Span, ExpressionSyntax? Value) : StatementSyntax(Span);

// ── Expressions ─────────────────────────────────────────────────────────────────────────────────────────────

internal abstract record ExpressionSyntax(SourceSpan Span) : Node(Span);

/// <summary>A number. <see cref="IsNegative"/> is set by folding only; the parser makes a unary minus.</summary>
/// <param name="Value">The bits.</param>
/// <param name="Text">As written: <c>0x10</c>, <c>1_000</c>, <c>5s</c>.</param>
internal sealed record IntegerSyntax(SourceSpan Span, ulong Value, string Text) : ExpressionSyntax(Span)
{
    public bool IsNegative { get; init; }

    /// <summary>The bits of the suffix: 32 for <c>U</c>, 64 for <c>L</c>, <c>UL</c>, <c>LL</c>, 0 without one.</summary>
    public int SuffixBits { get; init; }
    public bool IsUnsignedSuffix { get; init; }
}

internal sealed record BooleanSyntax(SourceSpan Span, bool Value) : ExpressionSyntax(Span);

/// <summary>A string; escapes are resolved. Bytes that are not UTF-8 (<c>\xff</c>) are kept: one char each below U+0100 in <see cref="Bytes"/>.</summary>
internal sealed record StringSyntax(SourceSpan Span, byte[] Bytes) : ExpressionSyntax(Span)
{
    public string Value => System.Text.Encoding.UTF8.GetString(Bytes);
}

/// <summary>A bare word: a builtin, a macro without parentheses, a macro parameter, an enumerator, a C constant, a type name in sizeof.</summary>
internal sealed record IdentifierSyntax(SourceSpan Span, string Name) : ExpressionSyntax(Span);

/// <summary><c>$1</c>.</summary>
internal sealed record PositionalSyntax(SourceSpan Span, int Number) : ExpressionSyntax(Span);

/// <summary><c>$#</c>.</summary>
internal sealed record PositionalCountSyntax(SourceSpan Span) : ExpressionSyntax(Span);

/// <summary><c>$name</c>; the name without the dollar sign.</summary>
internal sealed record VariableSyntax(SourceSpan Span, string Name) : ExpressionSyntax(Span);

/// <summary><c>@name</c>, <c>@</c> (an empty name) or <c>@name[key]</c>. Several keys are one tuple.</summary>
internal sealed record MapSyntax(SourceSpan Span, string Name, ExpressionSyntax? Key) : ExpressionSyntax(Span)
{
    /// <summary>How many expressions stood between the brackets: <c>@[a,b]</c> and <c>@[(a,b)]</c> mean the same and are printed back as written.</summary>
    public bool KeyWasList { get; init; }
}

internal sealed record DiscardSyntax(SourceSpan Span) : ExpressionSyntax(Span);

internal sealed record CallSyntax(SourceSpan Span, string Name, SourceSpan NameSpan, IReadOnlyList<ExpressionSyntax> Arguments) : ExpressionSyntax(Span);

internal enum UnarySyntaxOperator { Not, Complement, Minus, Plus, Dereference, AddressOf, PreIncrement, PreDecrement, PostIncrement, PostDecrement }

internal sealed record UnarySyntax(SourceSpan Span, UnarySyntaxOperator Operator, ExpressionSyntax Operand) : ExpressionSyntax(Span);

internal enum BinarySyntaxOperator
{
    Add, Subtract, Multiply, Divide, Remainder, And, Or, Xor, ShiftLeft, ShiftRight,
    Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, LogicalAnd, LogicalOr,
}

internal sealed record BinarySyntax(SourceSpan Span, BinarySyntaxOperator Operator, ExpressionSyntax Left, ExpressionSyntax Right, SourceSpan OperatorSpan) : ExpressionSyntax(Span);

/// <summary><c>c ? a : b</c>, or <c>a ?: b</c> with <see cref="Then"/> null.</summary>
internal sealed record ConditionalSyntax(SourceSpan Span, ExpressionSyntax Condition, ExpressionSyntax? Then, ExpressionSyntax Else) : ExpressionSyntax(Span);

/// <summary><c>if c { a } else { b }</c> where a value is wanted.</summary>
internal sealed record IfExpressionSyntax(SourceSpan Span, ExpressionSyntax Condition, BlockExpressionSyntax Then, ExpressionSyntax? Else) : ExpressionSyntax(Span)
{
    public bool IsComptime { get; init; }
}

internal sealed record BlockExpressionSyntax(SourceSpan Span, BlockSyntax Block) : ExpressionSyntax(Span);

/// <summary><c>e.name</c>, or <c>e-&gt;name</c>.</summary>
internal sealed record FieldSyntax(SourceSpan Span, ExpressionSyntax Target, string Name, SourceSpan NameSpan, bool IsArrow) : ExpressionSyntax(Span);

/// <summary><c>e.0</c> of a tuple.</summary>
internal sealed record TupleAccessSyntax(SourceSpan Span, ExpressionSyntax Target, int Index) : ExpressionSyntax(Span);

/// <summary><c>e[i]</c>.</summary>
internal sealed record IndexSyntax(SourceSpan Span, ExpressionSyntax Target, ExpressionSyntax Index) : ExpressionSyntax(Span);

/// <param name="Span">The type in its parentheses, up to the operand.</param>
internal sealed record CastSyntax(SourceSpan Span, TypeSyntax Type, ExpressionSyntax Operand) : ExpressionSyntax(Span);

internal sealed record TupleSyntax(SourceSpan Span, IReadOnlyList<ExpressionSyntax> Elements) : ExpressionSyntax(Span);

/// <summary><c>(a = 1, b = 2)</c>.</summary>
internal sealed record RecordSyntax(SourceSpan Span, IReadOnlyList<(string Name, ExpressionSyntax Value, SourceSpan Span)> Fields) : ExpressionSyntax(Span);

/// <summary><c>sizeof(T)</c> or <c>sizeof(e)</c>: one of both is set. A bare word is an expression; the binder knows types.</summary>
internal sealed record SizeofSyntax(SourceSpan Span, TypeSyntax? Type, ExpressionSyntax? Operand) : ExpressionSyntax(Span);

/// <summary><c>offsetof(T, a.b)</c> or of the type of an expression.</summary>
internal sealed record OffsetofSyntax(SourceSpan Span, TypeSyntax? Type, ExpressionSyntax? Operand, IReadOnlyList<string> Path) : ExpressionSyntax(Span);

/// <summary><c>typeinfo(T)</c> or of an expression.</summary>
internal sealed record TypeinfoSyntax(SourceSpan Span, TypeSyntax? Type, ExpressionSyntax? Operand) : ExpressionSyntax(Span);

internal sealed record ComptimeSyntax(SourceSpan Span, ExpressionSyntax Operand) : ExpressionSyntax(Span);

/// <summary>A type where an expression may stand: an argument of a call as <c>container_of</c>.</summary>
internal sealed record TypeExpressionSyntax(SourceSpan Span, TypeSyntax Type) : ExpressionSyntax(Span);
