using System.Diagnostics;
using Hornet.Script.Binding;
using Hornet.Script.Lowering;
using Hornet.Script.Types;
using static Hornet.Script.Tests.Lowering.Bound;

namespace Hornet.Script.Tests.Lowering;

public class LongScriptTests
{
    private readonly ITestOutputHelper _output;

    public LongScriptTests(ITestOutputHelper output) => _output = output;

    private static Bound Make(int programs, int statements)
    {
        Bound script = new();
        var count = script.Map("c", new StringType(16), new AggregateType(AggregateKind.Count, false));
        var hist = script.Map("h", null, new AggregateType(AggregateKind.Hist, true));
        var numbers = script.Map("n", U64, I64);
        for (int p = 0; p < programs; p++)
        {
            BoundLocal x = Local("x", I64);
            List<BoundStatement> body = [];
            for (int i = 0; i < statements; i++)
            {
                body.Add((i % 5) switch
                {
                    0 => Set(x, Add(Read(x), Int(i))),
                    1 => Gather(count, Comm),
                    2 => If(Compare(BoundComparisonOperator.Greater, Read(x), Int(i)), script.Print(Read(x), Comm)),
                    3 => Set(numbers, Int(i, U64), Read(x)),
                    _ => Gather(hist, null, Read(x)),
                });
            }
            script.Program(new BeginTarget(), [x], [.. body]);
        }
        return script;
    }

    [Theory]
    [InlineData(500, 10)]
    [InlineData(20, 250)]
    [InlineData(1, 1500)]
    public void Long_scripts_are_compiled(int programs, int statements)
    {
        ScriptLowering.Lower(Make(3, 10).Script);
        var watch = Stopwatch.StartNew();
        var compiled = ScriptLowering.Lower(Make(programs, statements).Script);
        _output.WriteLine($"{programs} x {statements}: {watch.ElapsedMilliseconds} ms, {compiled.Compilation.Object.Programs.Sum(p => p.Instructions.Count)} instructions");
        Assert.Equal(programs, compiled.Compilation.Object.Programs.Count);
        // Every statement leaves something; how long it takes is for the benchmarks to say.
        Assert.True(compiled.Compilation.Object.Programs.Sum(p => p.Instructions.Count) > programs * statements * 4);
    }
}
