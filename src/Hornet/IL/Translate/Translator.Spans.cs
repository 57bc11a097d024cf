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

    /// <summary>Whether a span has fewer elements than a number.</summary>
    /// <remarks>
    /// What is left of a span of known length is compared by where it starts: that bounds the start, which the verifier
    /// needs, where a comparison of the rest would not.
    /// </remarks>
    public Value IsShorter(StructValue span, int than)
    {
        var length = ((Scalar)span.Leaves[1]).Ir;
        if (length is not Binary { Operator: BinaryOperator.Sub, Left: Constant { Number: var whole }, Right: var start }) return Comparison(Predicate.Below, length, Number32(than));
        if (whole < than) return Number32(1);
        int size = Layout.SizeOf(span.Shape.Type.GetGenericArguments()[0]);
        return span.Leaves[0] is Pointer { Index: { } bytes } && ReferenceEquals(OffsetIn(bytes, size), start)
            ? Comparison(Predicate.Above, bytes, Number((whole - than) * size))
            : Comparison(Predicate.Above, start, Number32((int)whole - than));
    }

    /// <summary>The address of an element of a span that is the rest of a longer one, checked by its place in the longer one; null for other spans.</summary>
    public ILValue? ElementOfRest(StructValue span, Value index, int size)
    {
        if (span.Leaves[0] is not Pointer { Index: { } bytes } reference) return null;
        if (((Scalar)span.Leaves[1]).Ir is not Binary { Operator: BinaryOperator.Sub, Left: Constant whole, Right: var start }) return null;
        if (!ReferenceEquals(OffsetIn(bytes, size), start)) return null;
        var sum = Arithmetic(BinaryOperator.Add, Widen(start, false), Widen(index, false));
        LeaveProgramIf(Comparison(Predicate.AboveOrEqual, sum, Number(whole.Number)));
        if (Current is null) return ErrorValue.Instance;
        return reference with { Index = Arithmetic(BinaryOperator.Mul, sum, Number(size)) };
    }

    // The number of elements that a number of bytes was made of; null when it was not.
    private static Value? OffsetIn(Value bytes, int size)
    {
        if (size != 1)
        {
            if (bytes is not Binary { Operator: BinaryOperator.Mul, Right: Constant { Number: var factor } } product || factor != size) return null;
            bytes = product.Left;
        }
        return bytes is Conversion { Kind: ConversionKind.ZeroExtend32 } widened ? widened.Operand : null;
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
        if (pointer.Index is { } index) return Math.Min(MultipleOf(index), KnownAlignment(pointer with { Index = null }));
        if (pointer.Region.Kind != RegionKind.Stack) return pointer.Region.Kind == RegionKind.Packet ? 8 : LowestBit(pointer.Offset);
        return Math.Min(BaseAlignment(pointer.Base), LowestBit(pointer.Offset));
    }

    private static int BaseAlignment(Value value) => value switch
    {
        Alloca slot => slot.Align,
        PointerAdd add => Math.Min(BaseAlignment(add.Pointer), MultipleOf(add.Bytes)),
        // The operands of a loop's phi are not known before the loop's end.
        Phi { Operands.Count: > 0 } phi when phi.Operands.All(operand => operand is not Phi) => phi.Operands.Min(operand => operand is Constant ? 8 : BaseAlignment(operand)),
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
