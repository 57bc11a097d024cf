using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hornet.IL.Values;

/// <summary>
/// Where the runtime puts the fields of a struct. <see cref="Marshal.OffsetOf{T}(string)"/> speaks of another layout
/// (a Boolean has four bytes there), so offsets are computed as the runtime does for sequential layout and measured
/// where the layout is automatic.
/// </summary>
internal static class Layout
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> s_fields = [];
    private static readonly ConcurrentDictionary<(Module, int, Type), int> s_offsets = [];

    /// <summary>The size of a type in memory, in bytes.</summary>
    public static int SizeOf(Type type) =>
        type.IsPointer || type.IsByRef || type.IsFunctionPointer || !type.IsValueType ? 8 : RuntimeHelpers.SizeOf(type.TypeHandle);

    /// <summary>The instance fields in the order of their declaration.</summary>
    public static FieldInfo[] InstanceFields(Type type) =>
        s_fields.GetOrAdd(type, static t => [.. t.GetFields(Instance).OrderBy(field => field.MetadataToken)]);

    /// <summary>The alignment the type has in a sequential struct.</summary>
    public static int AlignmentOf(Type type)
    {
        if (!type.IsValueType || type.IsPrimitive || type.IsEnum) return Math.Min(8, SizeOf(type));
        int alignment = 1;
        foreach (var field in InstanceFields(type)) alignment = Math.Max(alignment, AlignmentOf(field.FieldType));
        int pack = type.StructLayoutAttribute is { Pack: > 0 } layout ? layout.Pack : 8;
        return Math.Min(alignment, pack);
    }

    /// <summary>The offset of a field in its struct.</summary>
    public static int OffsetOf(FieldInfo field)
    {
        var type = field.DeclaringType!;
        return s_offsets.GetOrAdd((field.Module, field.MetadataToken, type), static (_, f) => Find(f), field);
    }

    /// <summary>Where the value of a nullable lies.</summary>
    public static int NullableValueOffset(Type nullable) => SizeOf(nullable) - SizeOf(Nullable.GetUnderlyingType(nullable)!) is var rest
        ? Math.Max(1, Math.Min(rest, AlignmentOf(Nullable.GetUnderlyingType(nullable)!))) : 0;

    private static int Find(FieldInfo field)
    {
        var type = field.DeclaringType!;
        if (type.IsExplicitLayout && field.GetCustomAttribute<FieldOffsetAttribute>() is { } explicitOffset) return explicitOffset.Value;
        if (type.IsLayoutSequential) return Sequential(type, field);
        return Measure(type, field);
    }

    private static int Sequential(Type type, FieldInfo wanted)
    {
        int pack = type.StructLayoutAttribute is { Pack: > 0 } layout ? layout.Pack : 8;
        int at = 0, found = -1;
        foreach (var field in InstanceFields(type))
        {
            int alignment = Math.Min(pack, AlignmentOf(field.FieldType));
            at = (at + alignment - 1) / alignment * alignment;
            if (field.MetadataToken == wanted.MetadataToken) found = at;
            at += SizeOf(field.FieldType);
        }
        // The runtime lays out some sequential structs automatically (those with managed fields, for instance).
        return at <= SizeOf(type) && SizeOf(type) - at < 8 ? found : Measure(type, wanted);
    }

    // Sets the one field to ones in an object of zeros, and looks which bytes changed. Needs no code generation.
    private static unsafe int Measure(Type type, FieldInfo field)
    {
        int size = SizeOf(type);
        object box = RuntimeHelpers.GetUninitializedObject(type);
        object ones = RuntimeHelpers.GetUninitializedObject(field.FieldType);
        Data(ones, SizeOf(field.FieldType)).Fill(0xff);
        field.SetValue(box, ones);
        int offset = Data(box, size).IndexOf((byte)0xff);
        return offset >= 0 ? offset : throw new BpfException($"The offset of {type.Name}.{field.Name} cannot be found out.");
    }

    /// <summary>The bytes of a boxed value.</summary>
    public static unsafe Span<byte> Data(object box, int size) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<StrongBox<byte>>(box).Value, size);
}
