using System.Globalization;
using Hornet.Isa;

namespace Hornet.Programs.Verifier;

/// <summary>
/// What the kernel's verifier wrote about a program, taken apart: the error, the instruction it stopped at, where that
/// comes from in the source, and what was known of the registers then.
/// </summary>
/// <remarks>
/// Both formats are read: the classic one (up to 7.2) and the one with a report (7.3). Parsing never fails; what is not
/// understood is left out, and <see cref="Text"/> has everything.
/// </remarks>
public sealed class VerifierLog
{
    private readonly IReadOnlyDictionary<int, string> _instructions;
    private readonly IReadOnlyDictionary<int, SourceLine> _sources;

    internal VerifierLog(
        string text, IReadOnlyList<string> errorLines, int? instructionIndex, IReadOnlyDictionary<int, string> instructions,
        IReadOnlyDictionary<int, SourceLine> sources, IReadOnlyDictionary<Register, string> registers,
        VerifierStatistics? statistics, VerifierReport? report)
    {
        Text = text;
        ErrorLines = errorLines;
        InstructionIndex = instructionIndex;
        _instructions = instructions;
        _sources = sources;
        Registers = registers;
        Statistics = statistics;
        Report = report;
    }

    /// <summary>The whole log.</summary>
    public string Text { get; }

    /// <summary>The lines that say what is wrong; empty for a program that was accepted. There is seldom more than one.</summary>
    public IReadOnlyList<string> ErrorLines { get; }

    /// <summary>The line that says what is wrong; null when there is none.</summary>
    public string? ErrorLine => ErrorLines.Count == 0 ? null : ErrorLines[0];

    /// <summary>The instruction the verifier stopped at, as the kernel counts: in slots. Null when it did not get that far.</summary>
    public int? InstructionIndex { get; }

    /// <summary>That instruction as text; null when there is none.</summary>
    public string? Instruction => InstructionIndex is { } index ? InstructionAt(index) : null;

    /// <summary>Where that instruction comes from; null when the program carries no line information.</summary>
    public SourceLine? Source => InstructionIndex is { } index ? SourceOf(index) : null;

    /// <summary>What was known of each register before that instruction, in the kernel's notation: <c>map_value_or_null(id=1,…)</c>.</summary>
    public IReadOnlyDictionary<Register, string> Registers { get; }

    /// <summary>The counts at the end; null when the log has none.</summary>
    public VerifierStatistics? Statistics { get; }

    /// <summary>The kernel's own explanation (7.3); null before.</summary>
    public VerifierReport? Report { get; }

    /// <summary>Takes a log apart.</summary>
    /// <param name="log">The text as the kernel wrote it, of any level.</param>
    /// <param name="program">The program it is about, where known: its source lines and names are then used too.</param>
    public static VerifierLog Parse(string log, IReadOnlyList<Instruction>? program = null) => new VerifierLogParser(log, program).Parse();

    /// <summary>Says in plain words what is wrong and what to do; null for the log of a program that was accepted.</summary>
    public VerifierExplanation? Explain() => Explainer.Explain(this);

    /// <summary>The text of an instruction by its slot; null when the log did not show it.</summary>
    public string? InstructionAt(int slot) => _instructions.GetValueOrDefault(slot);

    /// <summary>Where an instruction comes from in the source; null when not known.</summary>
    public SourceLine? SourceOf(int slot) => _sources.GetValueOrDefault(slot);

    /// <summary>The last call before an instruction in program order; null when there is none.</summary>
    internal string? CallBefore(int slot)
    {
        for (int n = slot - 1, steps = 0; n >= 0 && steps < 64; n--, steps++)
            if (InstructionAt(n) is { } text && text.StartsWith("call ", StringComparison.Ordinal)) return text;
        return null;
    }

    internal static int? ParseIndex(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
