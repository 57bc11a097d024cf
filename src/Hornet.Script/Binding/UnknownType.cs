using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>The type of what is not known yet, while types are looked for; never in a bound script.</summary>
internal sealed record UnknownType : ScriptType
{
    public static readonly UnknownType Instance = new();
    public override int Size => 0;
    public override string ToString() => "none";
}

/// <summary>A word that means something to one function only: a clock, a mode of stacks.</summary>
internal sealed record BoundUnknown(SourceSpan Span) : BoundExpression(Span, UnknownType.Instance);
