using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>
/// Refuses C# types whose bytes are not what the kernel would take them for. The kernel compares keys byte by byte, so
/// padding, whose bytes nobody sets, makes equal keys different; automatic layout lets the runtime move the fields; a
/// <c>bool</c> that is neither 0 nor 1 breaks C#'s assumptions; a <c>char</c> is two bytes, not C's one.
/// </summary>
/// <remarks>
/// The fields are read by reflection, once for each type. Map types annotate their type parameters, so trimming and
/// native AOT keep the fields' descriptions. Should those of a nested struct be gone all the same, it is taken as sound.
/// </remarks>
internal static class ElementLayout
{
    /// <summary>What a type parameter has to keep for the check.</summary>
    public const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    /// <summary>Refuses a type that cannot be a key.</summary>
    /// <exception cref="BpfException">It cannot; the message says why.</exception>
    public static void CheckKey<[DynamicallyAccessedMembers(Fields)] T>() where T : unmanaged
    {
        if (Checked<T>.KeyDefect is { } defect) throw new BpfException($"{typeof(T).Name} cannot be the key of a map: {defect}");
    }

    /// <summary>Refuses a type that cannot be a value. Padding is allowed: nobody compares values.</summary>
    /// <exception cref="BpfException">It cannot; the message says why.</exception>
    public static void CheckValue<[DynamicallyAccessedMembers(Fields)] T>() where T : unmanaged
    {
        if (Checked<T>.ValueDefect is { } defect) throw new BpfException($"{typeof(T).Name} cannot be the value of a map: {defect}");
    }

    private static class Checked<[DynamicallyAccessedMembers(Fields)] T> where T : unmanaged
    {
        public static readonly string? KeyDefect = Defect(typeof(T), "", 0) ?? Padding(typeof(T), "", 0);
        public static readonly string? ValueDefect = Defect(typeof(T), "", 0);
    }

    private static string? Defect([DynamicallyAccessedMembers(Fields)] Type type, string path, int depth)
    {
        string where = path.Length == 0 ? "it" : $"its field {path}";
        if (type == typeof(bool)) return $"{where} is a bool, and memory that a program writes may hold other bytes than 0 and 1. Use byte.";
        if (type == typeof(char)) return $"{where} is a char, which has 2 bytes in C# and 1 in C. Use byte or ushort.";
        if (type.IsPrimitive || type.IsEnum || type.IsPointer || depth > 8) return null;
        if (type.IsAutoLayout)
            return $"{where} is a {type.Name} with automatic layout, so its fields may be anywhere. Use a struct with [StructLayout(LayoutKind.Sequential)]{(type.Name.StartsWith("ValueTuple", StringComparison.Ordinal) ? " instead of a tuple" : "")}.";
        foreach (var field in InstanceFields(type))
        {
            if (Defect(ElementType(field), Join(path, field), depth + 1) is { } defect) return defect;
        }
        return null;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "A nested type without field descriptions is taken as sound.")]
    private static string? Padding([DynamicallyAccessedMembers(Fields)] Type type, string path, int depth)
    {
        if (type.IsPrimitive || type.IsEnum || type.IsPointer || depth > 8) return null;
        var fields = InstanceFields(type);
        foreach (var field in fields)
        {
            if (field.IsDefined(typeof(FixedBufferAttribute))) continue;
            if (Padding(field.FieldType, Join(path, field), depth + 1) is { } defect) return defect;
        }
        if (fields.Length == 0 || type.IsDefined(typeof(InlineArrayAttribute))) return null;
        int size = Size(type);
        var covered = new bool[size];
        int at = 0;
        foreach (var field in fields)
        {
            int length = Size(field.FieldType);
            if (type.IsExplicitLayout)
            {
                if (field.GetCustomAttribute<FieldOffsetAttribute>() is not { } offset) return null;
                at = offset.Value;
            }
            if (at + length <= size) covered.AsSpan(at, length).Fill(true);
            at += length;
        }
        int missing = covered.Count(c => !c);
        if (missing == 0) return null;
        string where = path.Length == 0 ? "it" : $"its field {path}";
        return $"{where} has {missing} byte{(missing == 1 ? "" : "s")} of padding, and the kernel compares those too. Reorder the fields, add fields for the gaps, or use [StructLayout(LayoutKind.Sequential, Pack = 1)] where the program's struct is packed.";
    }

    private static FieldInfo[] InstanceFields([DynamicallyAccessedMembers(Fields)] Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    [UnconditionalSuppressMessage("Trimming", "IL2073", Justification = "A nested type without field descriptions is taken as sound.")]
    [return: DynamicallyAccessedMembers(Fields)]
    private static Type ElementType(FieldInfo field) =>
        field.GetCustomAttribute<FixedBufferAttribute>()?.ElementType ?? field.FieldType;

    private static int Size(Type type) => type.IsPointer ? IntPtr.Size : RuntimeHelpers.SizeOf(type.TypeHandle);

    // An automatic property's field is named <Name>k__BackingField.
    private static string Join(string path, FieldInfo field)
    {
        string name = field.Name;
        if (name.StartsWith('<') && name.IndexOf('>') is var end and > 1) name = name[1..end];
        return path.Length == 0 ? name : $"{path}.{name}";
    }
}
