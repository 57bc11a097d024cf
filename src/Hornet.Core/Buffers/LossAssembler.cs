using Hornet.Isa;
using static Hornet.Isa.Register;

namespace Hornet.Buffers;

/// <summary>The instructions by which a program counts what it cannot deliver. See <see cref="LossCounter"/>.</summary>
public static class LossAssembler
{
    /// <summary>
    /// Reserves a record of a ring buffer. Afterwards R0 is the record; where there is no room the loss is counted and
    /// the program goes on at <paramref name="lost"/>. R1 to R5 are spent.
    /// </summary>
    /// <param name="assembler">The program so far.</param>
    /// <param name="ring">The name of the ring buffer's map.</param>
    /// <param name="counter">The name of the loss counter's map.</param>
    /// <param name="size">Bytes to reserve.</param>
    /// <param name="lost">The label to go to when there is no room.</param>
    /// <param name="stack">Where 4 bytes of stack are free: an offset from R10.</param>
    /// <param name="slot">The counter's slot.</param>
    public static Assembler ReserveOrCountLoss(this Assembler assembler, string ring, string counter, int size, string lost, int stack = -4, int slot = 0)
    {
        ArgumentNullException.ThrowIfNull(assembler);
        string reserved = $"{lost}.reserved{assembler.Count}";
        return assembler
            .LoadMap(R1, ring).Mov(R2, size).Mov(R3, 0)
            .Call(BpfHelper.RingbufReserve)
            .JumpIfNotZero(R0, reserved)
            .CountLoss(counter, lost, stack, slot)
            .Jump(lost)
            .Label(reserved);
    }

    /// <summary>
    /// Copies a record into a ring buffer (<c>bpf_ringbuf_output</c>). Where there is no room the loss is counted and the
    /// program goes on at <paramref name="lost"/>. R2 points at the record; R0 to R5 are spent.
    /// </summary>
    /// <inheritdoc cref="ReserveOrCountLoss"/>
    /// <param name="assembler">The program so far.</param>
    /// <param name="ring">The name of the ring buffer's map.</param>
    /// <param name="counter">The name of the loss counter's map.</param>
    /// <param name="size">Bytes to copy.</param>
    /// <param name="lost">The label to go to when there is no room.</param>
    /// <param name="flags">0, <c>BPF_RB_NO_WAKEUP</c> (1) or <c>BPF_RB_FORCE_WAKEUP</c> (2).</param>
    /// <param name="stack">Where 4 bytes of stack are free: an offset from R10.</param>
    /// <param name="slot">The counter's slot.</param>
    public static Assembler OutputOrCountLoss(this Assembler assembler, string ring, string counter, int size, string lost, int flags = 0, int stack = -4, int slot = 0)
    {
        ArgumentNullException.ThrowIfNull(assembler);
        string written = $"{lost}.written{assembler.Count}";
        return assembler
            .LoadMap(R1, ring).Mov(R3, size).Mov(R4, flags)
            .Call(BpfHelper.RingbufOutput)
            .JumpIfZero(R0, written)
            .CountLoss(counter, lost, stack, slot)
            .Jump(lost)
            .Label(written);
    }

    /// <summary>Adds one to a loss counter. R0 to R5 are spent. Safe in programs that interrupt each other on one CPU.</summary>
    /// <param name="assembler">The program so far.</param>
    /// <param name="counter">The name of the loss counter's map.</param>
    /// <param name="missing">The label to go to when the counter has no such slot; the verifier wants the case covered.</param>
    /// <param name="stack">Where 4 bytes of stack are free: an offset from R10.</param>
    /// <param name="slot">The counter's slot.</param>
    public static Assembler CountLoss(this Assembler assembler, string counter, string missing, int stack = -4, int slot = 0)
    {
        ArgumentNullException.ThrowIfNull(assembler);
        return assembler
            .Store(R10, stack, slot, MemorySize.U32)
            .LoadMap(R1, counter).Mov(R2, R10).Add(R2, stack)
            .Call(BpfHelper.MapLookupElem)
            .JumpIfZero(R0, missing)
            .Mov(R1, 1)
            .AtomicAdd(R0, 0, R1);
    }
}
