using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Script.Binding;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

// Values in memory: where they are, copying them, writing them where they are wanted.
internal sealed partial class ProgramLowering
{
    // Up to this many bytes are copied or cleared by instructions, more by a helper.
    private const int InlineCopy = 64;
    private const int InlineZero = 128;

    private bool IsUser(AddressSpace space) => (space == AddressSpace.None ? Target.DefaultSpace : space) == AddressSpace.User;

    /// <summary>Where the value of an expression is; a piece of stack holds what was computed. It is good until the statement ends.</summary>
    /// <param name="expression">The expression, of a type that is no number, or a part of such.</param>
    /// <param name="padded">Whether all its bytes must be defined.</param>
    private Place Locate(BoundExpression expression, bool padded)
    {
        var before = B.Location;
        At(expression.Span);
        var place = Find(expression) ?? Make(expression, padded);
        if (padded && place is MemoryPlace { IsPadded: false } bare) place = Padded(bare, expression.Type);
        B.Location = before;
        return place;
    }

    private MemoryPlace Make(BoundExpression expression, bool padded)
    {
        padded |= expression.Type.Size <= PaddingAnalysis.Short;
        var memory = _frame.Take(expression.Type.Size);
        StoreTo(expression, memory, 0, 8, padded);
        return new MemoryPlace(memory, 0, 8, padded);
    }

    private MemoryPlace Padded(MemoryPlace place, ScriptType type)
    {
        var copy = _frame.Take(type.Size);
        Copy(place, type, copy, 0, 8, true);
        return new MemoryPlace(copy, 0, 8, true);
    }

    /// <summary>The place that an expression names; null when its value must be made first.</summary>
    private Place? Find(BoundExpression expression)
    {
        switch (expression)
        {
            case BoundText text: return ConstantBytes(text.Bytes, text.Type.Size);
            case BoundLocalRead read:
                var local = _frame.Locals[read.Local];
                return local.Pointer is { } pointer ? new MemoryPlace(pointer, 0, 8, local.IsPadded) : null;
            case BoundMapRead read: return FindElement(read);
            case BoundArgument argument: return FindArgument(argument);
            case BoundArguments all: return FindArguments(all);
            // The kernel lets programs look at the context directly only: for some kinds it is no memory of that form.
            case BoundDereference { Pointer: BoundCall { Intrinsic: BoundIntrinsic.Context } }: return new MemoryPlace(_frame.Context, 0, 8, true);
            case BoundDereference d: return new RemotePlace(Scalar(d.Pointer), 0, IsUser(d.Space));
            case BoundField f: return FindField(f);
            case BoundElement e: return FindElement(e);
            case BoundTupleElement t: return FindTupleElement(t);
            case BoundConversion { Kind: BoundConversionKind.Bytes } c when !IsNumber(c.Operand.Type) && c.Operand.Type.Size >= c.Type.Size:
                return Locate(c.Operand, true).Foreign(c.Type);
            case BoundCall { Intrinsic: BoundIntrinsic.TableText } call: return FindTableText(call);
            case BoundFunctionCall call:
                return CallFunction(call) is { Type.IsPointer: true } result ? new MemoryPlace(result, 0, 8, true) : null;
            default: return null;
        }
    }

    /// <summary>Bytes of the object's constants, with zeros up to a size.</summary>
    private MemoryPlace ConstantBytes(ReadOnlySpan<byte> bytes, int size)
    {
        var padded = new byte[Math.Max(8, size + 7 & ~7)];
        bytes[..Math.Min(bytes.Length, size)].CopyTo(padded);
        return new MemoryPlace(ReadOnly(padded), 0, 8, true);
    }

    private GlobalReference ReadOnly(ReadOnlySpan<byte> bytes)
    {
        int offset = _module.ReadOnlyData.Add(bytes);
        return B.GlobalReference(_module.ReadOnlyData.Map!, offset);
    }

    /// <summary>So many zeros to read from.</summary>
    private GlobalReference Zeros(int size) => ReadOnly(new byte[Math.Max(8, size + 7 & ~7)]);

    private Place FindField(BoundField field)
    {
        var target = Locate(field.Target, true);
        if (field.Field.IsDataLocation && target is MemoryPlace record) return DataLocation(record.Pointer, record.Offset + field.Field.Offset);
        var place = target.At(field.Field.Offset).Foreign(field.Type);
        // The zero behind the last character is not the field's: only a copy has it.
        return place is MemoryPlace && field.Type.Size > field.Field.Type.Size ? CopyOf(place, field.Type, field.Type.Size) : place;
    }

    // The offset in the record in the low half, the length in the high one.
    private RemotePlace DataLocation(Value context, int offset)
    {
        var where = B.Load(context, offset, MemoryWidth.U16, IrType.I64);
        return new RemotePlace(B.PointerAdd(context, where), 0, false);
    }

    private Place? FindTupleElement(BoundTupleElement element)
    {
        if (element.Target is BoundLocalRead read && _frame.Locals[read.Local].Elements is { } elements) return elements[element.Index];
        // Of a tuple that is written down only the element is wanted, unless the others do something.
        if (element.Target is BoundTuple tuple && tuple.Elements.All(e => e is BoundConstant or BoundText or BoundLocalRead) && !IsNumber(element.Type)) return Locate(tuple.Elements[element.Index], true);
        return Locate(element.Target, true).At(((TupleType)element.Target.Type).Offset(element.Index));
    }

    private Place FindElement(BoundElement element)
    {
        var target = Locate(element.Target, element.Target.Type is not StringType);
        int size = element.Type.Size;
        int count = element.Target.Type switch
        {
            ArrayType a => a.Count,
            BufferType b => b.Capacity,
            _ => element.Target.Type.Size / Math.Max(1, size),
        };
        if (element.Target.Type is BufferType) target = target.At(4);
        var index = Scalar(element.Index);
        if (index is Constant known)
        {
            if (known.Number >= 0 && (known.Number < count || count == 0 && target is RemotePlace)) return target.At(checked((int)known.Number * size)).Foreign(element.Type);
            return new MemoryPlace(Zeros(size), 0, 8, true);
        }
        var distance = size == 1 ? index : B.Binary(BinaryOperator.Mul, index, Number(size));
        if (target is RemotePlace remote)
        {
            var address = B.Add(AddressOf(remote), distance);
            // Of an array whose length is not told there is no end.
            if (count > 0)
            {
                address = Choose(B.Compare(Predicate.Below, index, Number(count)), () => address, () =>
                {
                    ReportOutside(element.Span);
                    return Number(0);
                });
            }
            return new RemotePlace(address, 0, remote.IsUser);
        }
        var memory = (MemoryPlace)target;
        if (memory.Pointer.Type.Region.Kind == RegionKind.Context) memory = Direct(memory, element.Target.Type, element.Target.Type.Size);
        BasicBlock inside = NewBlock("inside"), outside = NewBlock("outside"), end = NewBlock("element");
        B.Branch(B.Compare(Predicate.Below, index, Number(count)), inside, outside);
        B.Block = inside;
        var there = Offset(B.PointerAdd(memory.Pointer, distance), memory.Offset);
        B.Jump(end);
        B.Block = outside;
        ReportOutside(element.Span);
        outside = B.Block;
        var zeros = Zeros(size);
        B.Jump(end);
        B.Block = end;
        var phi = B.Phi(IrType.Pointer(Region.Join(there.Type.Region, zeros.Type.Region) ?? new Region(RegionKind.Memory)));
        phi.AddIncoming(inside, there);
        phi.AddIncoming(outside, zeros);
        return new MemoryPlace(phi, 0, Alignments.At(memory.Align, size), true).Foreign(element.Type);
    }

    private void ReportOutside(SourceSpan span) =>
        Send(_whole.AddAction(new AsyncAction.RuntimeError(span, "Array access out of bounds. This can lead to unexpected results.")), static _ => { });

    private Value FieldNumber(BoundField field)
    {
        var info = field.Field;
        if (info.BitSize == 0)
        {
            // A pointer or number whose place stands in the record is that place.
            if (info.IsDataLocation && FindField(field) is RemotePlace data) return AddressOf(data);
            var there = FindField(field);
            var number = Load(there, field.Type);
            return there is MemoryPlace { Pointer.Type.Region.Kind: RegionKind.Context } && field.Type is PointerType ? Tested(number) : number;
        }
        var place = Locate(field.Target, true).At(info.Offset);
        // The storage that has all the bits, no wider than needed.
        int first = info.BitOffset / 8, bytes = (info.BitOffset + info.BitSize + 7) / 8 - first;
        var raw = bytes <= 1 ? IntegerType.UInt8 : bytes <= 2 ? IntegerType.UInt16 : bytes <= 4 ? IntegerType.UInt32 : IntegerType.UInt64;
        int shift = info.BitOffset - first * 8;
        var value = Load(place.At(first), raw);
        value = B.Binary(BinaryOperator.Shl, value, Number(64 - shift - info.BitSize));
        return B.Binary(IsSigned(field.Type) ? BinaryOperator.AShr : BinaryOperator.LShr, value, Number(64 - info.BitSize));
    }

    /// <summary>
    /// What iterators hand over may be null, and the verifier lets nothing be added to it before it was compared: behind the comparison
    /// it is the pointer or the number 0.
    /// </summary>
    private Value Tested(Value pointer) => Target.Type == Probes.ProbeType.Iter ? Choose(IsNotZero(pointer), () => pointer, () => Number(0)) : pointer;

    /// <summary>All arguments as one struct: the context itself, or where they lie in registers, what is gathered from there.</summary>
    private MemoryPlace FindArguments(BoundArguments all)
    {
        if (Target.Arguments is not { } arguments || !Target.HasRegisters) return new MemoryPlace(_frame.Context, 0, 8, true);
        var type = (CompositeType)all.Type;
        var copy = _frame.Take(type.Size);
        Zero(copy, 0, type.Size, 8);
        foreach (var (argument, field) in arguments.Zip(type.Info.Fields)) StoreTo(new BoundArgument(all.Span, argument), copy, field.Offset, 8, false);
        return new MemoryPlace(copy, 0, 8, true);
    }

    /// <summary>Writes a value of any type.</summary>
    /// <param name="expression">The value.</param>
    /// <param name="to">Where to.</param>
    /// <param name="offset">Bytes from there.</param>
    /// <param name="align">What the place is a multiple of.</param>
    /// <param name="padded">Whether every byte must be defined: zeros behind texts and between elements.</param>
    private void StoreTo(BoundExpression expression, Value to, int offset, int align, bool padded)
    {
        var type = expression.Type;
        if (IsNumber(type))
        {
            var number = Scalar(expression);
            if (align >= type.Size) StoreNumber(to, offset, type, number);
            else StoreUnaligned(to, offset, align, type.Size, number);
            return;
        }
        var before = B.Location;
        At(expression.Span);
        switch (expression)
        {
            case BoundTuple tuple: StoreTuple(tuple, to, offset, align, padded); break;
            case BoundText text: StoreText(text, to, offset, align, padded); break;
            case BoundConditional c:
                If(c.Condition, () => StoreTo(c.Then, to, offset, align, padded), () => StoreTo(c.Else, to, offset, align, padded));
                break;
            case BoundBlockExpression { Result: { } result } block:
                Open(block.Block);
                StoreTo(result, to, offset, align, padded);
                break;
            case BoundConversion conversion: StoreConversion(conversion, to, offset, align, padded); break;
            case BoundLocalRead read when _frame.Locals[read.Local].Elements is { } elements:
                var whole = (TupleType)type;
                ClearGaps(whole, to, offset, align, padded);
                for (int i = 0; i < elements.Count; i++) Copy(elements[i], whole.Elements[i], to, offset + whole.Offset(i), Alignments.At(align, offset + whole.Offset(i)), padded);
                break;
            case BoundCall call when call.Intrinsic != BoundIntrinsic.TableText: StoreCall(call, to, offset, align, padded); break;
            default:
                Copy(Find(expression) ?? throw new InvalidOperationException($"{expression.GetType().Name} of type {type} has no place."), type, to, offset, align, padded);
                break;
        }
        B.Location = before;
    }

    private void StoreUnaligned(Value to, int offset, int align, int size, Value number)
    {
        for (int at = 0; at < size; at += align)
            B.Store(to, offset + at, MemoryWidths.Unsigned(align), at == 0 ? number : B.Binary(BinaryOperator.LShr, number, Number(at * 8)));
    }

    private void StoreTuple(BoundTuple tuple, Value to, int offset, int align, bool padded)
    {
        var type = tuple.TupleType;
        ClearGaps(type, to, offset, align, padded);
        for (int i = 0; i < tuple.Elements.Count; i++)
        {
            int at = offset + type.Offset(i);
            StoreTo(tuple.Elements[i], to, at, Math.Min(align, Alignments.At(8, at)), padded);
        }
    }

    // Bytes between elements, and in them.
    private void ClearGaps(TupleType type, Value to, int offset, int align, bool padded)
    {
        if (!padded) return;
        int at = 0;
        for (int i = 0; i <= type.Elements.Count; i++)
        {
            int next = i < type.Elements.Count ? type.Offset(i) : type.Size;
            if (next > at) Zero(to, offset + at, next - at, Math.Min(align, Alignments.At(8, offset + at)));
            if (i < type.Elements.Count) at = next + type.Elements[i].Size;
        }
    }

    private void StoreText(BoundText text, Value to, int offset, int align, bool padded)
    {
        int used = Math.Min(text.Bytes.Length + 1, text.Type.Size);
        int size = padded ? text.Type.Size : used;
        if (size <= 32)
        {
            var bytes = new byte[size];
            text.Bytes.AsSpan(0, Math.Min(text.Bytes.Length, used - 1)).CopyTo(bytes);
            StoreBytes(bytes, to, offset, align);
            return;
        }
        Copy(ConstantBytes(text.Bytes, text.Type.Size), size, to, offset, align);
    }

    private void StoreBytes(ReadOnlySpan<byte> bytes, Value to, int offset, int align)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int width = Math.Min(8, align);
            while (width > bytes.Length - at) width /= 2;
            long value = 0;
            for (int i = width - 1; i >= 0; i--) value = value << 8 | bytes[at + i];
            B.Store(to, offset + at, MemoryWidths.Unsigned(width), width == 8 ? Number(value) : Constant.Int32((int)value));
            at += width;
        }
    }

    /// <summary>Copies a value from where it is.</summary>
    private void Copy(Place from, ScriptType type, Value to, int offset, int align, bool padded)
    {
        if (type.Size == 0) return;
        if (IsNumber(type) && align >= type.Size)
        {
            StoreNumber(to, offset, type, Load(from, type));
            return;
        }
        if (type is StringType && from is not MemoryPlace { IsPadded: true })
        {
            // What lies behind the end is not wanted.
            if (padded && from is MemoryPlace { Align: 8 } name && align == 8 && type.Size == NameWords * 8)
            {
                CopyName(name, to, offset);
                return;
            }
            if (padded) Zero(to, offset, type.Size, align);
            var source = from is MemoryPlace memory ? new RemotePlace(memory.Pointer, memory.Offset, false) : (RemotePlace)from;
            ReadRemote(source, Offset(to, offset), type.Size, text: true);
            return;
        }
        Copy(from, type.Size, to, offset, align);
    }

    // Names of tasks are the texts that events have most of: two words.
    private const int NameWords = 2;

    /// <summary>Copies a short text without what is behind its end, for less than a helper's call.</summary>
    private void CopyName(MemoryPlace from, Value to, int offset)
    {
        const long Ones = 0x0101010101010101;
        Value? mask = null;
        for (int at = 0; at < NameWords * 8; at += 8)
        {
            Value word = B.Load(from.Pointer, from.Offset + at, MemoryWidth.U64, IrType.I64);
            // The lowest byte that is zero has its highest bit here; bytes above it may have it too.
            var zeros = And(And(B.Sub(word, Number(Ones)), Not(word)), Number(Ones << 7));
            // All bits below that byte; all of the word when there is none.
            var before = B.Sub(B.Binary(BinaryOperator.LShr, And(zeros, B.Sub(Number(0), zeros)), Number(7)), Number(1));
            B.Store(to, offset + at, MemoryWidth.U64, mask is null ? And(word, before) : And(And(word, before), mask));
            // Nothing, or all: without the last byte, which is the end at the latest.
            mask = B.Binary(BinaryOperator.LShr, B.Binary(BinaryOperator.AShr, And(B.Sub(zeros, Number(1)), Not(zeros)), Number(63)), Number(8));
        }

        Value And(Value x, Value y) => B.Binary(BinaryOperator.And, x, y);

        Value Not(Value x) => B.Binary(BinaryOperator.Xor, x, Number(-1));
    }

    /// <summary>Copies bytes.</summary>
    private void Copy(Place from, int size, Value to, int offset, int align)
    {
        if (from is MemoryPlace memory)
        {
            int both = Math.Min(align, memory.Align);
            if (size <= InlineCopy && size / both <= 16 && memory.Pointer.Type.Region.Kind != RegionKind.Context)
            {
                B.Append(new MemoryCopy(Offset(to, offset), Offset(memory.Pointer, memory.Offset), size, both));
                return;
            }
            from = new RemotePlace(memory.Pointer, memory.Offset, false);
        }
        ReadRemote((RemotePlace)from, Offset(to, offset), size, text: false);
    }

    /// <summary>Reads memory with a helper: what cannot be read becomes zeros. The result is the helper's.</summary>
    private Value ReadRemote(RemotePlace from, Value to, int size, bool text) => ReadRemote(from, to, Number(size), text);

    private Value ReadRemote(RemotePlace from, Value to, Value size, bool text)
    {
        var address = from.Address.Type.IsPointer ? Offset(from.Address, (int)from.Offset) : from.Offset == 0 ? from.Address : B.Add(from.Address, Number(from.Offset));
        var kind = from.IsUser ? text ? ReadMemoryKind.UserString : ReadMemoryKind.User : text ? ReadMemoryKind.KernelString : ReadMemoryKind.Kernel;
        var result = B.Append(new ReadMemory(kind, to, size, address));
        var helper = from.IsUser ? text ? BpfHelper.ProbeReadUserStr : BpfHelper.ProbeReadUser : text ? BpfHelper.ProbeReadKernelStr : BpfHelper.ProbeReadKernel;
        ReportFailure(result, helper, 2);
        return result;
    }

    /// <summary>Fills memory with zeros.</summary>
    private void Zero(Value to, int offset, int size, int align)
    {
        if (size == 0) return;
        if (size <= InlineZero || size / Math.Max(1, align) <= 16) B.Append(new MemorySet(Offset(to, offset), Constant.Int32(0), size, align));
        else B.Append(new ReadMemory(ReadMemoryKind.Kernel, Offset(to, offset), Number(size), Zeros(size)));
    }

    private void StoreConversion(BoundConversion conversion, Value to, int offset, int align, bool padded)
    {
        var operand = conversion.Operand;
        switch (conversion.Kind)
        {
            case BoundConversionKind.Tuple:
                ConvertTuple(Locate(operand, true), (TupleType)operand.Type, (TupleType)conversion.Type, to, offset, align, padded);
                break;
            case BoundConversionKind.Text when operand is BoundText text:
                StoreText(text with { Type = conversion.Type }, to, offset, align, padded);
                break;
            case BoundConversionKind.Bytes when conversion.Type is StringType && operand.Type.Size >= conversion.Type.Size:
                Copy(Locate(operand, true).Foreign(conversion.Type), conversion.Type, to, offset, align, padded);
                break;
            case BoundConversionKind.Text:
                if (operand is BoundCall or BoundConditional or BoundBlockExpression && operand.Type.Size <= conversion.Type.Size)
                {
                    // Made where it is wanted.
                    if (padded) Zero(to, offset, conversion.Type.Size, align);
                    StoreTo(operand, to, offset, align, false);
                    break;
                }
                ConvertText(Locate(operand, false), operand.Type.Size, conversion.Type.Size, to, offset, align, padded);
                break;
            default:
                int size = conversion.Type.Size;
                if (IsNumber(operand.Type))
                {
                    var slot = _frame.Take(8);
                    B.Store(slot, 0, MemoryWidth.U64, Scalar(operand));
                    Copy(new MemoryPlace(slot, 0, 8, true), Math.Min(8, size), to, offset, align);
                    if (size > 8) Zero(to, offset + 8, size - 8, Math.Min(align, Alignments.At(8, offset)));
                    break;
                }
                Copy(Locate(operand, true), Math.Min(size, operand.Type.Size), to, offset, align);
                if (operand.Type.Size < size) Zero(to, offset + operand.Type.Size, size - operand.Type.Size, Math.Min(align, Alignments.At(8, offset + operand.Type.Size)));
                break;
        }
    }

    private void ConvertText(Place from, int fromSize, int toSize, Value to, int offset, int align, bool padded)
    {
        if (from is MemoryPlace { IsPadded: true } && fromSize <= toSize)
        {
            Copy(from, fromSize, to, offset, align);
            if (padded) Zero(to, offset + fromSize, toSize - fromSize, Math.Min(align, Alignments.At(8, offset + fromSize)));
            return;
        }
        if (padded) Zero(to, offset, toSize, align);
        var source = from is MemoryPlace memory ? new RemotePlace(memory.Pointer, memory.Offset, false) : (RemotePlace)from;
        ReadRemote(source, Offset(to, offset), Math.Min(fromSize, toSize), text: true);
    }

    private void ConvertTuple(Place from, TupleType source, TupleType target, Value to, int offset, int align, bool padded)
    {
        ClearGaps(target, to, offset, align, padded);
        for (int i = 0; i < target.Elements.Count; i++)
        {
            var (old, type) = (source.Elements[i], target.Elements[i]);
            int at = offset + target.Offset(i), there = Math.Min(align, Alignments.At(8, at));
            var element = from.At(source.Offset(i));
            if (old == type) Copy(element, type, to, at, there, padded);
            else if (old is TupleType innerSource && type is TupleType inner) ConvertTuple(element, innerSource, inner, to, at, there, padded);
            else if (old is StringType && type is StringType) ConvertText(element, old.Size, type.Size, to, at, there, padded);
            else StoreNumber(to, at, type, Fit(Load(element, old), type));
        }
    }
}
