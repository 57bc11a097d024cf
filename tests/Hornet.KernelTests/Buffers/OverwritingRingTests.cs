using Hornet.Buffers;
using Hornet.Kernel;

namespace Hornet.KernelTests.Buffers;

/// <summary>Ring buffers that overwrite their oldest records (BPF_F_RB_OVERWRITE, 6.19).</summary>
public class OverwritingRingTests
{
    private static long Number(ReadOnlySpan<byte> record) => BitConverter.ToInt64(record);

    [Fact]
    public void A_kernel_without_them_says_from_which_version_on()
    {
        if (KernelVersion.Running >= new KernelVersion(6, 19)) return;
        var refused = Assert.Throws<BpfNotSupportedException>(() => new Producer(overwrite: true).Dispose());
        Assert.Equal(UnsupportedCause.Version, refused.Cause);
        Assert.Contains("the flag RingBufferOverwrite needs Linux 6.19", refused.Message);
    }

    [KernelFact(MinKernel = "6.19")]
    public void The_youngest_records_are_delivered_and_the_others_counted()
    {
        using var producer = new Producer(ringSize: 4096, recordSize: 64, overwrite: true);
        using var reader = new RingBufferReader(producer.Ring, new() { Loss = producer.Loss, Produced = producer.Submitted });
        List<long> seen = [];
        producer.Produce(10);
        Assert.Equal(10, reader.Drain(record => seen.Add(Number(record))));
        Assert.Equal((0L, 0L, 0L), (reader.Lost, reader.OverwrittenBytes, reader.AvailableBytes));

        // 4096 bytes hold 56 records of 72 bytes.
        producer.Produce(1000);
        Assert.Equal(1000 - 56, reader.Lost);
        Assert.Equal(56 * 72, reader.AvailableBytes);
        seen.Clear();
        Assert.Equal(56, reader.Drain(record => seen.Add(Number(record))));
        Assert.Equal(Enumerable.Range(1010 - 56, 56).Select(n => (long)n), seen);
        Assert.Equal((1000 - 56, (1000 - 56) * 72L), (reader.Lost, reader.OverwrittenBytes));
        Assert.Equal(producer.Produced, reader.Delivered + reader.Lost);
        Assert.Equal(0, producer.Loss.Total);
    }

    [KernelFact(MinKernel = "6.19")]
    public void Every_way_of_reading_passes_over_discarded_and_overwritten_records()
    {
        using var producer = new Producer(ringSize: 4096, recordSize: 100, discardOdd: true, overwrite: true);
        using var reader = new RingBufferReader(producer.Ring, new() { Produced = producer.Submitted });
        byte[] copy = new byte[100];
        for (int round = 0; round < 4; round++)
        {
            List<long> seen = [];
            producer.Produce(1000);
            switch (round)
            {
                case 0:
                    reader.Drain(record => seen.Add(Number(record)));
                    break;
                case 1:
                    foreach (var record in reader.Lease()) seen.Add(Number(record));
                    break;
                case 2:
                    Assert.False(reader.TryRead(new byte[99], out int length));
                    Assert.Equal(100, length);
                    while (reader.TryRead(copy, out _)) seen.Add(Number(copy));
                    break;
                default:
                    while (reader.Poll((in long first) => seen.Add(first), TimeSpan.Zero) > 0)
                    {
                    }
                    break;
            }
            // 36 records of 112 bytes are in the ring, every second discarded.
            Assert.Equal(Enumerable.Range(1000 * round, 1000).Where(n => n % 2 == 0).TakeLast(18).Select(n => (long)n), seen);
            Assert.Equal((round + 1) * (500 - 18), reader.Lost);
            Assert.Equal(0, reader.AvailableBytes);
        }
    }

    [KernelTheory(MinKernel = "6.19")]
    [InlineData(64)]
    [InlineData(1000)]
    public void A_record_overwritten_while_it_is_read_is_never_delivered_torn(int size)
    {
        using var producer = new Producer(ringSize: 4096, recordSize: size, overwrite: true);
        using var reader = new RingBufferReader(producer.Ring, new() { Loss = producer.Loss, Produced = producer.Submitted });
        long last = -1, torn = 0, disorder = 0;
        void Take(ReadOnlySpan<byte> record)
        {
            long number = Number(record);
            if (number != Number(record[^8..])) torn++;
            if (number <= last) disorder++;
            last = number;
        }
        var writer = new Thread(() =>
        {
            for (int i = 0; i < 100; i++) producer.Produce(500);
        });
        writer.Start();
        while (writer.IsAlive)
        {
            reader.Drain(Take);
            foreach (var record in reader.Lease()) Take(record);
        }
        writer.Join();
        reader.Drain(Take);
        Assert.Equal((0L, 0L), (torn, disorder));
        Assert.Equal(50_000, producer.Produced);
        Assert.Equal(producer.Produced, reader.Delivered + reader.Lost);
        // All records are alike, so the bytes tell the same number.
        Assert.Equal(reader.Lost - producer.Loss.Total, reader.OverwrittenBytes / ((size + 8 + 7) & ~7));
    }

    [KernelFact(MinKernel = "6.19")]
    public async Task A_reader_that_waits_is_woken_after_it_was_overrun()
    {
        using var producer = new Producer(ringSize: 4096, recordSize: 64, overwrite: true);
        using var reader = new RingBufferReader(producer.Ring);
        producer.Produce(500);
        Assert.True(reader.Wait(TimeSpan.Zero));
        reader.Drain(static _ => { });
        Assert.False(reader.Wait(TimeSpan.Zero));
        long number = -1;
        var waiting = TestThread.StartWaiting(() => reader.Poll(record => number = Number(record), TestThread.Patience));
        producer.Produce(1);
        Assert.Equal(1, await waiting);
        Assert.Equal(500, number);
    }
}
