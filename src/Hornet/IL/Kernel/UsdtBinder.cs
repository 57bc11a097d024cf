using System.Reflection;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Links;

namespace Hornet.IL.Kernel;

/// <summary>Gives a lambda's parameters the arguments of a static probe, by position, from where the binary's notes say they lie.</summary>
internal sealed class UsdtBinder(Translator translator, MethodInfo method, Value context, UsdtProbe probe)
{
    /// <summary>Makes the arguments; what does not fit is reported.</summary>
    public ILValue[] Bind()
    {
        var parameters = ProbeBinder.Parameters(method);
        var values = new ILValue[parameters.Length];
        int position = 0;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = parameters[i].ParameterType == typeof(ProbeContext)
                ? new StructValue((StructShape)Shape.Of(typeof(ProbeContext)), [new Pointer(context)])
                : Read(parameters[i], position++);
            if (translator.Current is null) break;
        }
        for (int i = 0; i < values.Length; i++) values[i] ??= ErrorValue.Instance;
        return values;
    }

    private ErrorValue Fail(string message)
    {
        translator.Report(TracingRules.Parameters, message, translator.FrameLocation(method, 0));
        return ErrorValue.Instance;
    }

    private ILValue Read(ParameterInfo parameter, int index)
    {
        var wanted = parameter.ParameterType;
        var layouts = probe.Layouts;
        foreach (var layout in layouts)
        {
            if (index >= layout.Count) return Fail($"the static probe {probe} has {layout.Count} arguments, and the lambda wants '{parameter.Name}' as number {index + 1}");
            if (layout[index].Kind == UsdtArgumentKind.Unreadable) return Fail($"argument {index + 1} of the static probe {probe} is '{layout[index].Text}', which programs cannot read");
        }
        var first = layouts[0][index];
        if (AddressType.IsOne(wanted))
        {
            return first.Size == 8 ? AddressType.Make(wanted, Fetch(index)) : Fail($"argument {index + 1} of the static probe {probe} is {first.Size} bytes wide ('{first.Text}'), no address, and '{parameter.Name}' is {Names.Of(wanted)}");
        }
        if (Shape.Of(wanted) is not ScalarShape { IsFloat: false } scalar) return Fail($"'{parameter.Name}' is {Names.Of(wanted)}; an argument of a static probe is a number, UserPtr<T> or UserString");
        if (scalar.Size != first.Size) return Fail($"argument {index + 1} of the static probe {probe} is {first.Size} bytes wide ('{first.Text}'), and '{parameter.Name}' is {Names.Of(wanted)}, {scalar.Size}: write {Suggest(first)}");
        var word = Fetch(index);
        return translator.Coerce(new Scalar(scalar.IrType == IrType.I64 ? word : translator.Narrow(word)), scalar);
    }

    private static string Suggest(UsdtArgument argument) => argument.Size switch
    {
        1 => argument.IsSigned ? "sbyte" : "byte",
        2 => argument.IsSigned ? "short" : "ushort",
        4 => argument.IsSigned ? "int" : "uint",
        _ => argument.IsSigned ? "long" : "ulong",
    };

    // The cookie of each place is the number of its layout.
    private Value Fetch(int index)
    {
        var layouts = probe.Layouts;
        if (layouts.Select(l => l[index] with { Text = "" }).Distinct().Count() == 1) return Fetch(layouts[0][index]);
        var cookie = translator.Call(BpfHelper.GetAttachCookie, IrType.I64, context);
        ILValue Try(int layout) => layout == layouts.Count - 1
            ? new Scalar(Fetch(layouts[layout][index]))
            : translator.Choose(translator.Comparison(Predicate.Equal, cookie, Translator.Number(layout)), () => new Scalar(Fetch(layouts[layout][index])), () => Try(layout + 1));
        return Try(0) is Scalar found ? found.Ir : Translator.Number(0);
    }

    private Value Fetch(UsdtArgument argument)
    {
        int unused = 64 - argument.Size * 8;
        if (argument.Kind == UsdtArgumentKind.Constant) return Fit(Translator.Number(argument.Value), unused, argument.IsSigned);
        if (argument.Kind == UsdtArgumentKind.Register) return Fit(Register(argument.RegisterOffset), unused, argument.IsSigned);
        var address = Register(argument.RegisterOffset);
        if (argument.Kind == UsdtArgumentKind.IndexedMemory)
            address = translator.Arithmetic(BinaryOperator.Add, address, translator.Arithmetic(BinaryOperator.Mul, Register(argument.IndexOffset), Translator.Number(argument.Scale)));
        address = translator.Arithmetic(BinaryOperator.Add, address, Translator.Number(argument.Value));
        var slot = translator.NewSlot(8, 8, uninitialized: false);
        // What is not in memory reads as zero.
        translator.Emit(new ReadMemory(ReadMemoryKind.User, slot, Translator.Number(argument.Size), address));
        return Fit(translator.Emit(new Load(slot, 0, MemoryWidth.U64, IrType.I64)), unused, argument.IsSigned);
    }

    private Value Fit(Value value, int unused, bool signed)
    {
        if (unused == 0) return value;
        value = translator.Arithmetic(BinaryOperator.Shl, value, Translator.Number(unused));
        return translator.Arithmetic(signed ? BinaryOperator.AShr : BinaryOperator.LShr, value, Translator.Number(unused));
    }

    // %ah and its like are the second byte of a register.
    private Value Register(int offset)
    {
        Value value = translator.Emit(new Load(context, offset & ~7, MemoryWidth.U64, IrType.I64));
        return (offset & 7) == 0 ? value : translator.Arithmetic(BinaryOperator.LShr, value, Translator.Number((offset & 7) * 8));
    }
}
