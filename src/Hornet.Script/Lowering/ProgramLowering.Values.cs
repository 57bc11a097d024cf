using Hornet.Compiler.IR;
using Hornet.Script.Binding;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

// Numbers: integers, booleans, pointers, enumerators, and types of 8 bytes that are one number.
internal sealed partial class ProgramLowering
{
    /// <summary>Whether values of a type are numbers in registers.</summary>
    internal static bool IsNumber(ScriptType type) => type is IntegerType or BooleanType or PointerType or EnumType or KernelSymbolType or UserNameType
        or ErrorTextType or NameType or StackType { IsUser: false };

    private static (int Bits, bool IsSigned) Shape(ScriptType type) => type switch
    {
        IntegerType i => (i.Bits, i.IsSigned),
        BooleanType => (8, false),
        EnumType e => (e.Info.Bits, e.Info.IsSigned),
        _ => (64, false),
    };

    private static bool IsSigned(ScriptType type) => Shape(type).IsSigned;

    /// <summary>Cuts 64 bits to a type's and extends them again.</summary>
    private Value Fit(Value value, ScriptType type)
    {
        var (bits, isSigned) = Shape(type);
        return bits switch
        {
            8 => B.Convert(isSigned ? ConversionKind.SignExtend8 : ConversionKind.ZeroExtend8, value, IrType.I64),
            16 => B.Convert(isSigned ? ConversionKind.SignExtend16 : ConversionKind.ZeroExtend16, value, IrType.I64),
            32 => B.Convert(isSigned ? ConversionKind.SignExtend32 : ConversionKind.ZeroExtend32, value, IrType.I64),
            _ => value,
        };
    }

    private static MemoryWidth WidthOf(ScriptType type)
    {
        var (bits, isSigned) = Shape(type);
        return bits switch
        {
            8 => isSigned ? MemoryWidth.I8 : MemoryWidth.U8,
            16 => isSigned ? MemoryWidth.I16 : MemoryWidth.U16,
            32 => isSigned ? MemoryWidth.I32 : MemoryWidth.U32,
            _ => MemoryWidth.U64,
        };
    }

    private void StoreNumber(Value pointer, int offset, ScriptType type, Value value) =>
        B.Store(pointer, offset, MemoryWidths.Unsigned(Shape(type).Bits / 8), value);

    /// <summary>A truth value of 32 bits as a number of the language.</summary>
    private Value FromTruth(Value condition) => B.Convert(ConversionKind.ZeroExtend32, condition, IrType.I64);

    private Value IsNotZero(Value number) => B.Compare(Predicate.NotEqual, number, Constant.Of(number.Type, 0));

    /// <summary>The value of an expression that is a number.</summary>
    private Value Scalar(BoundExpression expression)
    {
        var before = B.Location;
        At(expression.Span);
        var value = ScalarOf(expression);
        B.Location = before;
        return value;
    }

    private Value ScalarOf(BoundExpression expression)
    {
        switch (expression)
        {
            case BoundConstant c: return Fit(Number(c.Value), c.Type);
            case BoundLocalRead read when _frame.Locals[read.Local].Pointer is { } pointer: return B.Load(pointer, 0, WidthOf(read.Type), IrType.I64);
            case BoundMapRead read: return ReadMapNumber(read);
            case BoundArgument argument: return ArgumentNumber(argument);
            case BoundField field: return FieldNumber(field);
            case BoundElement or BoundTupleElement or BoundDereference: return Load(Locate(expression, true), expression.Type);
            case BoundUnary unary: return Unary(unary);
            case BoundBinary binary: return Binary(binary);
            case BoundPointerAdd add: return B.Add(Scalar(add.Pointer), Scalar(add.Bytes));
            case BoundComparison or BoundLogical: return FromTruth(Condition(expression));
            case BoundConditional c: return ConditionalNumber(c);
            case BoundBlockExpression block:
                Open(block.Block);
                return block.Result is { } result ? Scalar(result) : Number(0);
            case BoundConversion conversion: return Convert(conversion);
            case BoundIncrement increment: return Increment(increment, wanted: true);
            case BoundAddressOf address: return AddressOf(address);
            case BoundFunctionCall call: return CallFunction(call) ?? Number(0);
            case BoundImportedCall call: return CallImported(call);
            case BoundCall call: return CallNumber(call);
            default: throw new InvalidOperationException($"{expression.GetType().Name} of type {expression.Type} is no number.");
        }
    }

    private Value ConditionalNumber(BoundConditional expression)
    {
        BasicBlock yes = NewBlock("then"), no = NewBlock("else"), end = NewBlock("end");
        BranchOn(expression.Condition, yes, no);
        B.Block = yes;
        var then = Scalar(expression.Then);
        yes = B.Block;
        B.Jump(end);
        B.Block = no;
        var otherwise = Scalar(expression.Else);
        no = B.Block;
        B.Jump(end);
        B.Block = end;
        var phi = B.Phi(IrType.I64);
        phi.AddIncoming(yes, then);
        phi.AddIncoming(no, otherwise);
        return phi;
    }

    private Value Convert(BoundConversion conversion)
    {
        var operand = conversion.Operand;
        switch (conversion.Kind)
        {
            case BoundConversionKind.ToBoolean:
                return FromTruth(Condition(conversion));
            case BoundConversionKind.Integer when IsNumber(operand.Type):
                return Fit(Scalar(operand), conversion.Type);
            case BoundConversionKind.Bytes when IsNumber(operand.Type):
                return Fit(Scalar(operand), conversion.Type);
            default:
                // The same bytes: what is larger than the value is cut, what is smaller gets zeros.
                var place = Locate(operand, true);
                int size = Math.Max(1, Shape(conversion.Type).Bits / 8);
                if (operand.Type.Size >= size) return Load(place, conversion.Type);
                var copy = _frame.Take(8);
                B.Store(copy, 0, MemoryWidth.U64, Number(0));
                Copy(place, operand.Type, copy, 0, 8, true);
                return Load(new MemoryPlace(copy, 0, 8, true), conversion.Type);
        }
    }

    /// <summary>Reads a number from where it is; zero where it cannot be read.</summary>
    private Value Load(Place place, ScriptType type)
    {
        if (place is MemoryPlace memory)
        {
            int size = Shape(type).Bits / 8;
            if (memory.Align >= size || memory.Pointer.Type.Region.Kind is RegionKind.Context or RegionKind.MapValue) return B.Load(memory.Pointer, memory.Offset, WidthOf(type), IrType.I64);
        }
        var mark = _frame.Mark();
        var slot = _frame.Take(8);
        int bytes = Shape(type).Bits / 8;
        if (place is MemoryPlace direct) B.Append(new MemoryCopy(slot, Offset(direct.Pointer, direct.Offset), bytes, direct.Align));
        else ReadRemote((RemotePlace)place, slot, bytes, text: false);
        var value = B.Load(slot, 0, WidthOf(type), IrType.I64);
        _frame.Release(mark);
        return value;
    }

    private Value Increment(BoundIncrement increment, bool wanted)
    {
        var type = increment.Type;
        if (increment.Target is BoundMapRead map) return IncrementMap(increment, map, wanted);
        var pointer = _frame.Locals[((BoundLocalRead)increment.Target).Local].Pointer!;
        var old = B.Load(pointer, 0, WidthOf(type), IrType.I64);
        var changed = Fit(B.Add(old, Number(increment.Delta)), type);
        StoreNumber(pointer, 0, type, changed);
        return increment.GivesOld ? old : changed;
    }

    private Value AddressOf(BoundAddressOf address)
    {
        switch (address.Target)
        {
            case BoundMapRead map:
                // Null when there is no such element.
                return B.Convert(ConversionKind.PointerToInteger, Lookup(map.Map, map.Key), IrType.I64);
            default:
                return Locate(address.Target, true) switch
                {
                    MemoryPlace memory => B.Convert(ConversionKind.PointerToInteger, Offset(memory.Pointer, memory.Offset), IrType.I64),
                    RemotePlace remote => AddressOf(remote),
                    _ => Number(0),
                };
        }
    }

    private Value AddressOf(RemotePlace place)
    {
        var address = place.Address.Type.IsPointer ? B.Convert(ConversionKind.PointerToInteger, place.Address, IrType.I64) : place.Address;
        return place.Offset == 0 ? address : B.Add(address, Number(place.Offset));
    }

    /// <summary>A function of the script is compiled where it is called: its parameters and result have any type.</summary>
    private Value? CallFunction(BoundFunctionCall call)
    {
        var function = call.Function;
        if (function.Body is null) return null;
        if (_frame.Calling.Contains(function))
        {
            Error(call.Span, $"the function '{function.Name}' calls itself");
            return null;
        }
        var mark = _frame.Mark();
        var arguments = new List<(BoundLocal Local, Value? Number, Place? Place)>();
        for (int i = 0; i < call.Arguments.Count; i++)
        {
            var argument = call.Arguments[i];
            arguments.Add(IsNumber(argument.Type) ? (function.Parameters[i], Scalar(argument), null) : (function.Parameters[i], null, Locate(argument, true)));
        }
        foreach (var (local, number, place) in arguments)
        {
            Declare(local, clear: false);
            var pointer = _frame.Locals[local].Pointer!;
            if (number is not null) StoreNumber(pointer, 0, local.Type, number);
            else Copy(place!, local.Type, pointer, 0, 8, true);
        }
        Value? result = function.ReturnType is VoidType ? null : _frame.New(function.ReturnType.Size);
        var end = NewBlock("returned");
        var (onReturn, returnPlace, cleanups) = (_frame.OnReturn, _frame.ReturnPlace, _frame.Cleanups.Count);
        _frame.ReturnPlace = result;
        _frame.OnReturn = value =>
        {
            for (int i = _frame.Cleanups.Count - 1; i >= cleanups; i--) _frame.Cleanups[i]();
            if (value is not null && result is not null) StoreNumber(result, 0, function.ReturnType, value);
            B.Jump(end);
            B.Block = NewBlock("unreachable");
        };
        if (result is not null)
        {
            if (IsNumber(function.ReturnType)) StoreNumber(result, 0, function.ReturnType, Number(0));
            else Zero(result, 0, function.ReturnType.Size, 8);
        }
        _frame.Calling.Add(function);
        Block(function.Body);
        _frame.Calling.Remove(function);
        B.Jump(end);
        B.Block = end;
        (_frame.OnReturn, _frame.ReturnPlace) = (onReturn, returnPlace);
        _frame.Release(mark);
        if (result is null) return null;
        return IsNumber(function.ReturnType) ? B.Load(result, 0, WidthOf(function.ReturnType), IrType.I64) : result;
    }
}
