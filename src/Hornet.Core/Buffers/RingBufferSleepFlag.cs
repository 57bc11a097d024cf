using Hornet.Isa;
using Hornet.Maps;
using static Hornet.Isa.Register;

namespace Hornet.Buffers;

/// <summary>
/// A word in memory that a reader and programs share (5.5): whether the reader sleeps. Programs wake it only then
/// (<see cref="RingBufferWakeup.WhenAsleep"/>), which spares them the inter-processor interrupt for every other record.
/// </summary>
/// <remarks>
/// The reader sets the word, then looks whether the ring is empty, then sleeps. A program submits, then looks at the word.
/// Both have a full memory barrier in between (the kernel's submitting has one), so at least one sees what the other did.
/// </remarks>
public sealed class RingBufferSleepFlag : IDisposable
{
    private const int NoWakeup = 1, ForceWakeup = 2;

    private readonly MappedArray<ulong> _memory;

    private RingBufferSleepFlag(BpfMap map, MappedArray<ulong> memory)
    {
        Map = map;
        _memory = memory;
    }

    /// <summary>The array that holds the word; programs name it in <see cref="RingBufferSleepAssembler.SubmitAndWake"/>.</summary>
    public BpfMap Map { get; }

    /// <summary>Makes one.</summary>
    /// <param name="name">The map's name.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static RingBufferSleepFlag Create(string name = "asleep")
    {
        var map = BpfMap.Create(new MapSpec { Name = name, Type = MapType.Array, KeySize = sizeof(uint), ValueSize = sizeof(ulong), MaxEntries = 1, Flags = MapFlags.Mmapable });
        try
        {
            return new RingBufferSleepFlag(map, new MappedArray<ulong>(map));
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Closes the map; loaded programs keep their own hold of it. The reader must have ended.</summary>
    public void Dispose()
    {
        _memory.Dispose();
        Map.Dispose();
    }

    // A program that sees the word clears it and then wakes the reader, in this order: cleared afterwards, it could be the word
    // of the next sleep.

    /// <summary>Says that the reader is about to sleep. What it reads afterwards is read after programs can see this.</summary>
    internal void Set() => Interlocked.Exchange(ref _memory[0], 1ul);

    internal void Clear() => Volatile.Write(ref _memory[0], 0ul);

    // Awake: 0 and BPF_RB_NO_WAKEUP (1). Asleep: 1 and BPF_RB_FORCE_WAKEUP (2). Who is going to wake the reader says so first,
    // or each record until it runs would wake it too. R3 is spent.
    internal static Assembler Flags(Assembler assembler, Register flags, string flag, int stack)
    {
        string awake = $"{flag}.awake{assembler.Count}";
        return assembler
            .LoadMapValue(R3, flag).Load(flags, R3, 0, MemorySize.U32).JumpIfZero(flags, awake)
            .Store(R3, 0, 0, MemorySize.U32)
            .Label(awake).Add(flags, NoWakeup).Store(R10, stack, flags, MemorySize.U32);
    }

    // The reader may have fallen asleep between the look at the word and the submitting; a record for nothing wakes it then.
    // There is room for it: whoever filled the ring after the reader found it empty has woken it.
    internal static Assembler WakeAfterwards(Assembler assembler, string ring, string flag, int stack)
    {
        string done = $"{flag}.done{assembler.Count}";
        return assembler
            .Load(R1, R10, stack, MemorySize.U32).JumpIf(R1, JumpOp.Equal, ForceWakeup, done)
            .LoadMapValue(R1, flag).Load(R1, R1, 0, MemorySize.U32).JumpIfZero(R1, done)
            .LoadMap(R1, ring).Mov(R2, 8).Mov(R3, 0).Call(BpfHelper.RingbufReserve).JumpIfZero(R0, done)
            .LoadMapValue(R1, flag).Store(R1, 0, 0, MemorySize.U32)
            .Mov(R1, R0).Mov(R2, ForceWakeup).Call(BpfHelper.RingbufDiscard)
            .Label(done);
    }
}

/// <summary>The instructions by which a program wakes a reader that sleeps, and only then. See <see cref="RingBufferSleepFlag"/>.</summary>
public static class RingBufferSleepAssembler
{
    /// <summary>Submits a record, and wakes the reader if it sleeps. R1 is the record; R0 to R5 are spent.</summary>
    /// <param name="assembler">The program so far.</param>
    /// <param name="ring">The name of the ring buffer's map.</param>
    /// <param name="flag">The name of the flag's map.</param>
    /// <param name="stack">Where 4 bytes of stack are free: an offset from R10.</param>
    public static Assembler SubmitAndWake(this Assembler assembler, string ring, string flag, int stack = -4)
    {
        ArgumentNullException.ThrowIfNull(assembler);
        RingBufferSleepFlag.Flags(assembler, R2, flag, stack).Call(BpfHelper.RingbufSubmit);
        return RingBufferSleepFlag.WakeAfterwards(assembler, ring, flag, stack);
    }

    /// <summary>
    /// Copies a record into a ring buffer and wakes the reader if it sleeps. Where there is no room the loss is counted and the
    /// program goes on at <paramref name="lost"/>. R2 points at the record; R0 to R5 are spent.
    /// </summary>
    /// <param name="assembler">The program so far.</param>
    /// <param name="ring">The name of the ring buffer's map.</param>
    /// <param name="flag">The name of the flag's map.</param>
    /// <param name="counter">The name of the loss counter's map.</param>
    /// <param name="size">Bytes to copy.</param>
    /// <param name="lost">The label to go to when there is no room.</param>
    /// <param name="stack">Where 4 bytes of stack are free: an offset from R10.</param>
    /// <param name="slot">The loss counter's slot.</param>
    public static Assembler OutputAndWake(this Assembler assembler, string ring, string flag, string counter, int size, string lost, int stack = -4, int slot = 0)
    {
        ArgumentNullException.ThrowIfNull(assembler);
        string written = $"{lost}.written{assembler.Count}";
        RingBufferSleepFlag.Flags(assembler, R4, flag, stack)
            .LoadMap(R1, ring).Mov(R3, size)
            .Call(BpfHelper.RingbufOutput)
            .JumpIfZero(R0, written)
            .CountLoss(counter, lost, stack, slot)
            .Jump(lost)
            .Label(written);
        return RingBufferSleepFlag.WakeAfterwards(assembler, ring, flag, stack);
    }
}
