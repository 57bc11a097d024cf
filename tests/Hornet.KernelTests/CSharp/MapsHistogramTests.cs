namespace Hornet.KernelTests.CSharp;

/// <summary>Histograms: recorded by kernel code, read and shown in user space.</summary>
public class MapsHistogramTests
{
    [KernelFact]
    public void Values_are_counted_by_powers_of_two()
    {
        using var histogram = BpfHistogram.Create("sizes");
        MapsRun.Times(2, () =>
        {
            histogram.Record(-5L);
            histogram.Record(0L);
            histogram.Record(1L);
            histogram.Record(2L);
            histogram.Record(3L);
            histogram.Record(4L);
            histogram.Record(1023L);
            histogram.Record(1024L);
            histogram.Record(1025L);
            histogram.Record(long.MaxValue);
            histogram.Record(ulong.MaxValue);
        });
        var read = histogram.Read();
        Assert.Equal(22ul, read.Total);
        Assert.Equal([(0, 2ul), (1, 2ul), (2, 2ul), (3, 4ul), (4, 2ul), (11, 2ul), (12, 4ul), (64, 2ul), (65, 2ul)],
            read.Buckets.Select((bucket, i) => (i, bucket.Count)).Where(pair => pair.Count != 0));
        Assert.Contains("[1K, 2K)                    4 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n", histogram.ToString());
        Assert.Contains("[4, 8)                      2 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |\n", histogram.ToString());
        histogram.Clear();
        Assert.Equal("", histogram.ToString());
    }

    [KernelFact]
    public void A_value_of_the_packet_is_recorded()
    {
        using var histogram = BpfHistogram.Create("lengths");
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            histogram.Record(ctx.Data.Length);
            return XdpAction.Pass;
        });
        foreach (int length in (int[])[60, 63, 64, 100, 127, 128, 1400]) Assert.Equal((uint)XdpAction.Pass, program.TestRun(new byte[length]).ReturnValue);
        Assert.Equal([(32L, 2ul), (64L, 3ul), (128L, 1ul), (1024L, 1ul)],
            histogram.Read().Buckets.Where(bucket => bucket.Count != 0).Select(bucket => (bucket.Low!.Value, bucket.Count)));
    }

    [KernelFact]
    public void Values_are_counted_in_steps()
    {
        using var histogram = BpfHistogram.CreateLinear("steps", -10, 25, 10);
        MapsRun.Once(() =>
        {
            for (long value = -12; value < 30; value++) histogram.Record(value);
            histogram.Record(ulong.MaxValue);
        });
        Assert.Equal([(null, -10L, 2ul), (-10L, 0L, 10ul), (0L, 10L, 10ul), (10L, 20L, 10ul), (20L, 25L, 5ul), (25L, null, 6ul)],
            histogram.Read().Buckets.Select(bucket => (bucket.Low, bucket.High, bucket.Count)));
    }

    [KernelFact]
    public void Each_key_has_a_histogram()
    {
        using var histogram = BpfHistogram<uint>.Create("keys", 100);
        using var small = BpfHistogram<byte>.CreateLinear("small", 100, 0, 10, 1);
        MapsRun.Times(3, () =>
        {
            histogram.Record(7, 100L);
            histogram.Record(7, 100L);
            histogram.Record(8, 3L);
            small.Record(9, 4L);
        });
        var read = histogram.Read();
        Assert.Equal([(7u, 64L, 6ul), (8u, 2L, 3ul)],
            read.OrderBy(pair => pair.Key).SelectMany(pair => pair.Value.Buckets.Where(bucket => bucket.Count != 0).Select(bucket => (pair.Key, bucket.Low!.Value, bucket.Count))));
        Assert.Equal(3ul, small.Read()[9].Buckets[5].Count);
    }
}
