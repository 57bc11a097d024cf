using System.Reflection;
using Hornet.IL.Intrinsics;

namespace Hornet.IL.Library;

/// <summary>Says of which types' static methods a class has bodies to compile.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SubstitutesAttribute(Type type) : Attribute
{
    /// <summary>The type; for <see cref="System.Numerics.INumber{TSelf}"/> every integer type, which is then the first type argument.</summary>
    public Type Type { get; } = type;
}

/// <summary>
/// Methods of the runtime's library as C# that is compiled like the program's own: theirs use vectors, tables or exceptions.
/// A method stands in for the one with the same name, type arguments and parameters.
/// </summary>
internal static class Substitutes
{
    private static readonly Dictionary<(Type, string), MethodInfo[]> s_methods = Build();

    /// <summary>What to compile in place of a method; null when it has no substitute.</summary>
    public static Intrinsic? Find(MethodBase method)
    {
        if (method is not MethodInfo { IsStatic: true, DeclaringType: { } type } called) return null;
        bool isInteger = Array.IndexOf(BitIntrinsics.Integers, type) >= 0;
        if (!s_methods.TryGetValue((type, method.Name), out var candidates) && !(isInteger && s_methods.TryGetValue((typeof(System.Numerics.INumber<>), method.Name), out candidates))) return null;
        Type[] arguments = candidates[0].DeclaringType!.GetCustomAttribute<SubstitutesAttribute>()!.Type == typeof(System.Numerics.INumber<>) ? [type, .. called.GetGenericArguments()] : called.GetGenericArguments();
        foreach (var candidate in candidates)
        {
            if (candidate.GetGenericArguments().Length != arguments.Length) continue;
            var body = arguments.Length == 0 ? candidate : candidate.MakeGenericMethod(arguments);
            if (Parameters(body).SequenceEqual(Parameters(called))) return call => call.Translator.Invoke(body, null, call.Arguments, isVirtual: false);
        }
        return null;
    }

    /// <summary>The names of all methods that have a substitute, for documentation and tests.</summary>
    public static IEnumerable<(Type Type, string Name)> KnownNames => s_methods.Keys;

    /// <summary>The same as intrinsics are named; of every integer type where a method is for all of them.</summary>
    public static IEnumerable<string> KnownMembers => KnownNames.SelectMany(known => known.Type == typeof(System.Numerics.INumber<>) ? BitIntrinsics.Integers : [known.Type], (known, type) => $"{type.FullName}.{known.Name}");

    private static IEnumerable<Type> Parameters(MethodInfo method) => method.GetParameters().Select(parameter => parameter.ParameterType);

    private static Dictionary<(Type, string), MethodInfo[]> Build() =>
        (from type in (Type[])[typeof(SpanBodies), typeof(AsciiBodies), typeof(CharBodies), typeof(MathBodies), typeof(IntegerBodies), typeof(BitBodies), typeof(BitConverterBodies)]
         from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
         group method by (type.GetCustomAttribute<SubstitutesAttribute>()!.Type, method.Name))
        .ToDictionary(group => group.Key, group => group.ToArray());
}
