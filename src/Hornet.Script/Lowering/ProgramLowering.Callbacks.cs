using Hornet.Compiler.IR;
using Hornet.Script.Binding;

namespace Hornet.Script.Lowering;

// Bodies of loops that the kernel calls. What the body shares with the code around it is handed over by address in a piece of the
// caller's stack: the context, how the body was left, then a pointer for each variable.
internal sealed partial class ProgramLowering
{
    private const int ClosureContext = 0, ClosureLeft = 8, ClosureResult = 16, ClosurePointers = 24;

    // How a body was left, other than by its end.
    private const int LeftByReturn = 1, LeftByEnd = 2, LeftByReturnOfNumber = 3;

    private void CallBack(string name, IrType[] types, int closureParameter, BoundStatement body, Value[] extra, Action<Value[], Value[]> bind, Func<Value, Value, Value> call)
    {
        var outer = _frame;
        LocalFinder finder = new();
        finder.Add(body);
        var captured = finder.Locals.Where(outer.Locals.ContainsKey).ToList();
        List<Value> pointers = [.. extra];
        if (outer.ReturnPlace is { } returnPlace) pointers.Add(returnPlace);
        foreach (var local in captured)
        {
            var place = outer.Locals[local];
            if (place.Pointer is { } pointer) pointers.Add(pointer);
            else pointers.AddRange(place.Elements!.Select(e => ((MemoryPlace)e).Pointer));
        }
        var closure = _frame.New(ClosurePointers + 8 * pointers.Count);
        B.Store(closure, ClosureContext, MemoryWidth.U64, outer.Context);
        B.Store(closure, ClosureLeft, MemoryWidth.U64, Number(0));
        B.Store(closure, ClosureResult, MemoryWidth.U64, Number(0));
        for (int i = 0; i < pointers.Count; i++) B.Store(closure, ClosurePointers + 8 * i, MemoryWidth.U64, pointers[i]);

        var (block, location) = (B.Block, B.Location);
        var function = _module.AddFunction(name, IrType.I64);
        function.Inlining = InlineChoice.Never;
        function.Location = location;
        var parameters = Array.ConvertAll(types, t => (Value)function.AddParameter(t));
        var inside = parameters[closureParameter];
        _frame = new FunctionFrame(function, inside);
        B.Block = _frame.Body;
        _frame.Context = B.Load(inside, ClosureContext, MemoryWidth.U64, outer.Context.Type);
        int next = 0;
        var handed = Array.ConvertAll(extra, _ => Pointer());
        if (outer.ReturnPlace is not null) _frame.ReturnPlace = Pointer();
        foreach (var local in captured)
        {
            var place = outer.Locals[local];
            _frame.Locals[local] = place.Pointer is not null
                ? place with { Pointer = Pointer() }
                : place with { Elements = [.. place.Elements!.Select(e => ((MemoryPlace)e) with { Pointer = Pointer() })] };
        }
        _frame.Calling.UnionWith(outer.Calling);
        bool leaves = false;
        _frame.OnReturn = value =>
        {
            leaves = true;
            if (value is not null) B.Store(inside, ClosureResult, MemoryWidth.U64, value);
            Stop(value is null ? LeftByReturn : LeftByReturnOfNumber);
        };
        _frame.OnEnd = () =>
        {
            leaves = true;
            Stop(LeftByEnd);
        };
        _frame.Loops.Add(new LoopTarget(() => B.Return(Number(1)), () => B.Return(Number(0))));
        bind(parameters, handed);
        Statement(body);
        B.Return(Number(0));
        _frame.Finish();

        _frame = outer;
        (B.Block, B.Location) = (block, location);
        call(B.Append(new FunctionReference(function)), closure);
        if (!leaves) return;
        var left = B.Load(closure, ClosureLeft, MemoryWidth.U64, IrType.I64);
        When(B.Compare(Predicate.NotEqual, left, Number(0)), () =>
        {
            BasicBlock end = NewBlock("end_program"), other = NewBlock("return");
            B.Branch(B.Compare(Predicate.Equal, left, Number(LeftByEnd)), end, other);
            B.Block = end;
            _frame.OnEnd();
            BasicBlock dead = B.Block, number = NewBlock("return_number"), none = NewBlock("return_nothing");
            B.Append(new Unreachable());
            B.Block = other;
            B.Branch(B.Compare(Predicate.Equal, left, Number(LeftByReturnOfNumber)), number, none);
            B.Block = number;
            _frame.OnReturn(B.Load(closure, ClosureResult, MemoryWidth.U64, IrType.I64));
            B.Append(new Unreachable());
            B.Block = none;
            _frame.OnReturn(null);
        });

        Value Pointer() => B.Load(inside, ClosurePointers + 8 * next++, MemoryWidth.U64, IrType.Pointer(new Region(RegionKind.Memory)));

        void Stop(int how)
        {
            for (int i = _frame.Cleanups.Count - 1; i >= 0; i--) _frame.Cleanups[i]();
            B.Store(inside, ClosureLeft, MemoryWidth.U64, Number(how));
            B.Return(Number(1));
            B.Block = NewBlock("unreachable");
        }
    }
}
