namespace Hornet.Programs;

/// <summary>
/// What a test run gives the program. Which parts a program can take depends on its type: packets for networking
/// programs, a context for most, nothing else for raw tracepoint and syscall programs.
/// </summary>
public sealed record TestRunOptions
{
    /// <summary>The packet, for networking programs: from the Ethernet header on, at least 14 bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>
    /// The context: <c>struct __sk_buff</c>, <c>struct xdp_md</c> (5.12), <c>struct bpf_sk_lookup</c> (5.10), the
    /// arguments of a raw tracepoint (5.10), anything for a syscall program (5.14). Empty for a context of zeros.
    /// </summary>
    public ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>How often to run; 0 and 1 are once. Raw tracepoint, tracing and syscall programs only run once.</summary>
    public int Repeat { get; init; }

    /// <summary>The largest packet that can come out. Null for what fits every packet the kernel makes of <see cref="Data"/>.</summary>
    public int? DataCapacity { get; init; }

    /// <summary>How the kernel runs the program.</summary>
    public TestRunFlags Flags { get; init; }

    /// <summary>The CPU to run on, with <see cref="TestRunFlags.RunOnCpu"/>.</summary>
    public int Cpu { get; init; }

    /// <summary>Packets per batch with <see cref="TestRunFlags.XdpLiveFrames"/>, up to 256; 0 for the kernel's 64.</summary>
    public int BatchSize { get; init; }
}

/// <summary>How BPF_PROG_TEST_RUN runs a program (<c>BPF_F_TEST_*</c>).</summary>
[Flags]
public enum TestRunFlags : uint
{
    /// <summary>As usual.</summary>
    None = 0,
    /// <summary>On a given CPU (<c>BPF_F_TEST_RUN_ON_CPU</c>, 5.10): raw tracepoint programs only.</summary>
    RunOnCpu = 1 << 0,
    /// <summary>
    /// The packets are real and go where the XDP program sends them (<c>BPF_F_TEST_XDP_LIVE_FRAMES</c>, 5.18):
    /// the fastest packet generator Linux has. The run then has no output data.
    /// </summary>
    XdpLiveFrames = 1 << 1,
    /// <summary>The packet has a complete checksum (<c>BPF_F_TEST_SKB_CHECKSUM_COMPLETE</c>, 6.15).</summary>
    ChecksumComplete = 1 << 2,
}

/// <summary>What came out of a test run.</summary>
/// <param name="ReturnValue">
/// What the program returned; for programs that modify a return value (fmod_ret), the side effect in the upper half.
/// </param>
/// <param name="Nanoseconds">The average time of one run in nanoseconds; 0 for types the kernel does not time.</param>
/// <param name="Data">The packet after the program; empty for types without.</param>
/// <param name="Context">The context after the program; empty for types that do not give it back.</param>
public sealed record TestRunResult(uint ReturnValue, uint Nanoseconds, byte[] Data, byte[] Context);
