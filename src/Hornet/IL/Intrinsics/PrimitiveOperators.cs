using System.Reflection;
using Hornet.IL.Values;

namespace Hornet.IL.Intrinsics;

/// <summary>
/// Generic arithmetic: <c>T : INumber&lt;T&gt;</c> on an integer calls the type's own implementation of an operator, whose
/// body is that one operation. These bodies are the only ones of the runtime library that are compiled from IL.
/// </summary>
internal static class PrimitiveOperators
{
    private static readonly string[] s_members =
    [
        "get_Zero", "get_One", "get_MaxValue", "get_MinValue", "get_NegativeOne", "get_AdditiveIdentity", "get_MultiplicativeIdentity", "get_AllBitsSet",
        "IsEvenInteger", "IsOddInteger", "IsZero", "IsNegative", "IsPositive",
    ];

    /// <summary>All names, for the analyzers.</summary>
    public static IEnumerable<string> KnownNames =>
        BitIntrinsics.Integers.SelectMany(type => (string[])[.. s_members, "CreateTruncating", "CreateChecked", "Equals", "CompareTo", "op_*"], (type, member) => $"{type.FullName}.{member}");

    public static Intrinsic? Find(MethodBase method)
    {
        if (method.DeclaringType is not { } type) return null;
        if (type == typeof(char) || type == typeof(bool)) return method.Name == "Equals" || (method.Name == "CompareTo" && type == typeof(char)) ? call => ValueIntrinsics.CompareNumbers(call, method.Name == "Equals") : null;
        if (!BitIntrinsics.Integers.Contains(type)) return null;
        string name = method.Name[(method.Name.LastIndexOf('.') + 1)..];
        if (name is "CreateTruncating" or "CreateChecked") return call => Create(call, isChecked: name == "CreateChecked");
        if (name is "Equals" or "CompareTo") return call => ValueIntrinsics.CompareNumbers(call, name == "Equals");
        if (!name.StartsWith("op_", StringComparison.Ordinal) && !s_members.Contains(name)) return null;
        return call => call.Translator.CallMethod(call.Method, call.Target, call.Arguments, null);
    }

    private static ILValue? Create(IntrinsicCall call, bool isChecked)
    {
        if (Shape.Of(call.TypeArgument()) is not ScalarShape { IsFloat: false } from || Shape.Of(call.ReturnType) is not ScalarShape { IsFloat: false } to) return call.Decline();
        return call.Translator.ConvertNumber(call.Number(0), from, to, isChecked);
    }
}
