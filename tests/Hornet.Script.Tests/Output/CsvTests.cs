using Hornet.Script.Output;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

public class CsvTests
{
    private static string Print(ScriptMap map, uint divisor, params (byte[] Key, byte[] Value)[] elements)
    {
        using Recording run = new(OutputKind.Csv, [map], [new AsyncAction.PrintMap(Places.Inner, 0, 0, divisor)]);
        run.Contents[0].Elements.AddRange(elements);
        run.Send(0);
        return run.Printed;
    }

    [Fact]
    public void A_map_is_a_table_with_a_column_for_each_part_of_its_key()
    {
        TupleType key = new([new StringType(16), IntegerType.Int32]);
        var map = Build.Map("@c", key, new AggregateType(AggregateKind.Count, true));
        Assert.Equal("map,key1,key2,value\n@c,plain,1,2\n@c,\"a \"\"b\"\", c\nd\",-1,4\n", Print(map, 2,
            (Build.Tuple(key, Build.Text("a \"b\", c\nd", 16), Build.Int(-1, 4)), Build.Int(8L)),
            (Build.Tuple(key, Build.Text("plain", 16), Build.Int(1, 4)), Build.Int(5L))));
    }

    [Fact]
    public void Fields_of_records_name_their_columns()
    {
        TupleType key = new([IntegerType.UInt8], ["id"]), value = new([IntegerType.UInt8, new StringType(4)], ["size", "name"]);
        Assert.Equal("map,id,size,name\n@r,1,2,x\n", Print(Build.Map("@r", key, value), 1, ([1], Build.Tuple(value, [2], Build.Text("x", 4)))));
    }

    [Fact]
    public void Scalars_stats_and_series_have_their_own_columns()
    {
        Assert.Equal("map,value\n@x,-5\n", Print(Build.Map("@x", null, IntegerType.Int64), 1, (Build.Int(0L), Build.Int(-5L))));
        Assert.Equal("map,count,average,total\n@s,2,3,12\n", Print(Build.Map("@s", null, new AggregateType(AggregateKind.Stats, true)), 2, (Build.Int(0L), Build.Words(12, 2))));
        AggregateType series = new(AggregateKind.TimeSeries, true) { Interval = 1_000_000_000, SeriesCount = 2 };
        Assert.Equal("map,interval_start,value\n@t,1970-01-01 00:00:02.000000000,7\n", Print(Build.Map("@t", null, series), 1, (Build.Int(0L), Build.Words(7, 1, 2, 0, 0, 0))));
    }

    [Fact]
    public void A_histogram_has_a_line_for_each_bucket_with_limits_that_are_included()
    {
        AggregateType type = new(AggregateKind.LinearHist, true) { Minimum = 0, Maximum = 20, Step = 10 };
        var map = Build.Map("@h", IntegerType.Int8, type);
        Assert.Equal("map,key,min,max,count\n@h,4,,-1,1\n@h,4,0,9,0\n@h,4,10,19,0\n@h,4,20,,2\n", Print(map, 1, ([4], Build.Words(1, 0, 0, 2))));
    }

    [Fact]
    public void Values_are_lines_and_lines_of_printf_stay_as_they_are()
    {
        TupleType pair = new([IntegerType.Int64, new StringType(8)]);
        using Recording run = new(OutputKind.Csv, [], [new AsyncAction.PrintValue(Places.Inner) { Payload = new([pair]) }, new AsyncAction.Print(Places.Inner, PrintKind.Printf, "%d, %s\n") { Payload = pair }]);
        var bytes = Build.Tuple(pair, Build.Int(5L), Build.Text("x,y", 8));
        run.Send(0, bytes);
        run.Send(1, bytes);
        run.Output.End();
        Assert.Equal("5,\"x,y\"\n5, x,y\n", run.Printed);
    }
}
