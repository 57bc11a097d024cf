using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Vm.Tests.RandomPrograms;

/// <summary>
/// Random programs that the kernel's verifier accepts: numbers from a map in all registers, arithmetic, comparisons, jumps
/// forward, counted loops, the stack, atomics, calls; at the end everything is mixed into one number. So the kernel can be
/// asked what the result is.
/// </summary>
/// <param name="seed">Which program.</param>
/// <param name="level">The newest instructions it may have.</param>
internal sealed class SafeProgramGenerator(int seed, IsaLevel level)
{
    public const string Input = "input", Output = "output";

    /// <summary>The slots of the stack that it uses.</summary>
    private const int Slots = 8;

    private readonly System.Random _random = new(seed);
    private readonly List<Instruction> _code = [];
    private int _labels;
    private string? _pending;

    public static MapSpec InputMap => new() { Name = Input, Type = MapType.Array, KeySize = 4, ValueSize = 80, MaxEntries = 1 };

    public static MapSpec OutputMap => new() { Name = Output, Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 };

    /// <summary>The program's numbers: ordinary ones, and those at the edges of their widths.</summary>
    public byte[] Numbers()
    {
        byte[] bytes = new byte[80];
        for (int i = 0; i < 10; i++) BitConverter.TryWriteBytes(bytes.AsSpan(i * 8), Number());
        return bytes;
    }

    public ProgramSpec Next()
    {
        Emit(Instruction.LoadImm64(Register.R0, 0).WithReference(Input, ReferenceKind.MapValue));
        for (int i = 1; i < 10; i++) Emit(Instruction.Load(MemorySize.U64, (Register)i, Register.R0, (short)(i * 8)));
        Emit(Instruction.Load(MemorySize.U64, Register.R0, Register.R0, 0));
        for (int i = 0; i < Slots; i++) Emit(Instruction.Store(MemorySize.U64, Register.R10, (short)(-8 * (i + 1)), (Register)i));
        bool calls = _random.Next(3) == 0;
        Block(4 + _random.Next(30), depth: 0, calls);
        for (int i = 1; i < 10; i++) Mix((Register)i);
        for (int i = 0; i < Slots; i++)
        {
            Emit(Instruction.Load(MemorySize.U64, Register.R1, Register.R10, (short)(-8 * (i + 1))));
            Mix(Register.R1);
        }
        Emit(Instruction.LoadImm64(Register.R1, 0).WithReference(Output, ReferenceKind.MapValue));
        Emit(Instruction.Store(MemorySize.U64, Register.R1, 0, Register.R0));
        Emit(Instruction.Alu(AluOp.Mov, Register.R0, 0));
        Emit(Instruction.Exit());
        if (calls) Function();
        return new ProgramSpec { Name = "random", Type = ProgramType.SocketFilter, Instructions = [.. _code] };
    }

    // Five numbers in, one out.
    private void Function()
    {
        _pending = "f";
        Emit(Instruction.Alu(AluOp.Mov, Register.R0, Register.R1));
        for (int i = 6; i < 10; i++) Emit(Instruction.Alu(AluOp.Mov, (Register)i, (Register)(i - 5)));
        for (int i = 0; i < Slots; i++) Emit(Instruction.Store(MemorySize.U64, Register.R10, (short)(-8 * (i + 1)), (Register)(i % 6)));
        Block(3 + _random.Next(8), depth: 1, calls: false);
        for (int i = 1; i < 10; i++) Mix((Register)i);
        Emit(Instruction.Exit());
    }

    private void Mix(Register register)
    {
        Emit(Instruction.Alu(AluOp.Mul, Register.R0, 31));
        Emit(Instruction.Alu(AluOp.Add, Register.R0, register));
    }

    private void Block(int length, int depth, bool calls)
    {
        for (int i = 0; i < length; i++)
        {
            switch (_random.Next(20))
            {
                case < 9:
                    Emit(Arithmetic());
                    break;
                case < 12:
                    Memory();
                    break;
                case < 13:
                    Atomic();
                    break;
                case < 14:
                    Emit(Instruction.LoadImm64(Scalar(), (long)Number()));
                    break;
                case < 17 when depth < 3:
                    string over = Label();
                    Emit(Condition().WithReference(over, ReferenceKind.Label));
                    Block(1 + _random.Next(4), depth + 1, calls);
                    _pending = Land(over);
                    break;
                case < 18 when depth == 0:
                    Loop();
                    break;
                case < 19 when calls:
                    Emit(Instruction.CallFunction(0).WithReference("f", ReferenceKind.Function));
                    // The call leaves nothing in R1 to R5.
                    for (int r = 1; r <= 5; r++) Emit(Instruction.Alu(AluOp.Mov, (Register)r, (Register)(r == 1 ? 0 : r + 4)));
                    break;
                default:
                    Emit(Swap());
                    break;
            }
        }
    }

    // A counter on the stack, so that the body may do with the registers what it likes.
    private void Loop()
    {
        const short counter = -8 * (Slots + 1);
        Emit(Instruction.Store(MemorySize.U64, Register.R10, counter, 1 + _random.Next(6)));
        string back = Label();
        _pending = Land(back);
        Block(1 + _random.Next(4), depth: 2, calls: false);
        Register r = Scalar();
        Emit(Instruction.Load(MemorySize.U64, r, Register.R10, counter));
        Emit(Instruction.Alu(AluOp.Add, r, -1));
        Emit(Instruction.Store(MemorySize.U64, Register.R10, counter, r));
        Emit(Instruction.JumpIf(JumpOp.NotEqual, r, 0, 0).WithReference(back, ReferenceKind.Label));
    }

    private Instruction Arithmetic()
    {
        bool wide = _random.Next(2) == 0, register = _random.Next(2) == 0;
        AluOp op = (AluOp)(_random.Next(13) << 4);
        if (op == AluOp.Neg) return new Instruction { Opcode = (byte)(wide ? 0x87 : 0x84), Dst = Scalar() };
        bool division = op is AluOp.Div or AluOp.Mod, signed = division && level >= IsaLevel.V4 && _random.Next(2) == 0;
        if (op == AluOp.Mov && register && level >= IsaLevel.V4 && _random.Next(2) == 0)
            return Instruction.MoveSigned(Scalar(), Scalar(), wide ? 8 << _random.Next(3) : 8 << _random.Next(2), !wide);
        if (register)
        {
            var i = Instruction.Alu(op, Scalar(), Scalar(), !wide);
            return signed ? i with { Offset = 1 } : i;
        }
        int constant = op is AluOp.Lsh or AluOp.Rsh or AluOp.Arsh ? _random.Next(wide ? 64 : 32) : (int)Number();
        if (division && constant == 0) constant = -1;
        var immediate = Instruction.Alu(op, Scalar(), constant, !wide);
        return signed ? immediate with { Offset = 1 } : immediate;
    }

    private Instruction Swap()
    {
        int bits = 16 << _random.Next(3);
        return _random.Next(level >= IsaLevel.V4 ? 3 : 2) switch
        {
            0 => Instruction.ToBigEndian(Scalar(), bits),
            1 => Instruction.ToLittleEndian(Scalar(), bits),
            _ => Instruction.ByteSwap(Scalar(), bits),
        };
    }

    private Instruction Condition()
    {
        JumpOp[] all = [JumpOp.Equal, JumpOp.Greater, JumpOp.GreaterOrEqual, JumpOp.AnyBitSet, JumpOp.NotEqual, JumpOp.SignedGreater, JumpOp.SignedGreaterOrEqual,
            JumpOp.Less, JumpOp.LessOrEqual, JumpOp.SignedLess, JumpOp.SignedLessOrEqual];
        JumpOp op = all[_random.Next(all.Length)];
        bool narrow = _random.Next(2) == 0;
        return _random.Next(2) == 0 ? Instruction.JumpIf(op, Scalar(), Scalar(), 0, narrow) : Instruction.JumpIf(op, Scalar(), (int)Number(), 0, narrow);
    }

    private void Memory()
    {
        int index = _random.Next(4);
        MemorySize size = ((MemorySize[])[MemorySize.U8, MemorySize.U16, MemorySize.U32, MemorySize.U64])[index];
        // Aligned, as the verifier wants it on the stack.
        short offset = (short)(-8 * Slots + (_random.Next(8 * Slots >> index) << index));
        switch (_random.Next(level >= IsaLevel.V4 ? 4 : 3))
        {
            case 0: Emit(Instruction.Load(size, Scalar(), Register.R10, offset)); break;
            case 1: Emit(Instruction.Store(size, Register.R10, offset, Scalar())); break;
            case 2: Emit(Instruction.Store(size, Register.R10, offset, (int)Number())); break;
            default: Emit(size == MemorySize.U64 ? Instruction.Load(size, Scalar(), Register.R10, offset) : Instruction.LoadSigned(size, Scalar(), Register.R10, offset)); break;
        }
    }

    private void Atomic()
    {
        AtomicOp[] all = [AtomicOp.Add, AtomicOp.Or, AtomicOp.And, AtomicOp.Xor, AtomicOp.FetchAdd, AtomicOp.FetchOr, AtomicOp.FetchAnd, AtomicOp.FetchXor, AtomicOp.Exchange, AtomicOp.CompareExchange];
        AtomicOp op = level >= IsaLevel.V3 ? all[_random.Next(all.Length)] : AtomicOp.Add;
        bool wide = _random.Next(2) == 0;
        short offset = (short)(-8 * (1 + _random.Next(Slots)));
        Emit(Instruction.Atomic(op, wide ? MemorySize.U64 : MemorySize.U32, Register.R10, offset, Scalar()));
    }

    private Register Scalar() => (Register)_random.Next(10);

    private ulong Number() => _random.Next(6) switch
    {
        0 => (ulong)_random.Next(-4, 5),
        1 => 1UL << _random.Next(64),
        2 => (1UL << _random.Next(64)) - 1,
        3 => (ulong)_random.Next(),
        4 => ~(1UL << _random.Next(64)),
        _ => (ulong)_random.NextInt64(long.MinValue, long.MaxValue),
    };

    private string Label() => $"l{_labels++}";

    /// <summary>The label of the next instruction. Two at one place become one: a move that does nothing lies between.</summary>
    private string Land(string label)
    {
        if (_pending is not null) Emit(Instruction.Alu(AluOp.Or, Register.R9, 0));
        return label;
    }

    private void Emit(Instruction instruction)
    {
        if (_pending is { } label)
        {
            instruction = instruction.WithSymbol(label);
            _pending = null;
        }
        _code.Add(instruction);
    }
}
