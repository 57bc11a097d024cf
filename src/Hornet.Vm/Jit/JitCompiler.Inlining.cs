using System.Reflection.Emit;
using Hornet.Vm.Loading;
using IL = System.Reflection.Emit.OpCodes;
using OpCode = Hornet.Vm.Loading.OpCode;

namespace Hornet.Vm.Jit;

// Small functions that only calculate become part of their callers: the runtime's compiler does not do that for methods made at run time.
internal sealed partial class JitCompiler
{
    private const int LongestInlined = 32;

    /// <summary>Where the exits of the function go that is being put into its caller; null in the caller's own code.</summary>
    private Label? _inlineEnd;

    private bool IsInlined(VmFunction callee)
    {
        if (callee.Length > LongestInlined) return false;
        for (int slot = callee.Start; slot < callee.End; slot++)
        {
            ref readonly var op = ref _code.Ops[slot];
            bool calculates = op.Code is OpCode.None or OpCode.Exit or >= OpCode.Add64I and <= OpCode.LoadImm64
                || (op.Code is >= OpCode.Jump and < OpCode.MayGoto && op.Offset >= 0);
            if (!calculates || (op.Code != OpCode.None && (op.Dst == 10 || op.Src == 10))) return false;
        }
        return true;
    }

    /// <summary>The callee's code with registers of its own. What a call is asked and charged stays: the depth, and the function's length.</summary>
    private void EmitInlined(int slot, VmFunction callee)
    {
        LoadField(s_depth);
        _il.Emit(IL.Ldc_I4, VmExecution.MostFrames - 1);
        var tooDeep = _il.DefineLabel();
        _il.Emit(IL.Bge, tooDeep);
        _cold.Add(() =>
        {
            // It finds the same, and ends the run.
            _il.MarkLabel(tooDeep);
            SavePlace(slot);
            LoadState();
            _il.Emit(IL.Ldc_I4, callee.Length);
            Call(s_enterFrame);
            ReturnZero();
        });
        EmitCharge(slot, callee.Length);

        var (function, registers, labels, targets) = (_function, _registers, _labels, _targets);
        (_function, _labels, _targets, _inlineEnd) = (callee, [], null, _il.DefineLabel());
        var own = new LocalBuilder?[11];
        int live = new JitAnalysis(_code, callee).LiveAt(callee.Start);
        for (int i = 0; i < 10; i++)
        {
            own[i] = _il.DeclareLocal(typeof(ulong));
            if ((live >> i & 1) == 0) continue;
            if (i is >= 1 and <= 5)
            {
                _il.Emit(IL.Ldloc, registers[i]!);
            }
            else
            {
                _il.Emit(IL.Ldc_I4_0);
                _il.Emit(IL.Conv_I8);
            }
            _il.Emit(IL.Stloc, own[i]!);
        }
        _registers = own;
        EmitOps();
        _il.MarkLabel(_inlineEnd!.Value);
        (_function, _registers, _labels, _targets, _inlineEnd) = (function, registers, labels, targets, null);
        _il.Emit(IL.Ldloc, own[0]!);
        StoreRegister(0);
    }
}
