namespace Hornet.Isa;

// Arithmetic. Each operation comes in 64 bits and, with the suffix 32, in 32 bits (which clears the upper half).
public sealed partial class Assembler
{
    /// <summary>Adds: <c>rdst += operand</c>.</summary>
    public Assembler Add(Register dst, Operand operand) => Alu(AluOp.Add, dst, operand, is32: false);

    /// <summary>Adds: <c>wdst += operand</c>.</summary>
    public Assembler Add32(Register dst, Operand operand) => Alu(AluOp.Add, dst, operand, is32: true);

    /// <summary>Subtracts: <c>rdst -= operand</c>.</summary>
    public Assembler Sub(Register dst, Operand operand) => Alu(AluOp.Sub, dst, operand, is32: false);

    /// <summary>Subtracts: <c>wdst -= operand</c>.</summary>
    public Assembler Sub32(Register dst, Operand operand) => Alu(AluOp.Sub, dst, operand, is32: true);

    /// <summary>Multiplies: <c>rdst *= operand</c>.</summary>
    public Assembler Mul(Register dst, Operand operand) => Alu(AluOp.Mul, dst, operand, is32: false);

    /// <summary>Multiplies: <c>wdst *= operand</c>.</summary>
    public Assembler Mul32(Register dst, Operand operand) => Alu(AluOp.Mul, dst, operand, is32: true);

    /// <summary>Divides, unsigned; by zero gives 0: <c>rdst /= operand</c>.</summary>
    public Assembler Div(Register dst, Operand operand) => Alu(AluOp.Div, dst, operand, is32: false);

    /// <summary>Divides, unsigned; by zero gives 0: <c>wdst /= operand</c>.</summary>
    public Assembler Div32(Register dst, Operand operand) => Alu(AluOp.Div, dst, operand, is32: true);

    /// <summary>Takes the unsigned remainder; modulo zero changes nothing: <c>rdst %= operand</c>.</summary>
    public Assembler Mod(Register dst, Operand operand) => Alu(AluOp.Mod, dst, operand, is32: false);

    /// <summary>Takes the unsigned remainder; modulo zero changes nothing: <c>wdst %= operand</c>.</summary>
    public Assembler Mod32(Register dst, Operand operand) => Alu(AluOp.Mod, dst, operand, is32: true);

    /// <summary>Ors: <c>rdst |= operand</c>.</summary>
    public Assembler Or(Register dst, Operand operand) => Alu(AluOp.Or, dst, operand, is32: false);

    /// <summary>Ors: <c>wdst |= operand</c>.</summary>
    public Assembler Or32(Register dst, Operand operand) => Alu(AluOp.Or, dst, operand, is32: true);

    /// <summary>Ands: <c>rdst &amp;= operand</c>.</summary>
    public Assembler And(Register dst, Operand operand) => Alu(AluOp.And, dst, operand, is32: false);

    /// <summary>Ands: <c>wdst &amp;= operand</c>.</summary>
    public Assembler And32(Register dst, Operand operand) => Alu(AluOp.And, dst, operand, is32: true);

    /// <summary>Exclusive-ors: <c>rdst ^= operand</c>.</summary>
    public Assembler Xor(Register dst, Operand operand) => Alu(AluOp.Xor, dst, operand, is32: false);

    /// <summary>Exclusive-ors: <c>wdst ^= operand</c>.</summary>
    public Assembler Xor32(Register dst, Operand operand) => Alu(AluOp.Xor, dst, operand, is32: true);

    /// <summary>Shifts left: <c>rdst &lt;&lt;= operand</c>.</summary>
    public Assembler Lsh(Register dst, Operand operand) => Alu(AluOp.Lsh, dst, operand, is32: false);

    /// <summary>Shifts left: <c>wdst &lt;&lt;= operand</c>.</summary>
    public Assembler Lsh32(Register dst, Operand operand) => Alu(AluOp.Lsh, dst, operand, is32: true);

    /// <summary>Shifts right, filling with zeros: <c>rdst &gt;&gt;= operand</c>.</summary>
    public Assembler Rsh(Register dst, Operand operand) => Alu(AluOp.Rsh, dst, operand, is32: false);

    /// <summary>Shifts right, filling with zeros: <c>wdst &gt;&gt;= operand</c>.</summary>
    public Assembler Rsh32(Register dst, Operand operand) => Alu(AluOp.Rsh, dst, operand, is32: true);

    /// <summary>Shifts right, keeping the sign: <c>rdst s&gt;&gt;= operand</c>.</summary>
    public Assembler Arsh(Register dst, Operand operand) => Alu(AluOp.Arsh, dst, operand, is32: false);

    /// <summary>Shifts right, keeping the sign: <c>wdst s&gt;&gt;= operand</c>.</summary>
    public Assembler Arsh32(Register dst, Operand operand) => Alu(AluOp.Arsh, dst, operand, is32: true);

    /// <summary>Copies: <c>rdst = operand</c>.</summary>
    public Assembler Mov(Register dst, Operand operand) => Alu(AluOp.Mov, dst, operand, is32: false);

    /// <summary>Copies: <c>wdst = operand</c>.</summary>
    public Assembler Mov32(Register dst, Operand operand) => Alu(AluOp.Mov, dst, operand, is32: true);

    /// <summary>Signed: <c>rdst s/= operand</c> (ISA v4, kernel 6.6).</summary>
    public Assembler SignedDiv(Register dst, Operand operand) => Alu(AluOp.Div, dst, operand, is32: false, offset: 1);

    /// <summary>Signed: <c>wdst s/= operand</c> (ISA v4, kernel 6.6).</summary>
    public Assembler SignedDiv32(Register dst, Operand operand) => Alu(AluOp.Div, dst, operand, is32: true, offset: 1);

    /// <summary>Signed: <c>rdst s%= operand</c> (ISA v4, kernel 6.6).</summary>
    public Assembler SignedMod(Register dst, Operand operand) => Alu(AluOp.Mod, dst, operand, is32: false, offset: 1);

    /// <summary>Signed: <c>wdst s%= operand</c> (ISA v4, kernel 6.6).</summary>
    public Assembler SignedMod32(Register dst, Operand operand) => Alu(AluOp.Mod, dst, operand, is32: true, offset: 1);

    /// <summary>Negates: <c>rdst = -rdst</c>.</summary>
    public Assembler Neg(Register dst) => Alu(AluOp.Neg, dst, 0, is32: false);

    /// <summary>Negates: <c>wdst = -wdst</c>.</summary>
    public Assembler Neg32(Register dst) => Alu(AluOp.Neg, dst, 0, is32: true);

    /// <summary>Copies and extends the sign from 8, 16 or 32 bits: <c>rdst = (s16)rsrc</c> (ISA v4, kernel 6.6).</summary>
    public Assembler MovSigned(Register dst, Register src, int bits) => Emit(Instruction.MoveSigned(dst, src, CheckBits(bits, 8, 16, 32)));

    /// <summary>Copies and extends the sign from 8 or 16 bits: <c>wdst = (s16)wsrc</c> (ISA v4, kernel 6.6).</summary>
    public Assembler MovSigned32(Register dst, Register src, int bits) => Emit(Instruction.MoveSigned(dst, src, CheckBits(bits, 8, 16), is32: true));

    /// <summary>Converts the low 16, 32 or 64 bits between the machine's order and big endian, clearing the rest.</summary>
    public Assembler ToBigEndian(Register dst, int bits) => Emit(Instruction.ToBigEndian(dst, CheckBits(bits, 16, 32, 64)));

    /// <summary>Converts the low 16, 32 or 64 bits between the machine's order and little endian, clearing the rest.</summary>
    public Assembler ToLittleEndian(Register dst, int bits) => Emit(Instruction.ToLittleEndian(dst, CheckBits(bits, 16, 32, 64)));

    /// <summary>Swaps the bytes of the low 16, 32 or 64 bits, clearing the rest (ISA v4, kernel 6.6).</summary>
    public Assembler ByteSwap(Register dst, int bits) => Emit(Instruction.ByteSwap(dst, CheckBits(bits, 16, 32, 64)));

    /// <summary>Casts an arena pointer from one address space to another: 0 is the kernel's, 1 the arena's (kernel 6.9).</summary>
    public Assembler CastAddressSpace(Register dst, Register src, ushort to, ushort from) => Emit(Instruction.AddressSpaceCast(dst, src, to, from));

    private Assembler Alu(AluOp op, Register dst, Operand operand, bool is32, short offset = 0) =>
        Emit((operand.IsConstant
            ? Instruction.Alu(op, dst, CheckConstant(operand.Constant, is32), is32)
            : Instruction.Alu(op, dst, operand.Register, is32)) with
        { Offset = offset });

    private static int CheckBits(int bits, params ReadOnlySpan<int> allowed) =>
        allowed.Contains(bits) ? bits : throw Error($"a width of {bits} bits is not one of {string.Join(", ", allowed.ToArray())}");
}
