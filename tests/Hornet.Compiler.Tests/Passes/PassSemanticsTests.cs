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

    private static (long, byte[]) Run(IrModule module, int seed)
    {
        var io = new byte[RandomIr.IoSize];
        new Random(seed).NextBytes(io.AsSpan(0, RandomIr.InputSize));
        IrInterpreter interpreter = new();
        interpreter.SetMap("io", io);
        return (interpreter.Run(module.EntryFunction), io);
    }
}
