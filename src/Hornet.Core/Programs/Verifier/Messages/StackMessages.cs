using System.Globalization;

namespace Hornet.Programs.Verifier;

/// <summary>The 512 bytes below R10.</summary>
internal static class StackMessages
{
    private const string Smaller = "keep large data in a per-CPU array map with one element, and only its pointer on the stack";

    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.Stack,
            ["invalid write to stack {reg} off={off} size={bytes}", "invalid read from stack {reg} off={off} size={bytes}", "invalid stack {reg} off={off} size={bytes}", "invalid stack off={off} size={bytes}",
             "invalid indirect access to stack {reg} off={off} size={bytes}", "invalid stack type {reg} off={off} access_size={bytes}", "invalid{kind} stack {reg} off={off} size={bytes}"],
            "{bytes} bytes at offset {off} from the frame pointer are accessed, and the stack is the 512 bytes from -512 to -1",
            "stay between -512 and -1; " + Smaller, "an access inside of the 512 bytes below R10", InsideMeansUnwritten),

        new(VerifierCategory.Uninitialized,
            ["invalid read from stack off {off} size {bytes}", "invalid read from stack {reg} off {off} size {bytes}"],
            "{bytes} bytes of the stack are read that were not all written before on this path (offset {off})",
            "write the whole of it first; fill holes between fields of a struct with zeros", "bytes of the stack that were written before"),

        new(VerifierCategory.Uninitialized,
            ["invalid indirect read from stack {reg} off {off} size {bytes}", "invalid indirect read from stack off {off} size {bytes}"],
            "{call} reads {bytes} bytes of the stack that were not all written before (offset {off})",
            "write the whole of it first; fill holes between fields of a struct with zeros. Kernels before 6.4 insist on it even for root", "bytes of the stack that were written before"),

        new(VerifierCategory.Uninitialized, ["invalid read from stack {reg} var_off {range} size {bytes}", "invalid indirect read from stack {reg} var_off {range} size {bytes}"],
            "bytes of the stack are read at an offset that is not constant, and some of them were not written before",
            "write the whole array before indexing into it", "bytes of the stack that were written before"),

        new(VerifierCategory.Stack,
            ["invalid variable-offset{any} stack {reg} var_off={range} off={off} size={bytes}", "invalid variable-offset{any} stack {reg} var_off={range} size={bytes}", "{reg} variable stack access prohibited for !root, var_off={range} off={off}", "{reg} variable offset stack access prohibited for !root, var_off={range}", "invalid unbounded variable-offset{any} stack {reg}"],
            "the stack is accessed at an offset that is not constant and may be outside of it",
            "limit the index before the access, or use constant offsets", "an offset that is known to stay inside of the stack"),

        new(VerifierCategory.Stack, ["attempt to corrupt spilled pointer on stack"],
            "a part of a pointer that was saved on the stack is overwritten",
            "use separate stack slots for pointers and numbers"),

        new(VerifierCategory.Stack, ["invalid size of register fill", "invalid size of register spill"],
            "a pointer on the stack is saved or loaded in parts",
            "save and load pointers whole, 8 bytes at an offset that is a multiple of 8"),

        new(VerifierCategory.Stack, ["cannot spill pointers to stack into stack frame of the caller"],
            "a function stores a pointer to its own stack where its caller keeps things: it would outlive the function",
            "return a value instead, or let the caller pass memory to write to"),

        new(VerifierCategory.Stack, ["cannot return stack pointer to the caller"],
            "a function returns an address of its own stack, which is gone after the return",
            "return a value, or write to memory that the caller passes"),

        new(VerifierCategory.Stack, ["combined stack size of {n} calls is {bytes}. Too large"],
            "the functions of one chain of {n} calls use {bytes} bytes of stack together; 512 are allowed",
            Smaller + "; or make the functions inline, so that the compiler shares the slots", "at most 512 bytes along every chain of calls"),

        new(VerifierCategory.Stack, ["stack depth {n} exceeds interpreter stack depth limit", "stack size {n}(extra {any}) is too large"],
            "the program uses more stack than can be had",
            Smaller),

        new(VerifierCategory.Stack, ["tail_calls are not allowed when call stack of previous frames is {n} bytes. Too large"],
            "a function that is called with {n} bytes of stack below it makes a tail call; 256 are allowed then",
            "use less stack in the callers, or make the tail call from the main function", "at most 256 bytes of stack below a tail call"),

        new(VerifierCategory.Function, ["the call stack of {n} frames is too deep !", "the call stack of {n} frames is too deep"],
            "functions call each other {n} deep, one more than the kernel allows",
            "make some of them inline; a function that calls itself, directly or through others, is recursive and cannot be verified", "a chain of calls that is shorter"),
    ];

    // Without CAP_PERFMON, stack that was never written does not even exist.
    private static void InsideMeansUnwritten(ExplanationDraft d)
    {
        if (!int.TryParse(d["off"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int offset) || !int.TryParse(d["bytes"], NumberStyles.None, CultureInfo.InvariantCulture, out int size)) return;
        if (offset < -512 || offset + (long)size > 0 || d.Line.Contains("write", StringComparison.Ordinal)) return;
        d.Category = VerifierCategory.Uninitialized;
        d.Reason = (d.Call is null ? "" : "{call} reads ") + "{bytes} bytes of the stack at offset {off}" + (d.Call is null ? " are read that were not all written before" : " that were not all written before");
        d.Required = "bytes of the stack that were written before";
        d.Suggestion = "write the whole of it first; fill holes between fields of a struct with zeros";
    }
}
