using Hornet.Isa;
using Hornet.Programs;
using Hornet.Programs.Verifier;
using Hornet.Script.Source;

namespace Hornet.Script.Runtime;

/// <summary>A helper that the kernel does not allow where a script calls it: the one refusal of the verifier that is about the script and no other thing.</summary>
internal static class HelperRefusal
{
    /// <summary>The refusal as a message about the script; null when it is another one, or its place is not known.</summary>
    /// <param name="refusal">What the kernel said.</param>
    /// <param name="instructions">The program that it refused.</param>
    /// <param name="places">The places that programs were made of.</param>
    public static ScriptDiagnostic? Explain(VerifierException refusal, IEnumerable<Instruction> instructions, IEnumerable<SourceSpan> places)
    {
        if (refusal.Explanation is not { Category: VerifierCategory.Helper } why || CallOf(why)?.Split('#') is not [var helper, var text] || !int.TryParse(text, out int number)) return null;
        if (LineOf(number, why.Source, instructions) is not { } line) return null;
        var place = places.Where(p => IsAt(p, line)).OrderByDescending(p => p.End).FirstOrDefault();
        if (place.Source is null) return null;
        ScriptDiagnostic diagnostic = new(ScriptSeverity.Error, place, $"helper {helper} not allowed in probe");
        if (why.Suggestion is { } suggestion) diagnostic.Hints.Add(suggestion);
        return diagnostic;
    }

    // The kernel tells the line of a call; where in the line it is, the program knows, at the first instruction of each place.
    private static SourceLine? LineOf(int helper, SourceLine? told, IEnumerable<Instruction> instructions)
    {
        SourceLine? line = null;
        foreach (var instruction in instructions)
        {
            line = instruction.Metadata?.Source ?? line;
            if (instruction.IsHelperCall && instruction.Constant == helper && (told is null || line?.Line == told.Line)) return line;
        }
        return null;
    }

    // "bpf_d_path#147": of the instruction, or of the verifier's line where that names it.
    private static string? CallOf(VerifierExplanation why)
    {
        const string Call = "call ", Unusable = "program of this type cannot use helper ";
        return why.Message == "helper call is not allowed in probe" && why.Instruction?.StartsWith(Call, StringComparison.Ordinal) == true ? why.Instruction[Call.Length..]
            : why.Message.StartsWith(Unusable, StringComparison.Ordinal) ? why.Message[Unusable.Length..]
            : null;
    }

    private static bool IsAt(SourceSpan place, SourceLine line) =>
        place.Source is { } source && source.Name == line.File && source.LineAndColumn(place.Start) == (line.Line, line.Column);
}
