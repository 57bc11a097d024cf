using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

public class TimeSeriesTests
{
    private const ulong Tenth = 100_000_000;

    private static AggregateType Type(AggregateKind aggregate = AggregateKind.TimeSeries, int count = 5, bool isSigned = true, ulong interval = Tenth) =>
        new(AggregateKind.TimeSeries, isSigned) { Interval = interval, SeriesCount = count, SeriesAggregate = aggregate };

    // (cpu, epoch, value, meta), each in the place that its epoch has.
    private static byte[] Entries(AggregateType type, int cpus, params (int Cpu, long Epoch, long Value, long Meta)[] entries)
    {
        var words = new long[cpus * type.SeriesCount * 3];
        foreach (var (cpu, epoch, value, meta) in entries)
        {
            int at = (cpu * type.SeriesCount + (int)(epoch % type.SeriesCount)) * 3;
            (words[at], words[at + 1], words[at + 2]) = (value, meta, epoch);
        }
        return Build.Words(words);
    }

    private static (string Text, string Json) Scalar(AggregateType type, int cpus, params (int Cpu, long Epoch, long Value, long Meta)[] entries)
    {
        var map = Build.Map("@a", null, type, perCpu: true);
        var snapshot = Build.Snapshot(map, cpus, (Build.Int(0L), Entries(type, cpus, entries)));
        return (Build.MapAsText(map, snapshot), Build.MapAsJson(map, snapshot));
    }

    [Fact]
    public void A_series_is_a_graph_from_its_first_value_to_the_last_interval()
    {
        var (text, json) = Scalar(Type(), 1, (0, 5, 9, 1), (0, 6, 9, 1), (0, 8, 9, 1));
        Assert.Equal("""
            @a:
                         8                                                  10
            hh:mm:ss.ms  |___________________________________________________|
            00:00:00.500 |                         *                         | 9
            00:00:00.600 |                         *                         | 9
            00:00:00.700 |                                                   | -
            00:00:00.800 |                         *                         | 9
                         v___________________________________________________v
                         8                                                  10


            """, text);
        Assert.Equal("{\"type\": \"tseries\", \"data\": {\"@a\": [{\"interval_start\":\"1970-01-01 00:00:00.500000000\",\"value\":9},{\"interval_start\":\"1970-01-01 00:00:00.600000000\",\"value\":9},{\"interval_start\":\"1970-01-01 00:00:00.800000000\",\"value\":9}]}}\n", json);
    }

    [Fact]
    public void Values_on_both_sides_of_zero_have_a_dotted_line_there()
    {
        var (text, _) = Scalar(Type(count: 3), 1, (0, 1, -5, 1), (0, 2, 0, 1), (0, 3, 5, 1));
        Assert.Equal("""
            @a:
                         -5                                                  5
            hh:mm:ss.ms  |___________________________________________________|
            00:00:00.100 *                         .                         | -5
            00:00:00.200 |                         *                         | 0
            00:00:00.300 |                         .                         * 5
                         v___________________________________________________v
                         -5                                                  5


            """, text);
    }

    [Theory]
    [InlineData(AggregateKind.TimeSeries, 7)]
    [InlineData(AggregateKind.Sum, 12)]
    [InlineData(AggregateKind.Min, 5)]
    [InlineData(AggregateKind.Max, 7)]
    [InlineData(AggregateKind.Avg, 4)]
    public void Values_of_one_interval_on_several_cpus_become_one(object aggregate, int expected)
    {
        // The second CPU's is the newer one (meta), and an average of two values.
        var (_, json) = Scalar(Type((AggregateKind)aggregate), 3, (0, 5, 5, 1), (1, 5, 7, 2), (2, 0, 0, 0));
        Assert.Contains($"\"value\":{expected}}}", json, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_cpu_still_keeps_of_an_older_round_is_left_out()
    {
        var (_, json) = Scalar(Type(AggregateKind.Sum), 2, (0, 10, 5, 1), (1, 5, 100, 1), (1, 8, 3, 1), (0, 4, 9, 1));
        Assert.Equal("{\"type\": \"tseries\", \"data\": {\"@a\": [{\"interval_start\":\"1970-01-01 00:00:00.800000000\",\"value\":3},{\"interval_start\":\"1970-01-01 00:00:01.000000000\",\"value\":5}]}}\n", json);
    }

    [Fact]
    public void Without_values_there_is_no_data()
    {
        var (text, json) = Scalar(Type(), 1);
        Assert.Equal("@a:\n<no data>\n", text);
        Assert.Equal("{\"type\": \"tseries\", \"data\": {\"@a\": []}}\n", json);
    }

    [Fact]
    public void Series_of_one_map_end_at_the_same_interval()
    {
        var type = Type(count: 4);
        var map = Build.Map("@a", new StringType(8), type, perCpu: true);
        var snapshot = Build.Snapshot(map, 1,
            (Build.Text("new", 8), Entries(type, 1, (0, 7, 4, 1))),
            (Build.Text("old", 8), Entries(type, 1, (0, 5, 0, 1), (0, 6, 5, 1))));
        Assert.Equal("""
            @a[old]:
                         0                                                   5
            hh:mm:ss.ms  |___________________________________________________|
            00:00:00.500 *                                                   | 0
            00:00:00.600 |                                                   * 5
            00:00:00.700 |                                                   | -
                         v___________________________________________________v
                         0                                                   5

            @a[new]:
                         3                                                   5
            hh:mm:ss.ns        |___________________________________________________|
            00:00:00.700000000 |                         *                         | 4
                               v___________________________________________________v
                               3                                                   5


            """.Replace("@a[new]:\n             3 ", "@a[new]:\n                   3 ", StringComparison.Ordinal), Build.MapAsText(map, snapshot));
    }

    [Fact]
    public void Seconds_have_no_fraction_and_there_is_no_room_beyond_the_types_limits()
    {
        var (text, _) = Scalar(Type(count: 2, isSigned: false, interval: 1_000_000_000), 1, (0, 61, 0, 1), (0, 62, 0, 1));
        Assert.Equal("""
            @a:
                     0                                                   1
            hh:mm:ss |___________________________________________________|
            00:01:01 *                                                   | 0
            00:01:02 *                                                   | 0
                     v___________________________________________________v
                     0                                                   1


            """, text);
    }
}
