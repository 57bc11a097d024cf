using System.Buffers.Binary;
using System.Reflection;
using Hornet.Vm.Execution;
using Hornet.Vm.Loading;
using IL = System.Reflection.Emit.OpCodes;

namespace Hornet.Vm.Jit;

internal sealed partial class JitCompiler
{
    private static readonly MethodInfo
        s_swap16 = Swap(typeof(ushort)), s_swap32 = Swap(typeof(uint)), s_swap64 = Swap(typeof(ulong));

    private static MethodInfo Swap(Type type) => typeof(BinaryPrimitives).GetMethod(nameof(BinaryPrimitives.ReverseEndianness), [type])!;

    private static MethodInfo Division(string name) => typeof(Arithmetic).GetMethod(name)!;

    private void EmitOp(int slot, in Op op)
    {
        switch (op.Code)
        {
            case OpCode.None:
                return;
            case OpCode.LoadImm64:
                _il.Emit(IL.Ldc_I8, op.Constant);
                StoreRegister(op.Dst);
                return;
            case >= OpCode.Add64I and <= OpCode.Swap64:
                EmitAlu(op);
                return;
            case >= OpCode.Load8 and <= OpCode.StoreRelease64:
                EmitMemory(slot, op);
                return;
            case >= OpCode.PacketAbsolute8 and <= OpCode.PacketIndirect32:
                EmitPacketLoad(slot, op);
                return;
            case >= OpCode.Jump and <= OpCode.MayGoto:
                EmitJump(slot, op);
                return;
            default:
                EmitCall(slot, op);
                return;
        }
    }

    private void EmitAlu(in Op op)
    {
        switch (op.Code)
        {
            case OpCode.Neg64:
                LoadRegister(op.Dst);
                _il.Emit(IL.Neg);
                break;
            case OpCode.Neg32:
                Load(op.Dst, wide: false);
                _il.Emit(IL.Neg);
                _il.Emit(IL.Conv_U8);
                break;
            case OpCode.MovSx8To64 or OpCode.MovSx16To64 or OpCode.MovSx32To64:
                LoadRegister(op.Src);
                _il.Emit(op.Code switch { OpCode.MovSx8To64 => IL.Conv_I1, OpCode.MovSx16To64 => IL.Conv_I2, _ => IL.Conv_I4 });
                _il.Emit(IL.Conv_I8);
                break;
            case OpCode.MovSx8To32 or OpCode.MovSx16To32:
                LoadRegister(op.Src);
                _il.Emit(op.Code == OpCode.MovSx8To32 ? IL.Conv_I1 : IL.Conv_I2);
                _il.Emit(IL.Conv_U8);
                break;
            case OpCode.Cut16 or OpCode.Cut32:
                LoadRegister(op.Dst);
                _il.Emit(op.Code == OpCode.Cut16 ? IL.Conv_U2 : IL.Conv_U4);
                _il.Emit(IL.Conv_U8);
                break;
            case OpCode.Cut64:
                return;
            case OpCode.Swap16 or OpCode.Swap32:
                LoadRegister(op.Dst);
                _il.Emit(op.Code == OpCode.Swap16 ? IL.Conv_U2 : IL.Conv_U4);
                Call(op.Code == OpCode.Swap16 ? s_swap16 : s_swap32);
                _il.Emit(IL.Conv_U8);
                break;
            case OpCode.Swap64:
                LoadRegister(op.Dst);
                Call(s_swap64);
                break;
            default:
                EmitBinary(op);
                return;
        }
        StoreRegister(op.Dst);
    }

    private void EmitBinary(in Op op)
    {
        bool wide = op.Code < OpCode.Add32I;
        int place = op.Code - (wide ? OpCode.Add64I : OpCode.Add32I);
        bool register = (place & 1) != 0;
        var operation = OpCode.Add64I + (ushort)(place & ~1);
        if (operation == OpCode.Mov64I)
        {
            LoadOperand(op, register, wide);
        }
        else if (operation is OpCode.Div64I or OpCode.Mod64I or OpCode.SDiv64I or OpCode.SMod64I)
        {
            EmitDivision(op, operation, register, wide);
        }
        else
        {
            Load(op.Dst, wide);
            if (operation is OpCode.Lsh64I or OpCode.Rsh64I or OpCode.Arsh64I)
            {
                // Shifts take the low bits of their operand; .NET leaves open what a longer one does.
                int mask = wide ? 63 : 31;
                if (register)
                {
                    LoadRegister(op.Src);
                    _il.Emit(IL.Conv_I4);
                    _il.Emit(IL.Ldc_I4, mask);
                    _il.Emit(IL.And);
                }
                else
                {
                    _il.Emit(IL.Ldc_I4, (int)op.Constant & mask);
                }
            }
            else
            {
                LoadOperand(op, register, wide);
            }
            _il.Emit(operation switch
            {
                OpCode.Add64I => IL.Add,
                OpCode.Sub64I => IL.Sub,
                OpCode.Mul64I => IL.Mul,
                OpCode.Or64I => IL.Or,
                OpCode.And64I => IL.And,
                OpCode.Xor64I => IL.Xor,
                OpCode.Lsh64I => IL.Shl,
                OpCode.Rsh64I => IL.Shr_Un,
                _ => IL.Shr,
            });
        }
        if (!wide) _il.Emit(IL.Conv_U8);
        StoreRegister(op.Dst);
    }

    private void EmitDivision(in Op op, OpCode operation, bool register, bool wide)
    {
        long constant = wide ? op.Constant : (int)op.Constant;
        bool signed = operation is OpCode.SDiv64I or OpCode.SMod64I, modulo = operation is OpCode.Mod64I or OpCode.SMod64I;
        // A constant that is neither 0 nor -1 needs no question.
        if (!register && constant != 0 && !(signed && constant == -1))
        {
            Load(op.Dst, wide);
            LoadOperand(op, register, wide);
            _il.Emit((signed, modulo) switch { (false, false) => IL.Div_Un, (false, true) => IL.Rem_Un, (true, false) => IL.Div, _ => IL.Rem });
            return;
        }
        Load(op.Dst, wide);
        LoadOperand(op, register, wide);
        string name = (signed, modulo) switch { (false, false) => "Div", (false, true) => "Mod", (true, false) => "SDiv", _ => "SMod" };
        Call(Division(name + (wide ? "64" : "32")));
    }

    private void Load(int register, bool wide)
    {
        LoadRegister(register);
        if (!wide) _il.Emit(IL.Conv_U4);
    }

    private void LoadOperand(in Op op, bool register, bool wide)
    {
        if (register) Load(op.Src, wide);
        else if (wide) _il.Emit(IL.Ldc_I8, op.Constant);
        else _il.Emit(IL.Ldc_I4, (int)op.Constant);
    }
}
