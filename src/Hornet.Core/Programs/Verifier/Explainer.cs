namespace Hornet.Programs.Verifier;

/// <summary>Finds the message in the table and says what it means here.</summary>
internal static class Explainer
{
    private static readonly VerifierMessage[] Table =
    [
        .. RegisterMessages.All, .. MemoryMessages.All, .. StackMessages.All, .. PointerMessages.All, .. ArgumentMessages.All,
        .. CallMessages.All, .. ResourceMessages.All, .. FlowMessages.All, .. InstructionMessages.All, .. ProgramMessages.All,
    ];

    /// <summary>How many distinct messages the table explains; the wordings of different kernels count once.</summary>
    internal static int Count => Table.Length;

    internal static IEnumerable<VerifierMessage> Messages => Table;

    public static VerifierExplanation? Explain(VerifierLog log)
    {
        if (log.ErrorLines.Count == 0 && log.Report is null) return null;
        Dictionary<string, string> captures = [];
        foreach (string line in log.ErrorLines)
        {
            foreach (var message in Table)
            {
                foreach (var template in message.Templates)
                {
                    if (!template.Match(line, captures)) continue;
                    ExplanationDraft draft = new(log, line, message, captures);
                    message.Refine?.Invoke(draft);
                    return WithReport(draft.Finish(template), log.Report);
                }
            }
        }
        return WithReport(Unknown(log), log.Report);
    }

    // The kernel's report is about this very path, so its reason is the better one; our advice is in addition to its.
    private static VerifierExplanation WithReport(VerifierExplanation explanation, VerifierReport? report)
    {
        if (report is null) return explanation;
        return explanation with
        {
            Reason = report.Reason.Length > 0 ? report.Reason : explanation.Reason,
            Suggestion = report.Suggestion.Length == 0 ? explanation.Suggestion
                : explanation.Template is null || explanation.Suggestion is null ? report.Suggestion
                : $"{report.Suggestion} {explanation.Suggestion}",
        };
    }

    private static VerifierExplanation Unknown(VerifierLog log)
    {
        string line = log.ErrorLine ?? log.Report?.Title ?? "";
        int end = line.IndexOf(' ');
        var register = ExplanationDraft.ParseRegister(end < 0 ? line : line[..end]);
        bool isBug = line.Contains("verifier bug", StringComparison.OrdinalIgnoreCase) || line.Contains("internal error", StringComparison.OrdinalIgnoreCase);
        return new VerifierExplanation
        {
            Category = isBug ? VerifierCategory.VerifierBug : VerifierCategory.Unknown,
            Message = line,
            InstructionIndex = log.InstructionIndex,
            Instruction = log.Instruction,
            Source = log.Source,
            Register = register,
            Reason = isBug ? "the kernel's verifier met a state of its own that it holds for impossible"
                : log.ErrorLines.Count > 1 ? string.Join(" ", log.ErrorLines) : "the kernel's words are all that is known about this refusal",
            Known = register is { } r && log.Registers.TryGetValue(r, out string? state) ? $"R{(int)r} holds {KnownState.Describe(state)}" : null,
            Suggestion = isBug ? "try another kernel version, or write the place differently; the kernel's developers want to hear of it" : null,
        };
    }
}
