using System.Reflection;
using Hornet.Compiler.IR;

namespace Hornet.IL.Values;

/// <summary>
/// What is on the evaluation stack or in a variable while a method is translated. Only <see cref="Scalar"/> and
/// <see cref="Pointer"/> are there when the program runs; the others are what the compiler knows.
/// </summary>
/// <remarks>Values are compared with <see cref="object.Equals(object)"/> where control flow joins: equal ones need no phi.</remarks>
internal abstract record ILValue;

/// <summary>An integer of 32 or 64 bits.</summary>
internal sealed record Scalar(Value Ir) : ILValue
{
    /// <summary>The number when it is known; else null.</summary>
    public long? Known => Ir is Constant constant ? constant.Number : null;

    /// <inheritdoc/>
    public bool Equals(Scalar? other) => other is not null && SameValue(Ir, other.Ir);

    /// <inheritdoc/>
    public override int GetHashCode() => Ir is Constant constant ? constant.Number.GetHashCode() : Ir.GetHashCode();

    /// <summary>Whether two IR values are the same: one object, or equal constants.</summary>
    public static bool SameValue(Value left, Value right) => ReferenceEquals(left, right)
        || (left is Constant a && right is Constant b && a.Number == b.Number && a.Type == b.Type);
}

/// <summary>A pointer and a number of bytes to add, constant and variable.</summary>
/// <remarks>
/// The variable part is added where the pointer is followed: then the checks that bound it come before, and the verifier
/// knows what they say about the sum.
/// </remarks>
internal sealed record Pointer(Value Base, int Offset = 0, Value? Index = null) : ILValue
{
    /// <summary>Whether it is known to be null.</summary>
    public bool IsNull => Base is Constant && Offset == 0 && Index is null;

    /// <summary>What it points into.</summary>
    public Region Region => Base.Type.Region;

    /// <inheritdoc/>
    public bool Equals(Pointer? other) => other is not null && Offset == other.Offset
        && (Index is null ? other.Index is null : other.Index is not null && Scalar.SameValue(Index, other.Index))
        && (Scalar.SameValue(Base, other.Base) || (IsNull && other.IsNull));

    /// <inheritdoc/>
    public override int GetHashCode() => IsNull ? 0 : HashCode.Combine(Base, Offset);
}

/// <summary>The address of a variable, or of a part of one, that has no place in memory.</summary>
/// <param name="Variable">The variable.</param>
/// <param name="FirstLeaf">Where the part begins.</param>
/// <param name="Shape">The part's shape.</param>
internal sealed record VariableAddress(Variable Variable, int FirstLeaf, Shape Shape) : ILValue;

/// <summary>A place in the packet, which is checked when it is followed.</summary>
/// <param name="Context">The program's context.</param>
/// <param name="Offset">Bytes from the packet's beginning, 64 bits wide.</param>
internal sealed record PacketAddress(Value Context, Value Offset) : ILValue
{
    /// <inheritdoc/>
    public bool Equals(PacketAddress? other) => other is not null && ReferenceEquals(Context, other.Context) && Scalar.SameValue(Offset, other.Offset);

    /// <inheritdoc/>
    public override int GetHashCode() => Context.GetHashCode();
}

/// <summary>Constant bytes: the data of a UTF-8 literal, of an array initialiser, of a captured array.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Offset">Where in them it points, 64 bits wide.</param>
internal sealed record ConstantData(byte[] Bytes, Value Offset) : ILValue
{
    /// <inheritdoc/>
    public bool Equals(ConstantData? other) => other is not null && ReferenceEquals(Bytes, other.Bytes) && Scalar.SameValue(Offset, other.Offset);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.GetHashCode();
}

/// <summary>An object that exists now: what a lambda captured, a static readonly field's object, a string literal. Null is one too.</summary>
internal sealed record ObjectConstant(object? Instance) : ILValue
{
    /// <inheritdoc/>
    public bool Equals(ObjectConstant? other) => other is not null && ReferenceEquals(Instance, other.Instance);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(Instance);
}

/// <summary>An object that the kernel code makes and that never leaves it: the variables that a nested lambda captures.</summary>
/// <param name="Type">Its class.</param>
/// <param name="Fields">A variable for each field, in their order.</param>
internal sealed record LocalObject(Type Type, Variable[] Fields) : ILValue
{
    /// <summary>More fields than any such object has: what keys of variables are made with.</summary>
    public const int MostFields = 1024;
}

/// <summary>A delegate whose method is known.</summary>
internal sealed record DelegateValue(Type Type, MethodBase Method, ILValue Target) : ILValue;

/// <summary>A method's address (<c>ldftn</c>).</summary>
internal sealed record MethodAddress(MethodBase Method) : ILValue;

/// <summary>A type, field or method as a value (<c>ldtoken</c>, <c>typeof</c>).</summary>
internal sealed record MemberToken(MemberInfo Member) : ILValue;

/// <summary>A boxed value, which must not get farther than a test of its type.</summary>
internal sealed record BoxedValue(Type Type, ILValue Value) : ILValue;

/// <summary>A struct by its leaves.</summary>
internal sealed record StructValue(StructShape Shape, ILValue[] Leaves) : ILValue
{
    /// <inheritdoc/>
    public bool Equals(StructValue? other) => other is not null && Shape == other.Shape && Leaves.AsSpan().SequenceEqual(other.Leaves);

    /// <inheritdoc/>
    public override int GetHashCode() => Shape.GetHashCode();

    /// <summary>A field's value.</summary>
    public ILValue Field(int index) => Part(Shape.FirstLeaf[index], Shape.Fields[index].Shape);

    /// <summary>A part's value.</summary>
    public ILValue Part(int firstLeaf, Shape shape) => Combine(shape, Leaves.AsSpan(firstLeaf, shape.Leaves.Count));

    /// <summary>Makes a value of leaves.</summary>
    public static ILValue Combine(Shape shape, ReadOnlySpan<ILValue> leaves) => shape is StructShape whole ? new StructValue(whole, leaves.ToArray()) : leaves[0];

    /// <summary>The leaves of any value.</summary>
    public static ReadOnlySpan<ILValue> LeavesOf(ILValue value) => value is StructValue whole ? whole.Leaves : new[] { value };
}

/// <summary>A struct that lies in memory.</summary>
/// <param name="Shape">What it is.</param>
/// <param name="Address">Where.</param>
/// <param name="IsCopy">Whether nobody else writes there; else it must be copied before anything is written.</param>
internal sealed record MemoryValue(MemoryShape Shape, ILValue Address, bool IsCopy) : ILValue;

/// <summary>Two values met that cannot be one. That is an error only where the value is used.</summary>
internal sealed record Conflict(ILValue First, ILValue Second) : ILValue;

/// <summary>What a construct results in that was reported as an error. Whatever is done with it is silently accepted.</summary>
internal sealed record ErrorValue : ILValue
{
    /// <summary>The one value.</summary>
    public static ErrorValue Instance { get; } = new();
}
