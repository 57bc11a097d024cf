namespace Hornet.Programs.Verifier;

/// <summary>Arguments of helpers, kernel functions and the program's own functions.</summary>
internal static class ArgumentMessages
{
    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.Argument, ["{reg} type={got} expected={want}"],
            "{call} wants {reg} to be of kind {want}, and it is of kind {got}",
            "look up the arguments of {call} and pass {want} in {reg}",
            "{want}", WrongKind),

        new(VerifierCategory.Argument, ["{reg} is of type {got} but {want} is expected"],
            "{call} wants a pointer to {want} in {reg}, and it points to {got}",
            "pass the kernel object the function is made for", "a pointer to {want}"),

        new(VerifierCategory.Argument, ["kernel function {function} args#{n} expected pointer to {want} but {reg} has a pointer to {got}", "kernel function {function} {any} expected pointer to {want} but {reg} has a pointer to {got}"],
            "{function} wants a pointer to {want} in {reg}, and it points to {got}",
            "pass the kernel object the function is made for", "a pointer to {want}"),

        new(VerifierCategory.Argument, ["{reg} must be referenced or trusted", "{reg} must be a rcu pointer"],
            "the kernel function wants a pointer that is sure to stay alive, and this one was only read out of memory",
            "acquire a reference (bpf_task_acquire and the like), take the pointer from the program's own arguments, or hold bpf_rcu_read_lock where an RCU pointer is enough",
            "a trusted pointer, one with a reference, or one under RCU"),

        new(VerifierCategory.Argument, ["{reg} must have zero offset when passed to release func or trusted arg to kfunc", "{reg} must have zero offset when passed to release func"],
            "the pointer in {reg} was moved, and it must be passed as it was acquired",
            "keep the original pointer for the call"),

        new(VerifierCategory.Argument, ["{reg} must be a known constant", "{reg} is not a known constant'", "{reg} is not a const", "{reg} is not a constant address'"],
            "{call} wants a constant in {reg}",
            "pass a number that is known when the program is loaded", "a constant"),

        new(VerifierCategory.Argument, ["{reg} is not a scalar"],
            "a number is wanted in {reg}, and it holds a pointer",
            "pass a number", "a number"),

        new(VerifierCategory.Argument, ["{reg} is not a pointer to arena or scalar."],
            "the function wants an arena pointer in {reg}",
            "cast it with CastAddressSpace", "a pointer into the arena"),

        new(VerifierCategory.Argument, ["{reg} doesn't point to a const string", "{reg} does not point to a readonly map'", "{reg} is not a constant address"],
            "{call} wants a constant string, and {reg} does not point into read-only data",
            "put the string in .rodata: a map that is frozen and read-only for programs", "the address of a string in a frozen, read-only map"),

        new(VerifierCategory.Argument, ["string is not zero-terminated"],
            "the string given to {call} has no zero byte at its end",
            "end the string in the map with a zero byte"),

        new(VerifierCategory.Argument, ["Invalid format string", "{any}format{any2} unsupported{any3}"],
            "the kernel's bpf_printf family does not take this format string",
            "use %d %u %x %ld %lu %lx %lld %llu %llx %c %s %p and their kernel and user forms %pks %pus; at most 12 arguments"),

        new(VerifierCategory.Function, ["Caller passes invalid args into func#{n} ('{function}')", "Caller passes invalid args into func#{n}"],
            "the arguments of the call do not fit what the global function #{n} is declared to take",
            "check for NULL before the call; pass pointers to memory of the declared size; numbers where numbers are declared"),

        new(VerifierCategory.Argument, ["arg#{n} expected pointer to ctx, but got {got}", "arg#{n} expects pointer to ctx", "{reg} expected pointer to ctx, but got {got}", "{reg} expects pointer to ctx"],
            "the function wants the program's context",
            "pass R1 as it was at entry; keep it in R6", "the context"),

        new(VerifierCategory.Argument, ["arg#{n} pointer type {kind} {type} must point to {any}scalar, or struct with scalar", "{any} pointer type {kind} {type} must point to {any2}scalar, or struct with scalar"],
            "the function takes a pointer to plain data, and this is of type {type}",
            "pass memory of plain numbers (a struct without pointers)"),

        new(VerifierCategory.Argument, ["arg#{n} arg#{n2} memory, len pair leads to invalid memory access", "{reg} memory, len pair leads to invalid memory access", "{any} memory, len pair leads to invalid memory access"],
            "the size passed to the function is larger than the memory passed with it",
            "pass the memory's real size"),

        new(VerifierCategory.Dynptr, ["Expected an initialized dynptr as arg #{n}", "Expected an initialized dynptr as {reg}", "Expected an initialized dynptr as {what}"],
            "{call} wants a dynptr that was made before, and there is none at this address",
            "make it first (bpf_dynptr_from_mem, bpf_ringbuf_reserve_dynptr …); it ends when it is submitted or discarded", "an initialised dynptr"),

        new(VerifierCategory.Dynptr, ["Dynptr has to be an uninitialized dynptr"],
            "{call} makes a dynptr where one is already",
            "use another slot of the stack, or submit the first one before", "a free slot of 16 bytes on the stack"),

        new(VerifierCategory.Dynptr, ["Expected a dynptr of type {type} as {what}"],
            "{call} wants a dynptr of type {type}",
            "use the function that goes with the dynptr's origin", "a dynptr of type {type}"),

        new(VerifierCategory.Dynptr, ["expected an initialized {iterator} as {what}", "expected uninitialized {iterator} as {what}", "expected valid iter pointer as {what}", "arg#{n} expected pointer to an iterator on stack", "{reg} expected pointer to an iterator on stack"],
            "iterators are used in order: new, next until it answers NULL, destroy; here it is in another state",
            "call the iterator's _new once before, _next in the loop, and _destroy once after it", "an iterator on the stack in the right state"),

        new(VerifierCategory.Argument, ["arg#{n} expected pointer to {want}", "arg {n} expected pointer to {want}", "arg{n} expected pointer to {want}", "{reg} expected pointer to {want}"],
            "the kernel function wants a pointer to {want}",
            "pass what the function is made for", "a pointer to {want}"),

        new(VerifierCategory.Argument, ["expected prog array map for tail call{any}", "tail_call abusing map_ptr"],
            "a tail call wants a program array, and the same one on every path",
            "pass a map of type ProgramArray in R2"),

        // Kernels before 6.14 have no better word for a tail call through another kind of map.
        new(VerifierCategory.VerifierBug, ["kernel subsystem misconfigured verifier"],
            "the kernel's verifier met a state of its own that it holds for impossible",
            "try another kernel version, or write the place differently", null, static d =>
            {
                if (d.Call is not "bpf_tail_call") return;
                d.Category = VerifierCategory.Argument;
                d.Reason = "a tail call wants a program array, and R2 is another kind of map";
                d.Suggestion = "pass a map of type ProgramArray in R2";
            }),
    ];

    private static void WrongKind(ExplanationDraft d)
    {
        if (d["got"].Contains("or_null", StringComparison.Ordinal) && !d["want"].Contains("or_null", StringComparison.Ordinal))
        {
            d.Category = VerifierCategory.NullPointer;
            d.Reason = "{call} is given {reg}, which may be NULL";
            d.Suggestion = "compare {reg} with 0 and leave before the call";
            d.Required = "a pointer that is known not to be NULL";
            RegisterMessages.WhereFrom(d);
        }
        else if (d["got"] is "inv" or "scalar" or "imm" && (d["want"] is "ringbuf_mem" or "alloc_mem" or "mem" && d.Call is "bpf_ringbuf_submit" or "bpf_ringbuf_discard"))
        {
            d.Category = VerifierCategory.Reference;
            d.Reason = "{call} is given something in {reg} that is no ring buffer record any more, or never was one";
            d.Suggestion = "give every record from bpf_ringbuf_reserve back exactly once: a submitted or discarded record is gone";
            d.Required = "a record that was reserved and not given back yet";
        }
        else if (d["got"] is "inv" or "scalar" or "imm")
        {
            d.Reason = "{call} wants {reg} to be a pointer ({want}), and it holds a number as far as the verifier knows";
            if (d["want"].StartsWith("fp", StringComparison.Ordinal))
                d.Suggestion = "pass the address of memory: put the value on the stack and pass Mov({reg}, R10).Add({reg}, offset), or a map value or packet pointer where those are listed";
            else if (d["want"].StartsWith("map_ptr", StringComparison.Ordinal))
                d.Suggestion = "load the map with LoadMap({reg}, …)";
            else if (d["want"].StartsWith("ctx", StringComparison.Ordinal))
                d.Suggestion = "pass the context: keep R1 in R6 at entry and move it to {reg} before the call";
        }
    }
}
