using System.Globalization;

namespace Hornet.Programs.Verifier;

/// <summary>Jumps, loops, calls, returns, and how much of them there is.</summary>
internal static class FlowMessages
{
    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.Loop, ["back-edge from insn {insn} to {to}"],
            "instruction {insn} jumps back to {to}; loops need Linux 5.3 and CAP_BPF",
            "unroll the loop, or load with CAP_BPF on a newer kernel", null, static d =>
            {
                if (!d.Instruction.StartsWith("call ", StringComparison.Ordinal)) return;
                d.Category = VerifierCategory.Function;
                d.Reason = "a function calls itself, directly or through others";
                d.Suggestion = "use a loop; recursive calls cannot be verified";
            }),

        new(VerifierCategory.Loop, ["infinite loop detected at insn {insn}"],
            "the program comes back to instruction {insn} with nothing changed that could end the loop",
            "make a counter change in every round and compare it with a constant; or use bpf_loop (5.17) or bpf_for (6.4)",
            "a loop whose end the verifier can see"),

        new(VerifierCategory.Complexity, ["BPF program is too large. Processed {n} insn"],
            "the verifier walked {n} instructions over all paths; a million is the limit",
            "use bpf_loop (5.17) or bpf_for (6.4) instead of long loops, put parts in global functions, which are verified once, and branch less inside of loops",
            "at most 1 000 000 instructions over all paths", Hottest),

        new(VerifierCategory.Complexity, ["The sequence of {n} jumps is too complex.", "The sequence of {n} jumps is too complex for async cb."],
            "{n} branches wait to be walked; 8192 are the limit",
            "branch less in a row: use a table in a map, a loop with bpf_loop, or global functions", "at most 8192 open branches"),

        new(VerifierCategory.Complexity, ["{where}: too many iterations", "frame{n} bpf_loop iteration limit reached", "liveness analysis exceeded complexity limit ({n} calls)", "insns processed {n}"],
            "the verifier gave up: there is too much to walk",
            "make the program smaller, with fewer calls and branches"),

        new(VerifierCategory.ControlFlow, ["unreachable insn {insn}"],
            "no path leads to instruction {insn}",
            "remove it, or the jump or exit before it that hides it"),

        new(VerifierCategory.ControlFlow, ["jump out of range from insn {insn} to {to}", "indirect jump out of range from insn {insn} to {to}"],
            "instruction {insn} jumps to {to}, which is outside of its function",
            "jump to labels inside of the function; to reach another one, call it"),

        new(VerifierCategory.ControlFlow, ["last insn is not an exit or jmp"],
            "the program or a function in it runs past its end",
            "end every function with exit (or a jump back)"),

        new(VerifierCategory.ControlFlow, ["jump into the middle of ldimm64 insn {insn}", "jump into the middle of ldimm64 insn"],
            "a jump leads to the second half of a 64-bit load",
            "count a 64-bit load as two slots, or use labels"),

        new(VerifierCategory.ControlFlow, ["invalid insn idx {insn} insn_cnt {n}", "call to invalid destination"],
            "a jump or call leads outside of the program",
            "use labels instead of numbers"),

        new(VerifierCategory.Function, ["recursive call from insn {insn} to {any}", "recursive call from {from}() to {to2}()", "recursive call{any}"],
            "a function calls itself, directly or through others",
            "use a loop; recursive calls cannot be verified"),

        new(VerifierCategory.Function, ["too many subprograms"],
            "there are more than 256 functions",
            "make some of them inline"),

        new(VerifierCategory.ReturnValue, ["At program exit the register {reg} has {value} should have been in {range}", "{place} the register {reg} has {value} should have been in {range}"],
            "this kind of program may return {range} only, and on this path {reg} has {value}",
            "set R0 to one of the allowed values before the exit",
            "a value in {range}", InNumbers),

        new(VerifierCategory.ReturnValue, ["{place} the register {reg} is not a known value ({value})", "{place} the register {reg} is not a scalar value ({value})"],
            "the program or function must return a number, and {reg} is {value}",
            "set R0 to a number before the exit", "a number in R0"),

        new(VerifierCategory.ReturnValue, ["R0 not a scalar value", "{reg} not a scalar value"],
            "a function or callback must return a number",
            "set R0 to a number before the exit", "a number in R0"),

        new(VerifierCategory.ReturnValue, ["BPF_LSM_CGROUP that attach to void LSM hooks can't modify return value!", "Note, BPF_LSM_CGROUP that attach to void LSM hooks can't modify return value!"],
            "the hook has no return value to set",
            "return 1 and leave the value alone"),

        new(VerifierCategory.Function, ["callback function not static", "callback function cannot be the main program"],
            "a callback must be a static function of the program",
            "mark the function static (in BTF), and pass its address"),

        new(VerifierCategory.Function, ["tail_calls are not allowed in non-JITed programs with bpf-to-bpf calls", "mixing of tail_calls and bpf-to-bpf calls is not supported", "JIT doesn't support bpf-to-bpf calls", "callbacks are not allowed in non-JITed programs", "tail_calls are not allowed in programs with bpf-to-bpf calls"],
            "this kernel cannot do both in one program",
            "switch the JIT on (sysctl net.core.bpf_jit_enable=1), use a kernel from 5.10 on x86-64, or do without one of the two"),

        new(VerifierCategory.ControlFlow, ["unexpected __bpf_trap() due to uninitialized variable?"],
            "the compiler put a trap there: the source has undefined behaviour, most often a variable that is not initialised",
            "initialise the variable; compile with -Wall"),
    ];

    // Kernels before 6.8 write known bits, (value; mask of the unknown ones), where newer ones write limits.
    private static void InNumbers(ExplanationDraft d)
    {
        string range = Limits(d["range"]), value = Limits(d["value"].Replace("value ", "", StringComparison.Ordinal));
        d.Reason = $"this kind of program may return {range} only, and on this path {{reg}} has {value}";
        d.Required = $"a value in {range}";
        d.Known = $"{{reg}} has {value}";
    }

    private static string Limits(string bits)
    {
        string[] parts = bits.Trim('(', ')').Split("; ");
        if (bits is not ['(', .., ')'] || parts.Length != 2 || !TryHex(parts[0], out ulong value) || !TryHex(parts[1], out ulong mask)) return bits;
        return mask == 0 ? value.ToString(CultureInfo.InvariantCulture) : FormattableString.Invariant($"[{value}, {value | mask}]");
    }

    private static bool TryHex(string text, out ulong number)
    {
        number = 0;
        return text.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }

    private static void Hottest(ExplanationDraft d)
    {
        // The last instructions shown are those of the path it was on, most often the loop.
        if (d.Index is { } index && d.Log.SourceOf(index) is not null) d.Reason += $"; it stopped at {d.Place(index)}";
    }
}
