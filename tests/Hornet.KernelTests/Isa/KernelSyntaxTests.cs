using Hornet.Isa;
using Hornet.Programs;
using Hornet.Programs.Verifier;

namespace Hornet.KernelTests.Isa;

/// <summary>What the disassembler writes is what the kernel writes: the verifier's log of programs that have every instruction.</summary>
public class KernelSyntaxTests
{
    private const string Arithmetic =
        """
        r0 = 5
        r0 += 3
        r0 -= -1
        r0 *= 2
        r0 /= 3
        r0 %= 7
        r0 |= 4
        r0 &= 255
        r0 ^= 9
        r0 <<= 2
        r0 >>= 1
        r0 s>>= 1
        r0 = -r0
        r1 = r0
        r0 += r1
        r0 -= r1
        r0 *= r1
        r0 /= r1
        r0 %= r1
        r0 |= r1
        r0 &= r1
        r0 ^= r1
        r0 <<= r1
        r0 >>= r1
        r0 s>>= r1
        w0 = 5
        w0 += -3
        w0 *= 2
        w0 /= 3
        w0 %= 7
        w0 <<= 2
        w0 s>>= 1
        w0 = -w0
        w1 = w0
        w0 ^= w1
        w0 s>>= w1
        r0 = be16 r0
        r0 = be32 r0
        r0 = be64 r0
        r0 = le16 r0
        r0 = le64 r0
        r1 = 0x123456789
        r0 = 0
        exit
        """;

    private const string Memory =
        """
        r6 = r1
        *(u64 *)(r10 -8) = -7
        *(u32 *)(r10 -16) = 7
        *(u16 *)(r10 -12) = 7
        *(u8 *)(r10 -10) = 7
        *(u8 *)(r10 -9) = 7
        r1 = 1
        *(u64 *)(r10 -24) = r1
        *(u32 *)(r10 -24) = r1
        *(u16 *)(r10 -24) = r1
        *(u8 *)(r10 -24) = r1
        r2 = *(u64 *)(r10 -8)
        r2 = *(u32 *)(r10 -8)
        r2 = *(u16 *)(r10 -8)
        r2 = *(u8 *)(r10 -8)
        lock *(u64 *)(r10 -8) += r1
        lock *(u32 *)(r10 -8) += r1
        r0 = *(u32 *)skb[0]
        r0 = *(u16 *)skb[2]
        r0 = *(u8 *)skb[4]
        r1 = 1
        r0 = *(u8 *)skb[r1 + 4]
        call bpf_ktime_get_ns
        r0 = 0
        exit
        """;

    private const string Jumps =
        """
        call bpf_get_prandom_u32
        r1 = r0
        if r0 == 5 goto +0
        if r0 != -5 goto +0
        if r0 > 5 goto +0
        if r0 >= 5 goto +0
        if r0 < 5 goto +0
        if r0 <= 5 goto +0
        if r0 & 5 goto +0
        if r0 s> 5 goto +0
        if r0 s>= -1 goto +0
        if r0 s< 5 goto +0
        if r0 s<= 5 goto +0
        if w0 == 5 goto +0
        if w0 s> -5 goto +0
        if r0 s<= r1 goto +0
        if w0 & w1 goto +0
        goto +0
        call double
        r0 = 0
        exit
        double:
        r0 = 2
        exit
        """;

    private const string Atomics =
        """
        *(u64 *)(r10 -8) = 0
        r0 = 0
        r1 = 1
        lock *(u64 *)(r10 -8) |= r1
        lock *(u64 *)(r10 -8) &= r1
        lock *(u32 *)(r10 -8) ^= r1
        r1 = atomic64_fetch_add((u64 *)(r10 -8), r1)
        r1 = atomic_fetch_or((u32 *)(r10 -8), r1)
        r1 = atomic64_fetch_and((u64 *)(r10 -8), r1)
        r1 = atomic64_fetch_xor((u64 *)(r10 -8), r1)
        r1 = atomic64_xchg((u64 *)(r10 -8), r1)
        r0 = atomic64_cmpxchg((u64 *)(r10 -8), r0, r1)
        r0 = atomic_cmpxchg((u32 *)(r10 -8), r0, r1)
        r0 = 0
        exit
        """;

    private const string Fourth =
        """
        *(u64 *)(r10 -8) = -3
        r1 = 3
        r0 = *(s8 *)(r10 -8)
        r0 = *(s16 *)(r10 -8)
        r0 = *(s32 *)(r10 -8)
        r0 s/= r1
        r0 s%= 5
        w0 s/= 2
        w0 s%= w1
        r0 = (s8)r1
        r0 = (s16)r1
        r0 = (s32)r1
        w0 = (s8)w1
        w0 = (s16)w1
        r0 = bswap16 r0
        r0 = bswap32 r0
        r0 = bswap64 r0
        gotol pc+0
        r0 = 0
        exit
        """;

    private const string Ordered =
        """
        *(u64 *)(r10 -8) = 3
        r1 = 3
        store_release((u64 *)(r10 -8), r1)
        store_release((u8 *)(r10 -8), r1)
        r0 = load_acquire((u64 *)(r10 -8))
        r0 = load_acquire((u16 *)(r10 -8))
        r0 = 0
        exit
        """;

    private const string MayGoto =
        """
        r0 = 0
        again:
        may_goto out
        r0 += 1
        goto again
        out:
        r0 = 0
        exit
        """;

    [KernelTheory]
    [InlineData(Arithmetic)]
    [InlineData(Memory)]
    [InlineData(Jumps)]
    public void Instructions_of_every_kernel(string text) => Compare(text);

    [KernelFact(MinKernel = "5.12")]
    public void Atomic_operations() => Compare(Atomics);

    [KernelFact(Needs.IsaV4)]
    public void Instructions_of_the_fourth_generation() => Compare(Fourth);

    [KernelFact(Needs.LoadAcquire)]
    public void Ordered_loads_and_stores() => Compare(Ordered);

    [KernelFact(MinKernel = "6.9")]
    public void Loops_that_may_end() => Compare(MayGoto);

    private static void Compare(string text)
    {
        var instructions = TextAssembler.Assemble(text);
        using var program = BpfProgram.Load(
            new() { Name = "syntax", Type = ProgramType.SocketFilter, Instructions = instructions }, new() { LogLevel = VerifierLogLevel.States });
        var log = VerifierLog.Parse(program.VerifierLog);
        Assert.Null(log.Explain());
        int slot = 0, seen = 0;
        foreach (var instruction in instructions)
        {
            if (log.InstructionAt(slot) is { } kernel)
            {
                // The kernel was not told the function's name.
                Assert.Equal(kernel, (instruction with { Metadata = null }).ToString());
                seen++;
            }
            slot += instruction.Slots;
        }
        Assert.True(seen >= instructions.Length - 1, $"{seen} of {instructions.Length} instructions are in the log:\n{program.VerifierLog}");
    }
}
