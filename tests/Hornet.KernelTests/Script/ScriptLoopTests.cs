using Hornet.Script.Binding;
using Hornet.Script.Lowering;
using Hornet.Script.Runtime;
using Hornet.Script.Tests.Lowering;
using Hornet.Script.Types;
using static Hornet.Script.Tests.Lowering.Bound;

namespace Hornet.KernelTests.Script;

public class ScriptLoopTests
{
    private static BoundStatement Count(BoundLocal local, long delta = 1) => Do(new BoundIncrement(Span, Read(local), delta, false));

    private static BoundComparison Is(BoundExpression value, long number) => Compare(BoundComparisonOperator.Equal, value, Int(number, value.Type));

    private static BoundComparison Below(BoundExpression value, long number) => Compare(BoundComparisonOperator.Less, value, Int(number, value.Type));

    /// <summary>The sum of 0..n-1 without 3, up to 90, by a loop over a range.</summary>
    private static long SumOfRange(LoweringOptions? options, BoundExpression to, params ulong[] words)
    {
        Bound script = new();
        BoundLocal sum = Local("sum", I64), i = Local("i", I64);
        script.Program(new BeginTarget(), [sum],
            new BoundForRange(Span, i, Int(0), to, Block(
                If(Is(Read(i), 3), new BoundContinue(Span)),
                If(Is(Read(i), 90), new BoundBreak(Span)),
                Set(sum, Add(Read(sum), Read(i))))),
            script.Print(Read(sum)));
        using ScriptRun run = new(script.Script, options);
        run.Run(0, words);
        var (action, payload) = Assert.Single(run.Records());
        return ScriptRun.Number(action, payload, 0);
    }

    [KernelFact(MinKernel = "5.10")]
    public void While_goes_on_until_its_condition_fails()
    {
        Bound script = new();
        BoundLocal i = Local("i", I64), sum = Local("sum", I64);
        script.Program(new BeginTarget(), [i, sum],
            new BoundWhile(Span, Below(Read(i), 100), Block(
                Count(i),
                If(Is(Read(i), 5), new BoundContinue(Span)),
                If(Is(Read(i), 10), new BoundBreak(Span)),
                Set(sum, Add(Read(sum), Read(i))))),
            script.Print(Read(sum), Read(i)));
        Assert.Equal([1 + 2 + 3 + 4 + 6 + 7 + 8 + 9, 10], ScriptRun.Numbers(script.Script));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Unrolled_bodies_can_be_left_and_gone_on()
    {
        Bound script = new();
        BoundLocal i = Local("i", I64), sum = Local("sum", I64);
        script.Program(new BeginTarget(), [i, sum],
            new BoundUnroll(Span, 9, Block(
                Count(i),
                If(Is(Read(i), 2), new BoundContinue(Span)),
                If(Is(Read(i), 6), new BoundBreak(Span)),
                Set(sum, Add(Read(sum), Read(i))))),
            script.Print(Read(sum), Read(i)));
        Assert.Equal([1 + 3 + 4 + 5, 6], ScriptRun.Numbers(script.Script));
    }

    [KernelFact(MinKernel = "5.10")]
    public void Short_ranges_are_walked() => Assert.Equal(45 - 3, SumOfRange(null, Int(10)));

    [KernelFact(MinKernel = "5.10")]
    public void A_range_that_ends_before_it_begins_has_no_rounds() => Assert.Equal(0, SumOfRange(null, Int(-4)));

    [KernelFact(MinKernel = "5.17")]
    public void Ranges_that_are_not_known_are_counted_by_the_kernel()
    {
        Assert.Equal(45 - 3, SumOfRange(null, BeginTarget.Argument(0, I64), 10));
        Assert.Equal(4005 - 3, SumOfRange(null, BeginTarget.Argument(0, I64), 1000));
        Assert.Equal(0, SumOfRange(null, BeginTarget.Argument(0, I64), unchecked((ulong)-7)));
        Assert.Equal(0, SumOfRange(null, BeginTarget.Argument(0, I64), 0));
    }

    [KernelFact(MinKernel = "5.17")]
    public void Ranges_are_called_back_where_there_is_no_iterator()
    {
        LoweringOptions old = new() { Kernel = new(5, 17) };
        Assert.Equal(45 - 3, SumOfRange(old, BeginTarget.Argument(0, I64), 10));
        Assert.Equal(4005 - 3, SumOfRange(old, Int(1000)));
        Assert.Equal(0, SumOfRange(old, BeginTarget.Argument(0, I64), unchecked((ulong)-7)));
    }

    [KernelTheory(MinKernel = "5.17")]
    [InlineData(false)]
    [InlineData(true)]
    public void Nested_ranges_share_variables_and_can_be_left_at_once(bool old)
    {
        Bound script = new();
        BoundLocal sum = Local("sum", I64), i = Local("i", I64), j = Local("j", I64), text = Local("t", new StringType(16));
        var inner = new BoundForRange(Span, j, Int(0), BeginTarget.Argument(0, I64), Block(
            Set(sum, Add(Read(sum), Add(Read(i), Read(j)))),
            Set(text, Comm),
            If(Is(Read(sum), 7), Block(script.Print(Read(sum), Read(i), Read(j)), new BoundReturn(Span, Int(5, I64))))));
        script.Program(new BeginTarget(), [sum, text],
            new BoundForRange(Span, i, Int(1), BeginTarget.Argument(0, I64), Block(inner)),
            script.Print(Read(sum), Int(-1), Read(text)));
        using ScriptRun run = new(script.Script, old ? new LoweringOptions { Kernel = new(5, 17) } : null);
        // i=1: 1, 3 (j=0,1); i=2: 5, 8.
        run.Run(0, 2);
        Assert.Equal(3, ScriptRun.Number(run.Records()[0].Action, Last(run, 2), 0));
        // i=1: 1, 3, 6; i=2: 8, 11, 15.
        run.Run(0, 3);
        var (action, payload) = Assert.Single(run.Records());
        Assert.Equal([15, -1], [ScriptRun.Number(action, payload, 0), ScriptRun.Number(action, payload, 1)]);
        Assert.Equal(File.ReadAllText("/proc/thread-self/comm").TrimEnd(), ScriptRun.Text(action, payload, 2));

        static byte[] Last(ScriptRun run, ulong n)
        {
            run.Run(0, n);
            return run.Records()[^1].Payload;
        }
    }

    [KernelTheory(MinKernel = "5.17")]
    [InlineData(false)]
    [InlineData(true)]
    public void Return_and_exit_leave_the_program_from_within(bool old)
    {
        Bound script = new();
        BoundLocal i = Local("i", I64), j = Local("j", I64);
        var five = If(Is(Read(j), 5), Block(If(Is(BeginTarget.Argument(1, I64), 1), script.Exit(9)), new BoundReturn(Span, Add(Read(i), Int(40)))));
        script.Program(new BeginTarget(),
            new BoundForRange(Span, i, Int(2), BeginTarget.Argument(0, I64), Block(
                new BoundForRange(Span, j, Int(0), BeginTarget.Argument(0, I64), Block(five)))),
            script.Print(Int(77)));
        using ScriptRun run = new(script.Script, old ? new LoweringOptions { Kernel = new(5, 17) } : null);
        Assert.Equal(42u, run.Run(0, 10, 0));
        Assert.Empty(run.Records());
        Assert.Equal(0u, run.Run(0, 10, 1));
        Assert.IsType<AsyncAction.Exit>(Assert.Single(run.Records()).Action);
        run.Run(0, 3, 0);
        Assert.Equal(77, ScriptRun.Number(Assert.Single(run.Records(), r => r.Action is AsyncAction.Print).Action, BitConverter.GetBytes(77L), 0));
    }

    [KernelFact(MinKernel = "5.13")]
    public void Maps_are_gone_over_with_key_and_value()
    {
        Bound script = new();
        var map = script.Map("m", new TupleType([U32, new StringType(8)]), I64);
        TupleType pair = new([map.Key!, I64]);
        BoundLocal kv = Local("kv", pair), sum = Local("sum", I64), rounds = Local("rounds", I64);
        var value = new BoundTupleElement(Span, I64, Read(kv), 1);
        var name = new BoundTupleElement(Span, new StringType(8), new BoundTupleElement(Span, map.Key!, Read(kv), 0), 1);
        script.Program(new BeginTarget(), [sum, rounds],
            Set(map, Tuple(Int(1, U32), Text("one", 8)), Int(10)),
            Set(map, Tuple(Int(2, U32), Text("two", 8)), Int(20)),
            Set(map, Tuple(Int(3, U32), Text("three", 8)), Int(30)),
            new BoundForMap(Span, kv, map, Block(
                Count(rounds),
                If(Compare(BoundComparisonOperator.Equal, name, Text("two")), new BoundContinue(Span)),
                Set(sum, Add(Read(sum), value)),
                script.Print(Read(kv)))),
            script.Print(Read(sum), Read(rounds)),
            new BoundForMap(Span, kv, map, Block(Count(rounds), new BoundBreak(Span))),
            script.Print(Read(rounds), Call(BoundIntrinsic.MapLength, U64) with { Map = map }));
        using ScriptRun run = new(script.Script);
        run.Run();
        var records = run.Records();
        Assert.Equal(4, records.Count);
        // A pair as a whole: number, text, value.
        Assert.Equal(["one", "three"], records[..2].Select(r => ScriptRun.Text(r.Payload.AsSpan(4, 8))).Order());
        Assert.Equal([10, 30], records[..2].Select(r => BitConverter.ToInt64(r.Payload, 16)).Order());
        Assert.Equal([40, 3], Enumerable.Range(0, 2).Select(i => ScriptRun.Number(records[2].Action, records[2].Payload, i)));
        Assert.Equal([4, 3], Enumerable.Range(0, 2).Select(i => ScriptRun.Number(records[3].Action, records[3].Payload, i)));
    }

    [KernelFact(MinKernel = "5.19")]
    public void What_is_gathered_is_summed_for_each_key()
    {
        Bound script = new();
        var map = script.Map("m", U64, new AggregateType(AggregateKind.Count, false));
        BoundLocal kv = Local("kv", new TupleType([U64, I64])), best = Local("best", I64), sum = Local("sum", I64);
        script.Program(new BeginTarget(), [sum],
            Gather(map, Int(5, U64)), Gather(map, Int(5, U64)), Gather(map, Int(6, U64)),
            new BoundForMap(Span, kv, map, Block([best],
                Set(best, Bound.Convert(new BoundTupleElement(Span, U64, Read(kv), 0), I64)),
                Set(sum, Add(Read(sum), Binary(BoundBinaryOperator.Multiply, Read(best), new BoundTupleElement(Span, I64, Read(kv), 1)))))),
            script.Print(Read(sum)));
        Assert.Equal([16], ScriptRun.Numbers(script.Script));
    }

    [KernelFact(MinKernel = "5.13")]
    public void Loops_over_maps_and_ranges_nest()
    {
        Bound script = new();
        var map = script.Map("m", U64, I64);
        BoundLocal kv = Local("kv", new TupleType([U64, I64])), other = Local("o", new TupleType([U64, I64])), i = Local("i", I64), sum = Local("sum", I64);
        script.Program(new BeginTarget(), [sum],
            new BoundForRange(Span, i, Int(0), Int(4), Block(Set(map, Bound.Convert(Read(i), U64), Read(i)))),
            new BoundForMap(Span, kv, map, Block(
                new BoundForMap(Span, other, map, Block(
                    new BoundForRange(Span, i, Int(0), Int(2), Block(
                        Set(sum, Add(Read(sum), Binary(BoundBinaryOperator.Multiply, new BoundTupleElement(Span, I64, Read(kv), 1), new BoundTupleElement(Span, I64, Read(other), 1)))))))))),
            script.Print(Read(sum)));
        Assert.Equal([2 * 36], ScriptRun.Numbers(script.Script));
    }

    [KernelFact(MinKernel = "5.10")]
    public void What_an_older_kernel_lacks_is_said_before_anything_is_loaded()
    {
        Bound script = new();
        BoundLocal i = Local("i", I64);
        script.Program(new BeginTarget(), new BoundForRange(Span, i, Int(0), BeginTarget.Argument(0, I64), Block()));
        var e = Assert.Throws<Hornet.Script.Source.ScriptException>(() => ScriptLowering.Lower(script.Script, new LoweringOptions { Kernel = new(5, 10) }));
        Assert.Contains("bpf_loop, which exists since kernel 5.17; this one is 5.10", e.Message, StringComparison.Ordinal);
        Assert.Equal(Span, e.Diagnostics[0].Span);
    }
}
