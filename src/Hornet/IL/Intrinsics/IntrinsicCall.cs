using System.Reflection;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary>What a method of a library becomes in the kernel. Null is the result of a method without one.</summary>
internal delegate ILValue? Intrinsic(IntrinsicCall call);

/// <summary>A call that an intrinsic translates.</summary>
internal sealed class IntrinsicCall(Translator translator, MethodBase method, ILValue? target, ILValue[] arguments)
{
    public Translator Translator { get; } = translator;

    public MethodBase Method { get; } = method;

    /// <summary>The object or, for structs, its address; null for static methods and constructors.</summary>
    public ILValue? Target { get; } = target;

    public ILValue[] Arguments { get; } = arguments;

    /// <summary>Whether the intrinsic found that this overload is not its business.</summary>
    public bool Declined { get; private set; }

    public Type DeclaringType => Method.DeclaringType!;

    /// <summary>The type of a parameter.</summary>
    public Type ParameterType(int index) => Method.GetParameters()[index].ParameterType;

    /// <summary>The type that the method results in.</summary>
    public Type ReturnType => Method is MethodInfo info ? info.ReturnType : typeof(void);

    /// <summary>A type argument of the method.</summary>
    public Type TypeArgument(int index = 0) => Method.GetGenericArguments()[index];

    /// <summary>A type argument of the declaring type.</summary>
    public Type OwnerArgument(int index = 0) => DeclaringType.GetGenericArguments()[index];

    /// <summary>An argument that is a number.</summary>
    public Value Number(int index) => Arguments[index] is Scalar scalar
        ? scalar.Ir
        : throw new InvalidOperationException($"Argument {index} of {Method} is {Arguments[index]}.");

    /// <summary>Says that this overload is not supported.</summary>
    public ILValue? Decline()
    {
        Declined = true;
        return null;
    }

    /// <summary>A result that is a truth value.</summary>
    public static ILValue Truth(bool value) => new Scalar(Constant.Boolean(value));
}
