using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    private const int UserStack = 1 << 8, UserBuildId = 1 << 11;

    // The kernel's map of stacks has one place for each hash; a second stack of the same is refused.
    private const int PlaceTaken = -17, NoStack = -14;

    private readonly Dictionary<(StackMapSpecs, bool), IrFunction> _keepStack = [];

    /// <summary>The number of the stack in the map of stacks, or in the map of those that found their place taken; negative when there is none.</summary>
    private Value StackId(SourceSpan span, StackType type)
    {
        _ = span;
        var specs = _whole.StacksOf(type);
        var id = B.Helper(BpfHelper.GetStackid, IrType.I64, _frame.Context, B.MapReference(Map(specs.Stacks)), Number(type.IsUser ? UserStack : 0));
        var found = Choose(B.Compare(Predicate.Equal, id, Number(PlaceTaken)), () => B.Call(KeepStack(specs, type), _frame.Context), () => id);
        // Without a stack of that side (user code that was interrupted has none of the kernel's) it is an empty one, no failure.
        if (_whole.Script.HelperErrors > 0) ReportFailure(Choose(B.Compare(Predicate.Equal, found, Number(NoStack)), () => Number(0), () => found), BpfHelper.GetStackid, 1);
        return found;
    }

    /// <summary>The function that keeps a stack by its contents: their hash, above 32 bits, is the number.</summary>
    private IrFunction KeepStack(StackMapSpecs specs, StackType type)
    {
        if (_keepStack.TryGetValue((specs, type.IsUser), out var known)) return known;
        var function = _module.AddFunction(type.IsUser ? "keep_user_stack" : "keep_kernel_stack", IrType.I64);
        _keepStack.Add((specs, type.IsUser), function);
        function.Inlining = InlineChoice.Never;
        function.Location = _whole.Locate(_part.Program.Span);
        var context = function.AddParameter(IrType.Pointer(Region.Context), "ctx");
        BasicBlock entry = function.AddBlock("entry"), taken = function.AddBlock("taken"), failed = function.AddBlock("failed"), loop = function.AddBlock("hash"), end = function.AddBlock("hashed"), none = function.AddBlock("new"), there = function.AddBlock("there");
        IrBuilder b = new(entry) { Location = function.Location };
        var frames = b.Alloca(specs.Size, 8, uninitialized: true);
        var key = b.Alloca(8, 8, uninitialized: true);
        b.Append(new ReadMemory(ReadMemoryKind.Kernel, frames, Number(specs.Size), ZerosFor(b, specs.Size)));
        bool builds = type is { Mode: StackMode.BuildId, IsUser: true };
        var bytes = b.Helper(BpfHelper.GetStack, IrType.I64, context, frames, Number(specs.Size), Number(type.IsUser ? UserStack | (builds ? UserBuildId : 0) : 0));
        b.Branch(b.Compare(Predicate.Less, bytes, Number(0)), failed, taken);
        b.Block = failed;
        b.Return(bytes);
        b.Block = taken;
        b.Jump(loop);
        b.Block = loop;
        Phi at = b.Phi(IrType.I64), hash = b.Phi(IrType.I64);
        at.AddIncoming(taken, Number(0));
        hash.AddIncoming(taken, Number(specs.Size));
        var mixed = b.Binary(BinaryOperator.Mul, b.Binary(BinaryOperator.Xor, hash, b.Load(b.PointerAdd(frames, at), 0, MemoryWidth.U64, IrType.I64)), Number(unchecked((long)0x9e3779b97f4a7c15)));
        mixed = b.Binary(BinaryOperator.Xor, mixed, b.Binary(BinaryOperator.LShr, mixed, Number(29)));
        var next = b.Add(at, Number(8));
        at.AddIncoming(loop, next);
        hash.AddIncoming(loop, mixed);
        b.Branch(b.Compare(Predicate.Below, next, Number(specs.Size)), loop, end);
        b.Block = end;
        // Not negative, and beyond the numbers of the other map.
        var number = b.Binary(BinaryOperator.Or, b.Binary(BinaryOperator.LShr, mixed, Number(2)), Number(1L << 61));
        b.Store(key, 0, MemoryWidth.U64, number);
        var present = b.Helper(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(specs.Size)), b.MapReference(Map(specs.More)), key);
        b.Branch(b.Compare(Predicate.Equal, present, Constant.Null(present.Type.Region)), none, there);
        b.Block = there;
        b.Return(number);
        b.Block = none;
        var result = b.Helper(BpfHelper.MapUpdateElem, IrType.I64, b.MapReference(Map(specs.More)), key, frames, Number(Any));
        BasicBlock full = function.AddBlock("full");
        b.Branch(b.Compare(Predicate.Less, result, Number(0)), full, there);
        b.Block = full;
        b.Return(result);
        return function;
    }

    private GlobalReference ZerosFor(IrBuilder b, int size)
    {
        int offset = _module.ReadOnlyData.Add(new byte[Math.Max(8, size + 7 & ~7)]);
        return b.GlobalReference(_module.ReadOnlyData.Map!, offset);
    }

    // Frames are counted where they are taken: programs cannot look into the map of stacks.
    private Value StackLength(BoundCall call)
    {
        if (call.Arguments is not [BoundCall { Intrinsic: BoundIntrinsic.Stack, Type: StackType type }])
        {
            Error(call.Span, "len of a stack counts kstack or ustack itself, not a value that holds one");
            return Number(0);
        }
        bool builds = type is { Mode: StackMode.BuildId, IsUser: true };
        int frame = builds ? 32 : 8;
        var buffer = _frame.Take(type.Limit * frame);
        var bytes = B.Helper(BpfHelper.GetStack, IrType.I64, _frame.Context, buffer, Number(type.Limit * frame), Number(type.IsUser ? UserStack | (builds ? UserBuildId : 0) : 0));
        return Choose(B.Compare(Predicate.Less, bytes, Number(0)), () => Number(0), () => B.Binary(BinaryOperator.LShr, bytes, Number(builds ? 5 : 3)));
    }
}
