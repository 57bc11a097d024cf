using System.Diagnostics;
using Hornet.Isa;
using Hornet.Vm.Execution;

namespace Hornet.Vm.Loading;

/// <summary>From the opcode of RFC 9669 to the machine's own. Instructions must be well formed (<see cref="InstructionRules.Defect"/>).</summary>
internal static class OpCodes
{
    /// <summary>The code of arithmetic; null for address space casts.</summary>
    public static OpCode? OfAlu(in Instruction i)
    {
        bool wide = i.Class == InstructionClass.Alu64, register = i.Source == OperandSource.Register;
        switch (i.AluOp)
        {
            case AluOp.Neg:
                return wide ? OpCode.Neg64 : OpCode.Neg32;
            case AluOp.End:
                // 0xd4 converts to little endian, 0xdc to big endian, 0xd7 swaps in any case.
                bool swap = wide || register == BitConverter.IsLittleEndian;
                return Plus(swap ? OpCode.Swap16 : OpCode.Cut16, i.Constant switch { 16 => 0, 32 => 1, _ => 2 });
            case AluOp.Mov when register && i.Offset != 0:
                return (wide, i.Offset) switch
                {
                    (true, 8) => OpCode.MovSx8To64,
                    (true, 16) => OpCode.MovSx16To64,
                    (true, 32) => OpCode.MovSx32To64,
                    (false, 8) => OpCode.MovSx8To32,
                    (false, 16) => OpCode.MovSx16To32,
                    _ => null,
                };
        }
        var code = i.AluOp switch
        {
            AluOp.Add => OpCode.Add64I,
            AluOp.Sub => OpCode.Sub64I,
            AluOp.Mul => OpCode.Mul64I,
            AluOp.Div => i.Offset == 0 ? OpCode.Div64I : OpCode.SDiv64I,
            AluOp.Or => OpCode.Or64I,
            AluOp.And => OpCode.And64I,
            AluOp.Lsh => OpCode.Lsh64I,
            AluOp.Rsh => OpCode.Rsh64I,
            AluOp.Mod => i.Offset == 0 ? OpCode.Mod64I : OpCode.SMod64I,
            AluOp.Xor => OpCode.Xor64I,
            AluOp.Mov => OpCode.Mov64I,
            AluOp.Arsh => OpCode.Arsh64I,
            _ => throw new UnreachableException(),
        };
        return Plus(code, (register ? 1 : 0) + (wide ? 0 : OpCode.Add32I - OpCode.Add64I));
    }

    public static OpCode OfPacketLoad(in Instruction i) =>
        Plus(i.Mode == MemoryMode.Absolute ? OpCode.PacketAbsolute8 : OpCode.PacketIndirect8, SizeIndex(i.Size));

    public static OpCode OfMemory(in Instruction i)
    {
        int size = SizeIndex(i.Size);
        if (i.IsAtomic)
        {
            return i.AtomicOp switch
            {
                AtomicOp.LoadAcquire => Plus(OpCode.LoadAcquire8, size),
                AtomicOp.StoreRelease => Plus(OpCode.StoreRelease8, size),
                _ => i.Size == MemorySize.U32 ? OpCode.Atomic32 : OpCode.Atomic64,
            };
        }
        bool isLoad = i.Class == InstructionClass.Ldx;
        var code = i.Class switch
        {
            InstructionClass.Ldx => i.Mode == MemoryMode.MemorySigned ? OpCode.LoadSx8 : OpCode.Load8,
            InstructionClass.St => OpCode.Store8I,
            _ => OpCode.Store8R,
        };
        bool inFrame = (isLoad ? i.Src : i.Dst) == Register.R10 && i.Offset >= -VmAddress.FrameSize && i.Offset + i.SizeInBytes <= 0;
        return Plus(code, size + (inFrame ? OpCode.StackLoad8 - OpCode.Load8 : 0));
    }

    public static OpCode OfJump(in Instruction i)
    {
        if (i.JumpOp == JumpOp.Always) return OpCode.Jump;
        if (i.JumpOp == JumpOp.MayGoto) return OpCode.MayGoto;
        var code = i.JumpOp switch
        {
            JumpOp.Equal => OpCode.Eq64I,
            JumpOp.Greater => OpCode.Gt64I,
            JumpOp.GreaterOrEqual => OpCode.Ge64I,
            JumpOp.AnyBitSet => OpCode.Set64I,
            JumpOp.NotEqual => OpCode.Ne64I,
            JumpOp.SignedGreater => OpCode.SGt64I,
            JumpOp.SignedGreaterOrEqual => OpCode.SGe64I,
            JumpOp.Less => OpCode.Lt64I,
            JumpOp.LessOrEqual => OpCode.Le64I,
            JumpOp.SignedLess => OpCode.SLt64I,
            JumpOp.SignedLessOrEqual => OpCode.SLe64I,
            _ => throw new UnreachableException(),
        };
        return Plus(code, (i.Source == OperandSource.Register ? 1 : 0) + (i.Class == InstructionClass.Jmp32 ? OpCode.Eq32I - OpCode.Eq64I : 0));
    }

    /// <summary>The bytes that a memory operation touches.</summary>
    public static int SizeOf(OpCode code) => code switch
    {
        OpCode.Load8 or OpCode.LoadSx8 or OpCode.Store8I or OpCode.Store8R or OpCode.LoadAcquire8 or OpCode.StoreRelease8 => 1,
        OpCode.Load16 or OpCode.LoadSx16 or OpCode.Store16I or OpCode.Store16R or OpCode.LoadAcquire16 or OpCode.StoreRelease16 => 2,
        OpCode.Load32 or OpCode.LoadSx32 or OpCode.Store32I or OpCode.Store32R or OpCode.LoadAcquire32 or OpCode.StoreRelease32 or OpCode.Atomic32 => 4,
        _ => 8,
    };

    /// <summary>1, 2, 4, 8 bytes as 0, 1, 2, 3.</summary>
    private static int SizeIndex(MemorySize size) => size switch { MemorySize.U8 => 0, MemorySize.U16 => 1, MemorySize.U32 => 2, _ => 3 };

    private static OpCode Plus(OpCode code, int places) => (OpCode)((int)code + places);
}
