using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

internal sealed partial class ProgramLowering
{
    private const int UserStack = 1 << 8, UserBuildId = 1 << 11;

    /// <summary>The number of the stack in the map of stacks; negative when there is none.</summary>
    private Value StackId(SourceSpan span, StackType type)
    {
        _ = span;
        var map = Map(_whole.StacksOf(type).Stacks);
        var id = B.Helper(BpfHelper.GetStackid, IrType.I64, _frame.Context, B.MapReference(map), Number(type.IsUser ? UserStack : 0));
        ReportFailure(id, BpfHelper.GetStackid, 1);
        return id;
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
