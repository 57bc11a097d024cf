using Hornet.Interop;
using Hornet.Isa;
using Hornet.Programs;
using static Hornet.KernelTests.Programs.TestPrograms;

namespace Hornet.KernelTests.Programs;

public class TestRunTests
{
    [KernelFact]
    public void A_packet_goes_through_an_XDP_program()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.Xdp, 2));
        byte[] packet = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        var result = program.TestRun(packet);
        Assert.Equal(2u, result.ReturnValue);
        Assert.Equal(packet, result.Data);
    }

    [KernelFact]
    public void A_repeated_run_is_timed()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.SchedCls));
        var result = program.TestRun(new byte[64], repeat: 10_000);
        Assert.InRange(result.Nanoseconds, 1u, 1_000_000u);
    }

    [KernelFact]
    public void A_context_goes_in_and_comes_back_changed()
    {
        // skb->cb[0] (offset 48) += 1; return skb->mark (offset 8).
        using var program = BpfProgram.Load(Spec(ProgramType.SchedCls, new Assembler()
            .Load(Register.R2, Register.R1, 48, MemorySize.U32).Add(Register.R2, 1).Store(Register.R1, 48, Register.R2, MemorySize.U32)
            .Load(Register.R0, Register.R1, 8, MemorySize.U32)
            .Exit()));
        byte[] context = new byte[192];
        BitConverter.TryWriteBytes(context.AsSpan(8), 77u);
        BitConverter.TryWriteBytes(context.AsSpan(48), 41u);
        var result = program.TestRun(new TestRunOptions { Data = new byte[64], Context = context });
        Assert.Equal(77u, result.ReturnValue);
        Assert.Equal(42u, BitConverter.ToUInt32(result.Context, 48));
    }

    [KernelFact(Needs.SyscallPrograms)]
    public void A_syscall_program_gives_its_context_back_and_leaves_the_callers_alone()
    {
        var spec = Spec(ProgramType.Syscall, new Assembler()
            .Load(Register.R2, Register.R1, 0, MemorySize.U32).Add(Register.R2, 1).Store(Register.R1, 4, Register.R2, MemorySize.U32)
            .Mov(Register.R0, 9)
            .Exit());
        spec.Flags = ProgramFlags.Sleepable;
        using var program = BpfProgram.Load(spec);
        byte[] context = [5, 0, 0, 0, 0, 0, 0, 0];
        var result = program.TestRun(new TestRunOptions { Context = context });
        Assert.Equal(9u, result.ReturnValue);
        Assert.Equal([5, 0, 0, 0, 6, 0, 0, 0], result.Context);
        Assert.Equal([5, 0, 0, 0, 0, 0, 0, 0], context);
    }

    [KernelFact]
    public void A_raw_tracepoint_program_runs_on_the_CPU_asked_for()
    {
        using var program = BpfProgram.Load(Spec(ProgramType.RawTracepoint, new Assembler()
            .Load(Register.R6, Register.R1)
            .Call(BpfHelper.GetSmpProcessorId)
            .Add(Register.R0, Register.R6)
            .Exit()));
        int cpu = Environment.ProcessorCount - 1;
        var result = program.TestRun(new TestRunOptions
        {
            Context = BitConverter.GetBytes(1000ul),
            Flags = TestRunFlags.RunOnCpu,
            Cpu = cpu,
        });
        Assert.Equal(1000u + (uint)cpu, result.ReturnValue);
    }

    [KernelFact(Needs.XdpLiveFrames)]
    public void Live_frames_are_sent_by_the_thousand()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.Xdp, 1));
        // ctx: data, data_end, data_meta, ingress_ifindex (1 is lo), rx_queue_index.
        byte[] context = new byte[24];
        BitConverter.TryWriteBytes(context.AsSpan(4), 64u);
        BitConverter.TryWriteBytes(context.AsSpan(12), 1u);
        var result = program.TestRun(new TestRunOptions
        {
            Data = new byte[64],
            Context = context.AsMemory(0, 20),
            Flags = TestRunFlags.XdpLiveFrames,
            Repeat = 4096,
            BatchSize = 32,
        });
        Assert.Empty(result.Data);
        Assert.Equal(0u, result.ReturnValue);
    }

    // 5.10 pads a short packet instead of refusing it.
    [KernelFact(MinKernel = "6.1")]
    public void A_packet_shorter_than_an_Ethernet_header_is_explained()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.Xdp, 2));
        var e = Assert.Throws<BpfSyscallException>(() => program.TestRun(new byte[5]));
        Assert.Equal(Errno.EINVAL, e.Errno);
        Assert.Contains("14 bytes", e.Message);
    }

    [KernelFact]
    public void A_type_that_cannot_be_run_is_named()
    {
        using var program = BpfProgram.Load(Returning(ProgramType.Tracepoint));
        var e = Assert.Throws<BpfSyscallException>(() => program.TestRun(new TestRunOptions()));
        Assert.Equal(Errno.ENOTSUPP, e.Errno);
        Assert.Contains("type Tracepoint", e.Message);
    }
}
