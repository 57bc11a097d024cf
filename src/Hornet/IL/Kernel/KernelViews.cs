using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using Hornet.KernelTypes;

namespace Hornet.IL.Kernel;

/// <summary>Interfaces that are views of kernel types, and which fields their properties are.</summary>
internal static class KernelViews
{
    private static readonly ConcurrentDictionary<Type, string?> s_names = [];

    /// <summary>Whether a type is a view of a kernel type.</summary>
    public static bool IsView(Type type) => type.IsInterface && NameOf(type) is not null;

    /// <summary>The kernel's name of the type; null for a type that is no view.</summary>
    public static string? NameOf(Type type) => s_names.GetOrAdd(type, static t =>
        t.GetCustomAttribute<KernelTypeAttribute>(false)?.Name
        ?? t.GetInterfaces().Select(i => i.GetCustomAttribute<KernelTypeAttribute>(false)?.Name).FirstOrDefault(name => name is not null));

    /// <summary>Whether a method is a property of a view that has no body: a field.</summary>
    public static bool IsField(MethodBase method) =>
        method is { IsAbstract: true, IsStatic: false, DeclaringType: { } type } && IsView(type);

    /// <summary>The property a getter belongs to; null when it is none.</summary>
    public static PropertyInfo? PropertyOf(MethodBase getter) => getter.IsSpecialName && getter.Name.StartsWith("get_", StringComparison.Ordinal)
        ? getter.DeclaringType!.GetProperty(getter.Name[4..], BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        : null;

    /// <summary>The ways to the field that a property is, in the order they are tried.</summary>
    public static IReadOnlyList<string> PathsOf(PropertyInfo property) =>
        property.GetCustomAttribute<KernelFieldAttribute>(false)?.Paths ?? [SnakeCase(property.Name)];

    /// <summary>A name as C writes it: <c>RealParent</c> is <c>real_parent</c>.</summary>
    public static string SnakeCase(string name)
    {
        StringBuilder text = new();
        for (int i = 0; i < name.Length; i++)
        {
            bool begins = char.IsUpper(name[i]) && i > 0 && name[i - 1] != '_' && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }

    /// <summary>Whether a C# name and a C name are the same but for case and underscores.</summary>
    public static bool SameName(string managed, string kernel) =>
        string.Equals(managed.Replace("_", "", StringComparison.Ordinal), kernel.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}
