namespace Hornet.Programs.Verifier;

/// <summary>Accesses outside of map values, packets, the context and other memory; writes to what may only be read.</summary>
internal static class MemoryMessages
{
    private const string CheckIndex = "check the index before the access (if (i >= COUNT) return 0;) in the same register that is then used, or mask it: And(R1, COUNT - 1)";

    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.Bounds, ["invalid access to map value, value_size={size} off={off} size={bytes}"],
            "{bytes} bytes at offset {off} are accessed, and the map's values are {size} bytes long",
            "stay inside of the value, or make the map's values larger",
            "an offset from 0 to {size} minus {bytes}", VariableOffset),

        new(VerifierCategory.Bounds, ["invalid access to map value pointer, value_size={size} off={off}"],
            "the instruction takes the address of offset {off} in the map's value, which is {size} bytes long",
            "stay inside of the value", "an offset below {size}"),

        new(VerifierCategory.Bounds, ["invalid access to map key, key_size={size} off={off} size={bytes}", "invalid access to key, key_size={size} off={off} size={bytes}"],
            "{bytes} bytes at offset {off} are accessed, and the map's keys are {size} bytes long",
            "stay inside of the key", "an offset from 0 to {size} minus {bytes}"),

        new(VerifierCategory.Bounds, ["invalid access to memory, mem_size={size} off={off} size={bytes}"],
            "{bytes} bytes at offset {off} are accessed, and the memory is {size} bytes long",
            "stay inside, or ask for more memory (bpf_ringbuf_reserve takes the size)",
            "an offset from 0 to {size} minus {bytes}", VariableOffset),

        new(VerifierCategory.Bounds, ["invalid access to context, ctx_size={size} off={off} size={bytes}"],
            "{bytes} bytes at offset {off} of the context are accessed, which is {size} bytes long",
            "access only the fields this kind of program has"),

        new(VerifierCategory.Bounds, ["{reg} max value is outside of the allowed memory range", "{reg} max value is outside of the array range"],
            "the largest value that {reg} may have leads outside of the memory",
            CheckIndex, "an upper limit of {reg} that keeps the access inside"),

        new(VerifierCategory.Bounds, ["{reg} min value is outside of the allowed memory range", "{reg} min value is outside of the array range"],
            "the smallest value that {reg} may have leads outside of the memory",
            "check the lower limit too, or keep the index unsigned", "a lower limit of {reg} that keeps the access inside"),

        new(VerifierCategory.Bounds, ["{reg} unbounded memory access, make sure to bounds check any such access"],
            "{reg} was moved by a number that may be huge",
            CheckIndex, "an upper limit of the number that was added to {reg}"),

        new(VerifierCategory.Bounds, ["{reg} unbounded memory access, use 'var &= const' or 'if (var < const)'", "{reg} unbounded size, use 'var &= const' or 'if (var < const)'"],
            "{call} is given {reg} as a size, and it may be huge",
            "limit the size before the call: And({reg}, MAX), or if (size > MAX) size = MAX; a comparison must be unsigned and in the register that is passed",
            "an upper limit of {reg} that fits the memory"),

        new(VerifierCategory.Bounds, ["{reg} min value is negative, either use unsigned index or do a if (index >=0) check."],
            "{reg} may be negative, so the access may be before the memory",
            "use an unsigned index, or check that it is not below 0",
            "a lower limit of {reg}"),

        new(VerifierCategory.Bounds, ["{reg} min value is negative, either use unsigned or 'var &= const'"],
            "{call} is given {reg} as a size, and it may be negative",
            "make the size unsigned, mask it (And) or check that it is not below 0 before the call",
            "a size that is not negative"),

        new(VerifierCategory.Bounds, ["{reg} invalid zero-sized read: {any}", "{reg} invalid zero-sized read", "invalid zero-sized read"],
            "{call} is given {reg} as a size, and it may be 0, which this helper does not take",
            "check that the size is at least 1 before the call", "a size of at least 1"),

        new(VerifierCategory.PacketBounds, ["invalid access to packet, off={off} size={bytes}, {reg}({state})"],
            "{bytes} bytes of the packet are accessed at offset {off}, and the packet was not found to be that long on this path",
            "compare first: if (data + OFFSET + SIZE > data_end) return; and access through the same pointer that was compared",
            "a comparison of {reg} plus {off} plus {bytes} with data_end", PacketPointerLost),

        new(VerifierCategory.PacketBounds, ["{reg} offset is outside of the packet"],
            "{reg} may point outside of the packet",
            "compare the pointer with data_end after the last time it was moved", "a comparison with data_end"),

        new(VerifierCategory.Context, ["invalid bpf_context access off={off} size={bytes}"],
            "the context has no field of {bytes} bytes at offset {off} that this kind of program may {access}",
            "look up the fields of this program type's context; some are there only for some attach types, in some sizes, or read-only",
            null, ReadOrWrite),

        new(VerifierCategory.Context, ["dereference of modified ctx ptr {reg} off={off} disallowed", "dereference of modified {kind} ptr {reg} off={off} disallowed", "negative offset {kind} ptr {reg} off={off} disallowed"],
            "{reg} was moved by {off}, and its fields may only be accessed at constant offsets of the original pointer",
            "put the offset in the load: Load(R2, {reg}, offset); keep clang from moving the context pointer (declare what is read volatile, or copy the field earlier)",
            "the context as it was at entry"),

        new(VerifierCategory.Context, ["variable {kind} access var_off={range} disallowed", "variable {kind}access var_off={range} disallowed"],
            "a number that is not constant was added to a pointer whose fields have fixed offsets",
            "use constant offsets; for an index into an array of the context, write out the cases", "a constant offset"),

        new(VerifierCategory.Alignment, ["misaligned {what} access off {offset} size {bytes}", "misaligned {what}access off {offset} size {bytes}", "misaligned access off {offset} size {bytes}"],
            "{bytes} bytes are accessed at an address that is not a multiple of {bytes}",
            "align the fields, read byte by byte, or drop ProgramFlags.StrictAlignment on a machine that does not need it",
            "an aligned offset"),

        new(VerifierCategory.ReadOnly, ["{reg} cannot write into {kind}"],
            "{reg} points to memory of kind {kind}, which may only be read",
            "write to a copy on the stack or in a map", "memory that may be written"),

        new(VerifierCategory.ReadOnly, ["cannot write into packet", "the prog does not allow writes to packet data"],
            "this kind of program may read the packet but not write to it",
            "use a program type that may (XDP, tc, sk_skb, lwt_xmit), or the helper for it (bpf_skb_store_bytes)"),

        new(VerifierCategory.ReadOnly, ["write into map forbidden, value_size={size} off={off} size={bytes}", "write into map forbidden"],
            "the map was created read-only for programs, or is constant data of the object (.rodata)",
            "create it without MapFlags.ReadOnlyProgram, or write to another map"),

        new(VerifierCategory.ReadOnly, ["read from map forbidden, value_size={size} off={off} size={bytes}", "read from map forbidden"],
            "the map was created write-only for programs",
            "create it without MapFlags.WriteOnlyProgram"),

        new(VerifierCategory.ReadOnly, ["write to change key {reg} not allowed"],
            "{reg} points to a key inside the map, and changing it would break the map",
            "delete the entry and insert it under the new key"),

        new(VerifierCategory.ReadOnly, ["only read is supported", "only read from {type} is supported", "Writes through BTF pointers are not allowed"],
            "the instruction writes to a kernel object, and programs may only read those",
            "write with a helper or kernel function made for it, or to a copy"),

        new(VerifierCategory.Bounds, ["access beyond struct {type} at off {off} size {bytes}", "access beyond the end of member {member} (mend:{end}) in struct {type} with off {off} size {bytes}"],
            "{bytes} bytes at offset {off} are not inside of struct {type}",
            "use the field's offset and size of the running kernel: let CO-RE relocate it, or look at the kernel's BTF"),

        new(VerifierCategory.Bounds, ["cannot access ptr member {member} with moff {moff} in struct {type} with off {off} size {bytes}"],
            "the access takes a part of the pointer '{member}' in struct {type}",
            "read the whole pointer, 8 bytes at offset {moff}", "an access to the whole pointer"),

        new(VerifierCategory.NotAPointer, ["{reg} is ptr_{type} invalid negative access: off={off}", "{reg} is ptr_{type} invalid variable offset: off={off}, var_off={range}"],
            "a kernel object of type {type} is accessed before its beginning or at an offset that is not constant",
            "access fields at constant offsets; read anything else with bpf_probe_read_kernel", "a constant offset inside of the object"),

        new(VerifierCategory.Context, ["func '{function}' doesn't have {n}-th argument"],
            "the attached function has no argument at this place of the context",
            "argument n is at offset 8 × n, counted from 0; the return value of fexit comes after the last one"),

        new(VerifierCategory.Context, ["func '{function}' arg{n} has btf_id {id} type {type} '{name}'", "func '{function}' arg{n} type {type} is not a struct"],
            "argument {n} of '{function}' cannot be followed as a kernel object",
            "treat it as a number, or read through it with bpf_probe_read_kernel"),

        new(VerifierCategory.Map, ["kptr access size must be BPF_DW", "{what} access size must be BPF_DW"],
            "a kernel pointer in a map is accessed with a size other than 8 bytes",
            "load and store kernel pointers whole, 8 bytes"),

        new(VerifierCategory.Map, ["{what} cannot be accessed directly by load/store"],
            "{what} lies inside of the access, and only its own helpers may touch it",
            "access the fields around {what} one by one, and use the helpers made for it"),

        new(VerifierCategory.Map, ["store to referenced kptr disallowed", "store to uptr disallowed"],
            "a pointer with a reference cannot be overwritten: the old one would leak",
            "exchange it with bpf_kptr_xchg and release the old one"),
    ];

    private static void VariableOffset(ExplanationDraft d)
    {
        // The line after says which limit it was: "R1 max value is outside of the allowed memory range".
        foreach (string line in d.Log.ErrorLines)
        {
            int end = line.IndexOf(" m", StringComparison.Ordinal);
            if (end < 0 || ExplanationDraft.ParseRegister(line[..end]) is not { } register) continue;
            d.Register = register;
            if (line.Contains("max value", StringComparison.Ordinal))
            {
                d.Reason += $"; {register} may be too large";
                d.Suggestion = CheckIndex;
            }
        }
    }

    private static void PacketPointerLost(ExplanationDraft d)
    {
        if (d["state"].Contains("r=0", StringComparison.Ordinal))
            d.Reason = "{bytes} bytes of the packet are accessed at offset {off} without a comparison of {reg} with data_end on this path (a comparison of another copy does not count once they were moved differently)";
    }

    private static void ReadOrWrite(ExplanationDraft d)
    {
        bool writes = d.Instruction.StartsWith('*') || d.Instruction.StartsWith("lock", StringComparison.Ordinal);
        d.Reason = d.Reason.Replace("{access}", writes ? "write" : "read", StringComparison.Ordinal);
        if (d["off"].StartsWith('-')) d.Reason += "; the offset is negative";
    }
}
