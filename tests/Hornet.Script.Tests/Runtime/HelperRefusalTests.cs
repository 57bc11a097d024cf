using Hornet.Interop;
using Hornet.Isa;
using Hornet.Programs;
using Hornet.Programs.Verifier;
using Hornet.Script.Runtime;
using Hornet.Script.Source;

namespace Hornet.Script.Tests.Runtime;

public class HelperRefusalTests
{
    private static readonly SourceText s_source = new("stdin", "fentry:vfs_read { print(path(args.file.f_path)); }");

    // The call, the field inside it, and the statement around it.
    private static readonly SourceSpan[] s_places = [new(s_source, 24, 46), new(s_source, 29, 45), new(s_source, 24, 28), new(s_source, 18, 48)];

    private static readonly Instruction[] s_program =
    [
        Instruction.CallHelper(BpfHelper.KtimeGetNs).WithSource(new SourceLine("stdin", 1, 19, "")),
        Instruction.CallHelper(BpfHelper.KtimeGetNs).WithSource(new SourceLine("stdin", 1, 25, "")),
        Instruction.CallHelper(BpfHelper.DPath),
    ];

    [Theory]
    [InlineData("helper call is not allowed in probe", "call bpf_d_path#147")]
    [InlineData("program of this type cannot use helper bpf_d_path#147", null)]
    public void A_helper_that_is_not_allowed_is_told_at_its_call(string message, string? instruction)
    {
        var diagnostic = HelperRefusal.Explain(Refusal(message, instruction, VerifierCategory.Helper, 1), s_program, s_places);
        Assert.Equal("stdin:1:25-47: ERROR: helper bpf_d_path not allowed in probe", DiagnosticRenderer.Render([diagnostic!]).Split('\n')[0]);
    }

    [Fact]
    public void Other_refusals_and_other_places_are_left_alone()
    {
        Assert.Null(Explain("R1 type=scalar expected=fp", VerifierCategory.Helper, 1));
        Assert.Null(Explain("helper call is not allowed in probe", VerifierCategory.Map, 1));
        Assert.Null(Explain("helper call is not allowed in probe", VerifierCategory.Helper, 2));
        Assert.NotNull(Explain("helper call is not allowed in probe", VerifierCategory.Helper, 1));

        static ScriptDiagnostic? Explain(string message, VerifierCategory category, int line) =>
            HelperRefusal.Explain(Refusal(message, "call bpf_d_path#147", category, line), s_program, s_places);
    }

    private static VerifierException Refusal(string message, string? instruction, VerifierCategory category, int line) => new("p", "load", Errno.EINVAL, message, "")
    {
        Explanation = new VerifierExplanation
        {
            Category = category,
            Message = message,
            Instruction = instruction,
            Reason = "",
            Source = new SourceLine("stdin", line, 0, ""),
        },
    };
}
