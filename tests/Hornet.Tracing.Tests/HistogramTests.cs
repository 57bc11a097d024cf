namespace Hornet.Tracing.Tests;

public class HistogramTests
{
    [Theory]
    [InlineData(long.MinValue, 0)]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(1023, 11)]
    [InlineData(1024, 12)]
    [InlineData(long.MaxValue, 64)]
    public void A_number_has_its_power_of_two(long value, int bucket)
    {
        Assert.Equal(bucket, Histogram.Log2Bucket(value));
        var counts = new ulong[Histogram.Log2Buckets];
        counts[bucket] = 1;
        var found = Assert.Single(Histogram.Log2(counts).Buckets, b => b.Count == 1);
        Assert.True(found.Low is null || value >= found.Low);
        Assert.True(found.High is null || value < found.High || value == long.MaxValue);
    }

    [Fact]
    public void Buckets_follow_one_another()
    {
        var buckets = Histogram.Log2(new ulong[Histogram.Log2Buckets]).Buckets;
        for (int i = 1; i < buckets.Count; i++) Assert.Equal(buckets[i - 1].High, buckets[i].Low);
        buckets = Histogram.Linear(-5, 17, 4, new ulong[8]).Buckets;
        for (int i = 1; i < buckets.Count; i++) Assert.Equal(buckets[i - 1].High, buckets[i].Low);
        Assert.Equal([(null, -5L), (-5L, -1L), (-1L, 3L), (3L, 7L), (7L, 11L), (11L, 15L), (15L, 17L), (17L, null)], buckets.Select(b => (b.Low, b.High)));
    }

    [Fact]
    public void Text_begins_and_ends_with_what_was_counted()
    {
        var counts = new ulong[Histogram.Log2Buckets];
        (counts[2], counts[4], counts[13]) = (1, 8, 4);
        string[] lines = Histogram.Log2(counts).ToString().Split('\n');
        Assert.Equal(13, lines.Length);
        Assert.Equal("[1]                         1 |@@@@@@                                              |", lines[0]);
        Assert.Equal("[2, 4)                      0 |                                                    |", lines[1]);
        Assert.Equal("[4, 8)                      8 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|", lines[2]);
        Assert.Equal("[2K, 4K)                    4 |@@@@@@@@@@@@@@@@@@@@@@@@@@                          |", lines[11]);
        Assert.Equal("", Histogram.Log2(new ulong[Histogram.Log2Buckets]).ToString());
        Assert.Equal(13ul, Histogram.Log2(counts).Total);
    }

    [Theory]
    [InlineData(5, 5, 1)]
    [InlineData(5, 4, 1)]
    [InlineData(0, 10, 0)]
    [InlineData(0, 10, -1)]
    [InlineData(0, 1_000_000, 1)]
    public void Steps_that_cannot_be_are_refused(long minimum, long maximum, long step) =>
        Assert.ThrowsAny<ArgumentException>(() => Histogram.LinearBuckets(minimum, maximum, step));
}
