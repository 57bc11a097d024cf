using System.Runtime.InteropServices;
using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Links;
using Hornet.Script.Binding;
using Hornet.Script.Probes;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

// Arguments of probes: bytes or words of the context, registers, the stack, what notes of static probes say.
internal sealed partial class ProgramLowering
{
    private Value ArgumentNumber(BoundArgument expression)
    {
        var argument = expression.Argument;
        switch (argument.Location)
        {
            case ArgumentLocation.ContextBytes bytes when argument.IsDataLocation: return AddressOf(DataLocation(_frame.Context, bytes.Offset));
            case ArgumentLocation.ContextBytes bytes: return Load(new MemoryPlace(_frame.Context, bytes.Offset, 8, true), argument.Type);
            case ArgumentLocation.PacketAddress packet: return B.Load(_frame.Context, packet.Offset, MemoryWidth.U32, IrType.I64);
            case ArgumentLocation.ContextWord word when argument.Type is PointerType: return Tested(B.Load(_frame.Context, word.Index * 8, MemoryWidth.U64, IrType.I64));
            case ArgumentLocation.ContextWord word: return Fit(B.Load(_frame.Context, word.Index * 8, MemoryWidth.U64, IrType.I64), argument.Type);
            case ArgumentLocation.Register register: return Fit(Register(register.Offset), argument.Type);
            case ArgumentLocation.StackSlot slot: return Load(StackSlot(slot), argument.Type);
            case ArgumentLocation.Usdt usdt: return Fit(UsdtArgument(expression, usdt.Index), argument.Type);
            default: throw new InvalidOperationException($"{argument.Location} is not read.");
        }
    }

    private Place? FindArgument(BoundArgument expression)
    {
        var argument = expression.Argument;
        switch (argument.Location)
        {
            case ArgumentLocation.ContextBytes bytes when argument.IsDataLocation: return DataLocation(_frame.Context, bytes.Offset);
            case ArgumentLocation.ContextBytes bytes: return new MemoryPlace(_frame.Context, bytes.Offset, Alignments.At(8, bytes.Offset), argument.Type is not StringType);
            case ArgumentLocation.StackSlot slot: return StackSlot(slot);
            default:
                // A small struct in a register or word: its bytes.
                if (argument.Type.Size > 8) throw new InvalidOperationException($"{argument.Name} of {argument.Type.Size} bytes is not at {argument.Location}.");
                var copy = _frame.Take(8);
                B.Store(copy, 0, MemoryWidth.U64, ArgumentNumber(new BoundArgument(expression.Span, argument with { Type = IntegerType.UInt64 })));
                return new MemoryPlace(copy, 0, 8, true);
        }
    }

    private RemotePlace StackSlot(ArgumentLocation.StackSlot slot) => new(Register(PtRegs.StackPointer), slot.Offset, slot.IsUser);

    // %ah and its like are the second byte of a register.
    private Value Register(int offset)
    {
        Value value = B.Load(_frame.Context, offset & ~7, MemoryWidth.U64, IrType.I64);
        return (offset & 7) == 0 ? value : B.Binary(BinaryOperator.LShr, value, Number((offset & 7) * 8));
    }

    private Value UsdtArgument(BoundArgument expression, int index)
    {
        var layouts = Target.Layouts ?? throw new InvalidOperationException($"{Target.FullName} does not say where its arguments are.");
        foreach (var layout in layouts)
        {
            if (index >= layout.Count || layout[index].Kind == UsdtArgumentKind.Unreadable)
            {
                Error(expression.Span, index >= layout.Count ? $"{Target.FullName} has {layout.Count} arguments{(layouts.Count > 1 ? " at one of its places" : "")}; there is no arg{index}"
                    : $"arg{index} of {Target.FullName} is '{layout[index].Text}', which programs cannot read");
                return Number(0);
            }
        }
        if (layouts.Select(l => l[index] with { Text = "" }).Distinct().Count() == 1) return Fetch(layouts[0][index]);
        // The cookie of each place is the number of its layout.
        var cookie = Helper(expression.Span, "a static probe whose arguments differ from place to place", BpfHelper.GetAttachCookie, IrType.I64, _frame.Context);
        return Try(0);

        Value Try(int layout) => layout == layouts.Count - 1
            ? Fetch(layouts[layout][index])
            : Choose(B.Compare(Predicate.Equal, cookie, Number(layout)), () => Fetch(layouts[layout][index]), () => Try(layout + 1));
    }

    private Value Fetch(UsdtArgument argument)
    {
        IntegerType type = new(argument.Size * 8, argument.IsSigned);
        if (argument.Kind == UsdtArgumentKind.Constant) return Fit(Number(argument.Value), type);
        var register = Register(argument.RegisterOffset);
        if (argument.Kind == UsdtArgumentKind.Register) return Fit(register, type);
        if (argument.Kind == UsdtArgumentKind.IndexedMemory) register = B.Add(register, B.Binary(BinaryOperator.Mul, Register(argument.IndexOffset), Number(argument.Scale)));
        return Load(new RemotePlace(register, argument.Value, true), type);
    }
}

/// <summary>Where registers are in <c>struct pt_regs</c> (arm64: <c>struct user_pt_regs</c>).</summary>
internal static class PtRegs
{
    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    public static int StackPointer => IsArm ? 248 : 152;

    public static int InstructionPointer => IsArm ? 256 : 128;

    /// <summary>x86-64: its two lowest bits are 3 in user mode.</summary>
    public static int CodeSegment => 136;
}
