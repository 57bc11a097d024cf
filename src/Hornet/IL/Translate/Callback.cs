using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

/// <summary>How the kernel calls a function back: what it hands over, and what it wants to hear.</summary>
internal sealed record CallbackSignature
{
    /// <summary>The function's name, which dumps of the program show: <c>loop_body</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The types of the registers the kernel fills, at most five; all of them, used or not.</summary>
    public required IrType[] Parameters { get; init; }

    /// <summary>Which of them is the context pointer that the helper was given; negative when there is none (timers). Then nothing can be shared with the caller.</summary>
    public int Context { get; init; } = -1;

    /// <summary>Makes the arguments of the C# delegate of the registers, in the callback's first block.</summary>
    public required Func<Translator, IReadOnlyList<Value>, ILValue[]> Bind { get; init; }

    /// <summary>What the kernel is told when the delegate returned, 64 bits wide; its argument is the delegate's result, null for <c>void</c>.</summary>
    public required Func<Translator, ILValue?, Value> Result { get; init; }

    /// <summary>What the kernel is told when a check failed: for loops that there is no need to go on.</summary>
    public long Failed { get; init; }
}

/// <summary>A delegate as a function of the program, ready to be handed to a helper.</summary>
internal sealed class Callback
{
    /// <summary>The function, as helpers take it.</summary>
    public required Value Function { get; init; }

    /// <summary>The context pointer to hand to the helper: where the captured locals are. Null when nothing is shared.</summary>
    public required Value Context { get; init; }

    /// <summary>The captured locals that the callback changes, and where they are: bytes from the context.</summary>
    public required IReadOnlyList<SharedLeaf> Changed { get; init; }

    /// <summary>Where the callback notes that a check failed; negative when none can.</summary>
    public required int FailedOffset { get; init; }
}

/// <summary>A number or reference that a function and its callback both see.</summary>
/// <param name="Outer">The caller's variable.</param>
/// <param name="Inner">The callback's.</param>
/// <param name="Offset">Where it lies, bytes from the context; negative for what is known now and only looked at.</param>
/// <param name="Value">Its value at the call; for the callback what it begins with.</param>
/// <param name="Key">Who it is in every attempt.</param>
internal sealed record SharedLeaf(LeafVariable Outer, LeafVariable Inner, int Offset, ILValue Value, SharedKey Key);
