namespace Hornet.Btf;

/// <summary>What a CO-RE relocation asks of the target's types (<c>enum bpf_core_relo_kind</c>). The numbers are LLVM's and the kernel's.</summary>
public enum CoreRelocationKind : uint
{
    /// <summary>A field's offset in bytes.</summary>
    FieldByteOffset = 0,
    /// <summary>A field's size in bytes.</summary>
    FieldByteSize = 1,
    /// <summary>Whether the field exists: 1 or 0.</summary>
    FieldExists = 2,
    /// <summary>Whether the field is signed: 1 or 0.</summary>
    FieldSigned = 3,
    /// <summary>How far to shift a 64-bit word left so that a bitfield begins at its top.</summary>
    FieldLeftShift64 = 4,
    /// <summary>How far to shift it right again.</summary>
    FieldRightShift64 = 5,
    /// <summary>The type's id in the program's own BTF.</summary>
    TypeIdLocal = 6,
    /// <summary>The type's id in the target.</summary>
    TypeIdTarget = 7,
    /// <summary>Whether the type exists: 1 or 0.</summary>
    TypeExists = 8,
    /// <summary>The type's size in bytes.</summary>
    TypeSize = 9,
    /// <summary>Whether the enumeration value exists: 1 or 0.</summary>
    EnumValueExists = 10,
    /// <summary>The enumeration value's number.</summary>
    EnumValue = 11,
    /// <summary>Whether a type exists that matches this one in all its members: 1 or 0.</summary>
    TypeMatches = 12,
}

/// <summary>A place in the code that depends on the target's types (<c>struct bpf_core_relo</c>).</summary>
/// <param name="InstructionOffset">Bytes from the section's beginning.</param>
/// <param name="TypeId">The root type, in the program's own BTF.</param>
/// <param name="Access">The path to the field or value: <c>0:1:2</c>.</param>
/// <param name="Kind">What is asked.</param>
public readonly record struct CoreRelocation(uint InstructionOffset, uint TypeId, string Access, CoreRelocationKind Kind);
