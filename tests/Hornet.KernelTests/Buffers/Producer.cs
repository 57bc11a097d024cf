using Hornet.Buffers;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Buffers;

/// <summary>
/// A program that puts numbered records into a ring buffer and counts what does not fit. Test-run as often as records are
/// wanted: the number is counted up by the program itself, also for a record that is lost.
/// </summary>
internal sealed class Producer : IDisposable
{
    public const int NoWakeup = 1;
    public const int ForceWakeup = 2;
    /// <summary>Wakes the reader when it sleeps.</summary>
    public const int WhenAsleep = -1;

    private readonly BpfMap _state;
    private readonly BpfProgram _program;

    public Producer(uint ringSize = 4096, int recordSize = 64, int flags = 0, bool discardOdd = false, bool overwrite = false)
    {
        Ring = BpfMap.Create(new() { Name = "ring", Type = MapType.RingBuf, MaxEntries = ringSize, Flags = overwrite ? MapFlags.RingBufferOverwrite : 0 });
        Loss = LossCounter.Create();
        Submitted = LossCounter.Create("submitted");
        SleepFlag = RingBufferSleepFlag.Create();
        _state = BpfMap.Create(new() { Name = "state", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        var code = new Assembler()
            .LoadMapValue(R1, "state")
            .Load(R7, R1)
            .Mov(R2, R7).Add(R2, 1)
            .Store(R1, 0, R2)
            .ReserveOrCountLoss("ring", "lost", recordSize, "out")
            .Store(R0, 0, R7);
        if (recordSize >= 16) code.Store(R0, recordSize - 8, R7);
        code.Mov(R8, R0);
        if (discardOdd)
        {
            code.Mov(R3, R7).And(R3, 1).JumpIfZero(R3, "keep")
                .Mov(R1, R8).Mov(R2, flags).Call(BpfHelper.RingbufDiscard).Jump("out")
                .Label("keep");
        }
        code.CountLoss("submitted", "counted").Label("counted").Mov(R1, R8);
        if (flags == WhenAsleep) code.SubmitAndWake("ring", "asleep");
        else code.Mov(R2, flags).Call(BpfHelper.RingbufSubmit);
        code.Label("out").Mov(R0, 0).Exit();
        _program = BpfProgram.Load(
            new() { Name = "produce", Type = ProgramType.SocketFilter, Instructions = code.Build() },
            new() { Maps = new Dictionary<string, BpfMap> { ["ring"] = Ring, ["lost"] = Loss.Map, ["submitted"] = Submitted.Map, ["state"] = _state, ["asleep"] = SleepFlag.Map } });
    }

    public BpfMap Ring { get; }

    public LossCounter Loss { get; }

    /// <summary>Where a reader says that it sleeps.</summary>
    public RingBufferSleepFlag SleepFlag { get; }

    /// <summary>Counts the records that were submitted: neither lost for want of room nor discarded.</summary>
    public LossCounter Submitted { get; }

    /// <summary>How many records were produced so far, lost ones included.</summary>
    public long Produced => BitConverter.ToInt64(_state.Lookup(new byte[4])!);

    /// <summary>The flag for a reader that wants to be woken in this way.</summary>
    public RingBufferSleepFlag? FlagFor(RingBufferWakeup wakeup) => wakeup == RingBufferWakeup.WhenAsleep ? SleepFlag : null;

    public void Produce(int records) => _program.TestRun(new byte[64], records);

    public void Dispose()
    {
        _program.Dispose();
        _state.Dispose();
        Loss.Dispose();
        Submitted.Dispose();
        SleepFlag.Dispose();
        Ring.Dispose();
    }
}
