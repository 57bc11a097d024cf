using System.Numerics;
using Hornet.Script.Output;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

public class HistogramTextTests
{
    private const string Full = "|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|";
    private const string Half = "|@@@@@@@@@@@@@@@@@@@@@@@@@@                          |";
    private const string None = "|                                                    |";

    // The bucket of a value as the kernel side finds it.
    private static int Bucket(long value, int bits)
    {
        if (value < 0) return 0;
        ulong v = (ulong)value;
        if (v < 1ul << bits) return 1 + (int)v;
        int power = BitOperations.Log2(v) - bits;
        return 1 + ((power + 1) << bits) + (int)((v >> power) & ((1ul << bits) - 1));
    }

    private static (Script.Runtime.ScriptMap Map, MapSnapshot Snapshot) Powers(int bits, params long[] values)
    {
        AggregateType type = new(AggregateKind.Hist, true) { HistBits = bits };
        var counts = new long[type.BucketCount];
        foreach (long value in values) counts[Bucket(value, bits)]++;
        var map = Build.Map("@h", null, type, perCpu: true);
        return (map, Build.Snapshot(map, 2, (Build.Int(0L), [.. Build.Words(counts), .. new byte[type.Size]])));
    }

    private static (Script.Runtime.ScriptMap Map, MapSnapshot Snapshot) Steps(long minimum, long maximum, long step, params long[] values)
    {
        AggregateType type = new(AggregateKind.LinearHist, true) { Minimum = minimum, Maximum = maximum, Step = step };
        var counts = new long[type.BucketCount];
        foreach (long value in values) counts[value < minimum ? 0 : value >= maximum ? counts.Length - 1 : (int)((value - minimum) / step) + 1]++;
        var map = Build.Map("@l", null, type, perCpu: true);
        return (map, Build.Snapshot(map, 1, (Build.Int(0L), Build.Words(counts))));
    }

    [Fact]
    public void Only_buckets_from_the_first_to_the_last_that_hold_something_are_shown()
    {
        var (map, snapshot) = Powers(0, -1, 2, 3, 7, 17);
        Assert.Equal($"""
            @h:
            (..., 0)               1 {Half}
            [0]                    0 {None}
            [1]                    0 {None}
            [2, 4)                 2 {Full}
            [4, 8)                 1 {Half}
            [8, 16)                0 {None}
            [16, 32)               1 {Half}


            """, Build.MapAsText(map, snapshot));
        Assert.Equal("{\"type\": \"hist\", \"data\": {\"@h\": [{\"max\": -1, \"count\": 1},{\"min\": 0, \"max\": 0, \"count\": 0},{\"min\": 1, \"max\": 1, \"count\": 0},{\"min\": 2, \"max\": 3, \"count\": 2},{\"min\": 4, \"max\": 7, \"count\": 1},{\"min\": 8, \"max\": 15, \"count\": 0},{\"min\": 16, \"max\": 31, \"count\": 1}]}}\n", Build.MapAsJson(map, snapshot));
    }

    [Theory]
    [InlineData(0, 0, "[0]")]
    [InlineData(0, 1, "[1]")]
    [InlineData(0, 1023, "[512, 1K)")]
    [InlineData(0, 1024, "[1K, 2K)")]
    [InlineData(0, 1L << 20, "[1M, 2M)")]
    [InlineData(0, (1L << 20) - 1, "[512K, 1M)")]
    [InlineData(0, 10_000_000_000, "[8G, 16G)")]
    [InlineData(0, 1L << 40, "[1T, 2T)")]
    [InlineData(0, 1L << 50, "[1P, 2P)")]
    [InlineData(0, long.MaxValue, "[4E, 8E)")]
    [InlineData(1, 3, "[3]")]
    [InlineData(1, 4, "[4, 6)")]
    [InlineData(2, 7, "[7]")]
    [InlineData(2, 230, "[224, 256)")]
    [InlineData(3, 15, "[15]")]
    [InlineData(3, 16, "[16, 18)")]
    [InlineData(3, 1023, "[960, 1024)")]
    [InlineData(3, 1024, "[1024, 1152)")]
    [InlineData(3, 8192, "[8K, 9K)")]
    [InlineData(5, 63, "[63]")]
    [InlineData(5, 64, "[64, 66)")]
    [InlineData(5, long.MaxValue, "[8064P, 8192P)")]
    public void A_bucket_is_labelled_by_its_limits(int bits, long value, string label)
    {
        var (map, snapshot) = Powers(bits, value);
        string line = Build.MapAsText(map, snapshot).Split('\n')[1];
        Assert.Equal(label.PadRight(16) + "       1 " + Full, line);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Each_number_lies_between_its_buckets_limits(int bits)
    {
        AggregateType type = new(AggregateKind.Hist, true) { HistBits = bits };
        for (int power = 0; power < 61; power++)
        {
            foreach (long value in new[] { 1L << power, (1L << power) + 1, (1L << power) - 1, (1L << power) * 3 / 2 })
            {
                var counts = new long[type.BucketCount];
                counts[Bucket(value, bits)] = 1;
                var table = HistogramTable.Read(type, Build.Words(counts));
                Assert.InRange(value, table.Lower(table.First)!.Value.Value, table.Upper(table.First)!.Value.Value - 1);
            }
        }
    }

    [Fact]
    public void Counts_are_divided_and_a_bar_of_nothing_is_empty()
    {
        var (map, snapshot) = Powers(0, 1, 1, 1, 1, 2, 2, 4);
        Assert.Equal($"@h:\n[1]                    2 {Full}\n[2, 4)                 1 {Half}\n[4, 8)                 0 {None}\n\n", Build.MapAsText(map, snapshot, divisor: 2));
        Assert.Equal($"@h:\n[1]                    0 {None}\n[2, 4)                 0 {None}\n[4, 8)                 0 {None}\n\n", Build.MapAsText(map, snapshot, divisor: 100));
    }

    [Fact]
    public void A_histogram_that_was_set_to_zero_is_an_empty_one()
    {
        var (map, snapshot) = Powers(0);
        Assert.Equal("@h:\n\n", Build.MapAsText(map, snapshot));
        Assert.Equal("{\"type\": \"hist\", \"data\": {\"@h\": []}}\n", Build.MapAsJson(map, snapshot));
        Assert.Equal("", Build.MapAsText(map, Build.Snapshot(map, 1)));
        Assert.Equal("", Build.MapAsJson(map, Build.Snapshot(map, 1)));
    }

    [Fact]
    public void Keyed_histograms_come_by_their_number_of_values()
    {
        AggregateType type = new(AggregateKind.Hist, true);
        byte[] Counts(params long[] values)
        {
            var counts = new long[type.BucketCount];
            foreach (long value in values) counts[Bucket(value, 0)]++;
            return Build.Words(counts);
        }
        var map = Build.Map("@", IntegerType.Int64, type, perCpu: true);
        var snapshot = Build.Snapshot(map, 1, (Build.Int(1L), Counts(10, 10)), (Build.Int(2L), Counts(20)));
        Assert.Equal($"@[2]:\n[16, 32)               1 {Full}\n\n@[1]:\n[8, 16)                2 {Full}\n\n", Build.MapAsText(map, snapshot));
        Assert.Equal($"@[1]:\n[8, 16)                2 {Full}\n\n", Build.MapAsText(map, snapshot, top: 1));
        Assert.Equal("{\"type\": \"hist\", \"data\": {\"@\": {\"2\": [{\"min\": 16, \"max\": 31, \"count\": 1}], \"1\": [{\"min\": 8, \"max\": 15, \"count\": 2}]}}}\n", Build.MapAsJson(map, snapshot));
    }

    [Fact]
    public void Steps_have_one_bucket_below_and_one_above()
    {
        var (map, snapshot) = Steps(0, 10, 2, -5, 2, 3, 6, 10, 99);
        Assert.Equal($"""
            @l:
            (..., 0)               1 {Half}
            [0, 2)                 0 {None}
            [2, 4)                 2 {Full}
            [4, 6)                 0 {None}
            [6, 8)                 1 {Half}
            [8, 10)                0 {None}
            [10, ...)              2 {Full}


            """, Build.MapAsText(map, snapshot));
        var (other, values) = Steps(0, 100, 10, 2, 50, 1000);
        Assert.StartsWith("{\"type\": \"hist\", \"data\": {\"@l\": [{\"min\": 0, \"max\": 9, \"count\": 1},{\"min\": 10, \"max\": 19, \"count\": 0},", Build.MapAsJson(other, values), StringComparison.Ordinal);
        Assert.EndsWith("{\"min\": 90, \"max\": 99, \"count\": 0},{\"min\": 100, \"count\": 1}]}}\n", Build.MapAsJson(other, values), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 100, 10, 1000, "[100, ...)")]
    [InlineData(0, 100, 10, -1, "(..., 0)")]
    [InlineData(-20, 20, 10, -15, "[-20, -10)")]
    [InlineData(5, 8, 1, 6, "[6]")]
    [InlineData(0, 4096, 1024, 1500, "[1K, 2K)")]
    [InlineData(0, 4096, 1024, 0, "[0, 1K)")]
    [InlineData(0, 4 << 20, 1 << 20, 3 << 20, "[3M, 4M)")]
    [InlineData(0, 4000, 1000, 2048, "[2000, 3000)")]
    [InlineData(10, 2058, 1024, 20, "[10, 1034)")]
    [InlineData(0, 3L << 30, 1L << 30, 1L << 30, "[1024M, 2048M)")]
    public void A_step_is_labelled_by_its_limits(long minimum, long maximum, long step, long value, string label)
    {
        var (map, snapshot) = Steps(minimum, maximum, step, value);
        Assert.Equal(label.PadRight(16) + "       1 " + Full, Build.MapAsText(map, snapshot).Split('\n')[1]);
    }

    [Fact]
    public void Steps_that_do_not_fill_the_range_end_where_the_last_whole_one_ends()
    {
        var (map, snapshot) = Steps(0, 10, 3, 7, 9, 10, 11);
        Assert.Equal(["@l:", $"[6, 9)                 1 |@@@@@@@@@@@@@@@@@                                   |", $"[9, ...)               3 {Full}", "", ""], Build.MapAsText(map, snapshot).Split('\n'));
    }

    [Fact]
    public void Steps_are_never_divided()
    {
        var (map, snapshot) = Steps(0, 100, 10, 1, 1, 1);
        Assert.Equal($"@l:\n[0, 10)                3 {Full}\n\n", Build.MapAsText(map, snapshot, divisor: 3));
    }
}
