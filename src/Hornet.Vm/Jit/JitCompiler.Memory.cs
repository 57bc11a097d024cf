using System.Reflection.Emit;
using Hornet.Isa;
using Hornet.Vm.Loading;
using IL = System.Reflection.Emit.OpCodes;
using ILCode = System.Reflection.Emit.OpCode;
using OpCode = Hornet.Vm.Loading.OpCode;
using OpCodes = Hornet.Vm.Loading.OpCodes;

namespace Hornet.Vm.Jit;

internal sealed partial class JitCompiler
{
    /// <summary>
    /// The window of accesses whose bases come from one place, and how far reads and writes may begin in it. A limit is for the longest
    /// access that asks it; shorter ones behind it are asked of the machine.
    /// </summary>
    private sealed class Window(LocalBuilder minusStart, LocalBuilder host)
    {
        public LocalBuilder MinusStart => minusStart;

        public LocalBuilder Host => host;

        public (int Size, LocalBuilder Limit)? Read { get; set; }

        public (int Size, LocalBuilder Limit)? Write { get; set; }

        public IEnumerable<LocalBuilder> Locals
        {
            get
            {
                yield return minusStart;
                yield return host;
                if (Read is { } read) yield return read.Limit;
                if (Write is { } write) yield return write.Limit;
            }
        }
    }

    private readonly Dictionary<int, Window> _windows = [];
    private readonly List<Window> _allWindows = [];

    /// <summary>The number of places where an access of a size can begin in a window: none when it is too small.</summary>
    internal static ulong Limit(ulong length, int size) => length < (ulong)size ? 0 : length - (ulong)size + 1;

    private static bool IsWindowAccess(OpCode code) => code is >= OpCode.Load8 and <= OpCode.Store64R;

    private void EmitMemory(int slot, in Op op)
    {
        switch (op.Code)
        {
            case >= OpCode.StackLoad8 and <= OpCode.StackStore64R:
                var plain = (OpCode)(op.Code - (OpCode.StackLoad8 - OpCode.Load8));
                int offset = op.Offset;
                EmitAccess(op, plain, () =>
                {
                    _il.Emit(IL.Ldloc, _frame!);
                    _il.Emit(IL.Ldc_I4, offset);
                    _il.Emit(IL.Conv_I);
                    _il.Emit(IL.Add);
                });
                return;
            case OpCode.Atomic32 or OpCode.Atomic64:
                EmitAtomic(slot, op);
                return;
            case >= OpCode.LoadAcquire8 and <= OpCode.LoadAcquire64:
                EmitOrderedAddress(slot, op, op.Src, write: false);
                _il.Emit(IL.Volatile);
                _il.Emit(LoadCode(OpCode.Load8 + (ushort)(op.Code - OpCode.LoadAcquire8)));
                _il.Emit(IL.Conv_U8);
                StoreRegister(op.Dst);
                return;
            case >= OpCode.StoreRelease8 and <= OpCode.StoreRelease64:
                EmitOrderedAddress(slot, op, op.Dst, write: true);
                LoadRegister(op.Src);
                _il.Emit(IL.Volatile);
                _il.Emit(StoreCode(OpCodes.SizeOf(op.Code)));
                return;
        }
        var checkedOp = op;
        bool write = op.Code >= OpCode.Store8I;
        int baseRegister = write ? op.Dst : op.Src;
        EmitAccess(op, op.Code, () => EmitCheckedAddress(slot, checkedOp, baseRegister, write));
    }

    /// <summary>A load or store whose address the given code puts on the stack.</summary>
    private void EmitAccess(in Op op, OpCode code, Action address)
    {
        address();
        if (code < OpCode.Store8I)
        {
            _il.Emit(IL.Unaligned, (byte)1);
            _il.Emit(LoadCode(code));
            _il.Emit(code >= OpCode.LoadSx8 ? IL.Conv_I8 : IL.Conv_U8);
            StoreRegister(op.Dst);
            return;
        }
        if (code < OpCode.Store8R) _il.Emit(IL.Ldc_I8, op.Constant);
        else LoadRegister(op.Src);
        int size = OpCodes.SizeOf(code);
        if (size < 8) _il.Emit(IL.Conv_I4);
        _il.Emit(IL.Unaligned, (byte)1);
        _il.Emit(StoreCode(size));
    }

    private static ILCode LoadCode(OpCode code) => code switch
    {
        OpCode.Load8 => IL.Ldind_U1,
        OpCode.Load16 => IL.Ldind_U2,
        OpCode.Load32 => IL.Ldind_U4,
        OpCode.Load64 => IL.Ldind_I8,
        OpCode.LoadSx8 => IL.Ldind_I1,
        OpCode.LoadSx16 => IL.Ldind_I2,
        _ => IL.Ldind_I4,
    };

    private static ILCode StoreCode(int size) => size switch { 1 => IL.Stind_I1, 2 => IL.Stind_I2, 4 => IL.Stind_I4, _ => IL.Stind_I8 };

    /// <summary>Puts the memory of a checked access on the stack.</summary>
    private void EmitCheckedAddress(int slot, Op op, int register, bool write)
    {
        int size = OpCodes.SizeOf(op.Code);
        if (!_usesWindows)
        {
            EmitMiss(slot, op, register, size, write);
            return;
        }
        var window = _windows[_analysis!.OriginOf(slot)];
        EmitPlace(op, register, window);
        _il.Emit(IL.Ldloc, _at);
        _il.Emit(IL.Ldloc, (write ? window.Write : window.Read)!.Value.Limit);
        Label miss = _il.DefineLabel(), hit = _il.DefineLabel();
        _il.Emit(IL.Bge_Un, miss);
        _il.MarkLabel(hit);
        _il.Emit(IL.Ldloc, window.Host);
        _il.Emit(IL.Ldloc, _at);
        _il.Emit(IL.Conv_I);
        _il.Emit(IL.Add);
        _cold.Add(() =>
        {
            _il.MarkLabel(miss);
            int live = _analysis.LiveAt(slot) | 1 << register;
            EmitSave(live, window);
            EmitMiss(slot, op, register, size, write);
            _il.Emit(IL.Pop);
            ReloadBudget();
            EmitRestore(live, window);
            EmitLoadWindow(window);
            EmitPlace(op, register, window);
            _il.Emit(IL.Br, hit);
        });
    }

    // at = register + offset - start of the window, of which the negative is kept: one addition for the processor
    private void EmitPlace(in Op op, int register, Window window)
    {
        LoadRegister(register);
        if (op.Offset != 0)
        {
            _il.Emit(IL.Ldc_I4, op.Offset);
            _il.Emit(IL.Conv_I8);
            _il.Emit(IL.Add);
        }
        _il.Emit(IL.Ldloc, window.MinusStart);
        _il.Emit(IL.Add);
        _il.Emit(IL.Stloc, _at);
    }

    /// <summary>Asks the machine, which answers with the memory or ends the run.</summary>
    private void EmitMiss(int slot, in Op op, int register, int size, bool write)
    {
        SavePlace(slot);
        LoadState();
        EmitAddress(op, register);
        _il.Emit(IL.Ldc_I4, size);
        _il.Emit(write ? IL.Ldc_I4_1 : IL.Ldc_I4_0);
        _il.Emit(IL.Ldc_I4, register);
        Call(s_miss);
    }

    private void EmitAddress(in Op op, int register)
    {
        LoadRegister(register);
        _il.Emit(IL.Ldc_I4, op.Offset);
        _il.Emit(IL.Conv_I8);
        _il.Emit(IL.Add);
    }

    private void EmitLoadWindow(Window window)
    {
        LoadFound(s_windowStart);
        _il.Emit(IL.Neg);
        _il.Emit(IL.Stloc, window.MinusStart);
        LoadFound(s_windowHost);
        _il.Emit(IL.Stloc, window.Host);
        LoadLimit(window.Read, s_windowReadable);
        LoadLimit(window.Write, s_windowWritable);
    }

    private void LoadLimit((int Size, LocalBuilder Limit)? asked, System.Reflection.FieldInfo length)
    {
        if (asked is not var (size, limit)) return;
        LoadFound(length);
        _il.Emit(IL.Ldc_I4, size);
        Call(s_limit);
        _il.Emit(IL.Stloc, limit);
    }

    /// <summary>
    /// Puts what is needed after a call that is hardly ever made into memory, so that the runtime's compiler need not keep it anywhere across
    /// the call: it would give up processor registers for that in all the code around.
    /// </summary>
    private void EmitSave(int registers, Window found) => EachSaved(registers, found, (local, place) =>
    {
        LoadPlace(place);
        _il.Emit(IL.Ldloc, local);
        _il.Emit(IL.Stind_I8);
    });

    private void EmitRestore(int registers, Window found) => EachSaved(registers, found, (local, place) =>
    {
        LoadPlace(place);
        _il.Emit(IL.Ldind_I8);
        _il.Emit(IL.Stloc, local);
    });

    private void EachSaved(int registers, Window found, Action<LocalBuilder, int> each)
    {
        for (int i = 0; i < 10; i++)
        {
            if ((registers >> i & 1) != 0) each(_registers[i]!, i);
        }
        int place = 10;
        foreach (var window in _allWindows)
        {
            if (window == found) continue;
            foreach (var local in window.Locals) each(local, place++);
        }
    }

    private void LoadPlace(int place)
    {
        LoadField(s_scratch);
        _il.Emit(IL.Ldc_I4, place * 8);
        _il.Emit(IL.Conv_I);
        _il.Emit(IL.Add);
    }

    private void LoadFound(System.Reflection.FieldInfo field)
    {
        LoadState();
        _il.Emit(IL.Ldflda, s_found);
        _il.Emit(IL.Ldfld, field);
    }

    /// <summary>Finds out which windows there are. Beyond a number, accesses share the last.</summary>
    private void MakeWindows(JitAnalysis analysis)
    {
        for (int slot = _function.Start; slot < _function.End; slot++)
        {
            var code = _code.Ops[slot].Code;
            if (!IsWindowAccess(code)) continue;
            int origin = analysis.OriginOf(slot), size = OpCodes.SizeOf(code);
            if (!_windows.TryGetValue(origin, out var window))
            {
                if (_allWindows.Count < MostWindows) _allWindows.Add(new Window(_il.DeclareLocal(typeof(ulong)), _il.DeclareLocal(typeof(nint))));
                _windows.Add(origin, window = _allWindows[^1]);
            }
            if (code >= OpCode.Store8I) window.Write = (Math.Max(size, window.Write?.Size ?? 0), window.Write?.Limit ?? _il.DeclareLocal(typeof(ulong)));
            else window.Read = (Math.Max(size, window.Read?.Size ?? 0), window.Read?.Limit ?? _il.DeclareLocal(typeof(ulong)));
        }
    }

    /// <summary>After a call: when memory was taken away, all windows are closed.</summary>
    private void EmitForgetWindows()
    {
        if (!_usesWindows) return;
        LoadField(s_memoryVersion);
        _il.Emit(IL.Ldloc, _version);
        Label changed = _il.DefineLabel(), goOn = _il.DefineLabel();
        _il.Emit(IL.Bne_Un, changed);
        _il.MarkLabel(goOn);
        _cold.Add(() =>
        {
            _il.MarkLabel(changed);
            LoadField(s_memoryVersion);
            _il.Emit(IL.Stloc, _version);
            foreach (var window in _allWindows)
            {
                foreach (var asked in (ReadOnlySpan<(int, LocalBuilder Limit)?>)[window.Read, window.Write])
                {
                    if (asked is null) continue;
                    _il.Emit(IL.Ldc_I4_0);
                    _il.Emit(IL.Conv_I8);
                    _il.Emit(IL.Stloc, asked.Value.Limit);
                }
            }
            _il.Emit(IL.Br, goOn);
        });
    }

    private void EmitOrderedAddress(int slot, in Op op, int register, bool write)
    {
        SavePlace(slot);
        LoadState();
        EmitAddress(op, register);
        _il.Emit(IL.Ldc_I4, OpCodes.SizeOf(op.Code));
        _il.Emit(write ? IL.Ldc_I4_1 : IL.Ldc_I4_0);
        _il.Emit(IL.Ldc_I4, register);
        Call(s_resolveAtomic);
    }

    private void EmitAtomic(int slot, in Op op)
    {
        bool wide = op.Code == OpCode.Atomic64;
        EmitOrderedAddress(slot, op, op.Dst, write: true);
        _il.Emit(IL.Ldc_I4, (int)op.Constant);
        Load(op.Src, wide);
        Load(0, wide);
        Call(wide ? s_atomic64 : s_atomic32);
        if (!wide)
        {
            _il.Emit(IL.Ldc_I8, (long)uint.MaxValue);
            _il.Emit(IL.And);
        }
        if ((AtomicOp)op.Constant == AtomicOp.CompareExchange) StoreRegister(0);
        else if ((op.Constant & 1) != 0) StoreRegister(op.Src);
        else _il.Emit(IL.Pop);
    }
}
