namespace Hornet.Programs.Verifier;

/// <summary>Maps, type information and attach points that do not fit the program as a whole.</summary>
internal static class ProgramMessages
{
    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.Map, ["fd {n} is not pointing to valid bpf_map", "fd {n} is not pointing to valid bpf_map or btf"],
            "the descriptor {n} in the instruction is not one of a map",
            "load maps by name or FileDescriptor, and keep them open until the program is loaded"),

        new(VerifierCategory.Map, ["direct value offset of {n} is not allowed", "no direct value access support for this map type"],
            "an address inside of the map's value is taken, which works for arrays with one element only",
            "use an array map with max_entries 1, or look the element up with bpf_map_lookup_elem"),

        new(VerifierCategory.Map, ["only one cgroup storage of each type is allowed"],
            "the program uses two cgroup storages of the same kind",
            "use one, or MapType.CgrpStorage (6.2)"),

        new(VerifierCategory.Map, ["bpf_struct_ops map cannot be used in prog"],
            "struct_ops maps are not for programs",
            "use another map"),

        new(VerifierCategory.Map, ["Only one arena per program"],
            "the program uses two arenas",
            "put everything in one arena"),

        new(VerifierCategory.Map, ["arena's user address must be set via map_extra or mmap()"],
            "the arena is not mapped yet, so its address is not known",
            "map the arena before loading, or set MapSpec.Extra to its address"),

        new(VerifierCategory.Map, ["trace type programs with run-time allocated hash maps are unsafe. Switch to preallocated hash maps.", "trace type BPF program uses run-time allocation", "perf_event programs can only use preallocated hash map"],
            "a tracing program uses a hash map that allocates when entries are added, which older kernels do not take",
            "create the map without MapFlags.NoPrealloc"),

        new(VerifierCategory.Map, ["offload device mismatch between prog and map", "{any} is not offloaded, only offloaded {any2}"],
            "program and map are bound to different network devices",
            "create both for the same device"),

        new(VerifierCategory.Map, ["too many different module BTFs", "The total number of maps per program has reached the limit of {n}", "The total number of btfs per program has reached the limit of {n}"],
            "the program refers to more maps or BTF objects than one may",
            "use fewer: 64 maps per program"),

        new(VerifierCategory.Btf, ["missing btf func_info", "invalid func info rec size {n}", "number of funcs in func_info doesn't match number of subprogs", "func_info BTF section doesn't match subprog layout in BPF program", "same or smaller insn offset ({n}) than previous func info record ({n2})", "nonzero insn_off {n} for the first func info record", "invalid type id {n} in func info", "nonzero tailing record in func info"],
            "the function information given with the program does not fit its functions",
            "give one record per function, in order, the first at 0, each naming a function type of the program's BTF"),

        new(VerifierCategory.Btf, ["Invalid line_info[{n}].{any}", "Invalid insn code at line_info[{n}].insn_off", "missing bpf_line_info for func#{n}", "missing bpf_line_info for {n} funcs starting from func#{n2}", "nonzero tailing record in line_info"],
            "the line information given with the program does not fit its instructions",
            "give lines in order of their instructions, and one at the start of every function"),

        new(VerifierCategory.Attach, ["Tracing programs must provide btf_id"],
            "this kind of program is loaded for one kernel function or tracepoint, and none was named",
            "set ProgramSpec.AttachTo, so that the loader finds its BTF id"),

        new(VerifierCategory.Attach, ["attach_btf_id {n} is invalid", "attach_btf_id {n} is not a function", "attach_btf_id {n} is not a typedef", "attach_btf_id {n} points to wrong type name {type}", "attach_btf_id {n} doesn't have a name", "attach_btf_id {n} is not a supported struct"],
            "the BTF id {n} is not what this kind of program attaches to",
            "find the target by name in the BTF of the running kernel; ids differ from build to build"),

        new(VerifierCategory.Attach, ["attach to invalid member idx {n} of struct {type}", "attach to invalid member {member}(@idx {n}) of struct {type}", "attach to unsupported member {member} of struct {type}", "struct_ops module {type} is not found"],
            "the struct_ops type has no member there that a program can implement",
            "name a function pointer of the struct"),

        new(VerifierCategory.Attach, ["{function}() is not modifiable", "The address of function {function} cannot be found", "Attaching {any} to __noreturn function{any2}", "Attaching tracing programs to function '{function}' is rejected.", "kernel function {function}() is not modifiable"],
            "the kernel does not let a program of this kind attach there",
            "choose another function; fmod_ret works only on security hooks and functions marked for error injection"),

        new(VerifierCategory.Attach, ["Cannot replace static functions", "Cannot replace kernel functions", "Cannot recursively attach", "Cannot extend fentry/fexit", "Cannot extend fentry/fexit/fsession", "Extension programs should be JITed", "Subprog {function} doesn't exist", "Can attach to only JITed progs", "Cannot nest tracing program attach more than once", "Extension program changes packet data, while original does not", "Extension program may sleep, while original does not", "Tracing program can only be attached to another program annotated with BTF", "FENTRY/FEXIT program can only be attached to another program annotated with BTF"],
            "the target program's function cannot be replaced or traced by this program",
            "replace global functions of a program that was loaded with BTF, by one with the same prototype"),

        new(VerifierCategory.Btf, ["in-kernel BTF is malformed", "kernel is missing BTF, make sure CONFIG_DEBUG_INFO_BTF=y is specified in Kconfig.", "btf_vmlinux is malformed", "{any} requires prog BTF"],
            "type information is missing: the kernel's or the program's",
            "use a kernel with CONFIG_DEBUG_INFO_BTF=y, and load the program with its BTF"),

        new(VerifierCategory.VerifierBug, ["kernel subsystem misconfigured {any}", "bpf verifier is misconfigured", "verifier internal error: {any}", "verifier internal error", "verifier bug: {any}", "verifier bug. {any}", "verifier bug", "BUG {any}", "verifier backtracking bug{any}"],
            "the kernel's verifier met a state of its own that it holds for impossible",
            "try another kernel version, or write the place differently; the kernel's developers want to hear of it"),
    ];
}
