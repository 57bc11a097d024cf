using Hornet.Isa;
using static Hornet.Compiler.CodeGen.MachineInstruction;

namespace Hornet.Compiler.CodeGen;

/// <summary>Makes machine instructions, each with the access of its registers.</summary>
internal static class Machine
{
    public static MachineInstruction Copy(int dst, int src) =>
        new(Instruction.Alu(AluOp.Mov, default, default(Register))) { Dst = dst, Src = src, DstAccess = Access.Write, SrcAccess = Access.Read };

    /// <summary><c>w = w</c>: the low half, zero above.</summary>
    public static MachineInstruction Copy32(int dst, int src) =>
        new(Instruction.Alu(AluOp.Mov, default, default(Register), is32: true)) { Dst = dst, Src = src, DstAccess = Access.Write, SrcAccess = Access.Read };

    public static MachineInstruction CopySigned(int dst, int src, int bits, bool is32) =>
        new(Instruction.MoveSigned(default, default, bits, is32)) { Dst = dst, Src = src, DstAccess = Access.Write, SrcAccess = Access.Read };

    public static MachineInstruction Set(int dst, int value, bool is32 = false) =>
        new(Instruction.Alu(AluOp.Mov, default, value, is32)) { Dst = dst, DstAccess = Access.Write };

    public static MachineInstruction Set64(int dst, long value) => new(Instruction.LoadImm64(default, value)) { Dst = dst, DstAccess = Access.Write };

    public static MachineInstruction LoadAddress(int dst, Instruction form) => new(form) { Dst = dst, DstAccess = Access.Write };

    public static MachineInstruction Alu(AluOp op, int dst, int src, bool is32, bool signed = false) =>
        new(signed ? Instruction.SignedDivision(op, default, default(Register), is32) : Instruction.Alu(op, default, default(Register), is32))
        {
            Dst = dst,
            Src = src,
            DstAccess = Access.ReadWrite,
            SrcAccess = Access.Read,
        };

    public static MachineInstruction AluConstant(AluOp op, int dst, int value, bool is32, bool signed = false) =>
        new(signed ? Instruction.SignedDivision(op, default, value, is32) : Instruction.Alu(op, default, value, is32)) { Dst = dst, DstAccess = Access.ReadWrite };

    /// <summary>An operation on one register: byte order.</summary>
    public static MachineInstruction InPlace(Instruction form, int dst) => new(form) { Dst = dst, DstAccess = Access.ReadWrite };

    public static MachineInstruction Load(Instruction form, int dst, int address, FrameObject? frame = null) =>
        new(form) { Dst = dst, Src = address, DstAccess = Access.Write, SrcAccess = Access.Read, Frame = frame };

    public static MachineInstruction Store(Instruction form, int address, int value, FrameObject? frame = null) =>
        new(form) { Dst = address, Src = value, DstAccess = Access.Read, SrcAccess = Access.Read, Frame = frame };

    public static MachineInstruction StoreConstant(Instruction form, int address, FrameObject? frame = null) =>
        new(form) { Dst = address, DstAccess = Access.Read, Frame = frame };

    public static MachineInstruction Atomic(Instruction form, int address, int value, FrameObject? frame)
    {
        bool exchange = form.AtomicOp == AtomicOp.CompareExchange;
        return new(form)
        {
            Dst = address,
            Src = value,
            DstAccess = Access.Read,
            SrcAccess = ((int)form.AtomicOp & 1) != 0 && !exchange ? Access.ReadWrite : Access.Read,
            ReadsR0 = exchange,
            WritesR0 = exchange,
            Frame = frame,
        };
    }

    public static MachineInstruction Jump(MachineBlock target) => new(Instruction.Jump(0)) { Target = target };

    public static MachineInstruction JumpIf(JumpOp op, int left, int right, bool is32, MachineBlock target) =>
        new(Instruction.JumpIf(op, default, default(Register), 0, is32)) { Dst = left, Src = right, DstAccess = Access.Read, SrcAccess = Access.Read, Target = target };

    public static MachineInstruction JumpIfConstant(JumpOp op, int left, int right, bool is32, MachineBlock target) =>
        new(Instruction.JumpIf(op, default, right, 0, is32)) { Dst = left, DstAccess = Access.Read, Target = target };

    public static MachineInstruction Call(Instruction form, int arguments) => new(form) { Arguments = arguments };

    public static MachineInstruction Exit() => new(Instruction.Exit()) { ReadsR0 = true };

    /// <summary>The address of a place in the frame, as its second half: <c>dst += offset</c> after <c>dst = r10</c>.</summary>
    public static MachineInstruction AddFrameOffset(int dst, FrameObject frame, int offset) =>
        new(Instruction.Alu(AluOp.Add, default, offset)) { Dst = dst, DstAccess = Access.ReadWrite, Frame = frame };

    /// <summary>Fills in the registers that were decided.</summary>
    public static Instruction Finish(MachineInstruction instruction, Func<int, Register> assign)
    {
        var form = instruction.Form;
        if (instruction.Dst != NoRegister) form = form with { Dst = assign(instruction.Dst) };
        if (instruction.Src != NoRegister) form = form with { Src = assign(instruction.Src) };
        return form;
    }
}
