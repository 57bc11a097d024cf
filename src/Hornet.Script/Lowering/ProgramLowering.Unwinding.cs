using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Types;
using Hornet.Tracing.Dwarf;

namespace Hornet.Script.Lowering;

// Stacks of code without frame pointers. Which code lies where in a process, and how to get from each of its instructions to the
// caller, user space has put into two maps (UnwindLayout); here a frame is looked up in them, and the next is computed from it.
internal sealed partial class ProgramLowering
{
    // -ENODATA: the process has no tables.
    private const int NoTables = -61;

    // What the walk keeps between two frames. It lies behind the frames, in memory of which the verifier remembers nothing: of what
    // lies on the stack it would follow each possible value.
    private const int WalkIp = 0, WalkSp = 8, WalkBp = 16, WalkCount = 24, WalkBehindCall = 32, WalkResult = 40, WalkProcess = 48, SearchLow = 56, SearchHigh = 64, SearchAddress = 72,
        WalkTrampoline = 80, WalkReturn = 88, WalkSize = 96;

    // What is handed to the functions for a frame and for a step of the search: pointers, which only the stack holds.
    private const int ClosureFrames = 0, ClosureTable = 8, UnwindClosureSize = 16;

    // Pieces of that size never lie on the stack.
    private const int LargePiece = 1024;

    // A table has at most 2^32 rows.
    private const int SearchSteps = 33;

    private readonly Dictionary<int, IrFunction> _unwindFrame = [];
    private readonly Dictionary<int, IrFunction> _searchStep = [];

    private static IrType MemoryPointer => IrType.Pointer(new Region(RegionKind.Memory));

    private Value UnwoundStackId(SourceSpan span, StackMapSpecs specs, StackType type)
    {
        if (!Require(span, "dw_ustack", BpfHelper.Loop) || !Require(span, "dw_ustack", BpfHelper.TaskPtRegs)) return Number(0);
        var found = B.Call(KeepStack(specs, type, isUnwound: true), _frame.Context);
        When(B.Compare(Predicate.Equal, found, Number(NoTables)), () =>
            Send(_whole.AddAction(new AsyncAction.RuntimeError(span, "No DWARF unwind data available for this process")), _ => { }));
        return found;
    }

    /// <summary>A piece for frames, and for what the walk needs behind them.</summary>
    private Alloca NewFrames(int limit) => _frame.New(Math.Max(LargePiece, limit * 8 + WalkSize));

    /// <summary>Walks the stack of the current process into a piece for frames. The result is the number of bytes, or negative.</summary>
    private Value Unwind(Value frames, int limit)
    {
        var walk = B.PointerAdd(frames, limit * 8);
        // User registers as they were when the kernel was entered, also for probes of the kernel.
        var task = B.Helper(BpfHelper.GetCurrentTaskBtf, IrType.Pointer(Region.Kernel("task_struct")));
        var registers = B.Helper(BpfHelper.TaskPtRegs, IrType.Pointer(Region.Kernel("pt_regs")), task);
        foreach (var (name, place) in (ReadOnlySpan<(string, int)>)[("ip", WalkIp), ("sp", WalkSp), ("bp", WalkBp)])
            B.Store(walk, place, MemoryWidth.U64, B.Load(registers, Registers.Offset(name)!.Value, MemoryWidth.U64, IrType.I64));
        foreach (int place in (ReadOnlySpan<int>)[WalkCount, WalkBehindCall, WalkResult]) B.Store(walk, place, MemoryWidth.U64, Number(0));
        FindReturns(walk, task);
        B.Store(walk, WalkProcess, MemoryWidth.U64, B.Binary(BinaryOperator.LShr, B.Helper(BpfHelper.GetCurrentPidTgid, IrType.I64), Number(32)));
        var closure = _frame.New(UnwindClosureSize);
        B.Store(closure, ClosureFrames, MemoryWidth.U64, frames);
        B.Helper(BpfHelper.Loop, IrType.I64, Number(limit), B.Append(new FunctionReference(UnwindFrame(limit))), closure, Number(0));
        var result = B.Load(walk, WalkResult, MemoryWidth.U64, IrType.I64);
        return Choose(B.Compare(Predicate.Less, result, Number(0)), () => result, () => B.Binary(BinaryOperator.Shl, B.Load(walk, WalkCount, MemoryWidth.U64, IrType.I64), Number(3)));
    }

    /// <summary>The function for one frame: notes it and goes on to its caller. It returns 1 at the end of the stack.</summary>
    private IrFunction UnwindFrame(int limit)
    {
        if (_unwindFrame.TryGetValue(limit, out var known)) return known;
        return _unwindFrame[limit] = Outline($"unwind_frame_{limit}", [IrType.I64, MemoryPointer], parameters =>
        {
            var index = B.Convert(ConversionKind.ZeroExtend32, parameters[0], IrType.I64);
            var frames = B.Load(parameters[1], ClosureFrames, MemoryWidth.U64, MemoryPointer);
            var walk = B.PointerAdd(frames, limit * 8);
            var ip = Word(walk, WalkIp);
            StopWhen(B.Compare(Predicate.Equal, ip, Number(0)));
            StopWhen(B.Compare(Predicate.AboveOrEqual, index, Number(limit)));
            B.Store(B.PointerAdd(frames, B.Binary(BinaryOperator.Shl, index, Number(3))), 0, MemoryWidth.U64, ip);
            B.Store(walk, WalkCount, MemoryWidth.U64, B.Add(index, Number(1)));
            // The instruction behind a call may belong to another function already.
            var address = B.Sub(ip, Word(walk, WalkBehindCall));
            var code = FindCode(walk, address, index);
            Value start = Word(code, UnwindLayout.CodeBase), table = B.Load(code, UnwindLayout.CodeTable, MemoryWidth.U32, IrType.I64);
            When(B.Compare(Predicate.Equal, table, Number(UnwindLayout.UnknownCode)), () =>
            {
                AskForTables(address);
                B.Return(Number(1));
                B.Block = NewBlock("unreachable");
            });
            When(B.Compare(Predicate.Equal, table, Number(UnwindLayout.FramePointers)), () =>
            {
                FollowFramePointer(walk);
                B.Return(Number(0));
                B.Block = NewBlock("unreachable");
            });
            FollowRow(walk, FindRow(parameters[1], limit, table, B.Load(code, UnwindLayout.CodeRows, MemoryWidth.U32, IrType.I64), B.Sub(address, start)), address);
            B.Return(Number(0));
        });
    }

    // A function with a uretprobe returns to the kernel's trampoline; the kernel has kept where it would have returned.
    private void FindReturns(Value walk, Value task)
    {
        // Not a chain of checks: reading through a pointer that is null gives zero.
        var memory = B.Append(new KernelLoad(task, "task_struct", "mm", IrType.Pointer(Region.Kernel("mm_struct"))));
        var area = B.Append(new KernelLoad(memory, "mm_struct", "uprobes_state.xol_area", IrType.Pointer(Region.KernelUntrusted("xol_area"))));
        B.Store(walk, WalkTrampoline, MemoryWidth.U64, B.Append(new KernelLoad(area, "xol_area", "vaddr", IrType.I64)));
        var probes = B.Append(new KernelLoad(task, "task_struct", "utask", IrType.Pointer(Region.KernelUntrusted("uprobe_task"))));
        B.Store(walk, WalkReturn, MemoryWidth.U64, B.Append(new KernelLoad(probes, "uprobe_task", "return_instances", IrType.I64)));
    }

    private Value WithoutTrampoline(Value walk, Value back)
    {
        var trampoline = Word(walk, WalkTrampoline);
        return Choose(B.Compare(Predicate.Equal, back, trampoline), () => Choose(B.Compare(Predicate.Equal, back, Number(0)), () => back, () =>
        {
            var kept = B.Convert(ConversionKind.IntegerToPointer, Word(walk, WalkReturn), IrType.Pointer(Region.KernelUntrusted("return_instance")));
            var address = B.Append(new KernelLoad(kept, "return_instance", "orig_ret_vaddr", IrType.I64));
            B.Store(walk, WalkReturn, MemoryWidth.U64, B.Append(new KernelLoad(kept, "return_instance", "next", IrType.I64)));
            return address;
        }), () => back);
    }

    // The code that an address is in, by process and longest prefix of the address.
    private HelperCall FindCode(Value walk, Value address, Value index)
    {
        var key = _frame.New(UnwindLayout.KeySize);
        B.Store(key, 0, MemoryWidth.U32, Constant.Int32(UnwindLayout.KeyBits));
        B.Store(key, UnwindLayout.KeyProcess, MemoryWidth.U32, B.ByteSwap(32, Narrow(Word(walk, WalkProcess))));
        B.Store(key, UnwindLayout.KeyAddress, MemoryWidth.U32, B.ByteSwap(32, Narrow(B.Binary(BinaryOperator.LShr, address, Number(32)))));
        B.Store(key, UnwindLayout.KeyAddress + 4, MemoryWidth.U32, B.ByteSwap(32, Narrow(address)));
        var code = B.Helper(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(UnwindLayout.CodeSize)), B.MapReference(Map(_whole.UnwindCode)), key);
        When(IsNull(code), () =>
        {
            When(B.Compare(Predicate.Equal, index, Number(0)), () => B.Store(walk, WalkResult, MemoryWidth.U64, Number(NoTables)));
            B.Return(Number(1));
            B.Block = NewBlock("unreachable");
        });
        return code;
    }

    // A library that was loaded since; asked for once each page.
    private void AskForTables(Value address)
    {
        var asked = B.GlobalReference(Map(_whole.UnwindAsked));
        var page = B.Binary(BinaryOperator.LShr, address, Number(12));
        When(B.Compare(Predicate.NotEqual, B.Load(asked, 0, MemoryWidth.U64, IrType.I64, isVolatile: true), page), () =>
        {
            B.Store(asked, 0, MemoryWidth.U64, page, isVolatile: true);
            var action = _whole.UnwindRequest;
            Send(action, record => B.Store(record, Head, MemoryWidth.U32, Narrow(B.Binary(BinaryOperator.LShr, B.Helper(BpfHelper.GetCurrentPidTgid, IrType.I64), Number(32)))));
        });
    }

    // Compiled methods keep a frame pointer: the caller's lies where it points, the return address behind it.
    private void FollowFramePointer(Value walk)
    {
        Value sp = Word(walk, WalkSp), bp = Word(walk, WalkBp);
        StopWhen(B.Compare(Predicate.Below, bp, sp));
        Value frame = ReadUserWord(bp), back = ReadUserWord(B.Add(bp, Number(8)));
        Continue(walk, back, B.Add(bp, Number(16)), frame, Number(1));
    }

    /// <summary>The row for an address, that many bytes into its code.</summary>
    private HelperCall FindRow(Value closure, int limit, Value table, Value rows, Value address)
    {
        Value key = _frame.New(8), walk = WalkOf(closure, limit);
        B.Store(key, 0, MemoryWidth.U32, Narrow(table));
        var found = B.Helper(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapHandle), B.MapReference(Map(_whole.UnwindTables)), key);
        StopWhen(IsNull(found));
        B.Store(walk, SearchLow, MemoryWidth.U64, Number(0));
        B.Store(walk, SearchHigh, MemoryWidth.U64, rows);
        B.Store(walk, SearchAddress, MemoryWidth.U64, address);
        B.Store(closure, ClosureTable, MemoryWidth.U64, found);
        B.Helper(BpfHelper.Loop, IrType.I64, Number(SearchSteps), B.Append(new FunctionReference(SearchStep(limit))), closure, Number(0));
        var low = Word(walk, SearchLow);
        StopWhen(B.Compare(Predicate.Equal, low, Number(0)));
        B.Store(key, 0, MemoryWidth.U32, Narrow(B.Sub(low, Number(1))));
        var row = B.Helper(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(UnwindLayout.RowSize)), found, key);
        StopWhen(IsNull(row));
        return row;
    }

    /// <summary>The function that halves the rows among which the last one at or before an address is.</summary>
    private IrFunction SearchStep(int limit)
    {
        if (_searchStep.TryGetValue(limit, out var known)) return known;
        return _searchStep[limit] = Outline($"unwind_search_{limit}", [IrType.I64, MemoryPointer], parameters =>
        {
            var walk = WalkOf(parameters[1], limit);
            Value low = Word(walk, SearchLow), high = Word(walk, SearchHigh);
            StopWhen(B.Compare(Predicate.AboveOrEqual, low, high));
            var middle = B.Binary(BinaryOperator.LShr, B.Add(low, high), Number(1));
            var key = _frame.New(8);
            B.Store(key, 0, MemoryWidth.U32, Narrow(middle));
            var row = B.Helper(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(UnwindLayout.RowSize)), B.Load(parameters[1], ClosureTable, MemoryWidth.U64, IrType.Pointer(Region.MapHandle)), key);
            StopWhen(IsNull(row));
            BasicBlock before = NewBlock("before"), behind = NewBlock("behind");
            B.Branch(B.Compare(Predicate.Above, B.Load(row, UnwindLayout.RowAddress, MemoryWidth.U32, IrType.I64), Word(walk, SearchAddress)), before, behind);
            B.Block = before;
            B.Store(walk, SearchHigh, MemoryWidth.U64, middle);
            B.Return(Number(0));
            B.Block = behind;
            B.Store(walk, SearchLow, MemoryWidth.U64, B.Add(middle, Number(1)));
            B.Return(Number(0));
        });
    }

    private Value WalkOf(Value closure, int limit) => B.PointerAdd(B.Load(closure, ClosureFrames, MemoryWidth.U64, MemoryPointer), limit * 8);

    private void FollowRow(Value walk, Value row, Value address)
    {
        Value sp = Word(walk, WalkSp), bp = Word(walk, WalkBp);
        var rule = B.Load(row, UnwindLayout.RowCfa, MemoryWidth.U8, IrType.I64);
        var offset = B.Load(row, UnwindLayout.RowCfaOffset, MemoryWidth.I32, IrType.I64);
        Value Is(CfaRule wanted) => B.Compare(Predicate.Equal, rule, Number((long)wanted));
        var canonical = Choose(Is(CfaRule.StackPointer), () => B.Add(sp, offset), () =>
            Choose(Is(CfaRule.FramePointer), () => B.Add(bp, offset), () =>
                Choose(Is(CfaRule.AtStackPointer), () => ReadUserWord(B.Add(sp, offset)), () =>
                    Choose(Is(CfaRule.AtFramePointer), () => ReadUserWord(B.Add(bp, offset)), () =>
                    {
                        StopWhen(B.Compare(Predicate.NotEqual, rule, Number((long)CfaRule.LinkerStub)));
                        var pushed = B.Compare(Predicate.AboveOrEqual, B.Binary(BinaryOperator.And, address, Number(15)), Number(11));
                        return B.Add(sp, Choose(pushed, () => Number(16), () => Number(8)));
                    }))));
        var signal = B.Binary(BinaryOperator.And, B.Load(row, UnwindLayout.RowFlags, MemoryWidth.U8, IrType.I64), Number(1));
        // A stack that does not grow is none; a signal may have one of its own.
        When(B.Compare(Predicate.Below, canonical, sp), () => StopWhen(B.Compare(Predicate.Equal, signal, Number(0))));
        Value At(Value ruleOf, int offsetAt, Func<Value> otherwise)
        {
            var distance = B.Load(row, offsetAt, MemoryWidth.I16, IrType.I64);
            return Choose(B.Compare(Predicate.Equal, ruleOf, Number((long)RegisterRule.AtCfa)), () => ReadUserWord(B.Add(canonical, distance)), () =>
                Choose(B.Compare(Predicate.Equal, ruleOf, Number((long)RegisterRule.AtStackPointer)), () => ReadUserWord(B.Add(sp, distance)), otherwise));
        }

        var back = At(B.Load(row, UnwindLayout.RowReturn, MemoryWidth.U8, IrType.I64), UnwindLayout.RowReturnOffset, () => Number(0));
        var frameRule = B.Load(row, UnwindLayout.RowFrame, MemoryWidth.U8, IrType.I64);
        var frame = At(frameRule, UnwindLayout.RowFrameOffset, () => Choose(B.Compare(Predicate.Equal, frameRule, Number((long)RegisterRule.Same)), () => bp, () => Number(0)));
        Continue(walk, back, canonical, frame, B.Binary(BinaryOperator.Xor, signal, Number(1)));
    }

    private void Continue(Value walk, Value ip, Value sp, Value bp, Value behindCall)
    {
        B.Store(walk, WalkIp, MemoryWidth.U64, WithoutTrampoline(walk, ip));
        B.Store(walk, WalkSp, MemoryWidth.U64, sp);
        B.Store(walk, WalkBp, MemoryWidth.U64, bp);
        B.Store(walk, WalkBehindCall, MemoryWidth.U64, behindCall);
    }

    // Where the stack cannot be read the walk ends.
    private Value ReadUserWord(Value address)
    {
        var piece = _frame.New(8);
        var result = B.Append(new ReadMemory(ReadMemoryKind.User, piece, Number(8), address));
        StopWhen(B.Compare(Predicate.Less, result, Number(0)));
        return B.Load(piece, 0, MemoryWidth.U64, IrType.I64);
    }

    private void StopWhen(Value condition) => When(condition, () =>
    {
        B.Return(Number(1));
        B.Block = NewBlock("unreachable");
    });

    private Load Word(Value pointer, int offset) => B.Load(pointer, offset, MemoryWidth.U64, IrType.I64);

    private Value Narrow(Value number) => B.Convert(ConversionKind.Truncate, number, IrType.I32);
}
