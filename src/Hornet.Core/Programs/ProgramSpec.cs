using Hornet.Isa;

namespace Hornet.Programs;

/// <summary>A program as plain data: what to load, not yet loaded. Nothing in it depends on the running kernel.</summary>
public sealed class ProgramSpec
{
    /// <summary>The name; the kernel keeps its first 15 bytes (more where BTF function names are given).</summary>
    public required string Name { get; set; }

    /// <summary>The kind of program.</summary>
    public required ProgramType Type { get; set; }

    /// <summary>The attach type the verifier checks against, where the program type has several.</summary>
    public AttachType AttachType { get; set; }

    /// <summary>What to attach to, as written in the section name: <c>sched/sched_switch</c>, <c>vfs_read</c>, <c>/usr/bin/x:main</c>.</summary>
    public string? AttachTo { get; set; }

    /// <summary>The ELF section the program came from, or what it would be called.</summary>
    public string SectionName { get; set; } = "";

    /// <summary>Load flags (<c>BPF_F_*</c> of BPF_PROG_LOAD).</summary>
    public ProgramFlags Flags { get; set; }

    /// <summary>The instructions: the main function first, then the subprograms it needs, each beginning with its symbol.</summary>
    public IList<Instruction> Instructions { get; set; } = [];

    /// <summary>The license; helpers marked GPL-only need a compatible one.</summary>
    public string License { get; set; } = "GPL";

    /// <summary>The kernel version old kernels (before 5.0) ask of kprobes; 0 to fill in the running one.</summary>
    public uint KernelVersion { get; set; }

    /// <summary>The network interface to offload to; 0 for none.</summary>
    public uint InterfaceIndex { get; set; }

    /// <summary>Whether the program is loaded with its object. Off for sections that begin with <c>?</c>.</summary>
    public bool AutoLoad { get; set; } = true;

    /// <summary>Whether <c>AttachAll</c> attaches it.</summary>
    public bool AutoAttach { get; set; } = true;

    /// <summary>A copy that can be edited without touching this one. Instructions are values; the list is copied.</summary>
    public ProgramSpec Clone()
    {
        var copy = (ProgramSpec)MemberwiseClone();
        copy.Instructions = [.. Instructions];
        return copy;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Name} ({Instructions.Count} instructions)";
}

/// <summary>Load flags of programs (<c>BPF_F_*</c> in include/uapi/linux/bpf.h).</summary>
[Flags]
public enum ProgramFlags : uint
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>Memory accesses must be aligned (<c>BPF_F_STRICT_ALIGNMENT</c>).</summary>
    StrictAlignment = 1 << 0,
    /// <summary>Memory accesses may be unaligned on any architecture (<c>BPF_F_ANY_ALIGNMENT</c>).</summary>
    AnyAlignment = 1 << 1,
    /// <summary>The verifier randomises upper halves of registers (<c>BPF_F_TEST_RND_HI32</c>): for tests.</summary>
    TestRandomHigh32 = 1 << 2,
    /// <summary>The verifier checks states often (<c>BPF_F_TEST_STATE_FREQ</c>): for tests.</summary>
    TestStateFrequency = 1 << 3,
    /// <summary>The program may sleep (<c>BPF_F_SLEEPABLE</c>, 5.10).</summary>
    Sleepable = 1 << 4,
    /// <summary>The XDP program handles multi-buffer packets (<c>BPF_F_XDP_HAS_FRAGS</c>, 5.18).</summary>
    XdpHasFrags = 1 << 5,
    /// <summary>The XDP program is bound to one device (<c>BPF_F_XDP_DEV_BOUND_ONLY</c>, 6.3).</summary>
    XdpDeviceBoundOnly = 1 << 6,
    /// <summary>Register invariant violations are errors (<c>BPF_F_TEST_REG_INVARIANTS</c>, 6.8): for tests.</summary>
    TestRegisterInvariants = 1 << 7,
    /// <summary>A token descriptor is given (<c>BPF_F_TOKEN_FD</c>, 6.9).</summary>
    TokenFd = 1 << 16,
}
