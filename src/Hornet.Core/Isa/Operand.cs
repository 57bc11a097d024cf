namespace Hornet.Isa;

/// <summary>
/// The second operand of arithmetic, a comparison or a store: a register or a constant. Both convert by themselves, so
/// that <c>Add(R1, R2)</c> and <c>Add(R1, 8)</c> are the same method.
/// </summary>
public readonly record struct Operand
{
    private Operand(Register register, long constant, bool isConstant)
    {
        Register = register;
        Constant = constant;
        IsConstant = isConstant;
    }

    /// <summary>The register; meaningless for a constant.</summary>
    public Register Register { get; }

    /// <summary>The constant; meaningless for a register.</summary>
    public long Constant { get; }

    /// <summary>Whether this is a constant.</summary>
    public bool IsConstant { get; }

    /// <summary>A register.</summary>
    public static implicit operator Operand(Register register) => FromRegister(register);

    /// <summary>A constant.</summary>
    public static implicit operator Operand(int constant) => FromConstant(constant);

    /// <summary>A constant; 32-bit operations take the unsigned range too.</summary>
    public static implicit operator Operand(long constant) => FromConstant(constant);

    /// <summary>A register.</summary>
    public static Operand FromRegister(Register register) => new(register, 0, false);

    /// <summary>A constant.</summary>
    public static Operand FromConstant(long constant) => new(default, constant, true);
}
