using System.Diagnostics;
using System.Runtime.InteropServices;
using Hornet.Buffers;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Buffers;

public class RingBufferReaderTests
{
    private static readonly TimeSpan s_long = TestThread.Patience;

    [StructLayout(LayoutKind.Sequential)]
    private struct Record
    {
        public long Number;
        private unsafe fixed byte _rest[56];
    }

    private static long Number(ReadOnlySpan<byte> record) => BitConverter.ToInt64(record);

    private static IEnumerable<long> Numbers(long from, long count) => Enumerable.Range((int)from, (int)count).Select(n => (long)n);

    private struct Collect(List<long> into) : IRecordHandler
    {
        public readonly bool Handle(ReadOnlySpan<byte> record)
        {
            into.Add(Number(record));
            return true;
        }
    }

    private struct CountOnly : IRecordHandler
    {
        public long Records;
        public long Sum;

        public bool Handle(ReadOnlySpan<byte> record)
        {
            Records++;
            Sum += Number(record);
            return true;
        }
    }

    [KernelFact(Needs.RingBuffer)]
    public void Every_way_of_reading_delivers_the_records_in_order()
    {
        using var producer = new Producer();
        using var reader = new RingBufferReader(producer.Ring);
        List<long> seen = [];

        producer.Produce(5);
        var handler = new Collect(seen);
        Assert.Equal(5, reader.Drain(ref handler));

        producer.Produce(5);
        Assert.Equal(5, reader.Drain(record => seen.Add(Number(record))));

        producer.Produce(5);
        Assert.Equal(5, reader.Drain((in Record record) => seen.Add(record.Number)));

        producer.Produce(5);
        foreach (var record in reader.Lease()) seen.Add(Number(record));

        producer.Produce(2);
        byte[] copy = new byte[64];
        while (reader.TryRead(copy, out int length))
        {
            Assert.Equal(64, length);
            seen.Add(Number(copy));
        }

        Assert.Equal(Numbers(0, 22), seen);
        Assert.Equal(22, reader.Delivered);
        Assert.Equal(0, reader.AvailableBytes);
    }

    [KernelTheory(Needs.RingBuffer)]
    [InlineData(8)]
    [InlineData(61)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Records_that_wrap_around_are_whole(int size)
    {
        using var producer = new Producer(recordSize: Math.Max(size, 8));
        using var reader = new RingBufferReader(producer.Ring);
        long next = 0;
        for (int round = 0; round < 300; round++)
        {
            producer.Produce(3);
            foreach (var record in reader.Lease())
            {
                Assert.Equal(size, record.Length);
                Assert.Equal(next, Number(record));
                if (size >= 16) Assert.Equal(next, Number(record[^8..]));
                next++;
            }
        }
        Assert.Equal(900, next);
        Assert.Equal(0, producer.Loss.Total);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Discarded_records_are_skipped_by_every_reader()
    {
        using var producer = new Producer(discardOdd: true);
        using var reader = new RingBufferReader(producer.Ring);
        List<long> seen = [];
        producer.Produce(6);
        reader.Drain(record => seen.Add(Number(record)));
        producer.Produce(6);
        foreach (var record in reader.Lease()) seen.Add(Number(record));
        producer.Produce(6);
        byte[] copy = new byte[64];
        while (reader.TryRead(copy, out _)) seen.Add(Number(copy));
        Assert.Equal(Numbers(0, 18).Where(n => n % 2 == 0), seen);
        Assert.Equal(0, reader.AvailableBytes);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Produced_is_delivered_and_lost_exactly_when_nobody_reads()
    {
        using var producer = new Producer(ringSize: 4096, recordSize: 64);
        using var reader = new RingBufferReader(producer.Ring, new() { Loss = producer.Loss });
        producer.Produce(10_000);
        long delivered = reader.Drain(static _ => { });
        // 4096 bytes hold 56 records of 72 bytes.
        Assert.Equal(56, delivered);
        Assert.Equal(10_000 - 56, reader.Lost);
        Assert.Equal(reader.Lost, producer.Loss.TakeDelta());
        producer.Produce(100);
        delivered += reader.Drain(static _ => { });
        Assert.Equal(44, producer.Loss.TakeDelta());
        Assert.Equal(0, producer.Loss.TakeDelta());
        Assert.Equal(producer.Produced, delivered + reader.Lost);
    }

    [KernelTheory(Needs.RingBuffer)]
    [InlineData(RingBufferWakeup.PerEvent, 0)]
    [InlineData(RingBufferWakeup.Adaptive, Producer.NoWakeup)]
    [InlineData(RingBufferWakeup.Timed, Producer.NoWakeup)]
    [InlineData(RingBufferWakeup.WhenAsleep, Producer.WhenAsleep)]
    public async Task Produced_is_delivered_and_lost_exactly_under_overload(RingBufferWakeup wakeup, int flags)
    {
        using var producer = new Producer(ringSize: 16 * 1024, flags: flags);
        using var reader = new RingBufferReader(producer.Ring, new() { Wakeup = wakeup, Loss = producer.Loss, SleepFlag = producer.FlagFor(wakeup) });
        using var stop = new CancellationTokenSource();
        long last = -1, paused = 0;
        var reading = reader.RunAsync((in Record record) =>
        {
            Assert.True(record.Number > last);
            last = record.Number;
            // A consumer that stops for a while, again and again: the ring is full most of the time.
            if (++paused % 500 == 0) Thread.Sleep(1);
        }, stop.Token);
        var producing = Task.Run(() => producer.Produce(300_000), TestContext.Current.CancellationToken);
        await producing;
        await stop.CancelAsync();
        long delivered = await reading.WaitAsync(s_long, TestContext.Current.CancellationToken);
        Assert.Equal(300_000, producer.Produced);
        Assert.Equal(delivered, reader.Delivered);
        Assert.True(reader.Lost > 0, "the test is one of overload, and nothing was lost");
        Assert.Equal(producer.Produced, delivered + reader.Lost);
    }

    [KernelFact(Needs.RingBuffer)]
    public async Task Two_producers_and_a_reader_at_once_lose_nothing_that_is_not_counted()
    {
        // Records of the two interleave, and one may be reserved while the next is submitted: the busy bit.
        using var first = new Producer(ringSize: 1 << 20);
        using var reader = new RingBufferReader(first.Ring, new() { Loss = first.Loss });
        using var stop = new CancellationTokenSource();
        var reading = reader.RunAsync(new CountOnly(), stop.Token);
        await Task.WhenAll(
            Task.Run(() => first.Produce(200_000), TestContext.Current.CancellationToken),
            Task.Run(() => first.Produce(200_000), TestContext.Current.CancellationToken));
        await stop.CancelAsync();
        long delivered = await reading.WaitAsync(s_long, TestContext.Current.CancellationToken);
        Assert.Equal(400_000, delivered + reader.Lost);
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_wait_ends_with_a_record_or_with_its_time()
    {
        using var producer = new Producer();
        using var reader = new RingBufferReader(producer.Ring);
        Assert.False(reader.Wait(TimeSpan.Zero));
        long begin = Stopwatch.GetTimestamp();
        Assert.False(reader.Wait(TimeSpan.FromMilliseconds(30)));
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalMilliseconds, 25, s_long.TotalMilliseconds);
        producer.Produce(1);
        Assert.True(reader.Wait(Timeout.InfiniteTimeSpan));
        Assert.Equal(1, reader.Poll(static _ => { }, TimeSpan.Zero));
        Assert.False(reader.Wait(TimeSpan.Zero));
    }

    [KernelTheory(Needs.RingBuffer)]
    [InlineData(RingBufferWakeup.PerEvent, 0)]
    [InlineData(RingBufferWakeup.PerEvent, Producer.ForceWakeup)]
    [InlineData(RingBufferWakeup.Adaptive, Producer.NoWakeup)]
    [InlineData(RingBufferWakeup.Timed, Producer.NoWakeup)]
    [InlineData(RingBufferWakeup.WhenAsleep, Producer.WhenAsleep)]
    public async Task A_record_ends_the_wait_that_is_under_way(RingBufferWakeup wakeup, int flags)
    {
        using var producer = new Producer(flags: flags);
        using var reader = new RingBufferReader(producer.Ring, new() { Wakeup = wakeup, SleepFlag = producer.FlagFor(wakeup) });
        var waiting = TestThread.StartWaiting(() => reader.Wait(s_long));
        Assert.False(waiting.IsCompleted);
        producer.Produce(1);
        Assert.True(await waiting.WaitAsync(s_long, TestContext.Current.CancellationToken));
    }

    [KernelFact(Needs.RingBuffer)]
    public async Task A_reader_that_sleeps_is_woken_each_time_and_not_while_it_is_awake()
    {
        using var producer = new Producer(flags: Producer.WhenAsleep);
        // Awake for as long as one look takes: half a minute, in which only a wake-up would end the wait.
        using (var reader = new RingBufferReader(producer.Ring, new() { Wakeup = RingBufferWakeup.WhenAsleep, SleepFlag = producer.SleepFlag, Interval = TimeSpan.FromSeconds(60) }))
        {
            var waiting = TestThread.StartWaiting(() => reader.Wait(s_long));
            producer.Produce(3);
            await Task.Delay(20, TestContext.Current.CancellationToken);
            Assert.False(waiting.IsCompleted);
            reader.Flush();
            Assert.True(await waiting.WaitAsync(s_long, TestContext.Current.CancellationToken));
            Assert.Equal(3, reader.Drain(static _ => { }));
        }
        // Falls asleep again and again, at any moment of the producer's: without the second look some record would wake nobody.
        using (var reader = new RingBufferReader(producer.Ring, new() { Wakeup = RingBufferWakeup.WhenAsleep, SleepFlag = producer.SleepFlag }))
        {
            long taken = 0;
            for (int round = 0; round < 300; round++)
            {
                var producing = Task.Run(() => producer.Produce(1), TestContext.Current.CancellationToken);
                Assert.True(reader.Wait(s_long), $"the record of round {round} woke nobody");
                taken += reader.Drain(static _ => { });
                await producing;
            }
            taken += reader.Drain(static _ => { });
            Assert.Equal(300, taken);
        }
        Assert.Throws<ArgumentException>(() => new RingBufferReader(producer.Ring, new() { Wakeup = RingBufferWakeup.WhenAsleep }));
        Assert.Throws<ArgumentException>(() => new RingBufferReader(producer.Ring, new() { SleepFlag = producer.SleepFlag }));
    }

    private static ulong WordOf(RingBufferSleepFlag flag) => BitConverter.ToUInt64(flag.Map.Lookup(new byte[4])!);

    [KernelFact(Needs.RingBuffer)]
    public void Who_wakes_the_reader_says_so_first()
    {
        using var producer = new Producer(flags: Producer.WhenAsleep);
        producer.SleepFlag.Set();
        producer.Produce(1);
        Assert.Equal(0ul, WordOf(producer.SleepFlag));
        // A reader whose time is up is awake again.
        using var reader = new RingBufferReader(producer.Ring, new() { Wakeup = RingBufferWakeup.WhenAsleep, SleepFlag = producer.SleepFlag, Interval = TimeSpan.FromMilliseconds(1) });
        Assert.Equal(1, reader.Drain(static _ => { }));
        Assert.False(reader.Wait(TimeSpan.FromMilliseconds(50)));
        Assert.Equal(0ul, WordOf(producer.SleepFlag));
    }

    // The reader falls asleep between the program's look at the word and its submitting: the program looks again, and wakes it by
    // a record for nothing.
    [KernelFact(Needs.RingBuffer)]
    public void A_reader_that_falls_asleep_meanwhile_is_woken()
    {
        using var ring = BpfMap.Create(new() { Name = "ring", Type = MapType.RingBuf, MaxEntries = 4096 });
        using var flag = RingBufferSleepFlag.Create();
        var code = new Assembler().LoadMap(R1, "ring").Mov(R2, 16).Mov(R3, 0).Call(BpfHelper.RingbufReserve).JumpIfZero(R0, "out").Mov(R6, R0);
        RingBufferSleepFlag.Flags(code, R2, "asleep", -4);
        code.LoadMapValue(R1, "asleep").Store(R1, 0, 1, MemorySize.U32).Mov(R1, R6).Call(BpfHelper.RingbufSubmit);
        RingBufferSleepFlag.WakeAfterwards(code, "ring", "asleep", -4);
        code.Label("out").Mov(R0, 0).Exit();
        using var program = BpfProgram.Load(new() { Name = "late", Type = ProgramType.SocketFilter, Instructions = code.Build() }, new() { Maps = new Dictionary<string, BpfMap> { ["ring"] = ring, ["asleep"] = flag.Map } });
        using var reader = new RingBufferReader(ring);
        program.TestRun(new byte[64]);
        Assert.Equal(0ul, WordOf(flag));
        // The record and the one for nothing, with their headers.
        Assert.Equal(8 + 16 + 8 + 8, reader.AvailableBytes);
        Assert.Equal(1, reader.Drain(static _ => { }));
    }

    [KernelFact(Needs.RingBuffer)]
    public async Task Flush_delivers_what_was_submitted_without_a_wakeup()
    {
        using var producer = new Producer(flags: Producer.NoWakeup);
        using var reader = new RingBufferReader(producer.Ring);
        var waiting = TestThread.StartWaiting(() => reader.Wait(s_long));
        producer.Produce(3);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        reader.Flush();
        Assert.True(await waiting.WaitAsync(s_long, TestContext.Current.CancellationToken));
        Assert.Equal(3, reader.Drain(static _ => { }));
    }

    [KernelFact(Needs.RingBuffer)]
    public async Task A_wait_is_cancelled_and_ended_by_dispose()
    {
        using var producer = new Producer();
        var reader = new RingBufferReader(producer.Ring);
        using var stop = new CancellationTokenSource(20);
        Assert.ThrowsAny<OperationCanceledException>(() => reader.Wait(s_long, stop.Token));
        var waiting = TestThread.StartWaiting(() => reader.Wait(s_long));
        reader.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(s_long));
        Assert.Throws<ObjectDisposedException>(() => reader.Drain(static _ => { }));
        reader.Dispose();
    }

    [KernelFact(Needs.RingBuffer)]
    public void Dispose_inside_a_handler_ends_the_drain_after_its_record()
    {
        using var producer = new Producer();
        var reader = new RingBufferReader(producer.Ring);
        producer.Produce(5);
        Assert.Equal(1, reader.Drain(_ => reader.Dispose()));
        Assert.Throws<ObjectDisposedException>(() => reader.AvailableBytes);
    }

    [KernelFact(Needs.RingBuffer)]
    public void An_exception_of_a_handler_passes_through_and_its_record_counts_as_taken()
    {
        using var producer = new Producer();
        using var reader = new RingBufferReader(producer.Ring);
        producer.Produce(3);
        Assert.Throws<FormatException>(() => reader.Drain(record => { if (Number(record) == 1) throw new FormatException(); }));
        List<long> rest = [];
        reader.Drain(record => rest.Add(Number(record)));
        Assert.Equal([2], rest);
        Assert.Equal(3, reader.Delivered);
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_drain_stops_where_it_is_told_to_and_goes_on_there()
    {
        using var producer = new Producer();
        using var reader = new RingBufferReader(producer.Ring);
        producer.Produce(10);
        List<long> seen = [];
        Assert.Equal(4, reader.Drain(record => seen.Add(Number(record)), most: 4));
        foreach (var record in reader.Lease())
        {
            seen.Add(Number(record));
            if (seen.Count == 6) break;
        }
        Assert.Equal(4, reader.Drain(record => seen.Add(Number(record))));
        Assert.Equal(Numbers(0, 10), seen);
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_record_that_does_not_fit_the_buffer_stays_and_one_that_does_not_fit_the_type_is_an_error()
    {
        using var producer = new Producer(recordSize: 16);
        using var reader = new RingBufferReader(producer.Ring);
        producer.Produce(1);
        Assert.False(reader.TryRead(new byte[8], out int length));
        Assert.Equal(16, length);
        Assert.True(reader.TryRead(new byte[16], out length));
        producer.Produce(1);
        var e = Assert.Throws<BpfException>(() => reader.Drain((in Record _) => { }));
        Assert.Contains("16 bytes cannot be a Record, which has 64", e.Message);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Several_rings_share_one_wait()
    {
        using var one = new Producer();
        using var two = new Producer();
        using var reader = new RingBufferReader([one.Ring, two.Ring]);
        Assert.False(reader.Wait(TimeSpan.Zero));
        two.Produce(2);
        Assert.True(reader.Wait(s_long));
        one.Produce(3);
        List<long> seen = [];
        Assert.Equal(5, reader.Drain(record => seen.Add(Number(record))));
        Assert.Equal([0, 1, 2, 0, 1], seen);
        one.Produce(1);
        two.Produce(1);
        seen.Clear();
        foreach (var record in reader.Lease()) seen.Add(Number(record));
        Assert.Equal([3, 2], seen);
    }

    [KernelFact(Needs.RingBuffer)]
    public async Task The_asynchronous_stream_delivers_everything_up_to_its_end()
    {
        using var producer = new Producer(ringSize: 1 << 20);
        using var reader = new RingBufferReader(producer.Ring, new() { Loss = producer.Loss });
        using var stop = new CancellationTokenSource();
        long last = -1, delivered = 0;
        var producing = Task.Run(
            () =>
            {
                producer.Produce(40_000);
                stop.Cancel();
            },
            TestContext.Current.CancellationToken);
        await foreach (var record in reader.ReadAllAsync<Record>(stop.Token))
        {
            Assert.True(record.Number > last);
            last = record.Number;
            if (++delivered == 1000) await Task.Yield();
        }
        await producing;
        Assert.Equal(reader.Delivered, delivered);
        Assert.Equal(40_000, delivered + reader.Lost);
    }

    [KernelFact(Needs.RingBuffer)]
    public async Task Leaving_the_asynchronous_stream_early_ends_its_thread()
    {
        using var producer = new Producer(ringSize: 1 << 18);
        using var reader = new RingBufferReader(producer.Ring);
        producer.Produce(3000);
        await foreach (var record in reader.ReadAllAsync<Record>(TestContext.Current.CancellationToken))
        {
            if (record.Number == 5) break;
        }
        // Nobody reads any more: what is produced now stays in the ring.
        long before = reader.Delivered;
        producer.Produce(10);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(before, reader.Delivered);
    }

    [KernelFact(Needs.RingBuffer)]
    public async Task A_failing_conversion_ends_the_stream_after_the_records_before_it()
    {
        using var producer = new Producer();
        using var reader = new RingBufferReader(producer.Ring);
        producer.Produce(5);
        List<long> seen = [];
        await Assert.ThrowsAsync<FormatException>(async () =>
        {
            await foreach (long n in reader.ReadAllAsync(r => Number(r) == 3 ? throw new FormatException() : Number(r), TestContext.Current.CancellationToken)) seen.Add(n);
        });
        Assert.Equal([0, 1, 2], seen);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Draining_allocates_nothing()
    {
        using var producer = new Producer(ringSize: 1 << 20);
        using var reader = new RingBufferReader(producer.Ring);
        long sum = 0;
        RecordCallback callback = record => sum += record.Length;
        RecordCallback<Record> typed = (in Record record) => sum += record.Number;
        long records = 0;
        producer.Produce(5 * 3000);
        Assert.Equal(0, Allocations.Least(() =>
        {
            var handler = new CountOnly();
            reader.Drain(ref handler, 1000);
            reader.Drain(callback, 500);
            reader.Drain(typed, 500);
            int left = 1000;
            foreach (var record in reader.Lease())
            {
                sum += record.Length;
                if (--left == 0) break;
            }
            reader.Wait(TimeSpan.Zero);
            records += handler.Records;
        }));
        Assert.Equal(0, records % 1000);
        Assert.NotEqual(0, records);
        Assert.True(sum > 0);
    }

    [KernelFact(Needs.RingBuffer)]
    public void Another_kind_of_map_is_refused()
    {
        using var map = BpfMap.Create(new() { Name = "array", Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        Assert.Contains("array map 'array'", Assert.Throws<BpfException>(() => new RingBufferReader(map)).Message);
        Assert.Contains("this is a array map 'array' with values of 4", Assert.Throws<BpfException>(() => new LossCounter(map)).Message);
    }
}
