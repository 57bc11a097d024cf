namespace Hornet.Btf;

/// <summary>The kinds of BTF type (<c>BTF_KIND_*</c>, include/uapi/linux/btf.h). The numbers are the kernel's.</summary>
public enum BtfKind : byte
{
    /// <summary>Type 0, <c>void</c>.</summary>
    Void = 0,
    /// <summary>An integer of up to 128 bits.</summary>
    Int = 1,
    /// <summary>A pointer.</summary>
    Pointer = 2,
    /// <summary>An array; 0 elements at the end of a struct is a flexible array.</summary>
    Array = 3,
    /// <summary>A struct.</summary>
    Struct = 4,
    /// <summary>A union.</summary>
    Union = 5,
    /// <summary>An enumeration whose values fit 32 bits.</summary>
    Enum = 6,
    /// <summary>A forward declaration of a struct or union.</summary>
    Forward = 7,
    /// <summary>A typedef.</summary>
    Typedef = 8,
    /// <summary><c>volatile</c>.</summary>
    Volatile = 9,
    /// <summary><c>const</c>.</summary>
    Const = 10,
    /// <summary><c>restrict</c>.</summary>
    Restrict = 11,
    /// <summary>A function: a name and a prototype. With linkage since 5.6.</summary>
    Function = 12,
    /// <summary>The parameters and return type of a function.</summary>
    FunctionPrototype = 13,
    /// <summary>A global variable (5.2).</summary>
    Variable = 14,
    /// <summary>A data section: which variables lie where (5.2).</summary>
    DataSection = 15,
    /// <summary>A floating point number (5.13).</summary>
    Float = 16,
    /// <summary><c>__attribute__((btf_decl_tag))</c> (5.16).</summary>
    DeclTag = 17,
    /// <summary><c>__attribute__((btf_type_tag))</c> (5.17).</summary>
    TypeTag = 18,
    /// <summary>An enumeration with 64-bit values (6.0).</summary>
    Enum64 = 19,
}

/// <summary>Who can see a function or variable (<c>BTF_FUNC_*</c>, <c>BTF_VAR_*</c>: the same numbers).</summary>
public enum BtfLinkage : uint
{
    /// <summary>Only its file.</summary>
    Static = 0,
    /// <summary>Everyone; the verifier checks a global function by itself.</summary>
    Global = 1,
    /// <summary>It is defined elsewhere: a kfunc, a ksym or a kconfig value.</summary>
    Extern = 2,
}

/// <summary>How an integer is meant (<c>BTF_INT_*</c>).</summary>
[Flags]
public enum BtfIntEncoding : byte
{
    /// <summary>Unsigned.</summary>
    None = 0,
    /// <summary>Signed.</summary>
    Signed = 1,
    /// <summary>A character.</summary>
    Char = 2,
    /// <summary>A truth value.</summary>
    Bool = 4,
}

internal static class BtfKindExtensions
{
    internal const int Count = 20;

    /// <summary>The name used in messages, as the C keyword where there is one.</summary>
    public static string Describe(this BtfKind kind) => kind switch
    {
        BtfKind.Void => "void",
        BtfKind.Int => "int",
        BtfKind.Pointer => "ptr",
        BtfKind.Array => "array",
        BtfKind.Struct => "struct",
        BtfKind.Union => "union",
        BtfKind.Enum => "enum",
        BtfKind.Forward => "fwd",
        BtfKind.Typedef => "typedef",
        BtfKind.Volatile => "volatile",
        BtfKind.Const => "const",
        BtfKind.Restrict => "restrict",
        BtfKind.Function => "func",
        BtfKind.FunctionPrototype => "func_proto",
        BtfKind.Variable => "var",
        BtfKind.DataSection => "datasec",
        BtfKind.Float => "float",
        BtfKind.DeclTag => "decl_tag",
        BtfKind.TypeTag => "type_tag",
        BtfKind.Enum64 => "enum64",
        _ => $"kind {(int)kind}",
    };

    /// <summary>Whether the third word of the record is a type id (otherwise it is a size, or unused).</summary>
    public static bool RefersToType(this BtfKind kind) => kind switch
    {
        BtfKind.Pointer or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.Function
            or BtfKind.FunctionPrototype or BtfKind.Variable or BtfKind.DeclTag or BtfKind.TypeTag => true,
        _ => false,
    };

    /// <summary>Bytes after the 12-byte head that every type of the kind has, and bytes per element; -1 for unknown kinds.</summary>
    public static (int Fixed, int Element) RecordShape(int kind) => kind switch
    {
        1 => (4, 0),
        3 => (12, 0),
        4 or 5 or 15 or 19 => (0, 12),
        6 or 13 => (0, 8),
        14 or 17 => (4, 0),
        2 or 7 or 8 or 9 or 10 or 11 or 12 or 16 or 18 => (0, 0),
        _ => (-1, -1),
    };
}
