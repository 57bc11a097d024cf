using System.Reflection.Metadata;
using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Integers as the evaluation stack has them: 32 or 64 bits wide; native integers are 64 bits.
internal sealed partial class Translator
{
    private ILValue BinaryOperation(ILOpCode op, ILValue left, ILValue right)
    {
        if (left is ErrorValue || right is ErrorValue) return ErrorValue.Instance;
        if (IsAddress(left) || IsAddress(right)) return PointerArithmetic(op, left, right);
        if (left is not Scalar a || right is not Scalar b) return Report(Rules.Unsupported, $"{Describe(left is Scalar ? right : left)} is computed with");
        Value x = a.Ir, y = b.Ir;
        if (op is ILOpCode.Shl or ILOpCode.Shr or ILOpCode.Shr_un) y = x.Type == IrType.I64 ? Widen(y, false) : Narrow(y);
        else if (x.Type != y.Type)
        {
            // A native integer with a 32-bit one.
            x = Widen(x, true);
            y = Widen(y, true);
        }
        return op switch
        {
            ILOpCode.Div or ILOpCode.Rem => Divide(op == ILOpCode.Div ? BinaryOperator.SDiv : BinaryOperator.SRem, x, y),
            ILOpCode.Div_un or ILOpCode.Rem_un => Divide(op == ILOpCode.Div_un ? BinaryOperator.UDiv : BinaryOperator.URem, x, y),
            ILOpCode.Add_ovf or ILOpCode.Add_ovf_un or ILOpCode.Sub_ovf or ILOpCode.Sub_ovf_un or ILOpCode.Mul_ovf or ILOpCode.Mul_ovf_un => Checked(op, x, y),
            _ => new Scalar(Arithmetic(OperatorOf(op), x, y)),
        };
    }

    private static BinaryOperator OperatorOf(ILOpCode op) => op switch
    {
        ILOpCode.Add => BinaryOperator.Add,
        ILOpCode.Sub => BinaryOperator.Sub,
        ILOpCode.Mul => BinaryOperator.Mul,
        ILOpCode.And => BinaryOperator.And,
        ILOpCode.Or => BinaryOperator.Or,
        ILOpCode.Xor => BinaryOperator.Xor,
        ILOpCode.Shl => BinaryOperator.Shl,
        ILOpCode.Shr => BinaryOperator.AShr,
        ILOpCode.Shr_un => BinaryOperator.LShr,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
    };

    // C# throws where eBPF has a result: the program ends, as at every failed check.
    private ILValue Divide(BinaryOperator op, Value x, Value y)
    {
        LeaveProgramIf(Comparison(Predicate.Equal, y, Constant.Of(y.Type, 0)));
        if (Current is null) return ErrorValue.Instance;
        if (op is BinaryOperator.SDiv or BinaryOperator.SRem && (!IsKnown(y, out long divisor) || divisor == -1))
        {
            long least = x.Type == IrType.I64 ? long.MinValue : int.MinValue;
            var overflow = Arithmetic(BinaryOperator.And, Comparison(Predicate.Equal, y, Constant.Of(y.Type, -1)), Comparison(Predicate.Equal, x, Constant.Of(x.Type, least)));
            LeaveProgramIf(overflow);
            if (Current is null) return ErrorValue.Instance;
        }
        return new Scalar(Arithmetic(op, x, y));
    }

    private ILValue Checked(ILOpCode op, Value x, Value y)
    {
        var result = op switch
        {
            ILOpCode.Add_ovf or ILOpCode.Add_ovf_un => Arithmetic(BinaryOperator.Add, x, y),
            ILOpCode.Sub_ovf or ILOpCode.Sub_ovf_un => Arithmetic(BinaryOperator.Sub, x, y),
            _ => Arithmetic(BinaryOperator.Mul, x, y),
        };
        var zero = Constant.Of(x.Type, 0);
        Value Sign(Value value) => Comparison(Predicate.Less, value, zero);
        Value overflow = op switch
        {
            ILOpCode.Add_ovf_un => Comparison(Predicate.Below, result, x),
            ILOpCode.Sub_ovf_un => Comparison(Predicate.Below, x, y),
            // Operands of one sign gave the other; the difference of two signs has not the first one's.
            ILOpCode.Add_ovf => Sign(Arithmetic(BinaryOperator.And, Arithmetic(BinaryOperator.Xor, x, result), Arithmetic(BinaryOperator.Xor, y, result))),
            ILOpCode.Sub_ovf => Sign(Arithmetic(BinaryOperator.And, Arithmetic(BinaryOperator.Xor, x, y), Arithmetic(BinaryOperator.Xor, x, result))),
            _ => MultiplicationOverflows(op == ILOpCode.Mul_ovf, x, y, result),
        };
        LeaveProgramIf(overflow);
        return Current is null ? ErrorValue.Instance : new Scalar(result);
    }

    private Value MultiplicationOverflows(bool signed, Value x, Value y, Value result)
    {
        if (x.Type == IrType.I32)
        {
            // The product of 32-bit numbers is exact in 64 bits.
            var wide = Arithmetic(BinaryOperator.Mul, Widen(x, signed), Widen(y, signed));
            return Comparison(Predicate.NotEqual, wide, Widen(result, signed));
        }
        if (!signed)
        {
            // y != 0 && result / y != x
            var isZero = Comparison(Predicate.Equal, y, Number(0));
            var different = Comparison(Predicate.NotEqual, Arithmetic(BinaryOperator.UDiv, result, y), x);
            return Arithmetic(BinaryOperator.And, Arithmetic(BinaryOperator.Xor, isZero, Number32(1)), different);
        }
        // |x| * |y| as unsigned numbers, compared with the largest magnitude of the result's sign.
        Value Magnitude(Value value)
        {
            var sign = Arithmetic(BinaryOperator.AShr, value, Number(63));
            return Arithmetic(BinaryOperator.Sub, Arithmetic(BinaryOperator.Xor, value, sign), sign);
        }
        Value a = Magnitude(x), b = Magnitude(y);
        var product = Arithmetic(BinaryOperator.Mul, a, b);
        var zero = Comparison(Predicate.Equal, b, Number(0));
        var lost = Arithmetic(BinaryOperator.And, Arithmetic(BinaryOperator.Xor, zero, Number32(1)), Comparison(Predicate.NotEqual, Arithmetic(BinaryOperator.UDiv, product, b), a));
        var negative = Arithmetic(BinaryOperator.LShr, Arithmetic(BinaryOperator.Xor, x, y), Number(63));
        var limit = Arithmetic(BinaryOperator.Add, Number(long.MaxValue), negative);
        return Arithmetic(BinaryOperator.Or, lost, Comparison(Predicate.Above, product, limit));
    }

    private ILValue UnaryOperation(ILOpCode op, ILValue value)
    {
        if (value is ErrorValue) return value;
        if (value is not Scalar { Ir: var x }) return Report(Rules.Unsupported, $"{Describe(value)} is computed with");
        return new Scalar(op == ILOpCode.Not
            ? Arithmetic(BinaryOperator.Xor, x, Constant.Of(x.Type, -1))
            : Arithmetic(BinaryOperator.Sub, Constant.Of(x.Type, 0), x));
    }

    private static Predicate PredicateOf(ILOpCode op) => op switch
    {
        ILOpCode.Ceq or ILOpCode.Beq => Predicate.Equal,
        ILOpCode.Bne_un => Predicate.NotEqual,
        ILOpCode.Cgt or ILOpCode.Bgt => Predicate.Greater,
        ILOpCode.Cgt_un or ILOpCode.Bgt_un => Predicate.Above,
        ILOpCode.Clt or ILOpCode.Blt => Predicate.Less,
        ILOpCode.Clt_un or ILOpCode.Blt_un => Predicate.Below,
        ILOpCode.Bge => Predicate.GreaterOrEqual,
        ILOpCode.Bge_un => Predicate.AboveOrEqual,
        ILOpCode.Ble => Predicate.LessOrEqual,
        ILOpCode.Ble_un => Predicate.BelowOrEqual,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
    };

    public ILValue Compare(Predicate predicate, ILValue left, ILValue right)
    {
        if (left is ErrorValue || right is ErrorValue) return ErrorValue.Instance;
        if (left is Scalar { Ir: var x } && right is Scalar { Ir: var y })
        {
            if (x.Type != y.Type)
            {
                x = Widen(x, true);
                y = Widen(y, true);
            }
            return new Scalar(Comparison(predicate, x, y));
        }
        // Objects are known, so are answers about them. "x > null" is how C# asks whether x is not null.
        if (IsObject(left) && IsObject(right))
        {
            return predicate switch
            {
                Predicate.Equal => new Scalar(Constant.Boolean(SameObject(left, right))),
                Predicate.NotEqual or Predicate.Above => new Scalar(Constant.Boolean(!SameObject(left, right))),
                _ => Report(Rules.Unsupported, "objects are compared by order"),
            };
        }
        return ComparePointers(predicate, left, right);
    }

    private ILValue ComparePointers(Predicate predicate, ILValue left, ILValue right)
    {
        bool leftNull = IsNull(left), rightNull = IsNull(right);
        if (leftNull && rightNull) return new Scalar(Constant.Boolean(predicate.Holds(0, 0, 64)));
        if (leftNull) return ComparePointers(predicate.Swapped(), right, left);
        if (rightNull)
        {
            // Nothing is below null; what has a place is not null.
            if (left is VariableAddress or ConstantData or PacketAddress || left is Pointer { Base.Type.Region.Kind: RegionKind.Stack or RegionKind.Context })
                return new Scalar(Constant.Boolean(predicate is Predicate.NotEqual or Predicate.Above or Predicate.AboveOrEqual));
            if (left is Pointer pointer && (predicate is Predicate.Equal or Predicate.NotEqual or Predicate.Above))
                return new Scalar(Comparison(predicate == Predicate.Equal ? Predicate.Equal : Predicate.NotEqual, AddressOf(pointer), Constant.Null(pointer.Region)));
        }
        // Places in one piece compare by how far they are from its beginning.
        if (left is PacketAddress place && right is PacketAddress other) return new Scalar(Comparison(predicate, place.Offset, other.Offset));
        if (left is ConstantData data && right is ConstantData more && ReferenceEquals(data.Bytes, more.Bytes)) return new Scalar(Comparison(predicate, data.Offset, more.Offset));
        if (left is VariableAddress && right is VariableAddress && predicate is Predicate.Equal or Predicate.NotEqual && left is VariableAddress && right is VariableAddress)
            return new Scalar(Constant.Boolean(left.Equals(right) == (predicate == Predicate.Equal)));
        if (IsAddress(left) && IsAddress(right) && left is not PacketAddress && right is not PacketAddress)
        {
            return new Scalar(Comparison(predicate, AddressNumber(left), AddressNumber(right)));
        }
        return Report(Rules.Unsupported, $"{Describe(left)} is compared with {Describe(right)}");
    }

    private Value AddressNumber(ILValue address) => Emit(new Conversion(ConversionKind.PointerToInteger, AddressOf(RealPointer(address)), IrType.I64));

    /// <summary>Whether a value counts as true: a number that is not 0, a reference that is not null.</summary>
    public ILValue IsTrue(ILValue value) => value switch
    {
        ErrorValue => value,
        Scalar scalar => new Scalar(Comparison(Predicate.NotEqual, scalar.Ir, Constant.Of(scalar.Ir.Type, 0))),
        BoxedValue => new Scalar(Number32(1)),
        _ when IsObject(value) => new Scalar(Constant.Boolean(value is not ObjectConstant { Instance: null })),
        _ => ComparePointers(Predicate.NotEqual, value, new Pointer(Constant.Null(Region.Unknown))),
    };

    public ILValue Not(ILValue value) => value is Scalar scalar
        ? new Scalar(Comparison(Predicate.Equal, scalar.Ir, Constant.Of(scalar.Ir.Type, 0)))
        : value;

    private static bool IsNull(ILValue value) => value is Pointer { IsNull: true } or ObjectConstant { Instance: null } or Scalar { Known: 0 };

    private static bool IsObject(ILValue value) => value is ObjectConstant or LocalObject or DelegateValue or MemberToken or MapWalk or Intrinsics.KernelWalk;

    private static bool SameObject(ILValue left, ILValue right) => left.Equals(right);

    private static bool IsAddress(ILValue value) => value is Pointer or VariableAddress or PacketAddress or ConstantData;

    private ILValue ConvertTo(ILOpCode op, ILValue value)
    {
        if (value is ErrorValue) return value;
        if (IsAddress(value))
        {
            // A pointer stays one: "conv.u" is what a fixed statement and an & become.
            if (op is ILOpCode.Conv_u or ILOpCode.Conv_i or ILOpCode.Conv_u8 or ILOpCode.Conv_i8) return value;
            return Report(Rules.Unsupported, "an address is cut to fewer than 64 bits");
        }
        if (value is ObjectConstant { Instance: null }) return new Pointer(Constant.Null(Region.Unknown));
        if (value is not Scalar { Ir: var x }) return Report(Rules.Unsupported, $"{Describe(value)} is converted to a number");
        return op switch
        {
            ILOpCode.Conv_i1 => new Scalar(Convert(ConversionKind.SignExtend8, Narrow(x))),
            ILOpCode.Conv_u1 => new Scalar(Convert(ConversionKind.ZeroExtend8, Narrow(x))),
            ILOpCode.Conv_i2 => new Scalar(Convert(ConversionKind.SignExtend16, Narrow(x))),
            ILOpCode.Conv_u2 => new Scalar(Convert(ConversionKind.ZeroExtend16, Narrow(x))),
            ILOpCode.Conv_i4 or ILOpCode.Conv_u4 => new Scalar(Narrow(x)),
            ILOpCode.Conv_i8 or ILOpCode.Conv_i => new Scalar(Widen(x, true)),
            ILOpCode.Conv_u8 or ILOpCode.Conv_u => new Scalar(Widen(x, false)),
            _ => CheckedConversion(op, x),
        };
    }

    private ILValue CheckedConversion(ILOpCode op, Value x)
    {
        bool fromUnsigned = op is >= ILOpCode.Conv_ovf_i1_un and <= ILOpCode.Conv_ovf_u_un;
        var (bits, signed) = op switch
        {
            ILOpCode.Conv_ovf_i1 or ILOpCode.Conv_ovf_i1_un => (8, true),
            ILOpCode.Conv_ovf_u1 or ILOpCode.Conv_ovf_u1_un => (8, false),
            ILOpCode.Conv_ovf_i2 or ILOpCode.Conv_ovf_i2_un => (16, true),
            ILOpCode.Conv_ovf_u2 or ILOpCode.Conv_ovf_u2_un => (16, false),
            ILOpCode.Conv_ovf_i4 or ILOpCode.Conv_ovf_i4_un => (32, true),
            ILOpCode.Conv_ovf_u4 or ILOpCode.Conv_ovf_u4_un => (32, false),
            ILOpCode.Conv_ovf_i8 or ILOpCode.Conv_ovf_i8_un or ILOpCode.Conv_ovf_i or ILOpCode.Conv_ovf_i_un => (64, true),
            _ => (64, false),
        };
        // In 64 bits every source of 32 is exact, so a range check there decides.
        var wide = Widen(x, !fromUnsigned);
        Value bad;
        if (fromUnsigned)
        {
            ulong most = bits == 64 ? (signed ? (ulong)long.MaxValue : ulong.MaxValue) : (1ul << (signed ? bits - 1 : bits)) - 1;
            bad = most == ulong.MaxValue ? Number32(0) : Comparison(Predicate.Above, wide, Number((long)most));
        }
        else if (signed)
        {
            // Shifted by the least number, the range begins at 0.
            bad = bits == 64 ? Number32(0)
                : Comparison(Predicate.Above, Arithmetic(BinaryOperator.Add, wide, Number(1L << (bits - 1))), Number((1L << bits) - 1));
        }
        else
        {
            bad = bits == 64 ? Comparison(Predicate.Less, wide, Number(0)) : Comparison(Predicate.Above, wide, Number((1L << bits) - 1));
        }
        LeaveProgramIf(bad);
        if (Current is null) return ErrorValue.Instance;
        return new Scalar(bits == 64 ? wide : Narrow(wide));
    }

    private ILValue PointerArithmetic(ILOpCode op, ILValue left, ILValue right)
    {
        switch (op)
        {
            case ILOpCode.Add or ILOpCode.Add_ovf_un or ILOpCode.Add_ovf when right is Scalar offset:
                return AddBytes(left, Widen(offset.Ir, true));
            case ILOpCode.Add or ILOpCode.Add_ovf_un or ILOpCode.Add_ovf when left is Scalar offset:
                return AddBytes(right, Widen(offset.Ir, true));
            case ILOpCode.Sub or ILOpCode.Sub_ovf_un or ILOpCode.Sub_ovf when right is Scalar offset:
                return AddBytes(left, Arithmetic(BinaryOperator.Sub, Number(0), Widen(offset.Ir, true)));
            case ILOpCode.Sub or ILOpCode.Sub_ovf_un or ILOpCode.Sub_ovf when left is PacketAddress a && right is PacketAddress b:
                return new Scalar(Arithmetic(BinaryOperator.Sub, a.Offset, b.Offset));
            case ILOpCode.Sub or ILOpCode.Sub_ovf_un or ILOpCode.Sub_ovf when left is ConstantData a && right is ConstantData b && ReferenceEquals(a.Bytes, b.Bytes):
                return new Scalar(Arithmetic(BinaryOperator.Sub, a.Offset, b.Offset));
            case ILOpCode.Sub or ILOpCode.Sub_ovf_un or ILOpCode.Sub_ovf when left is Pointer { Index: null } a && right is Pointer { Index: null } b && ReferenceEquals(a.Base, b.Base):
                return new Scalar(Number(a.Offset - b.Offset));
            case ILOpCode.Sub or ILOpCode.Sub_ovf_un or ILOpCode.Sub_ovf when IsAddress(left) && IsAddress(right) && left is not PacketAddress && right is not PacketAddress:
                return new Scalar(Arithmetic(BinaryOperator.Sub, AddressNumber(left), AddressNumber(right)));
            default:
                return Report(Rules.Unsupported, $"{Describe(left)} and {Describe(right)} are computed with");
        }
    }

    /// <summary>How many bytes one address is behind another.</summary>
    public ILValue Distance(ILValue left, ILValue right) => left is ErrorValue || right is ErrorValue ? ErrorValue.Instance : PointerArithmetic(ILOpCode.Sub, left, right);

    /// <summary>An address so many bytes further.</summary>
    public ILValue AddBytes(ILValue address, Value bytes)
    {
        if (IsKnown(bytes, out long number) && number == 0) return address;
        return address switch
        {
            PacketAddress packet => packet with { Offset = Arithmetic(BinaryOperator.Add, packet.Offset, bytes) },
            ConstantData data => data with { Offset = Arithmetic(BinaryOperator.Add, data.Offset, bytes) },
            Pointer pointer => Advance(pointer, bytes),
            VariableAddress => Advance(RealPointer(address), bytes),
            ErrorValue => address,
            _ => Report(Rules.Unsupported, $"{Describe(address)} is used as an address"),
        };
    }

    /// <summary>A number of one integer type as another.</summary>
    public ILValue ConvertNumber(Value value, ScalarShape from, ScalarShape to, bool isChecked)
    {
        if (isChecked)
        {
            var op = (to.Size, to.IsSigned, from.IsSigned) switch
            {
                (1, true, true) => ILOpCode.Conv_ovf_i1,
                (1, true, false) => ILOpCode.Conv_ovf_i1_un,
                (1, false, true) => ILOpCode.Conv_ovf_u1,
                (1, false, false) => ILOpCode.Conv_ovf_u1_un,
                (2, true, true) => ILOpCode.Conv_ovf_i2,
                (2, true, false) => ILOpCode.Conv_ovf_i2_un,
                (2, false, true) => ILOpCode.Conv_ovf_u2,
                (2, false, false) => ILOpCode.Conv_ovf_u2_un,
                (4, true, true) => ILOpCode.Conv_ovf_i4,
                (4, true, false) => ILOpCode.Conv_ovf_i4_un,
                (4, false, true) => ILOpCode.Conv_ovf_u4,
                (4, false, false) => ILOpCode.Conv_ovf_u4_un,
                (_, true, true) => ILOpCode.Conv_ovf_i8,
                (_, true, false) => ILOpCode.Conv_ovf_i8_un,
                (_, false, true) => ILOpCode.Conv_ovf_u8,
                _ => ILOpCode.Conv_ovf_u8_un,
            };
            return CheckedConversion(op, value);
        }
        return CoerceLeaf(new Scalar(to.IrType == IrType.I64 ? Widen(value, from.IsSigned) : Narrow(value)), to);
    }
}
