using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Variables, addresses, and what is behind them.
internal sealed partial class Translator
{
    private ILValue LoadArgument(int index) =>
        Frame.ArgumentVariables[index] is { } variable ? LoadVariable(variable) : Resolved(Frame.Arguments[index]);

    // Arguments are held across loops whose phis may have turned out needless meanwhile.
    private ILValue Resolved(ILValue value) => value is StructValue ? value : Resolve(value);

    public ILValue LoadVariable(Variable variable)
    {
        if (variable.Slot is { } slot) return LoadFrom(new Pointer(slot), variable.Shape, false);
        if (variable.Shape is not StructShape shape) return variable.Leaves.Length == 0 ? ErrorValue.Instance : Read(variable.Leaves[0]);
        return new StructValue(shape, Array.ConvertAll(variable.Leaves, Read));
    }

    public void StoreVariable(Variable variable, ILValue value)
    {
        value = Coerce(value, variable.Shape);
        if (variable.Slot is { } slot)
        {
            StoreTo(new Pointer(slot), variable.Shape, value, false);
            return;
        }
        if (value is ErrorValue)
        {
            foreach (var leaf in variable.Leaves) Write(leaf, value);
            return;
        }
        if (value is MemoryValue)
        {
            // A struct of leaves that was in memory.
            value = LoadFrom(((MemoryValue)value).Address, variable.Shape, false);
        }
        var leaves = StructValue.LeavesOf(value);
        if (leaves.Length != variable.Leaves.Length) throw new InvalidOperationException($"{value} does not fit in {variable}.");
        for (int i = 0; i < leaves.Length; i++) Write(variable.Leaves[i], leaves[i]);
    }

    /// <summary>The address of a variable.</summary>
    public ILValue AddressOf(Variable variable) =>
        variable.Slot is { } slot ? new Pointer(slot) : new VariableAddress(variable, 0, variable.Shape);

    /// <summary>A new variable of the current instruction, with a value.</summary>
    public Variable NewTemporary(Shape shape, ILValue? value)
    {
        var variable = Declare(VariableKind.Temporary, (Offset * 16) + _temporaries++ % 16, shape.Type, null, initialize: value is null);
        if (value is not null) StoreVariable(variable, value);
        return variable;
    }

    private int _temporaries;

    /// <summary>An address as a pointer that IR can hold.</summary>
    public Pointer RealPointer(ILValue address)
    {
        switch (address)
        {
            case Pointer pointer:
                return Indexed(pointer);
            case ConstantData data:
                int at = Module.ReadOnlyData.Add(data.Bytes, 8);
                Pointer start = new(Emit(new GlobalReference(Module.ReadOnlyData.Map!, at)));
                return Indexed(Advance(start, data.Offset));
            case VariableAddress { Variable: var variable } place:
                if (variable.Slot is { } slot) return new Pointer(slot, OffsetOf(place));
                _knowledge.NeedsMemory(variable.Key);
                // This attempt is lost; it goes on only to learn more.
                return new Pointer(NewSlot(Math.Max(1, variable.Shape.IsPlainData ? variable.Shape.Size : 8), 8, false));
            case ObjectConstant { Instance: null }:
                return new Pointer(Constant.Null(Region.Unknown));
            default:
                Report(Rules.Unsupported, $"{Describe(address)} is used as an address");
                return new Pointer(NewSlot(8, 8, false));
        }
    }

    private static int OffsetOf(VariableAddress place) => place.Variable.Shape.Leaves.Count > place.FirstLeaf ? place.Variable.Shape.Leaves[place.FirstLeaf].Offset : 0;

    /// <summary>A pointer through which so many bytes can be reached: a place in the packet is checked here.</summary>
    public Pointer Reach(ILValue address, int size)
    {
        if (address is not PacketAddress packet) return RealPointer(address);
        var pointer = Emit(new PacketPointer(packet.Context, packet.Offset, size));
        LeaveProgramIf(Comparison(Predicate.Equal, pointer, Constant.Null(pointer.Type.Region)));
        return new Pointer(pointer);
    }

    /// <summary>Reads a value of a shape.</summary>
    public ILValue LoadFrom(ILValue address, Shape shape, bool isVolatile)
    {
        switch (address)
        {
            case ErrorValue:
                return address;
            case VariableAddress place when ReadPart(place, shape) is { } part:
                return part;
            case ConstantData { Offset: Constant { Number: var offset } } data when offset >= 0 && offset + shape.Size <= data.Bytes.Length && shape is not MemoryShape:
                return Constants.Decode(shape, data.Bytes.AsSpan((int)offset));
            case ObjectConstant { Instance: null }:
                return Report(Rules.NullDereference, "null is dereferenced");
        }
        if (!shape.IsPlainData) return Report(Rules.ReferenceInMemory, $"a value of {Names.Of(shape.Type)}, which holds references, is read from memory");
        if (shape is MemoryShape memory) return new MemoryValue(memory, address is ConstantData ? address : Reach(address, shape.Size), address is ConstantData);
        var pointer = Reach(address, shape.Size);
        if (Current is null) return ErrorValue.Instance;
        if (!Readable(pointer)) return ErrorValue.Instance;
        var leaves = new ILValue[shape.Leaves.Count];
        for (int i = 0; i < leaves.Length; i++) leaves[i] = LoadLeaf(pointer, shape.Leaves[i], isVolatile);
        return StructValue.Combine(shape, leaves);
    }

    private bool Readable(Pointer pointer)
    {
        if (pointer.IsNull)
        {
            Report(Rules.NullDereference, "null is dereferenced");
            return false;
        }
        return true;
    }

    // The verifier wants accesses of the stack aligned, other memory may be read anywhere.
    private bool IsMisaligned(Pointer pointer, int offset, int bytes) =>
        pointer.Region.Kind == RegionKind.Stack && bytes > 1 && KnownAlignment(pointer with { Offset = pointer.Offset + offset }) < bytes;

    private Value LoadBytes(Pointer pointer, int offset, ScalarShape shape)
    {
        Value value = Constant.Of(shape.IrType, 0);
        for (int i = 0; i < shape.Size; i++)
        {
            Value part = Emit(new Load(pointer.Base, pointer.Offset + offset + i, MemoryWidth.U8, IrType.I32));
            if (shape.IrType == IrType.I64) part = Widen(part, false);
            value = Arithmetic(BinaryOperator.Or, value, Arithmetic(BinaryOperator.Shl, part, Constant.Of(shape.IrType, 8 * i)));
        }
        return shape.Width == MemoryWidth.I16 ? Convert(ConversionKind.SignExtend16, value) : value;
    }

    private void StoreBytes(Pointer pointer, int offset, ScalarShape shape, Value value)
    {
        for (int i = 0; i < shape.Size; i++)
            Emit(new Store(pointer.Base, pointer.Offset + offset + i, MemoryWidth.U8, Narrow(Arithmetic(BinaryOperator.LShr, value, Constant.Of(value.Type, 8 * i)))));
    }

    private ILValue LoadLeaf(Pointer pointer, Leaf leaf, bool isVolatile) => leaf.Shape switch
    {
        ScalarShape scalar when IsMisaligned(pointer, leaf.Offset, scalar.Size) => new Scalar(LoadBytes(pointer, leaf.Offset, scalar)),
        ScalarShape scalar => new Scalar(Emit(new Load(pointer.Base, pointer.Offset + leaf.Offset, scalar.Width, scalar.IrType, isVolatile))),
        PointerShape => new Pointer(Emit(new Load(pointer.Base, pointer.Offset + leaf.Offset, MemoryWidth.U64, IrType.Pointer(Region.KernelUntrusted()), isVolatile))),
        _ => Report(Rules.ReferenceInMemory, "an object is read from memory"),
    };

    private ILValue? ReadPart(VariableAddress place, Shape shape)
    {
        if (place.Variable.Slot is not null) return null;
        var leaves = place.Shape.Leaves;
        int count = shape.Leaves.Count;
        if (shape is MemoryShape || leaves.Count < count) return null;
        // The same fields, or the first of them: a reference to a struct is one to its first field.
        for (int i = 0; i < count; i++)
        {
            if (!Alike(leaves[i], shape.Leaves[i])) return null;
        }
        if (leaves.Count > count && shape is StructShape) return null;
        var values = new ILValue[count];
        for (int i = 0; i < count; i++) values[i] = CoerceLeaf(Read(place.Variable.Leaves[place.FirstLeaf + i]), shape.Leaves[i].Shape);
        return StructValue.Combine(shape, values);
    }

    private static bool Alike(Leaf a, Leaf b) => a.Offset == b.Offset && (a.Shape, b.Shape) switch
    {
        (ScalarShape x, ScalarShape y) => x.Width.Bytes() == y.Width.Bytes(),
        (PointerShape, PointerShape) => true,
        (ObjectShape, ObjectShape) => true,
        _ => false,
    };

    /// <summary>Writes a value of a shape.</summary>
    public void StoreTo(ILValue address, Shape shape, ILValue value, bool isVolatile)
    {
        FlushStack();
        if (address is ErrorValue || value is ErrorValue)
        {
            // What is not known must not look like the old value, or a loop over it would seem to stand still.
            if (address is VariableAddress spoiled && spoiled.Variable.Slot is null)
            {
                for (int i = 0; i < spoiled.Shape.Leaves.Count; i++) Write(spoiled.Variable.Leaves[spoiled.FirstLeaf + i], ErrorValue.Instance);
            }
            return;
        }
        if (CapturedBehind(address) is { } captured)
        {
            Report(Rules.CapturedWrite, $"{FieldName(captured)} is changed, which was captured from outside of the kernel code");
            return;
        }
        if (address is ConstantData)
        {
            Report(Rules.ReadOnlyWrite, "constant data is written");
            return;
        }
        if (address is VariableAddress place && WritePart(place, shape, value)) return;
        if (!shape.IsPlainData)
        {
            Report(Rules.ReferenceInMemory, $"a value of {Names.Of(shape.Type)}, which holds references, is written to memory");
            return;
        }
        var pointer = Reach(address, shape.Size);
        if (Current is null || !Readable(pointer)) return;
        WriteMemory(pointer, shape, value, isVolatile);
    }

    private void WriteMemory(Pointer pointer, Shape shape, ILValue value, bool isVolatile)
    {
        if (value is MemoryValue memory)
        {
            var source = RealPointer(memory.Address);
            if (source.Equals(pointer)) return;
            int align = source.Region.Kind == RegionKind.Packet || pointer.Region.Kind == RegionKind.Packet ? 1 : Layout.AlignmentOf(shape.Type);
            Emit(new MemoryCopy(AddressOf(pointer), AddressOf(source), shape.Size, align));
            return;
        }
        value = Coerce(value, shape);
        if (shape is MemoryShape)
        {
            if (value is not ErrorValue) Report(Rules.Unsupported, $"{Describe(value)} is stored as {Names.Of(shape.Type)}");
            return;
        }
        var leaves = StructValue.LeavesOf(value);
        for (int i = 0; i < leaves.Length; i++)
        {
            var leaf = shape.Leaves[i];
            switch (leaves[i], leaf.Shape)
            {
                case (Scalar scalar, ScalarShape target) when IsMisaligned(pointer, leaf.Offset, target.Size):
                    StoreBytes(pointer, leaf.Offset, target, target.IrType == IrType.I64 ? Widen(scalar.Ir, true) : Narrow(scalar.Ir));
                    break;
                case (Scalar scalar, ScalarShape target):
                    Emit(new Store(pointer.Base, pointer.Offset + leaf.Offset, target.Width, target.IrType == IrType.I64 ? Widen(scalar.Ir, true) : Narrow(scalar.Ir), isVolatile));
                    break;
                case (ErrorValue, _):
                    break;
                case (Pointer or ObjectConstant { Instance: null }, PointerShape):
                    var stored = RealPointer(leaves[i]);
                    Emit(new Store(pointer.Base, pointer.Offset + leaf.Offset, MemoryWidth.U64, Emit(new Conversion(ConversionKind.PointerToInteger, AddressOf(stored), IrType.I64)), isVolatile));
                    break;
                default:
                    Report(Rules.ReferenceInMemory, $"{Describe(leaves[i])} is written to memory");
                    break;
            }
        }
    }

    private bool WritePart(VariableAddress place, Shape shape, ILValue value)
    {
        if (place.Variable.Slot is not null || shape is MemoryShape) return false;
        int count = shape.Leaves.Count;
        if (place.Shape.Leaves.Count < count || (place.Shape.Leaves.Count > count && shape is StructShape)) return false;
        for (int i = 0; i < count; i++)
        {
            if (!Alike(place.Shape.Leaves[i], shape.Leaves[i])) return false;
        }
        if (value is MemoryValue memory) value = LoadFrom(memory.Address, shape, false);
        value = Coerce(value, shape);
        if (value is ErrorValue) return true;
        var leaves = StructValue.LeavesOf(value);
        for (int i = 0; i < count; i++) Write(place.Variable.Leaves[place.FirstLeaf + i], CoerceLeaf(leaves[i], place.Shape.Leaves[i].Shape));
        return true;
    }

    /// <summary>Fills a place with zeros, or a reference with null.</summary>
    public void Initialize(ILValue address, Shape shape)
    {
        if (shape is not MemoryShape)
        {
            StoreTo(address, shape, Default(shape), false);
            return;
        }
        FlushStack();
        if (address is ErrorValue) return;
        var pointer = Reach(address, shape.Size);
        if (Current is null) return;
        Emit(new MemorySet(AddressOf(pointer), Number32(0), shape.Size, pointer.Region.Kind == RegionKind.Packet ? 1 : Layout.AlignmentOf(shape.Type)));
    }

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

    private static bool HasPadding(Shape shape) => shape.Leaves.Sum(leaf => leaf.Shape.Size) != shape.Size;

    private ILValue LoadIndirect(ILOpCode op, ILValue address)
    {
        Type? type = op switch
        {
            ILOpCode.Ldind_i1 => typeof(sbyte),
            ILOpCode.Ldind_u1 => typeof(byte),
            ILOpCode.Ldind_i2 => typeof(short),
            ILOpCode.Ldind_u2 => typeof(ushort),
            ILOpCode.Ldind_i4 => typeof(int),
            ILOpCode.Ldind_u4 => typeof(uint),
            ILOpCode.Ldind_i8 => typeof(long),
            ILOpCode.Ldind_i => typeof(nint),
            ILOpCode.Ldind_ref => typeof(object),
            _ => null,
        };
        if (type is null) return Report(Rules.FloatingPoint, "floating-point numbers do not exist in eBPF");
        // "ldind.i" is also how a pointer is read through a reference.
        if (op == ILOpCode.Ldind_i && address is VariableAddress { Shape: PointerShape pointer }) return LoadFrom(address, pointer, TakeVolatile());
        return Usable(LoadFrom(address, Shape.Of(type), TakeVolatile()));
    }

    private void StoreIndirect(ILOpCode op)
    {
        Type? type = op switch
        {
            ILOpCode.Stind_i1 => typeof(sbyte),
            ILOpCode.Stind_i2 => typeof(short),
            ILOpCode.Stind_i4 => typeof(int),
            ILOpCode.Stind_i8 => typeof(long),
            ILOpCode.Stind_i => typeof(nint),
            ILOpCode.Stind_ref => typeof(object),
            _ => null,
        };
        var value = Pop();
        var address = Pop();
        if (type is null)
        {
            Report(Rules.FloatingPoint, "floating-point numbers do not exist in eBPF");
            return;
        }
        var shape = op == ILOpCode.Stind_i && address is VariableAddress { Shape: PointerShape pointer } ? pointer : Shape.Of(type);
        StoreTo(address, shape, value, TakeVolatile());
    }

    private void FillBlock(ILValue address, ILValue filler, ILValue length)
    {
        FlushStack();
        if (address is ErrorValue || filler is not Scalar value || length is not Scalar size) return;
        if (!IsKnown(size.Ir, out long bytes))
        {
            Report(Rules.VariableSize, "a block of memory is filled whose size is not constant");
            return;
        }
        if (bytes == 0) return;
        var pointer = Reach(address, (int)bytes);
        if (Current is not null) Emit(new MemorySet(AddressOf(pointer), Narrow(value.Ir), (int)bytes, 1));
    }

    private void CopyBlock(ILValue destination, ILValue source, ILValue length)
    {
        FlushStack();
        if (destination is ErrorValue || source is ErrorValue || length is not Scalar size) return;
        if (!IsKnown(size.Ir, out long bytes))
        {
            Report(Rules.VariableSize, "a block of memory is copied whose size is not constant");
            return;
        }
        CopyBytes(destination, source, (int)bytes);
    }

    /// <summary>Copies a known number of bytes.</summary>
    public void CopyBytes(ILValue destination, ILValue source, int bytes)
    {
        if (bytes == 0) return;
        var to = Reach(destination, bytes);
        if (Current is null) return;
        if (source is ConstantData { Offset: Constant { Number: var offset } } data && bytes <= 64)
        {
            StoreConstant(to, data.Bytes.AsSpan((int)offset, bytes));
            return;
        }
        var from = Reach(source, bytes);
        if (Current is not null) Emit(new MemoryCopy(AddressOf(to), AddressOf(from), bytes, 1));
    }

    // A short constant is cheaper as immediates than as a copy from a map.
    private void StoreConstant(Pointer to, ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            int left = bytes.Length - at;
            int width = left >= 8 && (to.Offset + at) % 8 == 0 ? 8 : left >= 4 && (to.Offset + at) % 4 == 0 ? 4 : left >= 2 && (to.Offset + at) % 2 == 0 ? 2 : 1;
            if (to.Region.Kind == RegionKind.Packet) width = 1;
            long number = 0;
            for (int i = width - 1; i >= 0; i--) number = (number << 8) | bytes[at + i];
            Emit(new Store(to.Base, to.Offset + at, MemoryWidths.Unsigned(width), width == 8 ? Number(number) : Number32((int)number)));
            at += width;
        }
    }

    private ILValue StackAllocate(ILValue length)
    {
        if (length is ErrorValue) return length;
        if (length is not Scalar { Known: { } bytes }) return Report(Rules.VariableSize, "stackalloc with a size that is not constant");
        if (bytes is < 0 or > 65536) return Report(Rules.VariableSize, $"stackalloc of {bytes} bytes");
        if (bytes == 0) return new Pointer(Constant.Null(Region.Stack));
        int size = (int)(bytes + 7) & ~7;
        bool again = Frame.InLoop || Frame.Flow.IsInLoop(CurrentIlBlock);
        var slot = NewSlot(size, 8, uninitialized: again);
        if (again) Emit(new MemorySet(slot, Number32(0), size, 8));
        return new Pointer(slot);
    }

    private static bool IsRvaField(FieldInfo field) => field.Attributes.HasFlag(FieldAttributes.HasFieldRVA);

    /// <summary>The bytes that the compiler put into the assembly for a literal or an array.</summary>
    public static byte[] DataOf(FieldInfo field)
    {
        object value = field.GetValue(null)!;
        int size = Layout.SizeOf(field.FieldType);
        return Layout.Data(value, size).ToArray();
    }

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
            RegionKind.Unknown => "a reference",
            _ => "a kernel pointer",
        },
        VariableAddress place => $"a reference to {place.Variable.Name ?? "a local"}",
        PacketAddress => "a place in the packet",
        ConstantData => "constant data",
        ObjectConstant constant => $"an object of type {Names.Of(constant.Instance!.GetType())}",
        LocalObject made => made.Type.IsDefined(typeof(CompilerGeneratedAttribute)) ? "the variables of a lambda" : $"an object of type {Names.Of(made.Type)}",
        DelegateValue made => $"{Names.Of(made.Method)} as a delegate",
        MethodAddress made => $"the address of {Names.Of(made.Method)}",
        MemberToken => "a type",
        BoxedValue boxed => $"a boxed {Names.Of(boxed.Type)}",
        StructValue whole => $"a {Names.Of(whole.Shape.Type)}",
        MemoryValue memory => $"a {Names.Of(memory.Shape.Type)}",
        Conflict => "one of several values",
        _ => "an unknown value",
    };
}
