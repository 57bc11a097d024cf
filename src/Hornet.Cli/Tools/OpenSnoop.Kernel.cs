using Hornet.Isa;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.Cli.Tools;

/// <summary>
/// The kernel side of opensnoop. On entry of a call the arguments are kept by thread; on exit they are joined with the
/// result and the path is read. Reading the path on exit is deliberate: by then the kernel itself has read it, so the
/// page is in memory, which on entry it may not be.
/// </summary>
internal static class OpenSnoopPrograms
{
    public const int PathSize = 4096;
    public const int HeaderSize = 56;

    // What is kept between entry and exit.
    private const int StartPath = 0;
    private const int StartFlags = 8;
    private const int StartMode = 12;
    private const int StartTime = 16;
    public const int StartSize = 24;

    /// <summary>The open calls, and where their arguments are in the context: 16 + 8 × position, fixed since 2.6.</summary>
    public static readonly OpenCall[] Calls =
    [
        new("openat", 24, 32, 40),
        new("openat2", 24, 32, -1),
        new("open", 16, 24, 32),
        new("creat", 16, -1, 24),
    ];

    /// <summary>The program for the entry of one call.</summary>
    public static ProgramSpec Enter(OpenCall which, Filter filter)
    {
        var (call, path, flags, mode) = which;
        var asm = new Assembler(IsaLevel.V3).Mov(R6, R1).FilterThread(filter, "out")
            .Store(R10, -8, R7)
            .Load(R1, R6, path).Store(R10, -32 + StartPath, R1)
            .Store(R10, -32 + StartFlags, 0);
        if (call == "openat2")
        {
            // struct open_how { u64 flags; u64 mode; u64 resolve; } in user memory. A bad pointer fails the call too:
            // its flags then show as 0.
            asm.Mov(R1, R10).Add(R1, -48).Mov(R2, 16).Load(R3, R6, flags).Call(BpfHelper.ProbeReadUser)
                .JumpIfNotZero(R0, "flags_done")
                .Load(R1, R10, -48).Store(R10, -32 + StartFlags, R1, MemorySize.U32)
                .Load(R1, R10, -40).Store(R10, -32 + StartMode, R1, MemorySize.U32)
                .Label("flags_done");
        }
        else
        {
            const int CreatFlags = 0x241; // O_CREAT | O_WRONLY | O_TRUNC, which creat(2) stands for.
            if (flags >= 0) asm.Load(R1, R6, flags).Store(R10, -32 + StartFlags, R1, MemorySize.U32);
            else asm.Store(R10, -32 + StartFlags, CreatFlags, MemorySize.U32);
            asm.Load(R1, R6, mode).Store(R10, -32 + StartMode, R1, MemorySize.U32);
        }
        asm.Call(BpfHelper.KtimeGetNs).Store(R10, -32 + StartTime, R0)
            .LoadMap(R1, "starts").Mov(R2, R10).Add(R2, -8).Mov(R3, R10).Add(R3, -32).Mov(R4, 0).Call(BpfHelper.MapUpdateElem)
            .JumpIfZero(R0, "out")
            .CountOne("lost", "out")
            .Label("out").Mov(R0, 0).Exit();
        return Spec($"enter_{call}", asm);
    }

    /// <summary>The program for the exit of any of the calls.</summary>
    public static ProgramSpec Exit(bool failedOnly)
    {
        var asm = new Assembler(IsaLevel.V3).Mov(R6, R1)
            .Call(BpfHelper.GetCurrentPidTgid).Mov(R7, R0).Store(R10, -8, R0)
            .LoadMap(R1, "starts").Mov(R2, R10).Add(R2, -8).Call(BpfHelper.MapLookupElem)
            .JumpIfZero(R0, "out")
            .Mov(R8, R0)
            .Load(R6, R6, 16);
        if (failedOnly) asm.JumpIf(R6, JumpOp.SignedGreaterOrEqual, 0, "forget");
        asm.Store(R10, -12, 0, MemorySize.U32)
            .LoadMap(R1, "scratch").Mov(R2, R10).Add(R2, -12).Call(BpfHelper.MapLookupElem)
            .JumpIfZero(R0, "forget")
            .Mov(R9, R0)
            .Mov(R1, R7).Rsh(R1, 32).Store(R9, 8, R1, MemorySize.U32)
            .Store(R9, 12, R7, MemorySize.U32)
            .Store(R9, 20, R6, MemorySize.U32)
            .Load(R1, R8, StartFlags, MemorySize.U32).Store(R9, 24, R1, MemorySize.U32)
            .Load(R1, R8, StartMode, MemorySize.U32).Store(R9, 28, R1, MemorySize.U32)
            .Load(R1, R8, StartTime).Store(R9, 0, R1)
            .Call(BpfHelper.KtimeGetNs).Load(R1, R9, 0).Sub(R0, R1).Store(R9, 32, R0)
            .Call(BpfHelper.GetCurrentUidGid).Store(R9, 16, R0, MemorySize.U32)
            .Mov(R1, R9).Add(R1, 40).Mov(R2, 16).Call(BpfHelper.GetCurrentComm)
            .Mov(R1, R9).Add(R1, HeaderSize).Mov(R2, PathSize).Load(R3, R8, StartPath).Call(BpfHelper.ProbeReadUserStr)
            // The length counts the closing zero; an unreadable path becomes an empty one.
            .JumpIf(R0, JumpOp.SignedGreater, 0, "readable").Store(R9, HeaderSize, 0, MemorySize.U8).Mov(R0, 1)
            .Label("readable").JumpIf(R0, JumpOp.LessOrEqual, PathSize, "bounded").Mov(R0, PathSize)
            .Label("bounded").Mov(R3, R0).Add(R3, HeaderSize)
            .LoadMap(R1, "events").Mov(R2, R9).Mov(R4, 0).Call(BpfHelper.RingbufOutput)
            .JumpIfZero(R0, "forget")
            .CountOne("lost", "forget")
            .Label("forget").LoadMap(R1, "starts").Mov(R2, R10).Add(R2, -8).Call(BpfHelper.MapDeleteElem)
            .Label("out").Mov(R0, 0).Exit();
        return Spec("exit_open", asm);
    }

    private static ProgramSpec Spec(string name, Assembler asm) => new()
    {
        Name = name,
        Type = ProgramType.Tracepoint,
        Instructions = asm.Build(),
    };
}

/// <summary>One of the calls that open files; a class, since the runtime's code for arrays of tuples is compiled at every start.</summary>
/// <param name="Name">The call.</param>
/// <param name="Path">Where its path is in the context.</param>
/// <param name="Flags">Where its flags are; -1 for none.</param>
/// <param name="Mode">Where its mode is; -1 for none.</param>
internal sealed record OpenCall(string Name, int Path, int Flags, int Mode);
