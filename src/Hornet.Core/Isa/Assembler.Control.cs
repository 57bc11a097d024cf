namespace Hornet.Isa;

// Jumps, calls, exit.
public sealed partial class Assembler
{
    /// <summary>Jumps to a label.</summary>
    public Assembler Jump(string label) => Emit(Instruction.Jump(0).WithReference(label, ReferenceKind.Label));

    /// <summary>Jumps to a label with the long form, however near it is (ISA v4, kernel 6.6).</summary>
    public Assembler JumpLong(string label) => Emit(Instruction.JumpLong(0).WithReference(label, ReferenceKind.Label));

    /// <summary>Jumps through a register loaded from an instruction array (kernel 6.19).</summary>
    public Assembler JumpRegister(Register dst) => Emit(Instruction.JumpRegister(dst));

    /// <summary>Jumps when a comparison holds; a constant's sign is extended to 64 bits.</summary>
    public Assembler JumpIf(Register dst, JumpOp op, Operand operand, string label) => JumpIf(dst, op, operand, label, is32: false);

    /// <summary>Jumps when a comparison of the low halves holds (ISA v3, kernel 5.1).</summary>
    public Assembler JumpIf32(Register dst, JumpOp op, Operand operand, string label) => JumpIf(dst, op, operand, label, is32: true);

    /// <summary>Jumps when a register is zero: the null check after a lookup.</summary>
    public Assembler JumpIfZero(Register dst, string label) => JumpIf(dst, JumpOp.Equal, 0, label);

    /// <summary>Jumps when a register is not zero.</summary>
    public Assembler JumpIfNotZero(Register dst, string label) => JumpIf(dst, JumpOp.NotEqual, 0, label);

    /// <summary>Jumps out of a loop when its budget of iterations is used up (kernel 6.9).</summary>
    public Assembler MayGoto(string label) => Emit(Instruction.MayGoto(0).WithReference(label, ReferenceKind.Label));

    /// <summary>Calls a helper. R1 to R5 are its arguments and lost afterwards, R0 is its result.</summary>
    public Assembler Call(BpfHelper helper) => Emit(Instruction.CallHelper(helper));

    /// <summary>Calls a function begun with <see cref="Function"/> (kernel 4.16).</summary>
    public Assembler Call(string function) => Emit(Instruction.CallFunction(0).WithReference(function, ReferenceKind.Function));

    /// <summary>
    /// Calls a kernel function by name (kernel 5.13); the loader finds its BTF id, in the kernel or in a module that is loaded (5.16).
    /// <c>module:name</c> looks in one module only.
    /// </summary>
    public Assembler CallKernelFunction(string function) =>
        Emit(Instruction.CallKernelFunction(0).WithReference(function, ReferenceKind.KernelFunction));

    /// <summary>Calls a kernel function by its BTF id; the index picks a module's BTF from the load's descriptor array.</summary>
    public Assembler CallKernelFunction(int btfId, int descriptorIndex = 0) =>
        Emit(Instruction.CallKernelFunction(btfId, CheckOffset(descriptorIndex)));

    /// <summary>Calls through a register. Linux does not run this; user-space machines do.</summary>
    public Assembler CallRegister(Register dst) => Emit(Instruction.CallRegister(dst));

    /// <summary>Returns from the function or the program with R0.</summary>
    public Assembler Exit() => Emit(Instruction.Exit());

    private Assembler JumpIf(Register dst, JumpOp op, Operand operand, string label, bool is32) =>
        Emit((operand.IsConstant
            ? Instruction.JumpIf(CheckConditional(op), dst, CheckConstant(operand.Constant, is32), 0, is32)
            : Instruction.JumpIf(CheckConditional(op), dst, operand.Register, 0, is32)).WithReference(label, ReferenceKind.Label));

    private static JumpOp CheckConditional(JumpOp op) =>
        op is JumpOp.Always or JumpOp.Call or JumpOp.Exit or JumpOp.MayGoto || !Enum.IsDefined(op)
            ? throw Error($"{op} is not a comparison") : op;
}
