using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.Vm.Tests;

/// <summary>What the machine does not allow, and how it says so.</summary>
public class SafetyTests
{
    public static TheoryData<VmEngine, string, VmFaultKind, int, Register> MemoryFaults()
    {
        TheoryData<VmEngine, string, VmFaultKind, int, Register> data = [];
        foreach (VmEngine engine in Engines.All.Select(r => r.Data))
        {
            data.Add(engine, "r1 = 0\nr0 = *(u64 *)(r1 + 0)", VmFaultKind.NullPointer, 1, Register.R1);
            data.Add(engine, "r2 = 0\nr0 = *(u8 *)(r2 - 1)", VmFaultKind.NullPointer, 1, Register.R2);
            data.Add(engine, "r3 = 70000\n*(u32 *)(r3 + 4) = r0", VmFaultKind.OutOfBounds, 1, Register.R3);
            data.Add(engine, "r4 = 0x7777777777777777 ll\nr0 = *(u16 *)(r4 + 0)", VmFaultKind.OutOfBounds, 2, Register.R4);
            // The context has 16 bytes.
            data.Add(engine, "r0 = *(u64 *)(r1 + 9)", VmFaultKind.OutOfBounds, 0, Register.R1);
            data.Add(engine, "r0 = *(u64 *)(r1 + 0)\nr0 = *(u64 *)(r1 + 8)\nr0 = *(u8 *)(r1 + 16)", VmFaultKind.OutOfBounds, 2, Register.R1);
            data.Add(engine, "r0 = *(u64 *)(r1 + 0)\nr0 = *(u8 *)(r1 - 1)", VmFaultKind.OutOfBounds, 1, Register.R1);
            data.Add(engine, "r0 = *(u64 *)(r1 + 0)\nr0 = *(u64 *)(r1 - 1)", VmFaultKind.OutOfBounds, 1, Register.R1);
            data.Add(engine, "r0 = *(u64 *)(r1 + 0)\nr1 -= 2000000\nr0 = *(u64 *)(r1 + 0)", VmFaultKind.OutOfBounds, 2, Register.R1);
            // The frame has 512 bytes.
            data.Add(engine, "r0 = *(u8 *)(r10 + 0)", VmFaultKind.OutOfBounds, 0, Register.R10);
            data.Add(engine, "*(u64 *)(r10 - 4) = 1", VmFaultKind.OutOfBounds, 0, Register.R10);
            data.Add(engine, "*(u8 *)(r10 - 513) = 1", VmFaultKind.OutOfBounds, 0, Register.R10);
            data.Add(engine, "r2 = r10\nr2 -= 520\nr0 = *(u64 *)(r2 + 0)", VmFaultKind.OutOfBounds, 2, Register.R2);
            data.Add(engine, "r2 = r10\n*(u64 *)(r2 - 8) = 7\n*(u64 *)(r2 + 0) = 7", VmFaultKind.OutOfBounds, 2, Register.R2);
            // One frame deeper than anything that runs.
            data.Add(engine, "r2 = r10\nr2 += 1000\nr0 = *(u64 *)(r2 + 0)", VmFaultKind.Released, 2, Register.R2);
            data.Add(engine, "lock *(u64 *)(r1 + 4) += r2", VmFaultKind.Misaligned, 0, Register.R1);
            data.Add(engine, "r0 = atomic_fetch_add((u32 *)(r1 + 2), r0)", VmFaultKind.Misaligned, 0, Register.R1);
        }
        return data;
    }

    [Theory, MemberData(nameof(MemoryFaults))]
    public void A_bad_access_is_a_fault_that_says_where(VmEngine engine, string text, VmFaultKind kind, int index, Register register)
    {
        var program = new BpfMachine(new VmOptions { Engine = engine }).Load(TextAssembler.Assemble(text + "\nexit"));
        var fault = program.Run(new byte[16]).Fault;
        Assert.NotNull(fault);
        Assert.Equal((kind, index, register), (fault.Kind, fault.InstructionIndex, fault.Register));
        Assert.Equal(1, program.Statistics.Faults);
        // And once more: nothing of the first run is left.
        Assert.Equal(fault, program.Run(new byte[16]).Fault);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void A_comparing_exchange_of_32_bits_clears_the_upper_half_also_when_it_succeeds(VmEngine engine)
    {
        var program = new BpfMachine(new VmOptions { Engine = engine }).Load(TextAssembler.Assemble("""
            *(u64 *)(r10 - 8) = 0
            r0 = 0xffff000000000000 ll
            r1 = 7
            r0 = atomic_cmpxchg((u32 *)(r10 - 8), r0, r1)
            exit
            """));
        Assert.Equal(0ul, program.Run(new byte[16]).ReturnValue);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void A_context_that_can_only_be_read_is_not_written(VmEngine engine)
    {
        var program = new BpfMachine(new VmOptions { Engine = engine }).Load(TextAssembler.Assemble("r0 = *(u64 *)(r1 + 0)\n*(u32 *)(r1 + 4) = 1\nexit"));
        var fault = program.Run(VmContext.Tracepoint(new byte[8])).Fault;
        Assert.Equal((VmFaultKind.ReadOnly, 1), (fault!.Kind, fault.InstructionIndex));
        Assert.Contains("the context at offset 4", fault.Message, StringComparison.Ordinal);
        Assert.True(program.Run(VmContext.Memory(new byte[8])).Succeeded);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void The_end_of_a_map_value_is_seen_although_another_value_follows(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        machine.AddMap(new MapSpec { Name = "m", Type = MapType.Array, KeySize = 4, ValueSize = 12, MaxEntries = 8 });
        string text(int offset) => $"""
            *(u32 *)(r10 - 4) = 3
            r1 = map[m]
            r2 = r10
            r2 += -4
            call bpf_map_lookup_elem
            if r0 == 0 goto out
            r1 = *(u32 *)(r0 + 0)
            r1 = *(u32 *)(r0 + {offset})
            out:
            exit
            """;
        Assert.True(machine.Load(TextAssembler.Assemble(text(8))).Run().Succeeded);
        foreach (int beyond in (int[])[9, 12, 16, -1, -4])
        {
            var fault = machine.Load(TextAssembler.Assemble(text(beyond))).Run().Fault;
            Assert.Equal(VmFaultKind.OutOfBounds, fault?.Kind);
            Assert.Contains("a value of map 'm'", fault!.Message, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Endless_programs_end(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine, InstructionBudget = 100_000 });
        foreach (string text in (string[])
            ["here: goto here", "r0 = 0\nhere: r0 += 1\ngoto here", "here: gotol here", "here: if r1 == r1 goto here\nexit", "r0 = 1\nhere: r0 *= 3\nif r0 != 0 goto here\nexit"])
        {
            var result = machine.Load(TextAssembler.Assemble(text)).Run();
            Assert.Equal(VmFaultKind.BudgetExceeded, result.Fault?.Kind);
            Assert.True(result.Charged >= 100_000);
        }
    }

    // Small functions that only calculate become part of their callers in compiled code; nobody may notice.
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Small_functions_count_as_calls_and_keep_to_their_registers(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        const string text = """
            r6 = 5
            r7 = 0
            again:
            r1 = r6
            r2 = 3
            call small
            r7 += r0
            r6 -= 1
            if r6 != 0 goto again
            r0 = r7
            exit
            small:
            r6 += r1
            r7 = r6
            if r7 > 3 goto large
            r0 = r7
            r0 *= r2
            exit
            large:
            r0 = 100
            exit
            """;
        var program = machine.Load(TextAssembler.Assemble(text));
        var result = program.Run().EnsureSucceeded();
        // 5 and 4 are large; 3, 2 and 1 are tripled. Each round is charged the function's 8 slots, each but the last 6 back.
        Assert.Equal(218UL, result.ReturnValue);
        Assert.Equal((5 * 8) + (4 * 6), result.Charged);
        Assert.Equal(VmFaultKind.BudgetExceeded, program.Run(new VmRunOptions { InstructionBudget = 20 }).Fault?.Kind);

        const string deep = """
            call f
            exit
            f:
            if r1 == 0 goto leaf
            r1 -= 1
            call f
            exit
            leaf:
            call tiny
            exit
            tiny:
            r0 = 7
            exit
            """;
        Assert.Equal(7UL, machine.Load(TextAssembler.Assemble("r1 = 5\n" + deep)).Run().EnsureSucceeded().ReturnValue);
        var fault = machine.Load(TextAssembler.Assemble("r1 = 6\n" + deep)).Run().Fault;
        Assert.Equal((VmFaultKind.CallDepthExceeded, 7), (fault?.Kind, fault?.InstructionIndex));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Eight_functions_may_be_active_and_no_more(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        // f calls itself as often as r1 says.
        const string text = """
            call f
            exit
            f:
            r0 = 1
            if r1 == 0 goto out
            r1 -= 1
            call f
            r0 += 1
            out:
            exit
            """;
        var program = machine.Load(TextAssembler.Assemble("r1 = 6\n" + text));
        Assert.Equal(7UL, program.Run().EnsureSucceeded().ReturnValue);
        var fault = machine.Load(TextAssembler.Assemble("r1 = 7\n" + text)).Run().Fault;
        Assert.Equal(VmFaultKind.CallDepthExceeded, fault?.Kind);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void A_fault_names_the_source_line(VmEngine engine)
    {
        Instruction[] code =
        [
            Instruction.Alu(AluOp.Mov, Register.R1, 0).WithSource(new SourceLine("a.bpf.c", 7, 3, "  x = *p;")),
            Instruction.Load(MemorySize.U32, Register.R0, Register.R1, 4),
            Instruction.Exit(),
        ];
        var exception = Assert.Throws<VmFaultException>(() => new BpfMachine(new VmOptions { Engine = engine }).Load(code, "p").Run().EnsureSucceeded());
        Assert.Equal("p, instruction 1: r0 = *(u32 *)(r1 +4) (a.bpf.c:7: x = *p;): it reads 4 bytes at 0x4, which is a null pointer or near one", exception.Message);
    }

    [Theory]
    [InlineData("goto +5\nexit", "lies outside of the program")]
    [InlineData("goto +1\nr0 = 1 ll\nexit", "second half of a 64-bit load")]
    [InlineData("r0 = 1", "without 'exit'")]
    [InlineData("if r0 == 0 goto +1\nexit\nif r0 == 0 goto -3", "without 'exit'")]
    public void A_program_without_structure_is_refused(string text, string reason)
    {
        var error = Assert.Throws<BpfFormatException>(() => new BpfMachine().Load(TextAssembler.Assemble(text), "p"));
        Assert.StartsWith("load program 'p': instruction ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_jump_into_another_function_is_refused()
    {
        Instruction[] code = [Instruction.CallFunction(2), Instruction.JumpIf(JumpOp.Equal, Register.R0, 0, 1), Instruction.Exit(), Instruction.Alu(AluOp.Mov, Register.R0, 0), Instruction.Exit()];
        Assert.Contains("lies in another function", Assert.Throws<BpfFormatException>(() => new BpfMachine().Load(code)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_opcodes_and_registers_and_reserved_fields_are_refused()
    {
        Instruction exit = Instruction.Exit();
        foreach (var (bad, reason) in ((Instruction, string)[])
        [
            (new Instruction { Opcode = 0xff }, "unknown opcode"),
            (Instruction.Alu(AluOp.Mov, (Register)11, 0), "not a register"),
            (Instruction.Alu(AluOp.Mov, Register.R10, 0), "frame pointer"),
            (Instruction.Alu(AluOp.Add, Register.R1, 0) with { Offset = 3 }, "offset"),
            (Instruction.Exit() with { Constant = 3 }, "constant field"),
            (Instruction.Atomic((AtomicOp)0x33, MemorySize.U64, Register.R1, 0, Register.R2), "atomic"),
            (Instruction.JumpRegister(Register.R1), "jumps through a register"),
            (Instruction.AddressSpaceCast(Register.R1, Register.R2, 1, 0), "address space"),
        ])
        {
            Assert.Contains(reason, Assert.Throws<BpfFormatException>(() => new BpfMachine().Load([bad, exit])).Message, StringComparison.Ordinal);
        }
        Assert.Throws<BpfFormatException>(() => new BpfMachine().Load((ReadOnlySpan<byte>)new byte[] { 1, 2, 3 }));
        Assert.Throws<BpfFormatException>(() => new BpfMachine().Load(Array.Empty<Instruction>()));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public void Calling_what_is_not_there_is_a_fault(VmEngine engine)
    {
        BpfMachine machine = new(new VmOptions { Engine = engine });
        var program = machine.Load(TextAssembler.Assemble("call 9999\nexit"));
        Assert.Equal(["helper 9999"], program.MissingFunctions);
        Assert.Equal(VmFaultKind.UnknownFunction, program.Run().Fault?.Kind);
        Assert.Equal(VmFaultKind.BadFunctionAddress, machine.Load(TextAssembler.Assemble("r3 = 77777\ncallx r3\nexit")).Run().Fault?.Kind);
        Assert.Equal(VmFaultKind.BadArgument, machine.Load(TextAssembler.Assemble("r1 = 1\nr2 = r10\ncall bpf_map_lookup_elem\nexit")).Run().Fault?.Kind);
    }
}
