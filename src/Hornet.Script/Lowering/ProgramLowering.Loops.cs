using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    // Rounds of a loop that the verifier walks one by one; beyond, the kernel counts.
    private const int WalkedRounds = 64;

    // The kernel's BPF_MAX_LOOPS, for bpf_loop and for iterators over numbers.
    private const int MostRounds = 8 << 20;

    private void While(BoundWhile loop)
    {
        BasicBlock head = NewBlock("while"), body = NewBlock("body"), end = NewBlock("end");
        B.Jump(head);
        B.Block = head;
        var mark = _frame.Mark();
        BranchOn(loop.Condition, body, end);
        _frame.Release(mark);
        B.Block = body;
        _frame.Loops.Add(new LoopTarget(() => B.Jump(end), () => B.Jump(head)));
        Statement(loop.Body);
        _frame.Loops.RemoveAt(_frame.Loops.Count - 1);
        B.Jump(head);
        B.Block = end;
    }

    private void Unroll(BoundUnroll loop)
    {
        var end = NewBlock("unrolled");
        for (int i = 0; i < loop.Count; i++)
        {
            var next = i == loop.Count - 1 ? end : NewBlock("round");
            _frame.Loops.Add(new LoopTarget(() => B.Jump(end), () => B.Jump(next)));
            Statement(loop.Body);
            _frame.Loops.RemoveAt(_frame.Loops.Count - 1);
            B.Jump(next);
            B.Block = next;
        }
        if (loop.Count > 0) return;
        B.Jump(end);
        B.Block = end;
    }

    private void ForRange(BoundForRange loop)
    {
        Value from = Scalar(loop.From), to = Scalar(loop.To);
        var type = loop.Variable.Type;
        bool known = from is Constant && to is Constant;
        long rounds = known ? IsSigned(type) ? Math.Max(0, ((Constant)to).Number - ((Constant)from).Number) : ((Constant)to).Number - ((Constant)from).Number : long.MaxValue;
        if (rounds == 0) return;
        if (rounds is > 0 and <= WalkedRounds) WalkRange(loop, from, Number(rounds));
        else if (Options.Has(6, 4)) IterateRange(loop, from, Rounds(from, to, type));
        else if (Options.Has(BpfHelper.Loop)) CallForRange(loop, from, Rounds(from, to, type));
        else if (known) WalkRange(loop, from, Number(rounds));
        else Error(loop.Span, $"a loop over a range that is not known before needs bpf_loop, which exists since kernel 5.17; this one is {Options.Kernel.ToString(2)}");
    }

    // None when the range ends before it begins.
    private Value Rounds(Value from, Value to, ScriptType type)
    {
        var distance = B.Sub(to, from);
        bool isSigned = IsSigned(type);
        return Choose(B.Compare(isSigned ? Predicate.Less : Predicate.Below, from, to),
            () => Choose(B.Compare(Predicate.Below, distance, Number(MostRounds)), () => distance, () => Number(MostRounds)), () => Number(0));
    }

    private void WalkRange(BoundForRange loop, Value from, Value rounds)
    {
        Value counter = _frame.New(8);
        B.Store(counter, 0, MemoryWidth.U64, Number(0));
        BasicBlock head = NewBlock("for"), body = NewBlock("body"), next = NewBlock("next"), end = NewBlock("end");
        B.Jump(head);
        B.Block = head;
        var index = B.Load(counter, 0, MemoryWidth.U64, IrType.I64);
        B.Branch(B.Compare(Predicate.Below, index, rounds), body, end);
        B.Block = body;
        RangeBody(loop, from, index, new LoopTarget(() => B.Jump(end), () => B.Jump(next)));
        B.Jump(next);
        B.Block = next;
        B.Store(counter, 0, MemoryWidth.U64, B.Add(B.Load(counter, 0, MemoryWidth.U64, IrType.I64), Number(1)));
        B.Jump(head);
        B.Block = end;
    }

    private void RangeBody(BoundForRange loop, Value from, Value index, LoopTarget target)
    {
        Declare(loop.Variable, clear: false);
        StoreNumber(_frame.Locals[loop.Variable].Pointer!, 0, loop.Variable.Type, B.Add(from, index));
        _frame.Loops.Add(target);
        Statement(loop.Body);
        _frame.Loops.RemoveAt(_frame.Loops.Count - 1);
    }

    /// <summary>The kernel's iterator over numbers: the body stays in the program, and the verifier walks it as often as it finds something new.</summary>
    private void IterateRange(BoundForRange loop, Value from, Value rounds)
    {
        var iterator = _frame.Take(8);
        BasicBlock head = NewBlock("for"), body = NewBlock("body"), end = NewBlock("end");
        B.Append(new KernelFunctionCall("bpf_iter_num_new", IrType.I64, iterator, Number(0), rounds));
        B.Jump(head);
        B.Block = head;
        var next = B.Append(new KernelFunctionCall("bpf_iter_num_next", IrType.Pointer(Region.MapValue(4)), iterator));
        B.Branch(IsNull(next), end, body);
        B.Block = body;
        var index = B.Load(next, 0, MemoryWidth.U32, IrType.I64);
        _frame.Cleanups.Add(() => Destroy());
        RangeBody(loop, from, index, new LoopTarget(() => B.Jump(end), () => B.Jump(head)));
        _frame.Cleanups.RemoveAt(_frame.Cleanups.Count - 1);
        B.Jump(head);
        B.Block = end;
        Destroy();

        void Destroy() => B.Append(new KernelFunctionCall("bpf_iter_num_destroy", IrType.Void, iterator));
    }

    private void CallForRange(BoundForRange loop, Value from, Value rounds)
    {
        var first = _frame.New(8);
        B.Store(first, 0, MemoryWidth.U64, from);
        CallBack("loop_body", [IrType.I64, IrType.Pointer(new Region(RegionKind.Memory))], 1, loop.Body, [first], (parameters, captured) =>
        {
            Declare(loop.Variable, clear: false);
            // The helper hands over 32 bits.
            var index = B.Convert(ConversionKind.ZeroExtend32, parameters[0], IrType.I64);
            StoreNumber(_frame.Locals[loop.Variable].Pointer!, 0, loop.Variable.Type, B.Add(B.Load(captured[0], 0, MemoryWidth.U64, IrType.I64), index));
        }, (function, closure) => B.Helper(BpfHelper.Loop, IrType.I64, rounds, function, closure, Number(0)));
    }

    private void ForMap(BoundForMap loop)
    {
        if (!Require(loop.Span, "a loop over a map", BpfHelper.ForEachMapElem)) return;
        var map = loop.Map;
        var pair = (TupleType)loop.Variable.Type;
        int keySize = (int)_whole.MapSpecs[map.Number].KeySize;
        CallBack("each_element",
            // long (*)(struct bpf_map *map, const void *key, void *value, void *ctx)
            [IrType.Pointer(Region.MapHandle), IrType.Pointer(Region.MapValue(keySize)), IrType.Pointer(Region.MapValue(ValueSize(map))), IrType.Pointer(new Region(RegionKind.Memory))],
            3, loop.Body, [], (parameters, _) =>
            {
                Place key = new MemoryPlace(parameters[1], 0, 8, true), value = new MemoryPlace(parameters[2], 0, 8, true);
                if (map.Value is AggregateType && IsNumber(pair.Elements[1]))
                {
                    var sum = _frame.New(8);
                    StoreNumber(sum, 0, pair.Elements[1], ReadAggregate(loop.Span, map, parameters[1]));
                    value = new MemoryPlace(sum, 0, 8, true);
                }
                _frame.Locals[loop.Variable] = new LocalPlace(null, true) { Elements = [key, value] };
            }, (function, closure) => B.Helper(BpfHelper.ForEachMapElem, IrType.I64, B.MapReference(Map(map)), function, closure, Number(0)));
    }
}
