using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// What spans need: loops over elements, comparison of bytes, the packet's end.
internal sealed partial class Translator
{
    private readonly HashSet<(Value Length, ILValue Start)> _toPacketEnd = [];

    /// <summary>Remembers that a span ends where the packet does.</summary>
    public void NoteReachesPacketEnd(StructValue span) => _toPacketEnd.Add((((Scalar)span.Leaves[1]).Ir, span.Leaves[0]));

    /// <summary>Whether a span ends where the packet does, so that the check of the packet's end is the check of its length.</summary>
    public bool ReachesPacketEnd(StructValue span) => span.Leaves[0] is PacketAddress && span.Leaves[1] is Scalar length && _toPacketEnd.Contains((length.Ir, span.Leaves[0]));

    /// <summary>The packet as a span of bytes.</summary>
    public StructValue PacketSpan(Value context, Type spanType)
    {
        var length = Narrow(Emit(new PacketLength(context)));
        var span = SpanOver(spanType, new PacketAddress(context, Number(0)), length);
        NoteReachesPacketEnd(span);
        return span;
    }

    /// <summary>Makes a loop from 0 to a count.</summary>
    /// <param name="count">How often, 32 bits wide.</param>
    /// <param name="body">What to do with each index.</param>
    /// <param name="changes">Variables that the body assigns.</param>
    public void Loop(Value count, Action<Value> body, params ReadOnlySpan<Variable> changes)
    {
        FlowBlock header = NewBlock("loop"), inside = NewBlock("body"), end = NewBlock("done");
        header.IsLoopHeader = true;
        header.EntryEdges = 1;
        header.Assigned = [.. changes];
        var before = Current!;
        Goto(header);
        Enter(header);
        var index = header.Ir.Append(new Phi(IrType.I32) { Location = Location, Name = "index" });
        index.AddIncoming(before.Ir, Number32(0));
        BranchTo(Comparison(Predicate.Below, index, count), inside, end);
        Enter(inside);
        body(index);
        if (Current is not null)
        {
            var next = Arithmetic(BinaryOperator.Add, index, Number32(1));
            index.AddIncoming(Current.Ir, next);
            Goto(header);
        }
        Seal(header);
        Enter(end);
    }

    /// <summary>A number that is 0 when two places hold the same bytes.</summary>
    public Value Difference(ILValue left, ILValue right, int bytes)
    {
        Value different = Number(0);
        if (bytes == 0) return different;
        ILValue a = left is ConstantData or VariableAddress ? left : Reach(left, bytes);
        if (Current is null) return different;
        ILValue b = right is ConstantData or VariableAddress ? right : Reach(right, bytes);
        if (Current is null) return different;
        if (a is VariableAddress) a = RealPointer(a);
        if (b is VariableAddress) b = RealPointer(b);
        int at = 0;
        while (at < bytes)
        {
            int width = 8;
            while (width > bytes - at || width > Aligned(a, at) || width > Aligned(b, at)) width /= 2;
            var type = width == 8 ? typeof(ulong) : width == 4 ? typeof(uint) : width == 2 ? typeof(ushort) : typeof(byte);
            var x = Widen(((Scalar)LoadFrom(AddBytes(a, Number(at)), Shape.Of(type), false)).Ir, false);
            var y = Widen(((Scalar)LoadFrom(AddBytes(b, Number(at)), Shape.Of(type), false)).Ir, false);
            different = Arithmetic(BinaryOperator.Or, different, Arithmetic(BinaryOperator.Xor, x, y));
            at += width;
        }
        return different;
    }

    private int Aligned(ILValue address, int offset) => address switch
    {
        Pointer pointer => KnownAlignment(pointer with { Offset = pointer.Offset + offset }),
        // Constants are folded, or lie aligned in read-only data.
        ConstantData { Offset: Constant } => 8,
        _ => 1,
    };

    /// <summary>What an address is surely a multiple of, at most 8. Only the stack must be accessed so; other memory may be unaligned.</summary>
    public int KnownAlignment(Pointer pointer)
    {
        if (pointer.Region.Kind != RegionKind.Stack) return pointer.Region.Kind == RegionKind.Packet ? 8 : LowestBit(pointer.Offset);
        return Math.Min(BaseAlignment(pointer.Base), LowestBit(pointer.Offset));
    }

    private static int BaseAlignment(Value value) => value switch
    {
        Alloca slot => slot.Align,
        PointerAdd add => Math.Min(BaseAlignment(add.Pointer), MultipleOf(add.Bytes)),
        Phi phi => phi.Operands.Min(operand => ReferenceEquals(operand, phi) || operand is Phi or Constant ? 8 : BaseAlignment(operand)),
        _ => 1,
    };

    private static int MultipleOf(Value bytes) => bytes switch
    {
        Constant constant => LowestBit(constant.Number),
        Binary { Operator: BinaryOperator.Mul, Right: Constant factor } => LowestBit(factor.Number),
        Binary { Operator: BinaryOperator.Shl, Right: Constant shift } => 1 << (int)Math.Min(3, shift.Number),
        Binary { Operator: BinaryOperator.And, Right: Constant mask } => LowestBit(mask.Number),
        Binary { Operator: BinaryOperator.Add or BinaryOperator.Sub } sum => Math.Min(MultipleOf(sum.Left), MultipleOf(sum.Right)),
        _ => 1,
    };

    private static int LowestBit(long number) => number == 0 ? 8 : (int)Math.Min(8, number & -number);
}
