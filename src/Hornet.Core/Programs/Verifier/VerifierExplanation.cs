using System.Text;
using Hornet.Isa;

namespace Hornet.Programs.Verifier;

/// <summary>A verifier's refusal in plain words. <see cref="ToString"/> is at most five lines.</summary>
public sealed record VerifierExplanation
{
    /// <summary>What kind of mistake it is.</summary>
    public required VerifierCategory Category { get; init; }

    /// <summary>The kernel's own line.</summary>
    public required string Message { get; init; }

    /// <summary>The instruction it is about, in slots; null when it is about the program as a whole.</summary>
    public int? InstructionIndex { get; init; }

    /// <summary>That instruction as text; null when not known.</summary>
    public string? Instruction { get; init; }

    /// <summary>Where it comes from in the source; null when not known.</summary>
    public SourceLine? Source { get; init; }

    /// <summary>The register at fault; null when it is about none.</summary>
    public Register? Register { get; init; }

    /// <summary>Why the verifier refuses.</summary>
    public required string Reason { get; init; }

    /// <summary>What it would have needed to know; null where that says nothing new.</summary>
    public string? Required { get; init; }

    /// <summary>What it knew instead; null where it does not say.</summary>
    public string? Known { get; init; }

    /// <summary>What to do; null when the message is not known.</summary>
    public string? Suggestion { get; init; }

    /// <summary>The pattern that recognised the message; null when none did and the words are the kernel's.</summary>
    internal string? Template { get; init; }

    /// <summary>The short message: the kernel's line and its place, the reason, what was needed and known, what to do.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append("The verifier says: ").Append(Message);
        if (InstructionIndex is { } index)
        {
            text.Append(" (instruction ").Append(index);
            if (Instruction is not null) text.Append(": ").Append(Instruction);
            text.Append(')');
        }
        if (Source is { } source)
        {
            text.Append("\n  at ");
            if (source.File.Length > 0) text.Append(source.File).Append(':').Append(source.Line).Append(": ");
            text.Append(source.Text.Trim());
        }
        text.Append("\n  Why: ").Append(Reason);
        if (Required is not null) text.Append("\n  Needed: ").Append(Required);
        if (Known is not null) text.Append(Required is null ? "\n  Known: " : "; known: ").Append(Known);
        if (Suggestion is not null) text.Append("\n  Fix: ").Append(Suggestion);
        return text.ToString();
    }
}
