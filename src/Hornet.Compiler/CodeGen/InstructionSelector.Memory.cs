using Hornet.Compiler.IR;
using Hornet.Isa;
using Instruction = Hornet.Compiler.IR.Instruction;

namespace Hornet.Compiler.CodeGen;

internal sealed partial class InstructionSelector
{
    private readonly HashSet<PointerAdd> _folded = [];

    /// <summary>
    /// Finds the pointers that are only a base and a constant, so that loads and stores carry the constant as their offset.
    /// They get no register of their own: where one is needed as a value, it is made there.
    /// </summary>
    private void FindFolded(List<BasicBlock> order)
    {
        foreach (var block in order)
        {
            foreach (var instruction in block.Instructions)
            {
                if (instruction is not PointerAdd { Bytes: Constant bytes } p) continue;
                var (root, offset) = Address(p.Pointer, 0);
                if (IsOffset(bytes.Number) && IsOffset(offset + bytes.Number) && (root is Alloca || p.Users.All(u => IsOnlyAddress(u, p)))) _folded.Add(p);
            }
        }
    }

    private static bool IsOffset(long number) => number is >= short.MinValue and <= short.MaxValue;

    private bool IsFolded(PointerAdd p) => _folded.Contains(p);

    private static bool IsOnlyAddress(Instruction user, Value pointer) => user switch
    {
        Load or AtomicReadModifyWrite or CompareExchange => true,
        Store s => !ReferenceEquals(s.Value, pointer),
        // An argument is copied to its register anyway.
        HelperCall or KernelFunctionCall or Call => true,
        _ => false,
    };

    /// <summary>The pointer and constant that an address is made of.</summary>
    private (Value Root, int Offset) Address(Value pointer, int offset)
    {
        while (true)
        {
            switch (pointer)
            {
                case Conversion { Kind: ConversionKind.Reinterpret } c:
                    pointer = c.Operand;
                    break;
                case PointerAdd { Bytes: Constant bytes } p when IsFolded(p):
                    offset += (int)bytes.Number;
                    pointer = p.Pointer;
                    break;
                default:
                    return (pointer, offset);
            }
        }
    }

    /// <summary>Base register, offset and frame object of an access.</summary>
    private (int Register, short Offset, FrameObject? Frame) Place(Value pointer, int offset)
    {
        var (root, sum) = Address(pointer, offset);
        if (root is Alloca alloca) return ((int)Register.R10, checked((short)sum), FrameOf(alloca));
        if (IsOffset(sum)) return (Use(root), (short)sum, null);
        int far = _machine.NewRegister();
        MoveTo(far, root);
        Emit(Machine.AluConstant(AluOp.Add, far, sum, is32: false));
        return (far, 0, null);
    }

    private static MemorySize SizeOf(MemoryWidth width) => width.Bytes() switch
    {
        1 => MemorySize.U8,
        2 => MemorySize.U16,
        4 => MemorySize.U32,
        _ => MemorySize.U64,
    };

    private void SelectAlloca(Alloca a)
    {
        var frame = FrameOf(a);
        if (a.Uninitialized || a.IsUnused) return;
        Fill(frame, a.Size);
    }

    /// <summary>Clears a piece of the frame, by as few stores as its alignment allows.</summary>
    private void Fill(FrameObject frame, int size)
    {
        for (int at = 0; at < size;)
        {
            int step = Math.Min(frame.Align, 8);
            while (step > size - at || at % step != 0) step /= 2;
            Emit(Machine.StoreConstant(Isa.Instruction.Store(SizeOf(MemoryWidths.Unsigned(step)), default, (short)at, 0), (int)Register.R10, frame));
            at += step;
        }
    }

    private void SelectLoad(Load l)
    {
        if (l.IsUnused && !l.IsVolatile) return;
        var (address, offset, frame) = Place(l.Pointer, l.Offset);
        int dst = Define(l);
        bool extends = l.Width.IsSigned() && !(l.Width == MemoryWidth.I32 && l.Type == IrType.I32);
        if (!extends || l.Type == IrType.I32 || _target.Level < IsaLevel.V4)
        {
            Emit(Machine.Load(Isa.Instruction.Load(SizeOf(l.Width), default, default, offset), dst, address, frame));
            if (extends) ExtendInPlace(dst, l.Width.Bytes() * 8, l.Type == IrType.I32);
            return;
        }
        Emit(Machine.Load(Isa.Instruction.LoadSigned(SizeOf(l.Width), default, default, offset), dst, address, frame));
    }

    private void ExtendInPlace(int register, int bits, bool is32)
    {
        if (_target.Level >= IsaLevel.V4)
        {
            Emit(Machine.CopySigned(register, register, bits, is32));
            return;
        }
        int shift = (is32 ? 32 : 64) - bits;
        Emit(Machine.AluConstant(AluOp.Lsh, register, shift, is32));
        Emit(Machine.AluConstant(AluOp.Arsh, register, shift, is32));
    }

    private void SelectStore(Store s)
    {
        var size = SizeOf(s.Width);
        // A context takes constants from registers only (until 6.4).
        if (IsImmediate(s.Value, out int immediate) && s.Pointer.Type.Region.Kind != RegionKind.Context)
        {
            var (to, at, place) = Place(s.Pointer, s.Offset);
            Emit(Machine.StoreConstant(Isa.Instruction.Store(size, default, at, immediate), to, place));
            return;
        }
        int value = Use(s.Value);
        var (address, offset, frame) = Place(s.Pointer, s.Offset);
        Emit(Machine.Store(Isa.Instruction.Store(size, default, offset, default(Register)), address, value, frame));
    }

    private void SelectPointerAdd(PointerAdd p)
    {
        if (IsFolded(p)) return;
        int dst = Define(p);
        if (IsImmediate(p.Bytes, out int immediate))
        {
            MoveTo(dst, p.Pointer);
            Emit(Machine.AluConstant(AluOp.Add, dst, immediate, is32: false));
            return;
        }
        int bytes = Use(p.Bytes);
        MoveTo(dst, p.Pointer);
        Emit(Machine.Alu(AluOp.Add, dst, bytes, is32: false));
    }

    private void SelectGlobal(GlobalReference g)
    {
        if (g.IsUnused) return;
        Emit(Machine.LoadAddress(Define(g), Isa.Instruction.LoadImm64(default, (long)g.Offset << 32, PseudoSource.MapValue).WithReference(g.Map.Name, ReferenceKind.MapValue)));
    }

    // A number that the loader replaces; until then it is the one of the object's own types.
    private void SelectQuery(KernelQuery q, CoreTypes core)
    {
        if (q.IsUnused) return;
        var (question, value) = core.Resolve(q.Fact, q.TypeName, q.Path);
        Emit(Machine.LoadAddress(Define(q), Isa.Instruction.Alu(Isa.AluOp.Mov, default, value, is32: true) with { Metadata = new() { Tag = question } }));
    }

    private void SelectAtomic(AtomicReadModifyWrite a)
    {
        bool wide = a.Value.Type == IrType.I64;
        bool fetches = a.Fetches && (!a.IsUnused || a.Operator == AtomicOperator.Exchange);
        var op = (a.Operator, fetches) switch
        {
            (AtomicOperator.Add, false) => AtomicOp.Add,
            (AtomicOperator.Add, true) => AtomicOp.FetchAdd,
            (AtomicOperator.And, false) => AtomicOp.And,
            (AtomicOperator.And, true) => AtomicOp.FetchAnd,
            (AtomicOperator.Or, false) => AtomicOp.Or,
            (AtomicOperator.Or, true) => AtomicOp.FetchOr,
            (AtomicOperator.Xor, false) => AtomicOp.Xor,
            (AtomicOperator.Xor, true) => AtomicOp.FetchXor,
            _ => AtomicOp.Exchange,
        };
        var (address, offset, frame) = Place(a.Pointer, a.Offset);
        int value;
        if (fetches)
        {
            value = Define(a);
            MoveTo(value, a.Value);
        }
        else
        {
            value = Use(a.Value);
        }
        Emit(Machine.Atomic(Isa.Instruction.Atomic(op, wide ? MemorySize.U64 : MemorySize.U32, default, offset, default), address, value, frame));
    }

    private void SelectCompareExchange(CompareExchange x)
    {
        bool wide = x.Value.Type == IrType.I64;
        var (address, offset, frame) = Place(x.Pointer, x.Offset);
        int value = Use(x.Value);
        MoveTo((int)Register.R0, x.Expected);
        Emit(Machine.Atomic(Isa.Instruction.Atomic(AtomicOp.CompareExchange, wide ? MemorySize.U64 : MemorySize.U32, default, offset, default), address, value, frame));
        if (!x.IsUnused) Emit(Machine.Copy(Define(x), (int)Register.R0));
    }
}
