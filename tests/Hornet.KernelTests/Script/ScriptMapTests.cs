using Hornet.Script.Binding;
using Hornet.Script.Tests.Lowering;
using Hornet.Script.Types;
using static Hornet.Script.Tests.Lowering.Bound;

namespace Hornet.KernelTests.Script;

public class ScriptMapTests
{
    private static readonly AggregateType s_count = new(AggregateKind.Count, false);

    [KernelFact(MinKernel = "5.10")]
    public void Elements_are_written_read_counted_up_and_deleted()
    {
        Bound script = new();
        var map = script.Map("m", U64, I64);
        script.Program(new BeginTarget(),
            Set(map, Int(1, U64), Int(10)),
            Set(map, Int(2, U64), Add(Read(map, Int(1, U64)), Int(5))),
            Do(new BoundIncrement(Span, Read(map, Int(2, U64)), 1, false)),
            Do(new BoundIncrement(Span, Read(map, Int(3, U64)), -1, false)),
            script.Print(
                Read(map, Int(2, U64)), Read(map, Int(3, U64)), Read(map, Int(4, U64)),
                Call(BoundIntrinsic.HasKey, BooleanType.Instance, Read(map, Int(1, U64))),
                Call(BoundIntrinsic.Delete, BooleanType.Instance, Read(map, Int(1, U64))),
                Call(BoundIntrinsic.Delete, BooleanType.Instance, Read(map, Int(1, U64))),
                Call(BoundIntrinsic.HasKey, BooleanType.Instance, Read(map, Int(1, U64))),
                new BoundIncrement(Span, Read(map, Int(2, U64)), 1, true),
                new BoundIncrement(Span, Read(map, Int(2, U64)), 1, false)));
        Assert.Equal([16, -1, 0, 1, 1, 0, 0, 16, 18], ScriptRun.Numbers(script.Script));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Text_keys_are_equal_whatever_was_in_their_memory_before()
    {
        Bound script = new();
        var map = script.Map("t", new StringType(200), s_count);
        var text = Local("t", new StringType(200));
        var long1 = Text(new string('x', 150), 200);
        script.Program(new BeginTarget(), [text],
            Set(text, long1), Gather(map, Read(text)),
            Set(text, Bound.Convert(Comm, text.Type, BoundConversionKind.Text)), Gather(map, Read(text)),
            Gather(map, Bound.Convert(Comm, text.Type, BoundConversionKind.Text)),
            Gather(map, Text("abc", 200)), Gather(map, Text("abc", 200)));
        using ScriptRun run = new(script.Script);
        run.Run();
        var found = run.Contents(map).ToDictionary(e => ScriptRun.Text(e.Key), e => ScriptRun.Sum(e.Value, 8));
        Assert.Equal(3, found.Count);
        Assert.Equal(1, found[new string('x', 150)]);
        Assert.Equal(2, found[File.ReadAllText("/proc/thread-self/comm").TrimEnd()]);
        Assert.Equal(2, found["abc"]);
    }

    [KernelFact(MinKernel = "5.10")]
    public void Tuples_with_gaps_are_keys_and_values()
    {
        Bound script = new();
        TupleType type = new([U8, I64, new StringType(3), U32]);
        var keys = script.Map("k", type, I64);
        var values = script.Map("v", U64, type);
        var pair = Local("p", type);
        var tuple = Tuple(Int(1, U8), Int(-2), Text("ab"), Int(7, U32));
        script.Program(new BeginTarget(), [pair],
            Set(pair, tuple),
            Do(new BoundIncrement(Span, Read(keys, Read(pair)), 1, false)),
            Do(new BoundIncrement(Span, Read(keys, tuple), 1, false)),
            Set(values, Int(5, U64), tuple),
            script.Print(Read(keys, Read(values, Int(5, U64))), new BoundTupleElement(Span, U32, Read(values, Int(5, U64)), 3), new BoundTupleElement(Span, U32, Read(values, Int(6, U64)), 3)));
        Assert.Equal([2, 7, 0], ScriptRun.Numbers(script.Script));
    }

    [KernelFact(MinKernel = "5.10")]
    public void What_is_gathered_lies_as_the_types_say()
    {
        Bound script = new();
        BoundMap Of(string name, AggregateKind kind, bool isSigned = true) => script.Map(name, U64, new AggregateType(kind, isSigned));
        var (count, sum, min, max, avg) = (Of("c", AggregateKind.Count), Of("s", AggregateKind.Sum), Of("n", AggregateKind.Min), Of("x", AggregateKind.Max), Of("a", AggregateKind.Avg));
        var key = Int(1, U64);
        List<BoundStatement> body = [];
        foreach (long value in new long[] { 5, -3, 9 })
            body.AddRange(Gather(count, key), Gather(sum, key, Int(value)), Gather(min, key, Int(value)), Gather(max, key, Int(value)), Gather(avg, key, Int(value)));
        script.Program(new BeginTarget(), [.. body]);
        using ScriptRun run = new(script.Script);
        run.Run();
        Assert.Equal(3, ScriptRun.Sum(run.Contents(count)[0].Value, 8));
        Assert.Equal(11, ScriptRun.Sum(run.Contents(sum)[0].Value, 8));
        Assert.Equal((-3, 1), (ScriptRun.Sum(run.Contents(min)[0].Value, 16), ScriptRun.Sum(run.Contents(min)[0].Value, 16, 8)));
        Assert.Equal((9, 1), (ScriptRun.Sum(run.Contents(max)[0].Value, 16), ScriptRun.Sum(run.Contents(max)[0].Value, 16, 8)));
        Assert.Equal((11, 3), (ScriptRun.Sum(run.Contents(avg)[0].Value, 16), ScriptRun.Sum(run.Contents(avg)[0].Value, 16, 8)));
    }

    [KernelTheory(MinKernel = "5.10")]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void Numbers_are_counted_in_the_bucket_of_their_power(int bits)
    {
        long[] values = [-1, 0, 1, 2, 3, 4, 7, 8, 31, 32, 33, 63, 64, 225, 1000, 1L << 40, (1L << 40) + 12345678901, long.MaxValue];
        Bound script = new();
        var type = new AggregateType(AggregateKind.Hist, true) { HistBits = bits };
        var map = script.Map("h", null, type);
        script.Program(new BeginTarget(), Gather(map, null, BeginTarget.Argument(0, I64)));
        using ScriptRun run = new(script.Script);
        SortedDictionary<int, long> expected = [];
        foreach (long value in values)
        {
            run.Run(0, (ulong)value);
            int bucket = Bucket(value, bits);
            expected[bucket] = expected.GetValueOrDefault(bucket) + 1;
        }
        var bytes = run.Contents(map)[0].Value;
        SortedDictionary<int, long> actual = [];
        for (int i = 0; i < type.BucketCount; i++)
        {
            if (ScriptRun.Sum(bytes, type.Size, i * 8) is > 0 and var n) actual[i] = n;
        }
        Assert.Equal(expected, actual);
    }

    private static int Bucket(long value, int bits)
    {
        if (value < 0) return 0;
        if (value < 1L << bits) return (int)value + 1;
        int down = 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)value) - bits;
        return (down + 1 << bits) + (int)(value >> down & (1L << bits) - 1) + 1;
    }

    [KernelFact(MinKernel = "5.10")]
    public void Linear_buckets_have_one_below_and_one_above()
    {
        Bound script = new();
        var type = new AggregateType(AggregateKind.LinearHist, true) { Minimum = 10, Maximum = 50, Step = 10 };
        var map = script.Map("l", U64, type);
        script.Program(new BeginTarget(), Gather(map, Int(1, U64), BeginTarget.Argument(0, I64)));
        using ScriptRun run = new(script.Script);
        foreach (long value in new long[] { -4, 9, 10, 19, 20, 49, 50, 51 }) run.Run(0, (ulong)value);
        var bytes = run.Contents(map)[0].Value;
        Assert.Equal([2, 2, 1, 0, 1, 2], Enumerable.Range(0, type.BucketCount).Select(i => ScriptRun.Sum(bytes, type.Size, i * 8)));
    }

    [KernelFact(MinKernel = "5.19")]
    public void What_all_cpus_gathered_is_one_number()
    {
        Bound script = new();
        var key = Int(1, U64);
        var sum = script.Map("s", U64, new AggregateType(AggregateKind.Sum, true));
        var avg = script.Map("a", U64, new AggregateType(AggregateKind.Avg, true));
        var max = script.Map("x", null, new AggregateType(AggregateKind.Max, true));
        script.Program(new BeginTarget(), Gather(sum, key, BeginTarget.Argument(0, I64)), Gather(avg, key, BeginTarget.Argument(0, I64)), Gather(max, null, BeginTarget.Argument(0, I64)));
        script.Program(new BeginTarget(), script.Print(Read(sum, key, I64), Read(avg, key, I64), Read(max, null, I64), Read(avg, Int(2, U64), I64)));
        using ScriptRun run = new(script.Script);
        foreach (long value in new long[] { -40, 5, -7 }) run.Run(0, (ulong)value);
        run.Run(1);
        var (action, payload) = Assert.Single(run.Records());
        Assert.Equal([-42, -14, 5, 0], Enumerable.Range(0, 4).Select(i => ScriptRun.Number(action, payload, i)));
    }
}
