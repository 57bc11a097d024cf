using Hornet.Script.Output;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

public class MapPrintTests
{
    private static readonly AggregateType s_count = new(AggregateKind.Count, true), s_sum = new(AggregateKind.Sum, true), s_avg = new(AggregateKind.Avg, true),
        s_stats = new(AggregateKind.Stats, true), s_max = new(AggregateKind.Max, true), s_min = new(AggregateKind.Min, true);

    private static readonly StringType s_name = new(16);

    private static byte[] Name(string text) => Build.Text(text, 16);

    [Fact]
    public void A_scalar_is_one_line()
    {
        var map = Build.Map("@x", null, IntegerType.Int64);
        var snapshot = Build.Snapshot(map, 1, (Build.Int(0L), Build.Int(5L)));
        Assert.Equal("@x: 5\n", Build.MapAsText(map, snapshot));
        Assert.Equal("{\"type\": \"map\", \"data\": {\"@x\": 5}}\n", Build.MapAsJson(map, snapshot));
    }

    [Fact]
    public void An_empty_map_is_nothing_but_an_empty_object_for_averages_in_json()
    {
        var map = Build.Map("@x", s_name, IntegerType.Int64);
        Assert.Equal("", Build.MapAsText(map, Build.Snapshot(map, 1)));
        Assert.Equal("", Build.MapAsJson(map, Build.Snapshot(map, 1)));
        var average = Build.Map("@x", s_name, s_avg);
        Assert.Equal("", Build.MapAsText(average, Build.Snapshot(average, 1)));
        Assert.Equal("{\"type\": \"stats\", \"data\": {\"@x\": {}}}\n", Build.MapAsJson(average, Build.Snapshot(average, 1)));
    }

    [Fact]
    public void Counts_are_added_up_and_come_from_the_smallest_to_the_largest()
    {
        var map = Build.Map("@c", s_name, s_count, perCpu: true);
        var snapshot = Build.Snapshot(map, 2, (Name("a"), Build.Words(2, 3)), (Name("b"), Build.Words(1, 0)), (Name("c"), Build.Words(0, 30)));
        Assert.Equal("@c[b]: 1\n@c[a]: 5\n@c[c]: 30\n", Build.MapAsText(map, snapshot));
        Assert.Equal("@c[a]: 5\n@c[c]: 30\n", Build.MapAsText(map, snapshot, top: 2));
        Assert.Equal("@c[b]: 0\n@c[a]: 2\n@c[c]: 15\n", Build.MapAsText(map, snapshot, top: 9, divisor: 2));
        Assert.Equal("@c[b]: 1\n@c[a]: 5\n@c[c]: 30\n", Build.MapAsText(map, snapshot, divisor: 0));
        Assert.Equal("{\"type\": \"map\", \"data\": {\"@c\": {\"b\": 1, \"a\": 5, \"c\": 30}}}\n", Build.MapAsJson(map, snapshot));
    }

    [Fact]
    public void Values_below_zero_come_first()
    {
        var map = Build.Map("@s", s_name, s_sum);
        var snapshot = Build.Snapshot(map, 1, (Name("a"), Build.Int(2L)), (Name("b"), Build.Int(-1L)), (Name("c"), Build.Int(-9L)));
        Assert.Equal("@s[c]: -9\n@s[b]: -1\n@s[a]: 2\n", Build.MapAsText(map, snapshot));
        var unsigned = Build.Map("@s", s_name, IntegerType.UInt64);
        Assert.Equal("@s[a]: 2\n@s[c]: 18446744073709551607\n@s[b]: 18446744073709551615\n", Build.MapAsText(unsigned, snapshot));
    }

    [Fact]
    public void Small_integers_are_ordered_by_value_too()
    {
        var map = Build.Map("@i", s_name, IntegerType.Int32);
        var snapshot = Build.Snapshot(map, 1, (Name("a"), Build.Int(2, 4)), (Name("b"), Build.Int(-1, 4)), (Name("c"), Build.Int(1, 4)));
        Assert.Equal("@i[b]: -1\n@i[c]: 1\n@i[a]: 2\n", Build.MapAsText(map, snapshot));
    }

    [Fact]
    public void Numbers_in_a_map_for_each_cpu_are_added_up_and_of_other_values_the_first_counts()
    {
        var map = Build.Map("@p", null, IntegerType.Int32, perCpu: true);
        Assert.Equal("@p: 4\n", Build.MapAsText(map, Build.Snapshot(map, 3, (Build.Int(0L), [.. Build.Int(5, 4), .. Build.Int(-2, 4), .. Build.Int(1, 4)]))));
        var text = Build.Map("@p", null, new StringType(2), perCpu: true);
        Assert.Equal("@p: a\n", Build.MapAsText(text, Build.Snapshot(text, 2, (Build.Int(0L), [(byte)'a', 0, (byte)'b', 0]))));
    }

    [Fact]
    public void Averages_and_stats_are_ordered_by_average()
    {
        var map = Build.Map("@", s_name, s_avg, perCpu: true);
        var snapshot = Build.Snapshot(map, 1, (Name("a"), Build.Words(40, 4)), (Name("b"), Build.Words(20, 1)), (Name("c"), Build.Words(30, 1)), (Name("d"), Build.Words(40, 1)));
        Assert.Equal("@[c]: 3\n@[d]: 4\n", Build.MapAsText(map, snapshot, top: 2, divisor: 10));
        Assert.Equal("{\"type\": \"stats\", \"data\": {\"@\": {\"c\": 3, \"d\": 4}}}\n", Build.MapAsJson(map, snapshot, top: 2, divisor: 10));
        Assert.Equal("{\"type\": \"stats\", \"data\": {\"@\": {\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4}}}\n", Build.MapAsJson(map, snapshot, top: 10, divisor: 10));
        var stats = Build.Map("@s", IntegerType.Int64, s_stats, perCpu: true);
        var two = Build.Snapshot(stats, 2, (Build.Int(1L), Build.Words(9, 1, 0, 0)), (Build.Int(2L), Build.Words(2, 1, 10, 1)));
        Assert.Equal("@s[2]: { .count = 2, .average = 6, .total = 12 }\n@s[1]: { .count = 1, .average = 9, .total = 9 }\n", Build.MapAsText(stats, two));
        Assert.Equal("{\"type\": \"stats\", \"data\": {\"@s\": {\"2\": {\"count\": 2, \"average\": 6, \"total\": 12}, \"1\": {\"count\": 1, \"average\": 9, \"total\": 9}}}}\n", Build.MapAsJson(stats, two));
    }

    [Fact]
    public void Smallest_and_largest_values_are_ordered_as_numbers_without_sign()
    {
        foreach (var type in new[] { s_min, s_max })
        {
            var map = Build.Map("@m", s_name, type, perCpu: true);
            var snapshot = Build.Snapshot(map, 1, (Name("a"), Build.Words(-5, 1)), (Name("b"), Build.Words(7, 1)), (Name("c"), Build.Words(3, 1)));
            Assert.Equal("@m[c]: 3\n@m[b]: 7\n@m[a]: -5\n", Build.MapAsText(map, snapshot));
        }
    }

    [Fact]
    public void Other_values_are_ordered_by_key()
    {
        var map = Build.Map("@t", IntegerType.Int64, s_name);
        var snapshot = Build.Snapshot(map, 1, (Build.Int(10L), Name("x")), (Build.Int(-3L), Name("y")), (Build.Int(9L), Name("z")));
        Assert.Equal("@t[-3]: y\n@t[9]: z\n@t[10]: x\n", Build.MapAsText(map, snapshot));
        var byText = Build.Map("@t", s_name, s_name);
        Assert.Equal("@t[10]: a\n@t[9]: b\n@t[b]: c\n", Build.MapAsText(byText, Build.Snapshot(byText, 1, (Name("b"), Name("c")), (Name("9"), Name("b")), (Name("10"), Name("a")))));
        TupleType key = new([s_name, IntegerType.Int32]);
        var byBoth = Build.Map("@t", key, BooleanType.Instance);
        byte[] Key(string text, int number) => Build.Tuple(key, Name(text), Build.Int(number, 4));
        Assert.Equal("@t[a, -1]: true\n@t[a, 2]: false\n@t[b, 0]: true\n", Build.MapAsText(byBoth, Build.Snapshot(byBoth, 1, (Key("b", 0), [1]), (Key("a", 2), [0]), (Key("a", -1), [1]))));
    }

    [Fact]
    public void Keys_of_several_parts_lose_their_parentheses_and_so_does_a_text_that_looks_like_one()
    {
        TupleType inner = new([IntegerType.UInt8, IntegerType.UInt8]), key = new([s_name, inner]);
        var map = Build.Map("@k", key, IntegerType.Int64);
        var snapshot = Build.Snapshot(map, 1, (Build.Tuple(key, Name("my app"), [1, 2]), Build.Int(1L)));
        Assert.Equal("@k[my app, (1, 2)]: 1\n", Build.MapAsText(map, snapshot));
        Assert.Equal("{\"type\": \"map\", \"data\": {\"@k\": {\"myapp,(1,2)\": 1}}}\n", Build.MapAsJson(map, snapshot));
        var text = Build.Map("@k", s_name, IntegerType.Int64);
        var pam = Build.Snapshot(text, 1, (Name("(sd-pam)"), Build.Int(1L)), (Name("()"), Build.Int(2L)), (Name("("), Build.Int(3L)), (Name("(a"), Build.Int(4L)));
        Assert.Equal("@k[sd-pam]: 1\n@k[]: 2\n@k[(]: 3\n@k[(a]: 4\n", Build.MapAsText(text, pam));
        TupleType record = new([IntegerType.UInt8], ["id"]);
        var byRecord = Build.Map("@k", record, IntegerType.Int64);
        Assert.Equal("@k[{ .id = 3 }]: 1\n", Build.MapAsText(byRecord, Build.Snapshot(byRecord, 1, ([3], Build.Int(1L)))));
    }

    [Fact]
    public void Json_keys_are_escaped()
    {
        var map = Build.Map("@k", s_name, new StringType(8));
        var snapshot = Build.Snapshot(map, 1, (Name("a\"b\n"), Build.Text("x y", 8)));
        Assert.Equal("{\"type\": \"map\", \"data\": {\"@k\": {\"a\\\"b\\n\": \"x y\"}}}\n", Build.MapAsJson(map, snapshot));
    }

    [Fact]
    public void Equal_values_come_in_the_order_of_their_keys()
    {
        var map = Build.Map("@", IntegerType.Int64, s_count);
        var snapshot = Build.Snapshot(map, 1, [.. Enumerable.Range(0, 100).Select(i => (Build.Int((i * 37) % 100L), Build.Int(1L)))]);
        Assert.Equal(string.Concat(Enumerable.Range(0, 100).Select(i => $"@[{i}]: 1\n")), Build.MapAsText(map, snapshot));
    }

    [Fact]
    public void A_hundred_thousand_keys_are_all_printed()
    {
        var map = Build.Map("@big", new TupleType([s_name, IntegerType.Int64]), s_count);
        MapSnapshot snapshot = new(map.Key!.Size, 8);
        for (int i = 0; i < 100_000; i++) snapshot.Add(Build.Tuple((TupleType)map.Key, Name("proc" + i % 100), Build.Int((long)i)), Build.Int((i * 7919L) % 100_003), 8);
        ByteWriter writer = new();
        MapText text = new(Build.Formatter());
        text.Text(writer, new MapReport(map, snapshot));
        writer.Clear();
        text.Text(writer, new MapReport(map, snapshot));
        Assert.Equal(100_000, writer.Written.Count((byte)'\n'));
    }
}
