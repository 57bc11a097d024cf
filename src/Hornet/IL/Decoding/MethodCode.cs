using System.Reflection;
using System.Reflection.Metadata;

namespace Hornet.IL.Decoding;

/// <summary>A method's decoded body, with what its tokens mean.</summary>
internal sealed class MethodCode
{
    private readonly Type[]? _typeArguments;
    private readonly Type[]? _methodArguments;

    private MethodCode(MethodBase method, MethodBody body, ILInstruction[] instructions)
    {
        Method = method;
        Instructions = instructions;
        Locals = [.. body.LocalVariables.Select(local => local.LocalType)];
        Clauses = [.. body.ExceptionHandlingClauses];
        InitializesLocals = body.InitLocals;
        _typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        _methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;

        var parameters = method.GetParameters();
        int first = method.IsStatic ? 0 : 1;
        ArgumentTypes = new Type[parameters.Length + first];
        ArgumentNames = new string[ArgumentTypes.Length];
        if (first == 1)
        {
            var self = method.DeclaringType!;
            ArgumentTypes[0] = self.IsValueType ? self.MakeByRefType() : self;
            ArgumentNames[0] = "this";
        }
        for (int i = 0; i < parameters.Length; i++)
        {
            ArgumentTypes[i + first] = parameters[i].ParameterType;
            ArgumentNames[i + first] = parameters[i].Name ?? $"argument{i}";
        }
        Writable = FindWrittenArguments(instructions, ArgumentTypes.Length);
    }

    /// <summary>The method, with all its type arguments.</summary>
    public MethodBase Method { get; }

    /// <summary>The instructions in the order of their offsets.</summary>
    public ILInstruction[] Instructions { get; }

    /// <summary>The types of the local variables.</summary>
    public Type[] Locals { get; }

    /// <summary>The types of the arguments, <c>this</c> included.</summary>
    public Type[] ArgumentTypes { get; }

    /// <summary>The names of the arguments.</summary>
    public string[] ArgumentNames { get; }

    /// <summary>Which arguments are assigned or have their address taken; the others never change.</summary>
    public bool[] Writable { get; }

    /// <summary>Whether locals are zero at first.</summary>
    public bool InitializesLocals { get; }

    /// <summary>The protected regions, innermost first.</summary>
    public ExceptionHandlingClause[] Clauses { get; }

    /// <summary>Reads a method's body; null when it has none (abstract, extern, made by Reflection.Emit).</summary>
    /// <exception cref="BpfFormatException">The body is damaged.</exception>
    public static MethodCode? TryRead(MethodBase method)
    {
        MethodBody? body;
        try
        {
            body = method.GetMethodBody();
        }
        catch (InvalidOperationException)
        {
            return null; // DynamicMethod, Expression.Compile
        }
        return body?.GetILAsByteArray() is { } bytes ? new MethodCode(method, body, ILDecoder.Decode(bytes)) : null;
    }

    /// <summary>The instruction at an offset.</summary>
    public int IndexOf(int offset) => ILDecoder.IndexOf(Instructions, offset);

    /// <summary>What a method token means here.</summary>
    public MethodBase ResolveMethod(int token) => Method.Module.ResolveMethod(token, _typeArguments, _methodArguments)!;

    /// <summary>What a field token means here.</summary>
    public FieldInfo ResolveField(int token) => Method.Module.ResolveField(token, _typeArguments, _methodArguments)!;

    /// <summary>What a type token means here.</summary>
    public Type ResolveType(int token) => Method.Module.ResolveType(token, _typeArguments, _methodArguments);

    /// <summary>What a token of any kind means here (<c>ldtoken</c>).</summary>
    public MemberInfo ResolveMember(int token) => Method.Module.ResolveMember(token, _typeArguments, _methodArguments)!;

    /// <summary>A string literal.</summary>
    public string ResolveString(int token) => Method.Module.ResolveString(token);

    private static bool[] FindWrittenArguments(ILInstruction[] instructions, int count)
    {
        var written = new bool[count];
        foreach (ref readonly var instruction in instructions.AsSpan())
        {
            if (instruction.OpCode is ILOpCode.Starg or ILOpCode.Ldarga && instruction.Index < count) written[instruction.Index] = true;
        }
        return written;
    }
}
