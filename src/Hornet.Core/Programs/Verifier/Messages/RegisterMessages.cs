using Hornet.Isa;

namespace Hornet.Programs.Verifier;

/// <summary>Reading registers that hold nothing, pointers that may be NULL, numbers used as pointers.</summary>
internal static class RegisterMessages
{
    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.Uninitialized, ["{reg} !read_ok"],
            "{reg} is read, but on this path nothing was written to it",
            "write {reg} on every path before instruction {insn}",
            "a value in {reg}", Unwritten),

        new(VerifierCategory.NullPointer, ["{reg} invalid mem access '{kind}_or_null'", "{reg} invalid mem access '{kind}_or_null_'", "{reg} invalid mem access '{flags}_or_null_{any}'"],
            "{reg} may be NULL, and it is followed without a check",
            "compare {reg} with 0 and leave before following it: JumpIfZero({reg}, …), in C 'if (!p) return 0;'",
            "a pointer that is known not to be NULL", WhereFrom),

        new(VerifierCategory.NullPointer, ["{reg} pointer arithmetic on {kind} prohibited, null-check it first"],
            "{reg} may be NULL, and a calculation would hide that",
            "compare {reg} with 0 and leave before calculating with it",
            "a pointer that is known not to be NULL", WhereFrom),

        new(VerifierCategory.NullPointer, ["Possibly NULL pointer passed to helper {arg}", "Possibly NULL pointer passed to trusted {arg}", "Possibly NULL pointer passed to {arg}"],
            "{call} is given a pointer that may be NULL ({arg})",
            "compare the pointer with 0 and leave before the call",
            "a pointer that is known not to be NULL", static d => d.Register ??= ExplanationDraft.ParseRegister(d["arg"]) ?? ArgumentRegister(d["arg"])),

        new(VerifierCategory.NullPointer, ["arg#{n} is expected to be non-NULL", "{reg} is expected to be non-NULL"],
            "the function is declared not to take NULL, and the argument may be NULL",
            "compare the pointer with 0 before the call", "a pointer that is known not to be NULL"),

        new(VerifierCategory.NotAPointer, ["{reg} invalid mem access 'inv'", "{reg} invalid mem access 'scalar'", "{reg} invalid mem access 'imm'"],
            "{reg} holds a number as far as the verifier knows, and a number cannot be followed",
            "follow only what the verifier knows as a pointer; read kernel memory by address with bpf_probe_read_kernel, user memory with bpf_probe_read_user; " +
            "a pointer that went through memory, 32-bit arithmetic or a comparison with NULL on another path is a number again",
            "a pointer", NumberInsteadOfPointer),

        new(VerifierCategory.NotAPointer, ["{reg} invalid mem access '{kind}'"],
            "memory is accessed through {reg}, which is of kind '{kind}' and cannot be followed like that",
            "use the helper that goes with this kind of value (map values come from bpf_map_lookup_elem, not from the map itself)",
            "a pointer to memory that may be accessed directly"),

        new(VerifierCategory.Instruction, ["{reg} is invalid"],
            "there is no such register: programs have R0 to R10",
            "check what assembled the instruction"),

        new(VerifierCategory.ReadOnly, ["frame pointer is read only"],
            "R10 is the frame pointer and cannot be written",
            "copy R10 to another register and calculate there: Mov(R2, R10).Add(R2, -8)"),
    ];

    internal static Register? ArgumentRegister(string arg)
    {
        // "arg1", "arg0": helpers count from 1, kernel functions from 0; only the former is certain.
        return arg.StartsWith("arg", StringComparison.Ordinal) && VerifierLog.ParseIndex(arg.AsSpan(3)) is { } n and >= 1 and <= 5 ? (Register)n : null;
    }

    private static void Unwritten(ExplanationDraft d)
    {
        if (d.Register == Register.R0 && d.Instruction == "exit")
        {
            d.Reason = "the program or function ends without a return value in R0 on this path";
            d.Suggestion = "set R0 before every exit: Mov(R0, 0).Exit(), in C 'return 0;' on every path";
            d.Required = "a return value in R0";
        }
        else if (d.Register is >= Register.R1 and <= Register.R5 && d.Index is { } index && d.Log.CallBefore(index) is { } call)
        {
            d.Reason = $"{{reg}} is read, but calls destroy R1 to R5 and nothing was written to it since '{call}'";
            d.Suggestion = "keep what is needed after a call in R6 to R9 or on the stack, and load it into {reg} again";
        }
        else if (d.Register is >= Register.R2 and <= Register.R5)
        {
            d.Suggestion += "; at entry only R1 (the context) and R10 hold something" + (d.Call is null ? "" : $", and {d.Call} takes {{reg}} as an argument");
        }
    }

    internal static void WhereFrom(ExplanationDraft d)
    {
        if (d.Index is not { } index) return;
        for (int n = index - 1, steps = 0; n >= 0 && steps < 64; n--, steps++)
        {
            if (d.Log.InstructionAt(n) is not { } text || !text.StartsWith("call ", StringComparison.Ordinal)) continue;
            if (d.StateOf(d.Register) is { } state ? state.Contains("or_null", StringComparison.Ordinal) : d.Register == Register.R0) d.Reason += $"; it comes from {d.Place(n)}";
            return;
        }
    }

    private static void NumberInsteadOfPointer(ExplanationDraft d)
    {
        if (d.StateOf(d.Register) is "0" or "P0" or "inv0" or "invP0" or "scalar(imm=0)")
        {
            d.Category = VerifierCategory.NullPointer;
            d.Reason = "on this path {reg} is NULL, and it is followed";
            d.Suggestion = "leave the path on which {reg} is NULL before this instruction";
        }
    }
}
