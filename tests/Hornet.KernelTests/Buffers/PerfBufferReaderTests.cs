using Hornet.Buffers;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Buffers;

public class PerfBufferReaderTests
{
    /// <summary>Writes numbered records of 24 bytes, as often as it is test-run, and returns how many writes failed.</summary>
    private sealed class Output : IDisposable
    {
        private readonly BpfMap _state = BpfMap.Create(new() { Name = "state", Type = MapType.Array, KeySize = 4, ValueSize = 16, MaxEntries = 1 });
        private readonly BpfProgram _program;

        public Output()
        {
            Events = BpfPerfEventArray.Create("events");
            _program = BpfProgram.Load(
                new()
                {
                    Name = "output",
                    Type = ProgramType.Xdp,
                    Instructions = new Assembler()
                        .Mov(R6, R1)
                        .LoadMapValue(R7, "state")
                        .Load(R2, R7).Store(R10, -24, R2).Store(R10, -16, R2).Store(R10, -8, R2)
                        .Add(R2, 1).Store(R7, 0, R2)
                        .Mov(R1, R6).LoadMap(R2, "events").LoadImm64(R3, 0xffffffff).Mov(R4, R10).Add(R4, -24).Mov(R5, 24)
                        .Call(BpfHelper.PerfEventOutput)
                        .JumpIfZero(R0, "out")
                        .Mov(R1, 1).AtomicAdd(R7, 8, R1)
                        .Label("out").Mov(R0, 2).Exit().Build(),
                },
                new() { Maps = new Dictionary<string, BpfMap> { ["events"] = Events.Map, ["state"] = _state } });
        }

        public BpfPerfEventArray Events { get; }

        public long Produced => BitConverter.ToInt64(_state.Lookup(new byte[4])!);

        public long Failed => BitConverter.ToInt64(_state.Lookup(new byte[4])!, 8);

        public void Produce(int records) => _program.TestRun(new byte[64], records);

        public void Dispose()
        {
            _program.Dispose();
            Events.Dispose();
            _state.Dispose();
        }
    }

    [Fact]
    public void Records_arrive_with_their_cpu_and_in_order()
    {
        using var output = new Output();
        using var reader = new PerfBufferReader(output.Events.Map);
        Assert.False(reader.Wait(TimeSpan.Zero, TestContext.Current.CancellationToken));
        List<(int Cpu, long Number)> seen = [];
        for (int round = 0; round < 20; round++)
        {
            output.Produce(1000);
            Assert.True(reader.Wait(TestThread.Patience, TestContext.Current.CancellationToken));
            reader.Drain((cpu, record) =>
            {
                Assert.InRange(record.Length, 24, 28);
                Assert.Equal(BitConverter.ToInt64(record), BitConverter.ToInt64(record[16..]));
                seen.Add((cpu, BitConverter.ToInt64(record)));
            });
        }
        // 20 rounds of 1000 records wrap the ring several times, also in the middle of a record.
        Assert.Equal(Enumerable.Range(0, 20_000).Select(n => (long)n), seen.Select(s => s.Number).Order());
        foreach (var cpu in seen.GroupBy(s => s.Cpu)) Assert.Equal(cpu.Select(s => s.Number).Order(), cpu.Select(s => s.Number));
        Assert.Equal(20_000, reader.Delivered);
        Assert.Equal(0, reader.Lost);
    }

    [Fact]
    public void What_has_no_room_is_counted_exactly()
    {
        using var output = new Output();
        using var reader = new PerfBufferReader(output.Events.Map, new() { BytesPerCpu = 4096 });
        long heard = 0;
        foreach (int cpu in CpuList.Online)
        {
            long before = reader.Lost;
            // The kernel tells of a CPU's losses with the next record that has room on the same CPU. Left to the scheduler, that
            // record may be written on another one.
            TestThread.OnCpu(cpu, () =>
            {
                output.Produce(1000);
                reader.Drain((_, _) => { }, Lost);
                Assert.Equal(before, reader.Lost);
                output.Produce(1);
                reader.Drain((_, _) => { }, Lost);
            });
            // A page holds about a hundred.
            Assert.InRange(reader.Lost - before, 800, 999);
        }
        void Lost(int cpu, long count) => heard += count;
        Assert.Equal(output.Failed, reader.Lost);
        Assert.Equal(heard, reader.Lost);
        Assert.Equal(output.Produced, reader.Delivered + reader.Lost);
    }

    [Fact]
    public void A_watermark_wakes_when_enough_bytes_wait()
    {
        using var output = new Output();
        using var reader = new PerfBufferReader(output.Events.Map, new() { WatermarkBytes = 8192 });
        output.Produce(20);
        Assert.Equal(20, reader.Drain((_, _) => { }));
        output.Produce(2000);
        Assert.True(reader.Wait(TestThread.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(2000, reader.Drain((_, _) => { }));
    }

    [Fact]
    public void A_buffer_that_overwrites_keeps_the_newest()
    {
        using var output = new Output();
        using var reader = new PerfBufferReader(output.Events.Map, new() { BytesPerCpu = 4096, Overwrite = true });
        Assert.Equal(0, reader.ReadRecent((_, _) => { }));
        output.Produce(3);
        List<long> seen = [];
        Assert.Equal(3, reader.ReadRecent((_, record) => seen.Add(BitConverter.ToInt64(record))));
        Assert.Equal([0, 1, 2], seen.Order());
        output.Produce(5000);
        List<(int Cpu, long Number)> recent = [];
        reader.ReadRecent((cpu, record) => recent.Add((cpu, BitConverter.ToInt64(record))));
        Assert.Contains(recent, r => r.Number == 5002);
        Assert.InRange(recent.Count, 50, 300);
        foreach (var cpu in recent.GroupBy(r => r.Cpu)) Assert.Equal(cpu.Select(r => r.Number).OrderDescending(), cpu.Select(r => r.Number));
        Assert.Throws<InvalidOperationException>(() => reader.Drain((_, _) => { }));
    }

    [Fact]
    public void A_paused_buffer_takes_nothing()
    {
        using var output = new Output();
        using var reader = new PerfBufferReader(output.Events.Map);
        reader.Pause();
        output.Produce(10);
        Assert.Equal(0, reader.Drain((_, _) => { }));
        Assert.Equal(10, output.Failed);
        reader.Resume();
        output.Produce(10);
        Assert.Equal(10, reader.Drain((_, _) => { }));
    }

    [Fact]
    public async Task A_thread_of_its_own_reads_until_cancelled_and_then_what_is_left()
    {
        using var output = new Output();
        using var reader = new PerfBufferReader(output.Events.Map, new() { BytesPerCpu = 8 << 20 });
        using var stop = new CancellationTokenSource();
        var reading = reader.RunAsync((_, _) => { }, null, stop.Token);
        await Task.Run(() => output.Produce(50_000), TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        long delivered = await reading.WaitAsync(TestThread.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(50_000, delivered + output.Failed);
    }

    [Fact]
    public async Task Dispose_ends_a_wait_and_takes_the_rings_out()
    {
        using var output = new Output();
        var reader = new PerfBufferReader(output.Events.Map);
        var waiting = TestThread.StartWaiting(() => reader.Wait(TestThread.Patience, CancellationToken.None));
        reader.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(TestThread.Patience, TestContext.Current.CancellationToken));
        output.Produce(5);
        Assert.Equal(5, output.Failed);
        using var again = new PerfBufferReader(output.Events.Map);
        output.Produce(1);
        Assert.Equal(1, again.Drain((_, _) => { }));
    }
}
