namespace Hornet.Btf;

/// <summary>What <see cref="BtfValue.Visit"/> reports of a value, in order. Text, JSON and tables are made from it.</summary>
public interface IBtfValueVisitor
{
    /// <summary>A struct or union begins; its members follow, each after <see cref="Member"/>.</summary>
    void BeginStruct(BtfType type);

    /// <summary>The next value is this member's. Members of anonymous structs and unions are reported as the outer one's.</summary>
    void Member(string name);

    /// <summary>The struct or union ends.</summary>
    void EndStruct();

    /// <summary>An array begins; its elements follow.</summary>
    void BeginArray(BtfType type, int length);

    /// <summary>The array ends.</summary>
    void EndArray();

    /// <summary>A signed number.</summary>
    void Signed(BtfType type, Int128 value);

    /// <summary>An unsigned number.</summary>
    void Unsigned(BtfType type, UInt128 value);

    /// <summary>A truth value.</summary>
    void Bool(bool value);

    /// <summary>A floating point number.</summary>
    void Float(double value);

    /// <summary>An array of characters, up to its first zero. The bytes are as the kernel has them: escape them before they reach a terminal.</summary>
    void Text(ReadOnlySpan<byte> bytes);

    /// <summary>An enumeration's value.</summary>
    /// <param name="type">The enumeration.</param>
    /// <param name="name">The enumerator; null when none has this value.</param>
    /// <param name="value">The number.</param>
    void Enum(BtfType type, string? name, long value);

    /// <summary>An address.</summary>
    void Pointer(BtfType type, ulong address);

    /// <summary>Bytes of a type without a shape of its own (a forward declaration, an odd float).</summary>
    void Raw(ReadOnlySpan<byte> bytes);
}
