using System.Runtime.InteropServices;
using Hornet.Isa;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.Cli.Tools;

/// <summary>What the kernel side of syscount counts.</summary>
/// <param name="Filter">Whose calls.</param>
/// <param name="ByProcess">Whether to count each process apart.</param>
/// <param name="FailedOnly">Only calls that failed.</param>
/// <param name="Error">Only calls that failed with this error number; 0 for any.</param>
/// <param name="Calls">Only these calls, by number; empty for all.</param>
/// <param name="Latency">Whether to measure how long calls take.</param>
internal sealed record SysCountPlan(Filter Filter, bool ByProcess, bool FailedOnly, int Error, IReadOnlyList<int> Calls, bool Latency);

/// <summary>
/// The kernel side of syscount, on the raw tracepoints sys_enter and sys_exit: they need neither tracefs nor the
/// copying of arguments. Calls are counted when they return, per CPU, without atomics.
/// </summary>
internal static class SysCountPrograms
{
    public const int KeySize = 8;    // u32 process id (0 when counted together), u32 system call
    public const int ValueSize = 32; // u64 calls, failed, nanoseconds, longest nanoseconds

    // Where struct pt_regs keeps the system call's number: orig_ax on x86-64, syscallno on arm64. Both are ABI.
    private static readonly int s_numberOffset = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 120;

    /// <summary>Keeps the time of entry by thread. Only loaded when latency is asked for.</summary>
    public static ProgramSpec Enter(SysCountPlan plan) => Spec("sys_enter", new Assembler(IsaLevel.V3)
        .Mov(R6, R1)
        .FilterThread(plan.Filter, "out")
        .Store(R10, -8, R7)
        .Call(BpfHelper.KtimeGetNs).Store(R10, -16, R0)
        .LoadMap(R1, "starts").Mov(R2, R10).Add(R2, -8).Mov(R3, R10).Add(R3, -16).Mov(R4, 0).Call(BpfHelper.MapUpdateElem)
        .Label("out").Mov(R0, 0).Exit());

    /// <summary>Counts a call that returns.</summary>
    public static ProgramSpec Exit(SysCountPlan plan)
    {
        const int Key = -24, Zeros = -64, ThreadKey = -8, Number = -72;
        var asm = new Assembler(IsaLevel.V3).Mov(R6, R1);
        asm.FilterThread(plan.Filter, "out");
        asm.Load(R9, R6, 8); // the call's result
        if (plan.FailedOnly || plan.Error != 0)
        {
            // Failures are -4095 … -1; addresses with the top bit set are not.
            asm.JumpIf(R9, JumpOp.SignedGreaterOrEqual, 0, "out").JumpIf(R9, JumpOp.SignedLess, -4095, "out");
            if (plan.Error != 0) asm.JumpIf(R9, JumpOp.NotEqual, -plan.Error, "out");
        }
        asm.Store(R10, Number, 0)
            .Mov(R1, R10).Add(R1, Number).Mov(R2, 4).Load(R3, R6, 0).Add(R3, s_numberOffset).Call(BpfHelper.ProbeReadKernel)
            .Load(R8, R10, Number, MemorySize.U32)
            // -1: a call that a tracer suppressed, or a return from a signal handler.
            .JumpIf32(R8, JumpOp.Equal, -1, "out");
        if (plan.Calls.Count > 0)
        {
            foreach (int call in plan.Calls) asm.JumpIf(R8, JumpOp.Equal, call, "wanted");
            asm.Jump("out").Label("wanted");
        }
        asm.Store(R10, Key + 4, R8, MemorySize.U32);
        if (plan.ByProcess) asm.Mov(R1, R7).Rsh(R1, 32).Store(R10, Key, R1, MemorySize.U32);
        else asm.Store(R10, Key, 0, MemorySize.U32);

        // R8: how long the call took, 0 when its entry was not seen.
        asm.Mov(R8, 0);
        if (plan.Latency)
        {
            asm.Store(R10, ThreadKey, R7)
                .LoadMap(R1, "starts").Mov(R2, R10).Add(R2, ThreadKey).Call(BpfHelper.MapLookupElem)
                .JumpIfZero(R0, "timed")
                .Load(R8, R0)
                .LoadMap(R1, "starts").Mov(R2, R10).Add(R2, ThreadKey).Call(BpfHelper.MapDeleteElem)
                .Call(BpfHelper.KtimeGetNs).Sub(R0, R8).Mov(R8, R0)
                .Label("timed");
        }

        asm.LoadMap(R1, "counts").Mov(R2, R10).Add(R2, Key).Call(BpfHelper.MapLookupElem)
            .JumpIfNotZero(R0, "found");
        for (int at = 0; at < ValueSize; at += 8) asm.Store(R10, Zeros + at, 0);
        const int NoExist = 1;
        asm.LoadMap(R1, "counts").Mov(R2, R10).Add(R2, Key).Mov(R3, R10).Add(R3, Zeros).Mov(R4, NoExist).Call(BpfHelper.MapUpdateElem);
        if (plan.ByProcess)
        {
            // The name is kept at first sight: the process may have ended when the summary is printed.
            asm.Mov(R1, R10).Add(R1, Zeros).Mov(R2, 16).Call(BpfHelper.GetCurrentComm)
                .LoadMap(R1, "names").Mov(R2, R10).Add(R2, Key).Mov(R3, R10).Add(R3, Zeros).Mov(R4, 0).Call(BpfHelper.MapUpdateElem);
        }
        // Another CPU may have been first, so what counts is whether it is there now. If not, the map is full.
        asm.LoadMap(R1, "counts").Mov(R2, R10).Add(R2, Key).Call(BpfHelper.MapLookupElem)
            .JumpIfNotZero(R0, "found")
            .CountOne("lost", "out")
            .Jump("out")
            .Label("found")
            .Load(R1, R0, 0).Add(R1, 1).Store(R0, 0, R1)
            .JumpIf(R9, JumpOp.SignedGreaterOrEqual, 0, "succeeded").JumpIf(R9, JumpOp.SignedLess, -4095, "succeeded")
            .Load(R1, R0, 8).Add(R1, 1).Store(R0, 8, R1)
            .Label("succeeded");
        if (plan.Latency)
        {
            asm.Load(R1, R0, 16).Add(R1, R8).Store(R0, 16, R1)
                .Load(R1, R0, 24).JumpIf(R1, JumpOp.GreaterOrEqual, R8, "out").Store(R0, 24, R8);
        }
        return Spec("sys_exit", asm.Label("out").Mov(R0, 0).Exit());
    }

    private static ProgramSpec Spec(string name, Assembler asm) => new() { Name = name, Type = ProgramType.RawTracepoint, Instructions = asm.Build() };
}
