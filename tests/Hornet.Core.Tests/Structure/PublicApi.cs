using System.Globalization;
using System.Reflection;
using System.Text;

namespace Hornet.Core.Tests.Structure;

/// <summary>Writes an assembly's public surface as text: one type per block, members sorted, as C# would declare them.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private static readonly NullabilityInfoContext s_nullability = new();

    public static string Describe(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            foreach (string member in Members(type).Distinct().Order(StringComparer.Ordinal)) text.Append("    ").Append(member).Append('\n');
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Header(Type type)
    {
        string kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.BaseType == typeof(MulticastDelegate) ? "delegate"
            : type.IsValueType ? (type.GetCustomAttributes().Any(a => a.GetType().Name == "IsReadOnlyAttribute") ? "readonly struct" : "struct")
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        IEnumerable<Type> inherited = type.GetInterfaces().Where(i => i.IsPublic).OrderBy(i => i.Name, StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) && parent != typeof(MulticastDelegate)) inherited = inherited.Prepend(parent);
        string bases = type.IsEnum ? Name(Enum.GetUnderlyingType(type)) : string.Join(", ", inherited.Select(Name));
        return $"{kind} {type.Namespace}.{Name(type)}{(bases.Length > 0 ? " : " + bases : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            foreach (FieldInfo value in type.GetFields(BindingFlags.Static | BindingFlags.Public))
            {
                yield return $"{value.Name} = {Convert.ToString(value.GetRawConstantValue(), CultureInfo.InvariantCulture)}";
            }
            yield break;
        }
        foreach (FieldInfo field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
        {
            yield return $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}{(field.IsLiteral ? " = " + Literal(field.GetRawConstantValue()) : "")}";
        }
        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            MethodInfo? get = Visible(property.GetMethod), set = Visible(property.SetMethod);
            if (get is null && set is null) continue;
            bool init = set?.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit") == true;
            string index = string.Join(", ", property.GetIndexParameters().Select(Parameter));
            string nullable = !property.PropertyType.IsValueType && s_nullability.Create(property) is { ReadState: NullabilityState.Nullable } ? "?" : "";
            bool required = property.GetCustomAttributes().Any(a => a.GetType().Name == "RequiredMemberAttribute");
            yield return $"{Modifiers((get ?? set)!)}{(required ? "required " : "")}{Name(property.PropertyType)}{nullable} {(index.Length > 0 ? $"this[{index}]" : property.Name)} {{ {(get is null ? "" : "get; ")}{(set is null ? "" : init ? "init; " : "set; ")}}}";
        }
        foreach (EventInfo happening in type.GetEvents(Declared).Where(e => Visible(e.AddMethod) is not null))
        {
            yield return $"{Modifiers(happening.AddMethod!)}event {Name(happening.EventHandlerType!)} {happening.Name}";
        }
        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(c => !c.IsStatic && Visible(c) is not null))
        {
            yield return $"{(constructor.IsPublic ? "" : "protected ")}{Name(type).Split('<')[0]}({string.Join(", ", constructor.GetParameters().Select(Parameter))})";
        }
        foreach (MethodInfo method in type.GetMethods(Declared).Where(m => Visible(m) is not null && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))))
        {
            // What the compiler writes into every record says nothing.
            if (method.Name is "<Clone>$" or "PrintMembers" or "Deconstruct" || method.GetCustomAttributes().Any(a => a.GetType().Name == "CompilerGeneratedAttribute")) continue;
            string generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";
            string nullable = !method.ReturnType.IsValueType && method.ReturnType != typeof(void) && s_nullability.Create(method.ReturnParameter) is { ReadState: NullabilityState.Nullable } ? "?" : "";
            yield return $"{Modifiers(method)}{Name(method.ReturnType)}{nullable} {method.Name}{generic}({string.Join(", ", method.GetParameters().Select(Parameter))})";
        }
    }

    private static T? Visible<T>(T? method) where T : MethodBase => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true } ? method : null;

    private static string Modifiers(MethodBase method) =>
        (method.IsPublic ? "" : "protected ")
        + (method.IsStatic ? "static " : method.IsAbstract ? "abstract " : method is MethodInfo m && m.IsVirtual && !m.IsFinal ? (m.GetBaseDefinition() != m ? "override " : "virtual ") : "");

    private static string Parameter(ParameterInfo parameter)
    {
        string by = parameter.ParameterType.IsByRef ? (parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ") : "";
        string nullable = !parameter.ParameterType.IsValueType && !parameter.ParameterType.IsByRef && s_nullability.Create(parameter) is { ReadState: NullabilityState.Nullable } ? "?" : "";
        return $"{by}{Name(parameter.ParameterType)}{nullable} {parameter.Name}{(parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue) : "")}";
    }

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter) return type.Name;
        if (Nullable.GetUnderlyingType(type) is { } inner) return Name(inner) + "?";
        string name = s_keywords.GetValueOrDefault(type) ?? type.Name;
        if (type is { IsNested: true, IsGenericParameter: false }) name = $"{Name(type.DeclaringType!).Split('<')[0]}.{name}";
        if (!type.IsGenericType) return name;
        int tick = name.LastIndexOf('`');
        return tick < 0 ? name : $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }

    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(char)] = "char",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };
}
