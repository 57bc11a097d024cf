using Hornet.Vm.Loading;
using IL = System.Reflection.Emit.OpCodes;
using ILCode = System.Reflection.Emit.OpCode;

namespace Hornet.Vm.Jit;

internal sealed partial class JitCompiler
{
    private void EmitJump(int slot, in Op op)
    {
        var target = LabelOf(slot + 1 + op.Offset);
        bool back = op.Offset < 0;
        if (op.Code == OpCode.Jump)
        {
            if (back) EmitCharge(slot, -op.Offset);
            _il.Emit(IL.Br, target);
            return;
        }
        if (op.Code == OpCode.MayGoto)
        {
            LoadState();
            Call(s_takeMayGoto);
            var goOn = _il.DefineLabel();
            _il.Emit(IL.Brtrue, goOn);
            if (back) EmitCharge(slot, -op.Offset);
            _il.Emit(IL.Br, target);
            _il.MarkLabel(goOn);
            return;
        }
        bool wide = op.Code < OpCode.Eq32I;
        int place = op.Code - (wide ? OpCode.Eq64I : OpCode.Eq32I);
        var condition = OpCode.Eq64I + (ushort)(place & ~1);
        Load(op.Dst, wide);
        LoadOperand(op, (place & 1) != 0, wide);
        if (!back)
        {
            _il.Emit(Taken(condition), target);
            return;
        }
        // A jump back is charged where it is taken, so that a loop is one piece of code.
        var skip = _il.DefineLabel();
        _il.Emit(NotTaken(condition), skip);
        EmitCharge(slot, -op.Offset);
        _il.Emit(IL.Br, target);
        _il.MarkLabel(skip);
    }

    private ILCode Taken(OpCode condition)
    {
        if (condition == OpCode.Set64I) _il.Emit(IL.And);
        return condition switch
        {
            OpCode.Eq64I => IL.Beq,
            OpCode.Gt64I => IL.Bgt_Un,
            OpCode.Ge64I => IL.Bge_Un,
            OpCode.Set64I => IL.Brtrue,
            OpCode.Ne64I => IL.Bne_Un,
            OpCode.SGt64I => IL.Bgt,
            OpCode.SGe64I => IL.Bge,
            OpCode.Lt64I => IL.Blt_Un,
            OpCode.Le64I => IL.Ble_Un,
            OpCode.SLt64I => IL.Blt,
            _ => IL.Ble,
        };
    }

    private ILCode NotTaken(OpCode condition)
    {
        if (condition == OpCode.Set64I) _il.Emit(IL.And);
        return condition switch
        {
            OpCode.Eq64I => IL.Bne_Un,
            OpCode.Gt64I => IL.Ble_Un,
            OpCode.Ge64I => IL.Blt_Un,
            OpCode.Set64I => IL.Brfalse,
            OpCode.Ne64I => IL.Beq,
            OpCode.SGt64I => IL.Ble,
            OpCode.SGe64I => IL.Blt,
            OpCode.Lt64I => IL.Bge_Un,
            OpCode.Le64I => IL.Bgt_Un,
            OpCode.SLt64I => IL.Bge,
            _ => IL.Bgt,
        };
    }

    private void EmitCharge(int slot, int work)
    {
        _il.Emit(IL.Ldloc, _budget);
        _il.Emit(IL.Ldc_I4, work);
        _il.Emit(IL.Conv_I8);
        _il.Emit(IL.Sub);
        _il.Emit(IL.Stloc, _budget);
        _il.Emit(IL.Ldloc, _budget);
        _il.Emit(IL.Ldc_I4_0);
        _il.Emit(IL.Conv_I8);
        var over = _il.DefineLabel();
        _il.Emit(IL.Blt, over);
        _cold.Add(() =>
        {
            _il.MarkLabel(over);
            LoadState();
            _il.Emit(IL.Ldc_I4, slot);
            Call(s_throwOverBudget);
            ReturnZero();
        });
    }

    private void EmitCall(int slot, in Op op)
    {
        switch (op.Code)
        {
            case OpCode.Exit when _inlineEnd is { } end:
                _il.Emit(IL.Br, end);
                return;
            case OpCode.Exit:
                LoadState();
                _il.Emit(IL.Ldloc, _budget);
                _il.Emit(IL.Stfld, s_budget);
                LoadRegister(0);
                _il.Emit(IL.Ret);
                return;
            case OpCode.CallHelper:
                SavePlace(slot);
                LoadState();
                _il.Emit(IL.Ldc_I4, (int)op.Constant);
                LoadArguments();
                Call(s_callHelper);
                break;
            case OpCode.CallRegister:
                SavePlace(slot);
                LoadState();
                LoadRegister(op.Dst);
                _il.Emit(IL.Ldc_I4, (int)op.Dst);
                LoadArguments();
                Call(s_callRegister);
                break;
            case OpCode.CallFunction when IsInlined(_code.Functions[op.Constant]):
                EmitInlined(slot, _code.Functions[op.Constant]);
                return;
            case OpCode.CallFunction:
                SavePlace(slot);
                LoadState();
                _il.Emit(IL.Ldc_I4, _code.Functions[op.Constant].Length);
                Call(s_enterFrame);
                LoadState();
                LoadArguments();
                Call(_methods[op.Constant]);
                LoadState();
                Call(s_leaveFrame);
                break;
            default:
                EmitTailCall(slot);
                return;
        }
        StoreRegister(0);
        ReloadBudget();
        EmitForgetWindows();
    }

    private void EmitTailCall(int slot)
    {
        SavePlace(slot);
        LoadState();
        LoadRegister(1);
        LoadRegister(2);
        LoadRegister(3);
        _il.Emit(IL.Ldloca, _result);
        Call(s_tailCall);
        var goOn = _il.DefineLabel();
        _il.Emit(IL.Brfalse, goOn);
        _il.Emit(IL.Ldloc, _result);
        _il.Emit(IL.Ret);
        _il.MarkLabel(goOn);
        _il.Emit(IL.Ldc_I8, unchecked((long)VmHelpers.NoEntry));
        StoreRegister(0);
        ReloadBudget();
    }

    private void EmitPacketLoad(int slot, in Op op)
    {
        SavePlace(slot);
        LoadState();
        _il.Emit(IL.Ldc_I4, (int)op.Code);
        _il.Emit(IL.Ldc_I4, (int)op.Constant);
        LoadRegister(op.Src);
        LoadRegister(6);
        _il.Emit(IL.Ldloca, _result);
        Call(s_packetLoad);
        var beyond = _il.DefineLabel();
        _il.Emit(IL.Brfalse, beyond);
        _il.Emit(IL.Ldloc, _result);
        StoreRegister(0);
        _cold.Add(() =>
        {
            // Beyond the packet the function ends with 0. Its budget is saved already.
            _il.MarkLabel(beyond);
            ReturnZero();
        });
    }

    private void LoadArguments()
    {
        for (int i = 1; i <= 5; i++) LoadRegister(i);
    }

    private void ReturnZero()
    {
        _il.Emit(IL.Ldc_I4_0);
        _il.Emit(IL.Conv_I8);
        _il.Emit(IL.Ret);
    }
}
