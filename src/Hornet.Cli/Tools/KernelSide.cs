using System.Buffers.Binary;
using Hornet.Isa;
using static Hornet.Isa.Register;

namespace Hornet.Cli.Tools;

/// <summary>Pieces of kernel code that every tool needs.</summary>
internal static class KernelSide
{
    /// <summary>
    /// Leaves to <paramref name="rejected"/> when the running thread is not asked for, or is one of our own. Afterwards R7 holds its
    /// pid_tgid (process id in the upper half). Uses R0 to R5 and the 16 bytes below the frame pointer.
    /// </summary>
    public static Assembler FilterThread(this Assembler asm, Filter filter, string rejected)
    {
        asm.Call(BpfHelper.GetCurrentPidTgid).Mov(R7, R0);
        asm.Rsh(R0, 32);
        // Our own reading and writing would only feed the stream it reports on.
        if (filter.ProcessId is { } pid) asm.JumpIf(R0, JumpOp.NotEqual, pid, rejected);
        else asm.JumpIf(R0, JumpOp.Equal, Environment.ProcessId, rejected);
        if (filter.ThreadId is { } tid) asm.Mov32(R1, R7).JumpIf(R1, JumpOp.NotEqual, tid, rejected);
        if (filter.UserId is { } uid)
        {
            // Ids above 2^31 (nobody in a container, -1) do not fit a signed immediate: compare registers.
            asm.Call(BpfHelper.GetCurrentUidGid).Mov32(R0, R0).LoadImm64(R1, uid).JumpIf(R0, JumpOp.NotEqual, R1, rejected);
        }
        if (filter.CgroupId is { } cgroup)
            asm.Call(BpfHelper.GetCurrentCgroupId).LoadImm64(R1, (long)cgroup).JumpIf(R0, JumpOp.NotEqual, R1, rejected);
        if (filter.Comm is { } comm)
        {
            // Some kernels (6.1) leave what is behind the name as it was.
            asm.Store(R10, -16, 0).Store(R10, -8, 0)
                .Mov(R1, R10).Add(R1, -16).Mov(R2, 16).Call(BpfHelper.GetCurrentComm)
                .Load(R1, R10, -16).LoadImm64(R2, BinaryPrimitives.ReadInt64LittleEndian(comm)).JumpIf(R1, JumpOp.NotEqual, R2, rejected)
                .Load(R1, R10, -8).LoadImm64(R2, BinaryPrimitives.ReadInt64LittleEndian(comm.AsSpan(8))).JumpIf(R1, JumpOp.NotEqual, R2, rejected);
        }
        return asm;
    }

    /// <summary>Adds one to the first value of a per-CPU array of 64-bit counters. Uses R0 to R5 and the 4 bytes at <c>r10-4</c>.</summary>
    public static Assembler CountOne(this Assembler asm, string counterMap, string done) =>
        asm.Store(R10, -4, 0, MemorySize.U32)
            .LoadMap(R1, counterMap).Mov(R2, R10).Add(R2, -4).Call(BpfHelper.MapLookupElem)
            .JumpIfZero(R0, done)
            .Mov(R1, 1).AtomicAdd(R0, 0, R1);
}
