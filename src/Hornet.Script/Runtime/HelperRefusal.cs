using Hornet.Programs;
using Hornet.Programs.Verifier;
using Hornet.Script.Source;

namespace Hornet.Script.Runtime;

/// <summary>A helper that the kernel does not allow where a script calls it: the one refusal of the verifier that is about the script and no other thing.</summary>
internal static class HelperRefusal
{
    /// <summary>The refusal as a message about the script; null when it is another one, or its place is not known.</summary>
    /// <param name="refusal">What the kernel said.</param>
    /// <param name="places">The places that programs were made of.</param>
    public static ScriptDiagnostic? Explain(VerifierException refusal, IEnumerable<SourceSpan> places)
    {
        if (refusal.Explanation is not { Category: VerifierCategory.Helper, Source: { } line } why || NameOf(why) is not { } helper) return null;
        var place = places.Where(p => IsAt(p, line)).OrderByDescending(p => p.End).FirstOrDefault();
        if (place.Source is null) return null;
        ScriptDiagnostic diagnostic = new(ScriptSeverity.Error, place, $"helper {helper} not allowed in probe");
        if (why.Suggestion is { } suggestion) diagnostic.Hints.Add(suggestion);
        return diagnostic;
    }

    // Of "call bpf_d_path#147", or of the verifier's line where that names it.
    private static string? NameOf(VerifierExplanation why)
    {
        const string Call = "call ", Unusable = "program of this type cannot use helper ";
        string? text = why.Message == "helper call is not allowed in probe" && why.Instruction?.StartsWith(Call, StringComparison.Ordinal) == true ? why.Instruction[Call.Length..]
            : why.Message.StartsWith(Unusable, StringComparison.Ordinal) ? why.Message[Unusable.Length..]
            : null;
        return text?.Split('#')[0];
    }

    private static bool IsAt(SourceSpan place, Hornet.Isa.SourceLine line) =>
        place.Source is { } source && source.Name == line.File && source.LineAndColumn(place.Start) == (line.Line, line.Column);
}
