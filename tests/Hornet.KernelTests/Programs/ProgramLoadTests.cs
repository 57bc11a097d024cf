using Hornet.Features;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Programs;
using static Hornet.KernelTests.Programs.TestPrograms;

namespace Hornet.KernelTests.Programs;

public class ProgramLoadTests
{
    [KernelFact]
    public void A_program_is_loaded_and_closed()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.SocketFilter));
        Assert.False(program.Descriptor.IsInvalid);
        Assert.Equal("", program.VerifierLog);
    }

    [KernelFact]
    public void The_log_of_a_program_that_loads_is_there_when_asked_for()
    {
        using var program = BpfProgram.Load(
            Returning(ProgramType.SocketFilter), new() { LogLevel = VerifierLogLevel.Paths | VerifierLogLevel.Statistics });
        Assert.Contains("processed 2 insns", program.VerifierLog);
    }

    [KernelFact]
    public void A_rejected_program_comes_with_the_reason_and_the_whole_log()
    {
        var e = Assert.Throws<VerifierException>(() => BpfProgram.Load(Spec(ProgramType.SocketFilter, new Assembler().Exit())));
        Assert.Equal(Errno.EACCES, e.Errno);
        Assert.Contains("R0 !read_ok", e.Message);
        Assert.Contains("0: (95) exit", e.Log);
        Assert.True(e.LogIsComplete);
    }

    [KernelFact]
    public void A_map_that_was_not_given_is_named()
    {
        var program = Spec(ProgramType.SocketFilter, new Assembler().LoadMap(Register.R1, "counts").Mov(Register.R0, 0).Exit());
        var e = Assert.Throws<BpfException>(() => BpfProgram.Load(program));
        Assert.Contains("the map 'counts', which was not given", e.Message);
    }

    [KernelFact]
    public void Jumps_and_calls_by_name_reach_their_target()
    {
        // Names that the loader resolves, not the assembler.
        static Instruction To(Instruction i, string name, ReferenceKind kind) => i with { Metadata = new() { Reference = name, ReferenceKind = kind } };
        ProgramSpec program = new()
        {
            Name = "hornet_test",
            Type = ProgramType.SocketFilter,
            Instructions =
            [
                Instruction.Alu(AluOp.Mov, Register.R0, 7),
                To(Instruction.JumpIf(JumpOp.Equal, Register.R0, 7, 0), "out", ReferenceKind.Label),
                Instruction.Alu(AluOp.Mov, Register.R0, 1),
                Instruction.Exit(),
                To(Instruction.CallFunction(0), "two", ReferenceKind.Function).WithSymbol("out"),
                Instruction.Alu(AluOp.Add, Register.R0, 40),
                Instruction.Exit(),
                Instruction.Alu(AluOp.Mov, Register.R0, 2).WithSymbol("two"),
                Instruction.Exit(),
            ],
        };
        using var loaded = BpfProgram.Load(program);
        Assert.Equal(42u, loaded.TestRun(new byte[64]).ReturnValue);
    }

    [KernelFact]
    public void A_name_the_kernel_would_refuse_is_made_one_it_takes()
    {
        var spec = Returning(ProgramType.SocketFilter);
        spec.Name = "a name/with-more than.fifteen";
        using var program = BpfProgram.Load(spec);
        Assert.Equal("a_name_with_mor", program.GetInfo().Name);
    }

    [KernelFact]
    public void A_kind_of_program_the_kernel_lacks_is_named_with_the_reason()
    {
        var spec = Returning(ProgramType.Netfilter, 1);
        spec.AttachType = AttachType.Netfilter;
        if (KernelFeatures.Of(ProgramType.Netfilter)!.Probe().IsAvailable)
        {
            BpfProgram.Load(spec).Dispose();
            return;
        }
        var e = Assert.Throws<BpfNotSupportedException>(() => BpfProgram.Load(spec));
        Assert.Equal(UnsupportedCause.Version, e.Cause);
        Assert.Equal(new Version(6, 4), e.MinimumVersion);
        Assert.Contains("needs Linux 6.4", e.Message);
    }

    [KernelFact]
    public void A_tracing_program_without_a_target_is_explained()
    {
        var e = Assert.ThrowsAny<VerifierException>(() => BpfProgram.Load(Returning(ProgramType.Tracing)));
        Assert.True(e.Message.Contains("none was given", StringComparison.Ordinal) || e.Message.Contains("must provide btf_id", StringComparison.Ordinal), e.Message);
    }

    [KernelFact]
    public void A_log_larger_than_the_first_buffer_is_kept_whole()
    {
        var e = Assert.Throws<VerifierException>(() => BpfProgram.Load(LongAndWrong(branches: 1500)));
        Assert.True(e.Log.Length > 2 * VerifierLogBuffer.FirstSize, $"only {e.Log.Length} characters");
        Assert.True(e.LogIsComplete);
        Assert.Contains("0: (61) r6 = ", e.Log);
        Assert.Contains("R9 !read_ok", e.Message);
    }

    [KernelFact]
    public void A_log_of_many_megabytes_is_kept_whole_on_success()
    {
        using var program = BpfProgram.Load(Long(instructions: 60_000), new() { LogLevel = VerifierLogLevel.Paths | VerifierLogLevel.States });
        Assert.True(program.VerifierLog.Length > 2 << 20, $"only {program.VerifierLog.Length} characters");
        Assert.Contains("processed 60001 insns", program.VerifierLog);
    }

    [KernelFact]
    public void Thousands_of_programs_come_and_go_without_a_trace()
    {
        var spec = Returning(ProgramType.SocketFilter);
        void Cycle(int times)
        {
            for (int i = 0; i < times; i++) BpfProgram.Load(spec).Dispose();
        }
        int times = TestMachine.IsVirtualMachine ? 1000 : 10_000;
        Cycle(times / 10);
        int descriptors = KernelDescriptors.Settle();
        GC.Collect();
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        Cycle(times);
        Assert.Equal(descriptors, KernelDescriptors.Count());
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, memory + (1 << 20));
    }

    private static ProgramSpec Long(int instructions)
    {
        Assembler code = new();
        for (int i = 0; i < instructions - 1; i++) code.Mov(Register.R0, i);
        return Spec(ProgramType.SocketFilter, code.Mov(Register.R0, 0).Exit());
    }

    // Each branch compares the packet's length with another number, so the verifier has to walk both sides and say so.
    private static ProgramSpec LongAndWrong(int branches)
    {
        var code = new Assembler().Load(Register.R6, Register.R1, 0, MemorySize.U32).Mov(Register.R7, 0);
        for (int i = 0; i < branches; i++)
            code.JumpIf(Register.R6, JumpOp.Equal, i, $"l{i}").Add(Register.R7, 1).Label($"l{i}");
        return Spec(ProgramType.SocketFilter, code.Mov(Register.R0, Register.R9).Exit());
    }
}
