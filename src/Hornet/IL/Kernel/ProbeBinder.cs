using System.Reflection;
using Hornet.Btf;
using Hornet.Compiler.IR;
using Hornet.Compiler.KernelTypes;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Kernel;

/// <summary>
/// Gives a lambda's parameters the arguments of what is probed: by name where its names are those of the function, by
/// position elsewhere; checked against the types that the kernel tells.
/// </summary>
internal sealed class ProbeBinder(Translator translator, MethodInfo method, Value context, ProbeSignature signature)
{
    private static readonly string[] s_resultNames = ["result", "ret", "retval", "returnvalue"];

    /// <summary>Makes the arguments; what does not fit is reported.</summary>
    public ILValue[] Bind()
    {
        var parameters = Parameters(method);
        var values = new ILValue[parameters.Length];
        var sources = Match(parameters);
        for (int i = 0; i < values.Length; i++)
            values[i] = sources is null ? ErrorValue.Instance : IsContext(parameters[i]) ? ContextValue(parameters[i]) : Read(parameters[i], sources[i]!);
        return values;
    }

    /// <summary>The parameters of a delegate's method; one that is bound already is none of them.</summary>
    public static ParameterInfo[] Parameters(MethodInfo method)
    {
        var parameters = method.GetParameters();
        // A closed static method: the compiler's trick for lambdas without captures in expression trees, and extension methods.
        return method.IsStatic && parameters is [{ ParameterType.IsValueType: false, Name: null or "" }, ..] ? parameters[1..] : parameters;
    }

    private static bool IsContext(ParameterInfo parameter) => parameter.ParameterType.IsDefined(typeof(KernelContextAttribute), false);

    private static bool IsDiscard(ParameterInfo parameter) => parameter.Name is null || parameter.Name.All(c => c is '_' or >= '0' and <= '9');

    private ErrorValue Fail(string message)
    {
        translator.Report(TracingRules.Parameters, message, translator.FrameLocation(method, 0));
        return ErrorValue.Instance;
    }

    private ILValue ContextValue(ParameterInfo parameter)
    {
        if (parameter.ParameterType == typeof(ProbeContext) && !signature.HasRegisters) return Fail($"{signature.Name} is not probed with the registers, so there is no {nameof(ProbeContext)}");
        return new StructValue((StructShape)Shape.Of(parameter.ParameterType), [new Pointer(context)]);
    }

    private ProbeValue?[]? Match(ParameterInfo[] parameters)
    {
        var sources = new ProbeValue?[parameters.Length];
        List<ProbeValue> places = [.. signature.Arguments];
        if (signature.Result is { } result) places.Add(result);
        var byName = new int[parameters.Length];
        bool inOrder = true;
        string? named = null, unnamed = null;
        int position = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            byName[i] = -1;
            if (IsContext(parameters[i])) continue;
            string name = parameters[i].Name ?? "";
            byName[i] = IsDiscard(parameters[i]) ? -1 : places.FindIndex(p => p.Name.Length > 0 && p != signature.Result && KernelViews.SameName(name, p.Name));
            if (byName[i] < 0 && signature.Result is not null && s_resultNames.Contains(name.ToLowerInvariant())) byName[i] = places.Count - 1;
            if (byName[i] >= 0)
            {
                inOrder &= byName[i] == position;
                named ??= name;
            }
            else if (!IsDiscard(parameters[i]))
            {
                unnamed ??= name;
            }
            position++;
        }
        if (named is not null && unnamed is not null && !inOrder)
        {
            Fail($"the parameters are bound by name ('{named}' is one of {signature}), and '{unnamed}' is none of its parameters");
            return null;
        }
        position = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            if (IsContext(parameters[i])) continue;
            int at = byName[i] >= 0 ? byName[i] : inOrder ? position : IsDiscard(parameters[i]) ? 0 : -1;
            if (at < 0 || at >= places.Count)
            {
                if (signature.IsVoid && s_resultNames.Contains((parameters[i].Name ?? "").ToLowerInvariant())) Fail($"{signature.Name} returns nothing, so there is no '{parameters[i].Name}'");
                else Fail($"{signature} has {Count(signature.Arguments.Count, "parameter")}{(signature.Result is null ? "" : " and a result")}, and the lambda wants {Count(parameters.Count(p => !IsContext(p)), "parameter")}");
                return null;
            }
            sources[i] = places[at];
            position++;
        }
        return sources;
    }

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";

    private ILValue Read(ParameterInfo parameter, ProbeValue source)
    {
        var wanted = parameter.ParameterType;
        string says = source.Type is { } declared ? $"'{(source == signature.Result ? "the result" : source.Name)}' of {signature.Name} is '{BtfCFormatter.TypeName(declared)}'" : "";
        if (source.Offset < 0) return IsDiscard(parameter) ? Fallback(wanted) : Fail($"{says}, which is passed in memory or takes several registers: programs cannot have it as '{parameter.Name}'");
        var type = source.Type?.Resolve();
        if (IsDiscard(parameter)) return Fallback(wanted);
        if (KernelViews.NameOf(wanted) is { } view) return ReadView(parameter, source, type, view, says);
        if (AddressType.IsOne(wanted))
        {
            if (type is { Kind: not BtfKind.Pointer } && !(type is { Kind: BtfKind.Int, Size: 8 })) return Fail($"{says}, no pointer, and '{parameter.Name}' is {Names.Of(wanted)}");
            if (AddressType.IsString(wanted) && type is { Kind: BtfKind.Pointer } text && text.Target.Resolve() is { Kind: BtfKind.Pointer } or { IsComposite: true })
                return Fail($"{says}, no text, and '{parameter.Name}' is {Names.Of(wanted)}");
            return AddressType.Make(wanted, Word(source, IrType.I64));
        }
        if (wanted.IsByRef) return ReadReference(parameter, source, type, says);
        if (Shape.Of(wanted) is not ScalarShape { IsFloat: false } scalar)
            return Fail($"'{parameter.Name}' is {Names.Of(wanted)}; a parameter is a number, a view of a kernel type, KernelPtr<T>, UserPtr<T>, KernelString or UserString");
        if (type is { } known)
        {
            if (known.Kind is not (BtfKind.Int or BtfKind.Pointer) && !known.IsEnum) return Fail($"{says}, no number, and '{parameter.Name}' is {Names.Of(wanted)}");
            if (known.ByteSize != scalar.Size) return Fail($"{says}, {Count((int)known.ByteSize, "byte")} wide, and '{parameter.Name}' is {Names.Of(wanted)}, {scalar.Size}: write {Suggest(known)}");
        }
        var word = Word(source, IrType.I64);
        return translator.Coerce(new Scalar(scalar.IrType == IrType.I64 ? word : translator.Narrow(word)), scalar);
    }

    private ILValue ReadView(ParameterInfo parameter, ProbeValue source, BtfType? type, string view, string says)
    {
        if (type is not { } known) return new Pointer(Word(source, IrType.Pointer(Region.KernelUntrusted(view))));
        if (known.Kind != BtfKind.Pointer) return Fail($"{says}, no pointer, and '{parameter.Name}' is {Names.Of(parameter.ParameterType)}, a view of {view}");
        var target = known.Target.Resolve();
        string name = MemberPath.NameOf(known.Target, "");
        if ((target.IsComposite || target.Kind == BtfKind.Forward) && name != view)
            return Fail($"{says}, and '{parameter.Name}' is {Names.Of(parameter.ParameterType)}, a view of {view}");
        if (!target.IsComposite && target.Kind is not (BtfKind.Void or BtfKind.Forward)) return Fail($"{says}, and '{parameter.Name}' is {Names.Of(parameter.ParameterType)}, a view of {view}");
        bool trusted = signature.Trusted && target.IsComposite && !MemberPath.HasTag(known, "user") && !MemberPath.HasTag(known, "percpu");
        var pointer = Word(source, IrType.Pointer(trusted ? Region.Kernel(view) : Region.KernelUntrusted(view)));
        if (signature.EndsAtNull) translator.LeaveProgramIf(translator.Comparison(Predicate.Equal, pointer, Constant.Null(pointer.Type.Region)));
        return new Pointer(pointer);
    }

    // A key or value that an iterator over a map goes along: memory that the verifier knows.
    private ILValue ReadReference(ParameterInfo parameter, ProbeValue source, BtfType? type, string says)
    {
        var target = Shape.Of(parameter.ParameterType.GetElementType()!);
        if (!signature.EndsAtNull || type is not { Kind: BtfKind.Pointer } pointer || pointer.Target.Resolve().Kind != BtfKind.Void || !target.IsPlainData)
            return Fail($"{(says.Length == 0 ? signature.Name : says)}, and '{parameter.Name}' is {Names.Of(parameter.ParameterType)}: write UserPtr<T> or KernelPtr<T> for a pointer");
        var address = Word(source, IrType.Pointer(Region.MapValue(target.Size)));
        translator.LeaveProgramIf(translator.Comparison(Predicate.Equal, address, Constant.Null(address.Type.Region)));
        return new Pointer(address);
    }

    private Load Word(ProbeValue source, IrType type) => translator.Emit(new Load(context, source.Offset, MemoryWidth.U64, type));

    private ILValue Fallback(Type type) => Shape.Of(type) is { } shape && !type.IsByRef ? translator.Default(shape) : ErrorValue.Instance;

    private static string Suggest(BtfType type)
    {
        bool signed = type.IsSigned;
        return type.ByteSize switch
        {
            1 => type is { Kind: BtfKind.Int } && type.IntEncoding.HasFlag(BtfIntEncoding.Bool) ? "bool" : signed ? "sbyte" : "byte",
            2 => signed ? "short" : "ushort",
            4 => signed ? "int" : "uint",
            _ => signed ? "long" : "ulong",
        };
    }
}
