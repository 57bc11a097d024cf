namespace Hornet.Programs.Verifier;

/// <summary>Calculations with pointers, and kernel addresses that would get out.</summary>
internal static class PointerMessages
{
    private const string Allowed = "only adding and subtracting numbers keeps a pointer a pointer";

    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.PointerArithmetic, ["{reg} pointer arithmetic on {kind} prohibited"],
            "{reg} is of kind {kind}, and nothing may be added to it",
            "use it as it is; put constant offsets in the load or store"),

        new(VerifierCategory.PointerArithmetic, ["{reg} 32-bit pointer arithmetic prohibited"],
            "a 32-bit operation would cut the pointer in {reg} in half",
            "use the 64-bit form: Add instead of Add32"),

        new(VerifierCategory.PointerArithmetic, ["{reg} pointer += pointer prohibited"],
            "two pointers are added, which gives no pointer",
            "subtract them for a distance, or add a number"),

        new(VerifierCategory.PointerArithmetic, ["{reg} tried to subtract pointer from scalar"],
            "a pointer is subtracted from a number",
            "subtract the number from the pointer"),

        new(VerifierCategory.PointerArithmetic, ["{reg} subtraction from stack pointer prohibited"],
            "a number that is not constant is subtracted from an address on the stack",
            "add instead: start at the lowest address and add the index"),

        new(VerifierCategory.PointerArithmetic, ["{reg} bitwise operator {op} on pointer prohibited"],
            "{op} is applied to the pointer in {reg}; " + Allowed,
            "align the offset before adding it, not the pointer after"),

        new(VerifierCategory.PointerArithmetic, ["{reg} pointer arithmetic with {op} operator prohibited", "{reg} pointer arithmetic prohibited"],
            "the pointer in {reg} is multiplied, divided, shifted or negated; " + Allowed,
            "calculate with numbers first and add the result to the pointer"),

        new(VerifierCategory.PointerArithmetic, ["math between {kind} pointer and register with unbounded min value is not allowed"],
            "a number that may be hugely negative is added to a pointer",
            "limit the number before adding it: check it, mask it with And, or use an unsigned type", "limits of the number that is added"),

        new(VerifierCategory.PointerArithmetic, ["math between {kind} pointer and {value} is not allowed", "value {value} makes {kind} pointer be out of bounds"],
            "adding {value} leads far outside of what the pointer ({kind}) points to",
            "check the calculation; offsets of pointers must stay below 512 MiB"),

        new(VerifierCategory.PointerArithmetic, ["{reg} pointer {op} pointer prohibited"],
            "the pointers in the two registers may not be combined or compared like that",
            "compare pointers only for equality or against data_end, and only of the same kind"),

        new(VerifierCategory.PointerLeak, ["{reg} pointer comparison prohibited"],
            "comparing a pointer with something else tells of its address, which a program without CAP_PERFMON may not",
            "compare pointers only with NULL or data_end, or load with CAP_PERFMON"),

        new(VerifierCategory.PointerLeak, ["{reg} partial copy of pointer"],
            "the lower half of a pointer is copied: a number made of an address, which a program without CAP_PERFMON may not have",
            "copy it with a 64-bit move, or load with CAP_PERFMON"),

        new(VerifierCategory.PointerArithmetic, ["{reg} sign-extension part of pointer"],
            "the sign of a part of a pointer is extended, which gives no pointer",
            "copy pointers with a 64-bit move"),

        new(VerifierCategory.PointerLeak, ["{reg} leaks addr into {where}"],
            "a kernel address would be written into {where}, where others can read it",
            "store a number of your own instead (an id, a counter); with CAP_PERFMON this is allowed for maps"),

        new(VerifierCategory.PointerLeak, ["{reg} leaks addr as return value"],
            "the program returns a pointer: a kernel address would get out",
            "return a number"),

        new(VerifierCategory.PointerLeak, ["leaking pointer from stack off {off}"],
            "a pointer that was saved on the stack at {off} is read as a number",
            "load it whole as a pointer, or load with CAP_PERFMON"),

        new(VerifierCategory.PointerArithmetic, ["{reg} stack pointer arithmetic goes out of range, prohibited for !root; off={off}", "{reg} pointer arithmetic of map value goes out of range, prohibited for !root", "{reg} has unknown scalar with mixed signed bounds, {any}", "{reg} has pointer with unsupported alu operation, {any}", "{reg} tried to {op} from different maps, paths or scalars, {any}"],
            "without CAP_PERFMON the verifier guards against speculative execution, and this calculation cannot be guarded",
            "keep every intermediate address inside of the object, or load with CAP_PERFMON"),
    ];
}
