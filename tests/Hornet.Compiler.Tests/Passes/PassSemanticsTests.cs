using Hornet.Compiler.IR;
using Hornet.Compiler.Passes;
using Hornet.Compiler.Tests.Execution;

namespace Hornet.Compiler.Tests.Passes;

/// <summary>No pass changes what a program does: random programs before and after each, in the interpreter.</summary>
public class PassSemanticsTests
{
    private const int Programs = 60;

    public static TheoryData<string> Passes => [.. s_passes.Keys];

    private static readonly Dictionary<string, Func<Pass>> s_passes = new()
    {
        ["Simplify"] = () => new Simplify(),
        ["SimplifyControlFlow"] = () => new SimplifyControlFlow(),
        ["ScalarReplacement"] = () => new ScalarReplacement(),
        ["ValueNumbering"] = () => new ValueNumbering(),
        ["DeadCode"] = () => new DeadCode(),
        ["Inliner"] = () => new Inliner([]),
        ["SwitchLowering"] = () => new SwitchLowering(),
        ["SignedDivisionLowering"] = () => new SignedDivisionLowering(),
        ["MemoryLowering"] = () => new MemoryLowering(oldProbeRead: false),
    };

    [Theory]
    [MemberData(nameof(Passes))]
    public void A_pass_keeps_the_meaning(string name)
    {
        int changed = 0;
        for (int seed = 0; seed < Programs; seed++)
        {
            var (before, ioBefore) = Run(RandomIr.Make(seed), seed);
            var module = RandomIr.Make(seed);
            if (s_passes[name]().Run(module)) changed++;
            IrVerifier.Verify(module, $"{name} of seed {seed}");
            var (after, ioAfter) = Run(module, seed);
            Assert.True(before == after && ioBefore.AsSpan().SequenceEqual(ioAfter), $"{name} changes the meaning of seed {seed}");
        }
        // A pass that finds nothing to do proves nothing.
        Assert.True(changed > Programs / 12, $"{name} changed {changed} programs of {Programs}");
    }

    // Random programs divide by few constants, and by few negative ones.
    [Theory]
    [InlineData("i32", "")]
    [InlineData("i64", "L")]
    public void A_signed_division_by_a_constant_is_lowered_to_one_with_the_same_result(string type, string suffix)
    {
        bool wide = type == "i64";
        long least = wide ? long.MinValue : int.MinValue, most = wide ? long.MaxValue : int.MaxValue;
        foreach (string op in (ReadOnlySpan<string>)["sdiv", "srem"])
        {
            foreach (long divisor in (ReadOnlySpan<long>)[1, -1, 2, -2, 7, -7, most, least, 0])
            {
                foreach (long value in (ReadOnlySpan<long>)[0, 1, -1, 6, -6, 7, -7, 100, -100, most, least, least + 1])
                {
                    string text = $"func main() -> {type} {{\nentry:\n%x = {op} {type} {value}{suffix}, {divisor}{suffix}\nret %x\n}}";
                    var lowered = IrParser.Parse(text);
                    Assert.True(new SignedDivisionLowering().Run(lowered));
                    Assert.Equal((text, new IrInterpreter().Run(IrParser.Parse(text).EntryFunction)), (text, new IrInterpreter().Run(lowered.EntryFunction)));
                }
            }
        }
    }

    private static (long, byte[]) Run(IrModule module, int seed)
    {
        var io = new byte[RandomIr.IoSize];
        new Random(seed).NextBytes(io.AsSpan(0, RandomIr.InputSize));
        IrInterpreter interpreter = new();
        interpreter.SetMap("io", io);
        return (interpreter.Run(module.EntryFunction), io);
    }
}
