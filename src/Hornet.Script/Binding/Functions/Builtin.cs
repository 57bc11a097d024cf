using Hornet.Script.Probes;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>What an argument of a function may be.</summary>
internal enum ArgumentKind
{
    /// <summary>Anything with a value.</summary>
    Any,
    Integer,
    IntegerLiteral,
    Text,
    TextLiteral,
    Pointer,
    /// <summary>Not an expression: the function looks at what is written.</summary>
    Syntax,
    /// <summary>A map without a key, as it is written.</summary>
    Map,
}

/// <summary>A function or word of the language that is not made of others: all that is known about it.</summary>
/// <param name="Name">As it is called.</param>
/// <param name="Minimum">Fewest arguments.</param>
/// <param name="Maximum">Most arguments.</param>
/// <param name="Bind">Makes the call, whose arguments have been checked.</param>
internal sealed record Builtin(string Name, int Minimum, int Maximum, Func<Call, BoundExpression> Bind)
{
    /// <summary>What the arguments may be, in their order; those behind are <see cref="ArgumentKind.Any"/>.</summary>
    public IReadOnlyList<ArgumentKind> Arguments { get; init; } = [];

    /// <summary>Whether it can be written without parentheses.</summary>
    public bool MayBeWord { get; init; }

    /// <summary>Whether it asks for --unsafe.</summary>
    public bool IsUnsafe { get; init; }

    /// <summary>Where it can be used; null for everywhere.</summary>
    public Func<ProbeType, bool>? Available { get; init; }

    /// <summary>Its type, where arguments do not decide that: known also while they are not.</summary>
    public ScriptType? Result { get; init; }
}
