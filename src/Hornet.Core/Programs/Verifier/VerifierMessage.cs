namespace Hornet.Programs.Verifier;

/// <summary>
/// One message of the kernel's and what it means. The texts may use the holes of the template and <c>{call}</c> (the
/// function the instruction calls), <c>{insn}</c> (the instruction).
/// </summary>
internal sealed class VerifierMessage
{
    public VerifierMessage(VerifierCategory category, string[] templates, string reason, string suggestion, string? required = null, Action<ExplanationDraft>? refine = null)
    {
        Category = category;
        Templates = [.. templates.Select(text => new MessageTemplate(text))];
        Reason = reason;
        Suggestion = suggestion;
        Required = required;
        Refine = refine;
    }

    public VerifierCategory Category { get; }

    /// <summary>The same message as different kernels word it.</summary>
    public MessageTemplate[] Templates { get; }

    public string Reason { get; }

    public string Suggestion { get; }

    /// <summary>What the verifier would have needed.</summary>
    public string? Required { get; }

    /// <summary>Says more where the place or the captured parts tell more.</summary>
    public Action<ExplanationDraft>? Refine { get; }
}
