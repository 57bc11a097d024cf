using Hornet.Isa;

namespace Hornet.Vm.Tests.Instructions;

/// <summary>Each instruction by itself.</summary>
public class InstructionTests
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Arithmetic_jumps_and_memory_give_what_RFC_9669_says(VmEngine engine)
    {
        int cases = 0;
        foreach (var batch in InstructionCases.Batches())
        {
            BpfMachine machine = new(new VmOptions { Engine = engine });
            var input = machine.AddMap(batch.InputMap());
            var output = machine.AddMap(batch.OutputMap());
            input.Update(new byte[4], batch.Operands());
            machine.Load(batch.Program()).Run().EnsureSucceeded();
            var wrong = batch.Compare(output.Lookup(new byte[4])!);
            Assert.True(wrong.Count == 0, $"{batch.Name}:\n{string.Join('\n', wrong.Take(10))}");
            cases += batch.Cases.Length;
        }
        Assert.True(cases > 40_000, $"only {cases} cases");
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Constants_that_the_verifier_refuses_do_what_the_RFC_says(VmEngine engine)
    {
        // Shifts take the low bits of their operand; division by zero gives 0, modulo zero the dividend.
        Assert.Equal(2UL, Run(engine, "r0 = 1", "r0 <<= 65"));
        Assert.Equal(2UL, Run(engine, "w0 = 1", "w0 <<= 33"));
        Assert.Equal(0x8000_0000_0000_0000, Run(engine, "r0 = 1", "r0 <<= -1"));
        Assert.Equal(0UL, Run(engine, "r0 = 7", "r0 /= 0"));
        Assert.Equal(7UL, Run(engine, "r0 = 7", "r0 %= 0"));
        Assert.Equal(0UL, Run(engine, "w0 = 7", "w0 /= 0"));
        Assert.Equal(0xffff_ffffUL, Run(engine, "r0 = -1", "w0 %= 0"));
    }

    private static ulong Run(VmEngine engine, params string[] lines) =>
        new BpfMachine(new VmOptions { Engine = engine }).Load(TextAssembler.Assemble(string.Join('\n', [.. lines, "exit"]))).Run().EnsureSucceeded().ReturnValue;
}
