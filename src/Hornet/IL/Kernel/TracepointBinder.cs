using System.Reflection;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Kernel;

namespace Hornet.IL.Kernel;

/// <summary>Reads the fields of a tracepoint's record by name, as the kernel's own description of the event says.</summary>
internal sealed class TracepointBinder(Translator translator, MethodInfo method, Value context, string tracepoint, TracepointFormat format)
{
    /// <summary>Each parameter is a field; one that is a struct by reference has fields as its own.</summary>
    public ILValue[] Bind()
    {
        var parameters = ProbeBinder.Parameters(method);
        var values = new ILValue[parameters.Length];
        for (int i = 0; i < values.Length; i++)
        {
            var type = parameters[i].ParameterType;
            values[i] = type.IsByRef ? Reference(i, Record(type.GetElementType()!))
                : IsRecord(type) ? Record(type)
                : Field(parameters[i].Name ?? "", type, $"'{parameters[i].Name}'", null) ?? ErrorValue.Instance;
        }
        return values;
    }

    private static bool IsRecord(Type type) => type.IsValueType && !AddressType.IsOne(type) && ScalarShape.TryCreate(type) is null;

    private ILValue? Fail(string message)
    {
        translator.Report(TracingRules.Parameters, message, translator.FrameLocation(method, 0));
        return null;
    }

    // What "in" refers to: a variable of nobody's.
    private ILValue Reference(int index, ILValue value)
    {
        if (value is ErrorValue) return value;
        return translator.AddressOf(translator.DeclareArgument(index, method, value));
    }

    private ILValue Record(Type type)
    {
        var shape = Shape.Of(type);
        if (!shape.IsPlainData) return Fail($"{Names.Of(type)} holds references; a record has numbers, KernelString, UserString, KernelPtr<T> and UserPtr<T>") ?? ErrorValue.Instance;
        var fields = Layout.InstanceFields(type);
        if (shape is StructShape whole)
        {
            List<ILValue> leaves = [];
            bool failed = false;
            foreach (var field in fields)
            {
                var value = Field(FieldName(field), field.FieldType, $"{Names.Of(type)}.{FieldName(field)}", null);
                failed |= value is null or ErrorValue;
                if (!failed) leaves.AddRange(StructValue.LeavesOf(value!));
            }
            return failed ? ErrorValue.Instance : new StructValue(whole, [.. leaves]);
        }
        // With arrays inside it is filled in memory.
        Pointer slot = new(translator.NewSlot(shape.Size, 8, uninitialized: false));
        foreach (var field in fields)
        {
            var place = slot with { Offset = Layout.OffsetOf(field) };
            if (Field(FieldName(field), field.FieldType, $"{Names.Of(type)}.{FieldName(field)}", place) is not { } value) return ErrorValue.Instance;
            if (value is not MemoryValue) translator.StoreTo(place, Shape.Of(field.FieldType), value, false);
        }
        return new MemoryValue((MemoryShape)shape, slot, true);
    }

    // The field behind an automatic property has its name in brackets.
    private static string FieldName(FieldInfo field) => field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>')] : field.Name;

    private ILValue? Field(string name, Type type, string who, Pointer? place)
    {
        var found = format.Fields.FirstOrDefault(f => !f.IsCommon && KernelViews.SameName(name, f.Name));
        if (found is null)
        {
            string? suggestion = CloseNames.Suggest(KernelViews.SnakeCase(name), format.Fields.Where(f => !f.IsCommon).Select(f => f.Name));
            return Fail($"{who} is no field of {tracepoint}: {string.Join(", ", format.Fields.Where(f => !f.IsCommon).Select(f => f.Name))}. {suggestion}".TrimEnd());
        }
        string says = $"{found.Name} of {tracepoint} is '{found.TypeName}{(found.Kind != TracepointFieldKind.Plain || found.ArrayLength is null ? "[]" : found.ArrayLength > 0 ? $"[{found.ArrayLength}]" : "")}', {found.Size} bytes";
        bool isArray = found.Kind != TracepointFieldKind.Plain || found.ArrayLength is null or > 0;
        if (AddressType.IsOne(type))
        {
            if (isArray)
            {
                if (AddressType.IsUser(type)) return Fail($"{says} in the record itself, which is in the kernel: {who} must be {(AddressType.IsString(type) ? "KernelString" : "KernelPtr<T>")}, not {Names.Of(type)}");
                return AddressType.Make(type, AddressIn(found));
            }
            return found.Size == 8 ? AddressType.Make(type, Word(found, 8, IrType.I64)) : Fail($"{says}, no address, and {who} is {Names.Of(type)}");
        }
        if (Shape.Of(type) is MemoryShape memory)
        {
            if (!isArray || found.Kind != TracepointFieldKind.Plain || found.Size != memory.Size) return Fail($"{says}, and {who} is {Names.Of(type)}, {memory.Size} bytes");
            for (int at = 0; at < memory.Size;)
            {
                int width = 8;
                while (width > memory.Size - at || (found.Offset + at) % width != 0) width /= 2;
                var part = Load(found.Offset + at, width, width == 8 ? IrType.I64 : IrType.I32, false);
                translator.Emit(new Store(place!.Base, place.Offset + at, MemoryWidths.Unsigned(width), part));
                at += width;
            }
            return new MemoryValue(memory, place!, true);
        }
        if (Shape.Of(type) is not ScalarShape { IsFloat: false } scalar) return Fail($"{who} is {Names.Of(type)}; a field is a number, an array of fixed size, KernelString, UserString, KernelPtr<T> or UserPtr<T>");
        if (isArray) return Fail($"{says}, an array: {who} must be {(found.TypeName.EndsWith("char", StringComparison.Ordinal) ? "KernelString" : "KernelPtr<T>")}, not {Names.Of(type)}");
        // The records of system calls have eight bytes for every argument.
        var declared = CType.ByName(found.TypeName);
        bool narrower = found.Size == 8 && declared.Bits < 64 && scalar.Size * 8 == declared.Bits;
        bool signed = narrower ? declared.IsSigned : found.IsSigned;
        bool isPointer = found.TypeName.EndsWith('*');
        if (scalar.Size != found.Size && !narrower) return Fail($"{says}, and {who} is {Names.Of(type)}, {scalar.Size}: write {Suggest(found.Size, found.IsSigned)}");
        if (scalar.IsSigned != signed && !isPointer && !type.IsEnum && type != typeof(bool) && type != typeof(char))
            return Fail($"{says}, {(signed ? "signed" : "unsigned")}, and {who} is {Names.Of(type)}: write {Suggest(scalar.Size, signed)}");
        return translator.Coerce(new Scalar(Load(found.Offset, scalar.Size, scalar.IrType, scalar.IsSigned)), scalar);
    }

    private static string Suggest(int size, bool signed) => size switch
    {
        1 => signed ? "sbyte" : "byte",
        2 => signed ? "short" : "ushort",
        4 => signed ? "int" : "uint",
        _ => signed ? "long" : "ulong",
    };

    private Load Word(TracepointField field, int size, IrType type) => Load(field.Offset, size, type, false);

    private Load Load(int offset, int size, IrType type, bool signed) => translator.Emit(new Load(context, offset, (size, signed) switch
    {
        (1, true) => MemoryWidth.I8,
        (2, true) => MemoryWidth.I16,
        (4, true) => MemoryWidth.I32,
        _ => MemoryWidths.Unsigned(size),
    }, type));

    // Where an array lies: in the record, or where the record says.
    private Value AddressIn(TracepointField field)
    {
        var start = translator.Emit(new Conversion(ConversionKind.PointerToInteger, context, IrType.I64));
        if (field.Kind == TracepointFieldKind.Plain) return translator.Arithmetic(BinaryOperator.Add, start, Translator.Number(field.Offset));
        var location = translator.Widen(Load(field.Offset, 4, IrType.I32, false), false);
        var offset = translator.Arithmetic(BinaryOperator.And, location, Translator.Number(0xffff));
        if (field.Kind == TracepointFieldKind.RelativeLocation) offset = translator.Arithmetic(BinaryOperator.Add, offset, Translator.Number(field.Offset + 4));
        return translator.Arithmetic(BinaryOperator.Add, start, offset);
    }
}
