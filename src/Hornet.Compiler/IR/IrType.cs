namespace Hornet.Compiler.IR;

/// <summary>The kinds of value.</summary>
public enum IrTypeKind
{
    /// <summary>No value.</summary>
    Void,
    /// <summary>A 32-bit integer; also truth values, 0 or 1.</summary>
    I32,
    /// <summary>A 64-bit integer.</summary>
    I64,
    /// <summary>A pointer with its region.</summary>
    Pointer,
}

/// <summary>
/// The type of a value. Integers have a width and no sign: operations do. Narrower integers exist only in memory, as on
/// the evaluation stack of .NET.
/// </summary>
public readonly record struct IrType
{
    private IrType(IrTypeKind kind, Region region = default)
    {
        Kind = kind;
        Region = region;
    }

    /// <summary>No value.</summary>
    public static IrType Void => new(IrTypeKind.Void);
    /// <summary>A 32-bit integer.</summary>
    public static IrType I32 => new(IrTypeKind.I32);
    /// <summary>A 64-bit integer.</summary>
    public static IrType I64 => new(IrTypeKind.I64);

    /// <summary>A pointer into a region.</summary>
    public static IrType Pointer(Region region) => new(IrTypeKind.Pointer, region);

    /// <summary>The kind.</summary>
    public IrTypeKind Kind { get; }

    /// <summary>The region; meaningful for pointers.</summary>
    public Region Region { get; }

    /// <summary>Whether this is an integer.</summary>
    public bool IsInteger => Kind is IrTypeKind.I32 or IrTypeKind.I64;

    /// <summary>Whether this is a pointer.</summary>
    public bool IsPointer => Kind == IrTypeKind.Pointer;

    /// <summary>Whether there is no value.</summary>
    public bool IsVoid => Kind == IrTypeKind.Void;

    /// <summary>The width in bits: 32 or 64.</summary>
    public int Bits => Kind == IrTypeKind.I32 ? 32 : 64;

    /// <summary>Whether kind and region are the same. Written out, since the runtime would compile comparers of each enumeration at every start.</summary>
    public bool Equals(IrType other) => Kind == other.Kind && Region.Equals(other.Region);

    /// <inheritdoc/>
    public override int GetHashCode() => ((int)Kind << 24) ^ Region.GetHashCode();

    /// <summary>As printed IR has it: <c>i32</c>, <c>i64</c>, <c>ptr ctx</c>.</summary>
    public override string ToString() => Kind switch
    {
        IrTypeKind.Void => "void",
        IrTypeKind.I32 => "i32",
        IrTypeKind.I64 => "i64",
        _ => $"ptr {Region}",
    };
}

/// <summary>How many bytes of memory a load or store touches, and how a load widens them.</summary>
public enum MemoryWidth
{
    /// <summary>One byte, zero-extended.</summary>
    U8,
    /// <summary>One byte, sign-extended.</summary>
    I8,
    /// <summary>Two bytes, zero-extended.</summary>
    U16,
    /// <summary>Two bytes, sign-extended.</summary>
    I16,
    /// <summary>Four bytes, zero-extended where the result is wider.</summary>
    U32,
    /// <summary>Four bytes, sign-extended where the result is wider.</summary>
    I32,
    /// <summary>Eight bytes.</summary>
    U64,
}

/// <summary>Facts about widths.</summary>
public static class MemoryWidths
{
    /// <summary>The number of bytes.</summary>
    public static int Bytes(this MemoryWidth width) => width switch
    {
        MemoryWidth.U8 or MemoryWidth.I8 => 1,
        MemoryWidth.U16 or MemoryWidth.I16 => 2,
        MemoryWidth.U32 or MemoryWidth.I32 => 4,
        _ => 8,
    };

    /// <summary>Whether a load extends the sign.</summary>
    public static bool IsSigned(this MemoryWidth width) => width is MemoryWidth.I8 or MemoryWidth.I16 or MemoryWidth.I32;

    /// <summary>The width of so many bytes: 1, 2, 4 or 8.</summary>
    public static MemoryWidth Unsigned(int bytes) => bytes switch
    {
        1 => MemoryWidth.U8,
        2 => MemoryWidth.U16,
        4 => MemoryWidth.U32,
        8 => MemoryWidth.U64,
        _ => throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "Memory is accessed by 1, 2, 4 or 8 bytes."),
    };
}
