using System.Reflection;
using System.Runtime.CompilerServices;
using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Values by themselves: defaults, numbers in range, copies.
internal sealed partial class Translator
{
    /// <summary>The default value of a shape.</summary>
    public ILValue Default(Shape shape) => shape switch
    {
        StructShape whole => new StructValue(whole, [.. whole.Leaves.Select(leaf => DefaultLeaf(leaf.Shape))]),
        MemoryShape memory => new MemoryValue(memory, new ConstantData(new byte[memory.Size], Number(0)), true),
        _ => DefaultLeaf(shape),
    };

    private static ILValue DefaultLeaf(Shape shape) => shape switch
    {
        ScalarShape scalar => new Scalar(Constant.Of(scalar.IrType, 0)),
        PointerShape => new Pointer(Constant.Null(Region.Unknown)),
        _ => new ObjectConstant(null),
    };

    /// <summary>A value as a shape has it: a number in its range, null as a reference.</summary>
    public ILValue Coerce(ILValue value, Shape shape)
    {
        if (shape is StructShape whole)
        {
            if (value is MemoryValue memory) return LoadFrom(memory.Address, shape, false);
            if (value is ErrorValue) return new StructValue(whole, [.. whole.Leaves.Select(_ => (ILValue)ErrorValue.Instance)]);
            return value;
        }
        return shape is MemoryShape ? value : CoerceLeaf(value, shape);
    }

    private ILValue CoerceLeaf(ILValue value, Shape shape)
    {
        switch (shape)
        {
            case ScalarShape scalar when value is Scalar number:
                var ir = scalar.IrType == IrType.I64 ? Widen(number.Ir, true) : Narrow(number.Ir);
                ConversionKind? kind = Widening(scalar.Width);
                if (kind is { } narrow && !Fits(ir, scalar.Width, 2)) ir = Convert(narrow, ir);
                return ReferenceEquals(ir, number.Ir) ? value : new Scalar(ir);
            case ScalarShape when IsAddress(value) || value is ErrorValue:
                return value; // a native integer that holds a pointer
            case ScalarShape:
                return Report(Rules.Unsupported, $"{Describe(value)} is used as a number");
            case PointerShape when value is Scalar { Known: 0 } or ObjectConstant { Instance: null }:
                return new Pointer(Constant.Null(Region.Unknown));
            case PointerShape when value is Scalar address:
                return new Pointer(Emit(new Conversion(ConversionKind.IntegerToPointer, Widen(address.Ir, true), IrType.Pointer(Region.KernelUntrusted()))));
            default:
                return value;
        }
    }

    // Whether a 32-bit value is already what a load of a narrow width gives.
    private static bool Fits(Value value, MemoryWidth width, int depth) => value switch
    {
        Constant constant => width switch
        {
            MemoryWidth.U8 => constant.Number is >= 0 and <= byte.MaxValue,
            MemoryWidth.I8 => constant.Number is >= sbyte.MinValue and <= sbyte.MaxValue,
            MemoryWidth.U16 => constant.Number is >= 0 and <= ushort.MaxValue,
            _ => constant.Number is >= short.MinValue and <= short.MaxValue,
        },
        Compiler.IR.Compare => true,
        Load load => load.Width == width || (load.Width == MemoryWidth.U8 && width is MemoryWidth.U16 or MemoryWidth.I16 && load.Width == MemoryWidth.U8),
        Conversion conversion => conversion.Kind == Widening(width) || (conversion.Kind == ConversionKind.ZeroExtend8 && width is MemoryWidth.U16 or MemoryWidth.I16 && conversion.Kind == ConversionKind.ZeroExtend8),
        ByteSwap { Bits: 16 } => width == MemoryWidth.U16,
        // Every value that goes into a narrow variable was made to fit, so a phi of them does.
        Phi phi when depth > 0 => phi.Operands.Count > 0 && phi.Operands.All(operand => Fits(operand, width, depth - 1)),
        _ => false,
    };

    /// <summary>A value in memory as one that nobody else can change.</summary>
    public MemoryValue Copy(MemoryValue value)
    {
        if (value.IsCopy) return value;
        var slot = NewSlot(value.Shape.Size, 8, uninitialized: true);
        Pointer copy = new(slot);
        WriteMemory(copy, value.Shape, value, false);
        return new MemoryValue(value.Shape, copy, true);
    }

    /// <summary>Copies what the evaluation stack still has in place, before something is written.</summary>
    private void FlushStack()
    {
        for (int i = 0; i < _stack.Count; i++)
        {
            if (_stack[i] is MemoryValue { IsCopy: false } memory) _stack[i] = Copy(memory);
        }
    }

    /// <summary>The address of a value for helpers that read it: what is not in memory is put there.</summary>
    public Value InMemory(ILValue value, Shape shape)
    {
        if (value is MemoryValue { Address: Pointer present }) return AddressOf(present);
        var slot = NewSlot(shape.Size, 8, uninitialized: true);
        if (value is MemoryValue || !HasPadding(shape))
        {
            WriteMemory(new Pointer(slot), shape, value, false);
            return slot;
        }
        // Maps compare keys byte by byte, and the verifier wants every byte written.
        Emit(new MemorySet(slot, Number32(0), shape.Size, 8));
        WriteMemory(new Pointer(slot), shape, value, false);
        return slot;
    }

    public static bool HasPadding(Shape shape) => shape.Leaves.Sum(leaf => leaf.Shape.Size) != shape.Size;

    private static string Describe(ILValue value) => value switch
    {
        Scalar { Known: { } number } => $"the number {number}",
        Scalar => "a number",
        Pointer { IsNull: true } or ObjectConstant { Instance: null } => "null",
        Pointer pointer => pointer.Region.Kind switch
        {
            RegionKind.Stack => "a reference to a local",
            RegionKind.MapValue => "a reference to a map's value",
            RegionKind.Context => "the context",
            RegionKind.Packet => "a reference into the packet",
            RegionKind.RingRecord => "a reserved record",
            RegionKind.Object => "a reference to an object that a program made",
            RegionKind.Unknown => "a reference",
            _ => "a kernel pointer",
        },
        VariableAddress place => $"a reference to {place.Variable.Name ?? "a local"}",
        PacketAddress => "a place in the packet",
        ConstantData => "constant data",
        ObjectConstant constant => $"an object of type {Names.Of(constant.Instance!.GetType())}",
        Intrinsics.CpuElement => "an element of a per-CPU map",
        Intrinsics.InnerMap inner => $"a {Names.Of(inner.View)}",
        LocalObject made => made.Type.IsDefined(typeof(CompilerGeneratedAttribute)) ? "the variables of a lambda" : $"an object of type {Names.Of(made.Type)}",
        DelegateValue made => $"{Names.Of(made.Method)} as a delegate",
        MethodAddress made => $"the address of {Names.Of(made.Method)}",
        MemberToken => "a type",
        MapWalk => "the enumerator of a map",
        Intrinsics.KernelWalk => "an iterator of the kernel",
        BoxedValue boxed => $"a boxed {Names.Of(boxed.Type)}",
        StructValue whole => $"a {Names.Of(whole.Shape.Type)}",
        MemoryValue memory => $"a {Names.Of(memory.Shape.Type)}",
        Conflict => "one of several values",
        _ => "an unknown value",
    };
}
