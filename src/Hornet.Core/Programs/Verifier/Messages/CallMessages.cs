using System.Globalization;
using Hornet.Isa;

namespace Hornet.Programs.Verifier;

/// <summary>Which helpers and kernel functions can be called at all.</summary>
internal static class CallMessages
{
    // What libbpf and cilium/ebpf put in place of an access whose CO-RE relocation failed: a call of no helper.
    private const int PoisonedAccess = 195896080;

    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.Helper, ["program of this type cannot use helper {function}#{id}", "unknown func {function}#{id}"],
            "{function} cannot be called from this type of program on the running kernel",
            "use a program type that has it, or a kernel that lets this one call it",
            null, HelperVersion),

        new(VerifierCategory.Helper, ["invalid func {function}#{id}"],
            "the kernel has no helper number {id}",
            "the program was built for a newer kernel",
            null, HelperVersion),

        new(VerifierCategory.License, ["cannot call GPL-restricted function from non-GPL compatible program"],
            "{call} is for programs under a GPL-compatible license only, and this program's license is another",
            "declare the license: ProgramSpec.License = \"GPL\" or \"Dual BSD/GPL\"; in C: char LICENSE[] SEC(\"license\") = \"GPL\";"),

        new(VerifierCategory.License, ["cannot call kernel function from non-GPL compatible program"],
            "kernel functions are for programs under a GPL-compatible license only",
            "declare the license: ProgramSpec.License = \"GPL\" or \"Dual BSD/GPL\""),

        new(VerifierCategory.License, ["struct ops programs must have a GPL compatible license"],
            "struct_ops programs become part of the kernel and need a GPL-compatible license",
            "declare the license: ProgramSpec.License = \"GPL\""),

        new(VerifierCategory.KernelFunction, ["calling kernel function {function} is not allowed"],
            "{function} exists, but not for this type of program",
            "call it from a program type it is registered for, or use another function"),

        new(VerifierCategory.KernelFunction, ["kernel btf_id {id} is not a function", "kernel function btf_id {id} does not have a valid func_proto", "failed to find BTF for kernel function", "cannot find address for kernel function {function}"],
            "the BTF id in the call is not one of a function that can be called",
            "resolve kernel functions by name against the BTF of the running kernel; ids differ from build to build"),

        new(VerifierCategory.KernelFunction, ["calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF", "JIT is required for calling kernel function", "JIT does not support calling kernel function", "calling kernel functions are not allowed in non-JITed programs"],
            "this kernel cannot call kernel functions",
            "it needs CONFIG_DEBUG_INFO_BTF and the JIT (sysctl net.core.bpf_jit_enable=1)"),

        new(VerifierCategory.KernelFunction, ["invalid module BTF fd specified", "BTF fd for kfunc is not a module BTF", "kfunc offset > 0 without fd_array is invalid", "negative offset disallowed for kernel module function call"],
            "the call names a module's BTF that was not given at load",
            "load with the module's BTF in ProgramLoadOptions.DescriptorArray"),

        new(VerifierCategory.Helper, ["helper call is not allowed in probe"],
            "{call} is not for programs of this kind",
            "use another attach point or helper"),

        new(VerifierCategory.Helper, ["helper access to the packet is not allowed"],
            "{call} does not take pointers into the packet from this program type",
            "copy to the stack first (bpf_skb_load_bytes, bpf_xdp_load_bytes)"),

        new(VerifierCategory.Helper, ["func {function}#{id} supported only for {types} programs", "func {function}#{id} not supported for program type {n}"],
            "{function} is not for programs of this kind",
            "load the program as one of the kinds that have it"),

        new(VerifierCategory.Map, ["cannot pass map_type {n} into func {function}#{id}"],
            "{function} does not work on maps of type {n}",
            "use the helper that goes with the map's type, or another type of map",
            "a map type that {function} works on", static d =>
            {
                if (VerifierLog.ParseIndex(d["n"]) is { } number && Enum.IsDefined((MapType)number))
                    d.Reason = $"{{function}} does not work on maps of type {(MapType)number}";
            }),

        new(VerifierCategory.Sleep, ["helper call might sleep in a non-sleepable prog", "program must be sleepable to call sleepable kfunc {function}", "sleepable helper {function}#{id} in {region}", "kernel func {function} is sleepable within {region}", "sleepable global function {function}() called in {region}"],
            "the called function may sleep, and the program may not sleep here",
            "load the program with ProgramFlags.Sleepable (section names ending in .s) where its attach point allows it, and call outside of RCU, spin lock and non-preemptible sections"),

        new(VerifierCategory.Sleep, ["Sleepable programs can only use array, hash, ringbuf and local storage maps", "Sleepable programs can only use array, hash, and ringbuf maps", "Sleepable programs can only use array and hash maps", "Sleepable programs can only use preallocated hash maps"],
            "this type of map cannot be used from a program that may sleep on the running kernel",
            "use an array, hash or ring buffer, or a newer kernel"),

        new(VerifierCategory.Sleep, ["Syscall programs can only be sleepable", "Program of this type cannot be sleepable", "{function} is not sleepable", "Only {types} programs can be sleepable", "Sleepable program cannot attach to non-faultable tracepoint {function}"],
            "this kind of program, or what it attaches to, does not go with sleeping",
            "set or clear ProgramFlags.Sleepable to fit the kind of program"),

        new(VerifierCategory.Permission, ["loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN", "function calls to other bpf functions are allowed for CAP_BPF and CAP_SYS_ADMIN"],
            "functions may be called only with CAP_BPF",
            "run with CAP_BPF (or as root)"),

        new(VerifierCategory.Permission, ["{what} access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN", "destructive kfunc calls require CAP_SYS_BOOT capability", "destructive kfunc calls require CAP_SYS_BOOT capabilities", "CAP_BPF and CAP_PERFMON are required to use arena"],
            "the process lacks a capability for this",
            "run with the capability that is named (or as root)"),

    ];

    private static void HelperVersion(ExplanationDraft d)
    {
        if (VerifierLog.ParseIndex(d["id"]) is not { } id) return;
        if (id == PoisonedAccess)
        {
            d.Category = VerifierCategory.Relocation;
            d.Reason = "the instruction stands in place of an access to a field or type that the running kernel does not have (CO-RE relocation failed)";
            d.Suggestion = "guard the access with bpf_core_field_exists or bpf_core_type_exists, or read the name from the loader's message";
        }
        else if (HelperTable.FirstKernel((BpfHelper)id) is { } version)
        {
            string name = HelperTable.NameOf((BpfHelper)id)!;
            d.Reason = $"{name} cannot be called from this type of program on the running kernel (the helper exists since Linux {version.ToString(2)}, but not for every program type)";
            d.Suggestion = $"check that the kernel is at least {version.ToString(2)} and that the program type may call {name} ('hornet feature' lists them)"
                + (name is "bpf_probe_read_kernel" or "bpf_probe_read" or "bpf_probe_write_user" or "bpf_override_return" ? "; kernel lockdown and CONFIG_BPF_KPROBE_OVERRIDE take some helpers away" : "")
                + "; without CAP_PERFMON or CAP_BPF some helpers are not there";
        }
        else
        {
            d.Reason = $"the kernel has no helper number {id.ToString(CultureInfo.InvariantCulture)}";
            d.Suggestion = "there are no helpers beyond bpf_cgrp_storage_delete (211); check what assembled the call";
        }
    }
}
