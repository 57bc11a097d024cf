using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    private const int UserStack = 1 << 8, UserBuildId = 1 << 11, MostStack = 512;

    // The kernel's map of stacks has one place for each hash; a second stack of the same is refused.
    private const int PlaceTaken = -17, NoStack = -14;

    private readonly Dictionary<(StackMapSpecs, bool IsUser, bool IsUnwound), IrFunction> _keepStack = [];

    /// <summary>The number of the stack in the map of stacks, or in the map of those that found their place taken; negative when there is none.</summary>
    private Value StackId(BoundCall call)
    {
        var type = (StackType)call.Type;
        var specs = _whole.StacksOf(type);
        if (call.Intrinsic == BoundIntrinsic.UnwoundStack) return UnwoundStackId(call.Span, specs, type);
        var id = B.Helper(BpfHelper.GetStackid, IrType.I64, _frame.Context, B.MapReference(Map(specs.Stacks)), Number(type.IsUser ? UserStack : 0));
        var found = Choose(B.Compare(Predicate.Equal, id, Number(PlaceTaken)), () => B.Call(KeepStack(specs, type, isUnwound: false), _frame.Context), () => id);
        // Without a stack of that side (user code that was interrupted has none of the kernel's) it is an empty one, no failure.
        if (Reports(1)) When(B.Compare(Predicate.Less, found, Number(0)), () => When(B.Compare(Predicate.NotEqual, found, Number(NoStack)), () => Report(_whole.SpanOf(B.Location), found, BpfHelper.GetStackid)));
        return found;
    }

    /// <summary>The function that keeps a stack by its contents: their hash, above 32 bits, is the number.</summary>
    private IrFunction KeepStack(StackMapSpecs specs, StackType type, bool isUnwound)
    {
        if (_keepStack.TryGetValue((specs, type.IsUser, isUnwound), out var known)) return known;
        string name = isUnwound ? "keep_unwound_stack" : type.IsUser ? "keep_user_stack" : "keep_kernel_stack";
        var function = Outline(name, [IrType.Pointer(Region.Context)], parameters =>
        {
            Value frames = isUnwound ? NewFrames(type.Limit) : _frame.New(specs.Size), key = _frame.New(8);
            // The kernel clears what it leaves of the room; the walk does not. On the program's own stack older kernels want all of it written
            // before, in raw tracepoints.
            if (isUnwound || (specs.Size <= MostStack && !_whole.Options.Has(6, 4))) B.Append(new ReadMemory(ReadMemoryKind.Kernel, frames, Number(specs.Size), ZerosFor(B, specs.Size)));
            bool builds = type is { Mode: StackMode.BuildId, IsUser: true };
            var bytes = isUnwound ? Unwind(frames, type.Limit)
                : B.Helper(BpfHelper.GetStack, IrType.I64, parameters[0], frames, Number(specs.Size), Number(type.IsUser ? UserStack | (builds ? UserBuildId : 0) : 0));
            When(B.Compare(Predicate.Less, bytes, Number(0)), () => EndFrame(bytes));
            var number = HashOf(frames, specs.Size);
            B.Store(key, 0, MemoryWidth.U64, number);
            var present = B.Helper(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(specs.Size)), B.MapReference(Map(specs.More)), key);
            When(IsNotNull(present), () => EndFrame(number));
            // Before 6.4 the calls of maps give an int, whose upper half is anything.
            var result = B.Convert(ConversionKind.SignExtend32, B.Helper(BpfHelper.MapUpdateElem, IrType.I64, B.MapReference(Map(specs.More)), key, frames, Number(Any)), IrType.I64);
            B.Return(Choose(B.Compare(Predicate.Less, result, Number(0)), () => result, () => number));
        });
        _keepStack.Add((specs, type.IsUser, isUnwound), function);
        return function;
    }

    // Not negative, and beyond the numbers of the kernel's map.
    private Value HashOf(Value frames, int size)
    {
        BasicBlock before = B.Block, loop = NewBlock("hash"), end = NewBlock("hashed");
        B.Jump(loop);
        B.Block = loop;
        Phi at = B.Phi(IrType.I64), hash = B.Phi(IrType.I64);
        at.AddIncoming(before, Number(0));
        hash.AddIncoming(before, Number(size));
        var mixed = B.Binary(BinaryOperator.Mul, B.Binary(BinaryOperator.Xor, hash, B.Load(B.PointerAdd(frames, at), 0, MemoryWidth.U64, IrType.I64)), Number(unchecked((long)0x9e3779b97f4a7c15)));
        mixed = B.Binary(BinaryOperator.Xor, mixed, B.Binary(BinaryOperator.LShr, mixed, Number(29)));
        var next = B.Add(at, Number(8));
        at.AddIncoming(loop, next);
        hash.AddIncoming(loop, mixed);
        B.Branch(B.Compare(Predicate.Below, next, Number(size)), loop, end);
        B.Block = end;
        return B.Binary(BinaryOperator.Or, B.Binary(BinaryOperator.LShr, mixed, Number(2)), Number(1L << 61));
    }

    /// <summary>A function of its own, whose body is made with its parameters.</summary>
    private IrFunction Outline(string name, IrType[] types, Action<Value[]> body)
    {
        var (outer, block, location) = (_frame, B.Block, B.Location);
        var function = _module.AddFunction(name, IrType.I64);
        function.Inlining = InlineChoice.Never;
        function.Location = _whole.Locate(_part.Program.Span);
        var parameters = Array.ConvertAll(types, t => (Value)function.AddParameter(t));
        _frame = new FunctionFrame(function, parameters[0]);
        (B.Block, B.Location) = (_frame.Body, function.Location);
        body(parameters);
        _frame.Finish();
        (_frame, B.Block, B.Location) = (outer, block, location);
        return function;
    }

    private GlobalReference ZerosFor(IrBuilder b, int size)
    {
        int offset = _module.ReadOnlyData.Add(new byte[Math.Max(8, size + 7 & ~7)]);
        return b.GlobalReference(_module.ReadOnlyData.Map!, offset);
    }

    /// <summary>How a stack was taken in this very run of the program, where taking it again gives the same; null for one that was kept.</summary>
    private BoundCall? TakenHere(BoundExpression stack)
    {
        if (stack is not BoundLocalRead { Local: var local }) return stack as BoundCall;
        List<BoundExpression> assigned = [];
        new TreeWalk((value, _, into) =>
        {
            if (into == local) assigned.Add(value);
        }).Statement(_part.Program.Body);
        return assigned is [BoundCall first, ..] && assigned.All(a => a is BoundCall other && other.Intrinsic == first.Intrinsic) ? first : null;
    }

    // Frames are counted where they are taken: programs cannot look into the map of stacks.
    private Value StackLength(BoundCall call)
    {
        if (call.Arguments is not [{ Type: StackType type } value] || TakenHere(value) is not { Intrinsic: BoundIntrinsic.Stack or BoundIntrinsic.UnwoundStack } stack)
        {
            Error(call.Span, "len of a stack counts kstack, ustack or dw_ustack where it is taken, not one that was kept before");
            return Number(0);
        }
        bool builds = type is { Mode: StackMode.BuildId, IsUser: true };
        int frame = builds ? 32 : 8;
        var buffer = stack.Intrinsic == BoundIntrinsic.UnwoundStack ? NewFrames(type.Limit) : _frame.Take(type.Limit * frame);
        var bytes = stack.Intrinsic == BoundIntrinsic.UnwoundStack ? Unwind(buffer, type.Limit)
            : B.Helper(BpfHelper.GetStack, IrType.I64, _frame.Context, buffer, Number(type.Limit * frame), Number(type.IsUser ? UserStack | (builds ? UserBuildId : 0) : 0));
        return Choose(B.Compare(Predicate.Less, bytes, Number(0)), () => Number(0), () => B.Binary(BinaryOperator.LShr, bytes, Number(builds ? 5 : 3)));
    }
}
