namespace Hornet.Programs.Verifier;

/// <summary>What is acquired must be released: references, locks, sections.</summary>
internal static class ResourceMessages
{
    public static readonly VerifierMessage[] All =
    [
        new(VerifierCategory.Reference, ["Unreleased reference id={id} alloc_insn={at}"],
            "what was acquired at instruction {at} is not released on this path",
            "release it on every path: bpf_sk_release for a socket, bpf_ringbuf_submit or _discard for a record, the _release function of the kernel function that acquired it; do not forget the early exits",
            "a release on every path", WhereAcquired),

        new(VerifierCategory.Reference, ["Leaking reference id={id} alloc_insn={at}. Release it first."],
            "what was acquired at instruction {at} would be lost: its only pointer is overwritten",
            "release it first", "a release before", WhereAcquired),

        new(VerifierCategory.Reference, ["{what} would lead to reference leak"],
            "{what} would end the program while something acquired is not released",
            "release it before; a packet load (LoadPacket) ends the program when it is out of bounds, so it cannot stand in between"),

        new(VerifierCategory.Reference, ["BPF_LD_[ABS|IND] cannot be mixed with socket references"],
            "a packet load ends the program when it is out of bounds, and something acquired is not released then",
            "release it before the packet load"),

        new(VerifierCategory.Reference, ["{function} reference has not been acquired before"],
            "{call} releases something that this program does not hold: it was not acquired, or was released already on this path",
            "release exactly what was acquired, once", "a pointer that was acquired and not released yet"),

        new(VerifierCategory.Reference, ["arg {n} is an unacquired reference", "{reg} must be referenced when passed to release function", "release kernel function {function} expects refcounted PTR_TO_BTF_ID", "release kfunc {function} expects {any}", "release helper {function} expects {any}"],
            "{call} releases what its argument points to, and the program does not hold a reference to that",
            "pass what the acquiring function returned, unchanged, and only once", "a pointer that was acquired and not released yet"),

        new(VerifierCategory.Reference, ["allocated object must be referenced", "arg#{n} expected for bpf_obj_drop_impl()", "arg#{n} expected pointer to allocated object"],
            "the function wants an object made by bpf_obj_new that the program still owns",
            "pass the pointer that bpf_obj_new returned, before it was given away"),

        new(VerifierCategory.Lock, ["bpf_spin_unlock is missing", "BPF_EXIT instruction{any} cannot be used inside bpf_spin_lock-ed region"],
            "the program or function ends on this path while it holds a spin lock",
            "call bpf_spin_unlock on every path, early exits too", "a bpf_spin_unlock before the exit"),

        new(VerifierCategory.Lock, ["{lock}_unlock without taking a lock"],
            "a lock is released that is not held on this path",
            "take the lock on every path that leads here"),

        new(VerifierCategory.Lock, ["{lock}_unlock of different lock"],
            "the lock that is released is not the one that was taken",
            "pass the same map value to both calls: look it up once"),

        new(VerifierCategory.Lock, ["Locking two bpf_spin_locks are not allowed", "Acquiring the same lock again, AA deadlock detected"],
            "a second lock is taken while one is held",
            "release the first lock before; only one may be held at a time"),

        new(VerifierCategory.Lock, ["function calls are not allowed while holding a lock", "global function calls are not allowed while holding a lock,", "global function calls are not allowed with {any},"],
            "a function is called while a lock is held",
            "keep what is locked short: load and store only; call before or after, or make the function static and inline",
            null, static d =>
            {
                if (d.Call is not "bpf_spin_lock") return;
                d.Reason = "a second lock is taken while one is held";
                d.Suggestion = "release the first lock before; only one may be held at a time";
            }),

        new(VerifierCategory.Lock, ["map '{map}' has to have BTF in order to use {what}", "map '{map}' doesn't have 'struct {what}'", "map '{map}' has no valid {what}", "{kind} '{map}' has no valid {what}"],
            "the values of map '{map}' are not known to contain a {what}",
            "create the map with BTF of its value type, with a field 'struct {what}' (bpf_spin_lock, bpf_timer, bpf_wq …) in it"),

        new(VerifierCategory.Lock, ["off {off} doesn't point to 'struct {what}' that is at {at}", "off {off} doesn't point to 'struct {what}'"],
            "{call} is given offset {off} of the value, and the struct {what} is somewhere else",
            "pass the address of the field itself"),

        new(VerifierCategory.Lock, ["{reg} doesn't have constant offset. {what} has to be at the constant offset"],
            "the place of the {what} is not constant",
            "pass the address of the field at its fixed offset"),

        new(VerifierCategory.Lock, ["tracing progs cannot use {what} yet", "socket filter progs cannot use bpf_spin_lock yet", "sleepable progs cannot use bpf_spin_lock yet", "{what} cannot be used in tracing programs on types with NMI unsafe fields"],
            "this kind of program may interrupt others that hold the lock, so it may not use one",
            "use atomic operations, or a per-CPU map"),

        new(VerifierCategory.Lock, ["tail_call cannot be used inside {region}", "BPF_LD_[ABS|IND] cannot be used inside {region}"],
            "the instruction may end the program, and that is not allowed inside of {region}",
            "end the section before it"),

        new(VerifierCategory.Lock, ["bpf_rcu_read_unlock is missing", "BPF_EXIT instruction{any} cannot be used inside bpf_rcu_read_lock-ed region"],
            "the program ends on this path inside of an RCU section",
            "call bpf_rcu_read_unlock on every path"),

        new(VerifierCategory.Lock, ["unmatched rcu read unlock (kernel function {function})", "nested rcu read lock (kernel function {function})"],
            "RCU sections are not paired here",
            "call bpf_rcu_read_lock once before and bpf_rcu_read_unlock once after (nesting is allowed since 6.18)"),

        new(VerifierCategory.Lock, ["{n} bpf_preempt_enable{any} missing", "BPF_EXIT instruction{any} cannot be used inside bpf_preempt_disable-ed region", "BPF_EXIT instruction{any} cannot be used inside bpf_local_irq_save-ed region"],
            "the program ends on this path with preemption or interrupts off",
            "switch them on again on every path"),

        new(VerifierCategory.Lock, ["unmatched attempt to enable preemption (kernel function {function})"],
            "preemption is enabled where it was not disabled",
            "pair bpf_preempt_disable and bpf_preempt_enable"),
    ];

    private static void WhereAcquired(ExplanationDraft d)
    {
        if (VerifierLog.ParseIndex(d["at"]) is not { } slot || d.Log.InstructionAt(slot) is not { } text) return;
        d.Reason = d.Reason.Replace("instruction {at}", d.Place(slot) + ",", StringComparison.Ordinal);
        if (d.Instruction.Contains("skb[", StringComparison.Ordinal)) d.Reason += ", and a packet load ends the program when it is out of bounds";
        else if (d.Call is "bpf_tail_call") d.Reason += ", and a tail call does not come back";
        d.Suggestion =
            text.Contains("ringbuf_reserve", StringComparison.Ordinal) ? "call bpf_ringbuf_submit or bpf_ringbuf_discard on every path, early exits too"
            : text.Contains("sk_lookup", StringComparison.Ordinal) || text.Contains("skc_lookup", StringComparison.Ordinal) ? "call bpf_sk_release on every path, early exits too"
            : d.Suggestion;
    }
}
