using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Hornet.Compiler.IR;

namespace Hornet.IL.Values;

/// <summary>
/// How the compiler holds a value of a type. A struct is taken apart into its leaves (integers, references) and each is
/// an SSA variable of its own, so that a span, a tuple or a nullable never touches memory; what cannot be taken apart
/// (fixed buffers, unions, large structs) lives in a stack slot.
/// </summary>
internal abstract class Shape(Type type)
{
    private static readonly ConcurrentDictionary<Type, Shape> s_shapes = [];

    // Above this a struct is cheaper in memory than in registers that would be spilled anyway.
    private const int MostLeaves = 24;

    /// <summary>The C# type.</summary>
    public Type Type { get; } = type;

    /// <summary>The parts, in order; a scalar has itself as its only leaf.</summary>
    public virtual IReadOnlyList<Leaf> Leaves => [new Leaf("", 0, this)];

    /// <summary>The size in memory in bytes.</summary>
    public virtual int Size => Layout.SizeOf(Type);

    /// <summary>Whether all of it are bytes: no references, nothing managed.</summary>
    public abstract bool IsPlainData { get; }

    /// <summary>The shape of a type.</summary>
    public static Shape Of(Type type) => s_shapes.GetOrAdd(type, Create);

    /// <summary>Whether a type is a read-only or writable span.</summary>
    public static bool IsSpan(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() is var definition
        && (definition == typeof(Span<>) || definition == typeof(ReadOnlySpan<>));

    private static Shape Create(Type type)
    {
        if (type.IsByRef || type.IsPointer || type.IsFunctionPointer) return new PointerShape(type);
        if (type == typeof(void)) return new StructShape(type, []);
        if (Kernel.KernelViews.IsView(type)) return new KernelViewShape(type);
        if (!type.IsValueType) return new ObjectShape(type);
        if (ScalarShape.TryCreate(type) is { } scalar) return scalar;
        if (IsSpan(type))
        {
            return new StructShape(type,
            [
                new Field("reference", null, Of(type.GetGenericArguments()[0].MakeByRefType()), 0),
                new Field("length", null, Of(typeof(int)), 8),
            ]);
        }
        if (type.IsDefined(typeof(InlineArrayAttribute), false) || type.IsDefined(typeof(UnsafeValueTypeAttribute), false)) return new MemoryShape(type);
        // A context is the pointer that the kernel gives the program.
        if (type.IsDefined(typeof(KernelContextAttribute), false)) return new StructShape(type, [new Field("context", null, Of(typeof(byte).MakeByRefType()), 0)]);
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            var inner = Of(underlying);
            if (inner is MemoryShape) return new MemoryShape(type);
            return new StructShape(type, [new Field("hasValue", null, Of(typeof(bool)), 0), new Field("value", null, inner, Layout.NullableValueOffset(type))]);
        }
        return CreateStruct(type);
    }

    private static Shape CreateStruct(Type type)
    {
        var infos = Layout.InstanceFields(type);
        var fields = new Field[infos.Length];
        bool memory = false, managed = false;
        int leaves = 0, end = 0;
        for (int i = 0; i < infos.Length; i++)
        {
            var shape = Of(infos[i].FieldType);
            memory |= shape is MemoryShape;
            managed |= !shape.IsPlainData;
            leaves += shape.Leaves.Count;
        }
        for (int i = 0; i < infos.Length; i++)
        {
            var shape = Of(infos[i].FieldType);
            // A struct with references never lies in memory, so its offsets mean nothing.
            int offset = managed ? 0 : Layout.OffsetOf(infos[i]);
            if (!managed)
            {
                if (type.IsExplicitLayout && offset < end) memory = true; // a union
                end = Math.Max(end, offset + shape.Size);
            }
            fields[i] = new Field(infos[i].Name, infos[i], shape, offset);
        }
        if (!managed && (memory || leaves > MostLeaves)) return new MemoryShape(type);
        return new StructShape(type, fields);
    }
}

/// <summary>A part of a shape that is not divided further.</summary>
/// <param name="Path">The names on the way, for messages.</param>
/// <param name="Offset">Where it lies in memory, from the start of the whole.</param>
/// <param name="Shape">What it is.</param>
internal readonly record struct Leaf(string Path, int Offset, Shape Shape);

/// <summary>A field of a struct.</summary>
internal sealed record Field(string Name, FieldInfo? Info, Shape Shape, int Offset);

/// <summary>An integer, a Boolean, a character, an enumeration. Floating-point numbers have a place in memory but no arithmetic.</summary>
internal sealed class ScalarShape : Shape
{
    private ScalarShape(Type type, MemoryWidth width, IrType irType, bool isSigned, bool isFloat) : base(type)
    {
        Width = width;
        IrType = irType;
        IsSigned = isSigned;
        IsFloat = isFloat;
    }

    /// <summary>How it is loaded and stored.</summary>
    public MemoryWidth Width { get; }

    /// <summary>What it is on the evaluation stack.</summary>
    public IrType IrType { get; }

    /// <summary>Whether it is signed.</summary>
    public bool IsSigned { get; }

    /// <summary>Whether it is a floating-point number, which eBPF does not have.</summary>
    public bool IsFloat { get; }

    /// <inheritdoc/>
    public override bool IsPlainData => true;

    /// <summary>The scalar a type is; null when it is none.</summary>
    public static ScalarShape? TryCreate(Type type)
    {
        if (type == typeof(nint)) return new(type, MemoryWidth.U64, IrType.I64, true, false);
        if (type == typeof(nuint)) return new(type, MemoryWidth.U64, IrType.I64, false, false);
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean or TypeCode.Byte => new(type, MemoryWidth.U8, IrType.I32, false, false),
            TypeCode.SByte => new(type, MemoryWidth.I8, IrType.I32, true, false),
            TypeCode.Char or TypeCode.UInt16 => new(type, MemoryWidth.U16, IrType.I32, false, false),
            TypeCode.Int16 => new(type, MemoryWidth.I16, IrType.I32, true, false),
            TypeCode.Int32 => new(type, MemoryWidth.I32, IrType.I32, true, false),
            TypeCode.UInt32 => new(type, MemoryWidth.U32, IrType.I32, false, false),
            TypeCode.Int64 => new(type, MemoryWidth.U64, IrType.I64, true, false),
            TypeCode.UInt64 => new(type, MemoryWidth.U64, IrType.I64, false, false),
            TypeCode.Single => new(type, MemoryWidth.U32, IrType.I32, true, true),
            TypeCode.Double => new(type, MemoryWidth.U64, IrType.I64, true, true),
            _ => null,
        };
    }
}

/// <summary>A reference or a pointer.</summary>
internal class PointerShape(Type type) : Shape(type)
{
    /// <summary>What it points to.</summary>
    public Type Target => Type.IsFunctionPointer ? typeof(void) : Type.GetElementType()!;

    /// <inheritdoc/>
    public override bool IsPlainData => Type.IsPointer;

    /// <inheritdoc/>
    public override int Size => 8;
}

/// <summary>A pointer to an object of the kernel, seen as an interface with some of its fields.</summary>
internal sealed class KernelViewShape(Type type) : PointerShape(type)
{
    /// <inheritdoc/>
    public override bool IsPlainData => false;
}

/// <summary>An object: in the kernel only one that is known when the program is compiled.</summary>
internal sealed class ObjectShape(Type type) : Shape(type)
{
    /// <inheritdoc/>
    public override bool IsPlainData => false;

    /// <inheritdoc/>
    public override int Size => 8;
}

/// <summary>A struct whose leaves are variables of their own.</summary>
internal sealed class StructShape : Shape
{
    private readonly Leaf[] _leaves;

    public StructShape(Type type, Field[] fields) : base(type)
    {
        Fields = fields;
        List<Leaf> leaves = [];
        FirstLeaf = new int[fields.Length];
        for (int i = 0; i < fields.Length; i++)
        {
            FirstLeaf[i] = leaves.Count;
            foreach (var leaf in fields[i].Shape.Leaves)
                leaves.Add(new Leaf(leaf.Path.Length == 0 ? fields[i].Name : $"{fields[i].Name}.{leaf.Path}", fields[i].Offset + leaf.Offset, leaf.Shape));
        }
        _leaves = [.. leaves];
        IsPlainData = fields.All(field => field.Shape.IsPlainData);
    }

    /// <summary>The fields in the order of their declaration.</summary>
    public Field[] Fields { get; }

    /// <summary>The index of each field's first leaf.</summary>
    public int[] FirstLeaf { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Leaf> Leaves => _leaves;

    /// <inheritdoc/>
    public override bool IsPlainData { get; }

    /// <summary>The index of a field; negative when there is none.</summary>
    public int IndexOf(FieldInfo field) =>
        Array.FindIndex(Fields, candidate => candidate.Info is { } info && info.MetadataToken == field.MetadataToken && info.Module == field.Module);

    /// <summary>The index of a field by its name.</summary>
    public int IndexOf(string name) => Array.FindIndex(Fields, candidate => candidate.Name == name);
}

/// <summary>Bytes that stay together in a stack slot.</summary>
internal sealed class MemoryShape(Type type) : Shape(type)
{
    /// <inheritdoc/>
    public override bool IsPlainData => true;
}
