using System.Globalization;
using Hornet.Isa;

namespace Hornet.Programs.Verifier;

/// <summary>An explanation being put together from a message's table row and the log around it.</summary>
internal sealed class ExplanationDraft(VerifierLog log, string line, VerifierMessage message, Dictionary<string, string> captures)
{
    public VerifierLog Log { get; } = log;

    public string Line { get; } = line;

    public VerifierCategory Category { get; set; } = message.Category;

    public string Reason { get; set; } = message.Reason;

    public string? Required { get; set; } = message.Required;

    public string? Known { get; set; }

    public string Suggestion { get; set; } = message.Suggestion;

    /// <summary>The instruction at fault, in slots.</summary>
    public int? Index { get; set; } = CaptureIndex(captures, "insn") ?? log.InstructionIndex;

    /// <summary>The register at fault.</summary>
    public Register? Register { get; set; } = ParseRegister(captures.GetValueOrDefault("reg"));

    /// <summary>What a hole of the template held; empty when the template has no such hole.</summary>
    public string this[string hole] => captures.GetValueOrDefault(hole, "");

    /// <summary>The instruction's text; empty when not known.</summary>
    public string Instruction => Index is { } index ? Log.InstructionAt(index) ?? "" : "";

    /// <summary>The function that the instruction calls; null when it is no call.</summary>
    public string? Call
    {
        get
        {
            string text = Instruction;
            if (!text.StartsWith("call ", StringComparison.Ordinal)) return null;
            int hash = text.IndexOf('#');
            return text[5..(hash < 0 ? text.Length : hash)];
        }
    }

    /// <summary>Another instruction with its source line, for sentences: <c>instruction 5, 'call …' (x.c:12)</c>.</summary>
    public string Place(int slot)
    {
        string text = Log.InstructionAt(slot) is { } instruction ? $"instruction {slot}, '{instruction}'" : $"instruction {slot}";
        return Log.SourceOf(slot) is { } source ? $"{text} ({(source.File.Length > 0 ? $"{source.File}:{source.Line}" : source.Text)})" : text;
    }

    /// <summary>What the log says of a register, in the kernel's notation; null when nothing.</summary>
    public string? StateOf(Register? register) => register is { } r ? Log.Registers.GetValueOrDefault(r) : null;

    public VerifierExplanation Finish(MessageTemplate template)
    {
        string? state = StateOf(Register);
        return new VerifierExplanation
        {
            Category = Category,
            Message = Line,
            InstructionIndex = Index,
            Instruction = Instruction.Length == 0 ? null : Instruction,
            Source = Index is { } index ? Log.SourceOf(index) : null,
            Register = Register,
            Reason = Fill(Reason),
            Required = Required is null ? null : Fill(Required),
            Known = Known is not null ? Fill(Known) : state is null ? null : $"R{(int)Register!.Value} holds {KnownState.Describe(state)}",
            Suggestion = Fill(Suggestion),
            Template = template.Text,
        };
    }

    private string Fill(string text)
    {
        if (!text.Contains('{')) return text;
        foreach (var (hole, value) in captures) text = text.Replace("{" + hole + "}", value, StringComparison.Ordinal);
        return text.Replace("{reg}", "the register", StringComparison.Ordinal).Replace("{call}", Call ?? "the call", StringComparison.Ordinal)
            .Replace("{insn}", Index?.ToString(CultureInfo.InvariantCulture) ?? "?", StringComparison.Ordinal);
    }

    private static int? CaptureIndex(Dictionary<string, string> captures, string hole) =>
        captures.TryGetValue(hole, out string? text) ? VerifierLog.ParseIndex(text) : null;

    internal static Register? ParseRegister(string? text) =>
        text is { Length: 2 or 3 } && text[0] == 'R' && VerifierLog.ParseIndex(text.AsSpan(1)) is { } number and <= 10 ? (Register)number : null;
}
