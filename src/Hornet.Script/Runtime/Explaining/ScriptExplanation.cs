using Hornet.Script.Source;

namespace Hornet.Script.Runtime.Explaining;

/// <summary>What a script does to this machine, known without running it.</summary>
/// <param name="Failure">Why the kernel did not take it; null when it did.</param>
/// <param name="Losses">What can get lost or be left out, a sentence each.</param>
internal sealed record ScriptExplanation(
    IReadOnlyList<ExplainedProbe> Probes, IReadOnlyList<ExplainedMap> Maps, IReadOnlyList<ExplainedRecord> Records, IReadOnlyList<string> Losses, IReadOnlyList<ExplainedNeed> Needs, string? Failure)
{
    /// <summary>The first kernel that has all that is needed.</summary>
    public Version FirstKernel => Needs.Where(n => n.Since is not null).Select(n => n.Since!).Append(new Version(5, 8)).Max()!;

    /// <summary>Whether this kernel runs it.</summary>
    public bool RunsHere => Failure is null && Needs.All(n => n.IsHere);
}

/// <summary>A program and its places.</summary>
/// <param name="Span">The probe in the script.</param>
/// <param name="Places">All places it is attached to.</param>
/// <param name="Attachment">How.</param>
/// <param name="Instructions">How long the program is; in slots of 8 bytes, as the kernel counts.</param>
internal sealed record ExplainedProbe(SourceSpan Span, string Program, IReadOnlyList<string> Places, string Attachment, int Instructions)
{
    /// <summary>How many instructions the verifier walked, with every path; null when it was not loaded or the kernel does not say.</summary>
    public long? Verified { get; init; }

    /// <summary>Bytes of stack of the program and its functions; null when it was not loaded.</summary>
    public int? StackBytes { get; init; }

    /// <summary>Bytes of machine code; null when it was not loaded.</summary>
    public uint? MachineCodeBytes { get; init; }

    /// <summary>The maps it touches.</summary>
    public IReadOnlyList<string> Maps { get; init; } = [];
}

/// <param name="Name">As the script calls it, or what Hornet calls its own.</param>
/// <param name="Purpose">What Hornet's own is for; null for a map of the script.</param>
/// <param name="MemoryBytes">What the kernel took for it at the beginning; null when it was not loaded.</param>
internal sealed record ExplainedMap(string Name, string? Purpose, MapType Type, uint KeySize, uint ValueSize, uint MaxEntries, ulong? MemoryBytes);

/// <summary>What is sent to user space at a place of the script.</summary>
/// <param name="Bytes">How long a record is at most.</param>
/// <param name="Fit">How many of the longest wait for the reader before one is lost.</param>
internal sealed record ExplainedRecord(SourceSpan Span, string Kind, long Bytes, long Fit);

/// <summary>Something of the kernel.</summary>
/// <param name="Since">The first kernel that has it; null when it is not known.</param>
internal sealed record ExplainedNeed(string Name, Version? Since, bool IsHere, string Detail);
