using Hornet.Isa;

namespace Hornet.Vm.Tests.RandomPrograms;

/// <summary>
/// Random programs that no verifier would accept: any operation on anything, pointers included, jumps to anywhere, helpers
/// with whatever is in the registers. Their structure is right, so that they are loaded and run, mostly into a fault.
/// </summary>
/// <param name="seed">Which program.</param>
internal sealed class WildProgramGenerator(int seed)
{
    private readonly System.Random _random = new(seed);

    /// <summary>The helpers it calls: those whose answer does not depend on time or chance.</summary>
    private static readonly BpfHelper[] s_helpers =
    [
        BpfHelper.MapLookupElem, BpfHelper.MapUpdateElem, BpfHelper.MapDeleteElem, BpfHelper.ProbeReadKernel, BpfHelper.ProbeReadKernelStr, BpfHelper.GetCurrentComm,
        BpfHelper.RingbufReserve, BpfHelper.RingbufSubmit, BpfHelper.RingbufDiscard, BpfHelper.RingbufOutput, BpfHelper.Loop, BpfHelper.ForEachMapElem, BpfHelper.TailCall,
        BpfHelper.CsumDiff, BpfHelper.Strncmp, BpfHelper.Strtol, BpfHelper.Snprintf, BpfHelper.XdpAdjustHead, BpfHelper.XdpAdjustTail, BpfHelper.XdpLoadBytes, BpfHelper.SpinLock, BpfHelper.SpinUnlock,
    ];

    private static readonly string[] s_maps = ["hash", "array", "ring", "programs", "lru"];

    public List<Instruction> Next()
    {
        List<Instruction> code = [];
        int functions = 1 + _random.Next(3);
        List<int> starts = [];
        List<int> lengths = [];
        for (int f = 0; f < functions; f++)
        {
            starts.Add(code.Count);
            int length = 3 + _random.Next(25);
            for (int i = 0; i < length; i++) Add(code, i == 0);
            code.Add(Instruction.Exit());
            lengths.Add(code.Count - starts[f]);
        }
        int[] slots = new int[code.Count + 1];
        for (int i = 0; i < code.Count; i++) slots[i + 1] = slots[i] + code[i].Slots;
        // Now that all places are known, jumps and calls get their targets.
        for (int f = 0; f < functions; f++)
        {
            for (int i = starts[f]; i < starts[f] + lengths[f]; i++)
            {
                if (code[i].IsFunctionCall || code[i].IsLoadFunction)
                {
                    int callee = slots[starts[_random.Next(functions)]] - slots[i] - 1;
                    code[i] = code[i] with { Constant = code[i].IsLoadFunction ? (uint)callee : callee };
                    continue;
                }
                if (!code[i].IsBranch) continue;
                int distance = slots[starts[f] + _random.Next(lengths[f])] - slots[i] - 1;
                code[i] = code[i].IsLongJump ? code[i] with { Constant = distance } : code[i] with { Offset = (short)distance };
            }
        }
        return code;
    }

    private void Add(List<Instruction> code, bool first)
    {
        switch (_random.Next(24))
        {
            case < 7:
                code.Add(Arithmetic());
                break;
            case < 8:
                code.Add(Instruction.Alu(AluOp.Mov, Any(), Register.R10));
                break;
            case < 12:
                code.Add(Memory());
                break;
            case < 13:
                AtomicOp[] atomics = Enum.GetValues<AtomicOp>();
                AtomicOp op = atomics[_random.Next(atomics.Length)];
                code.Add(Instruction.Atomic(op, _random.Next(2) == 0 ? MemorySize.U64 : MemorySize.U32, op == AtomicOp.LoadAcquire ? Any() : Base(), Offset() is var o && _random.Next(3) != 0 ? (short)(o & ~7) : o, op == AtomicOp.LoadAcquire ? Base() : Any()));
                break;
            case < 14:
                code.Add(Instruction.LoadImm64(Any(), _random.NextInt64()));
                break;
            case < 15:
                code.Add(Instruction.LoadImm64(Any(), 0).WithReference(s_maps[_random.Next(s_maps.Length)], ReferenceKind.Map));
                break;
            case < 16:
                code.Add(Instruction.LoadImm64(Any(), 0).WithReference("array", ReferenceKind.MapValue));
                break;
            case < 17 when !first:
                code.Add(Instruction.LoadImm64(Any(), 0, PseudoSource.Function));
                break;
            case < 20:
                code.Add(_random.Next(8) switch
                {
                    0 => Instruction.Jump(0),
                    1 => Instruction.JumpLong(0),
                    2 => Instruction.MayGoto(0),
                    < 5 => Instruction.JumpIf(Condition(), Any(), Any(), 0, _random.Next(2) == 0),
                    _ => Instruction.JumpIf(Condition(), Any(), Constant(), 0, _random.Next(2) == 0),
                });
                break;
            case < 21:
                code.Add(_random.Next(10) == 0 ? Instruction.CallRegister(Any()) : Instruction.CallFunction(0));
                break;
            case < 23:
                Helper(code);
                break;
            default:
                MemorySize size = ((MemorySize[])[MemorySize.U8, MemorySize.U16, MemorySize.U32])[_random.Next(3)];
                code.Add(_random.Next(2) == 0 ? Instruction.LoadAbsolute(size, _random.Next(-2, 80)) : Instruction.LoadIndirect(size, Any(), _random.Next(-2, 80)));
                break;
        }
    }

    // With arguments that make sense in part, or else every helper would fault at its first argument.
    private void Helper(List<Instruction> code)
    {
        var helper = s_helpers[_random.Next(s_helpers.Length)];
        if (_random.Next(4) != 0)
        {
            bool second = helper == BpfHelper.TailCall;
            code.Add(Instruction.LoadImm64(second ? Register.R2 : Register.R1, 0).WithReference(s_maps[_random.Next(s_maps.Length)], ReferenceKind.Map));
            foreach (var register in (Register[])[Register.R2, Register.R3])
            {
                if (second && register == Register.R2) continue;
                if (_random.Next(2) == 0)
                {
                    code.Add(Instruction.Alu(AluOp.Mov, register, Register.R10));
                    code.Add(Instruction.Alu(AluOp.Add, register, -8 * (1 + _random.Next(8))));
                }
                else
                {
                    code.Add(Instruction.Alu(AluOp.Mov, register, _random.Next(40)));
                }
            }
            code.Add(Instruction.Alu(AluOp.Mov, Register.R4, 0));
        }
        code.Add(Instruction.CallHelper(helper));
        if (_random.Next(2) == 0) code.Add(Instruction.Alu(AluOp.Mov, (Register)(6 + _random.Next(4)), Register.R0));
    }

    private Instruction Arithmetic()
    {
        AluOp op = (AluOp)(_random.Next(13) << 4);
        bool narrow = _random.Next(3) == 0, register = _random.Next(2) == 0;
        if (op == AluOp.Neg) return new Instruction { Opcode = (byte)(narrow ? 0x84 : 0x87), Dst = Any() };
        var i = register ? Instruction.Alu(op, Any(), Any(), narrow) : Instruction.Alu(op, Any(), Constant(), narrow);
        if (op is AluOp.Div or AluOp.Mod && _random.Next(2) == 0) return i with { Offset = 1 };
        return op == AluOp.Mov && register && _random.Next(4) == 0 ? i with { Offset = (short)(8 << _random.Next(narrow ? 2 : 3)) } : i;
    }

    private Instruction Memory()
    {
        MemorySize size = ((MemorySize[])[MemorySize.U8, MemorySize.U16, MemorySize.U32, MemorySize.U64])[_random.Next(4)];
        return _random.Next(4) switch
        {
            0 => Instruction.Store(size, Base(), Offset(), Any()),
            1 => Instruction.Store(size, Base(), Offset(), Constant()),
            2 when size != MemorySize.U64 => Instruction.LoadSigned(size, Any(), Base(), Offset()),
            _ => Instruction.Load(size, Any(), Base(), Offset()),
        };
    }

    private JumpOp Condition() => (JumpOp)((1 + _random.Next(7)) << 4) is var op && _random.Next(3) == 0 ? (JumpOp)((10 + _random.Next(4)) << 4) : op;

    private Register Any() => (Register)_random.Next(10);

    private Register Base() => _random.Next(3) switch { 0 => Register.R10, 1 => Register.R1, _ => Any() };

    private short Offset() => (short)(_random.Next(5) switch { 0 => _random.Next(-600, 10), 1 => _random.Next(-70, 70), _ => _random.Next(-8, 4) * 8 });

    private int Constant() => _random.Next(4) switch { 0 => _random.Next(-4, 5), 1 => _random.Next(-600, 600), 2 => 1 << _random.Next(32), _ => _random.Next() };
}
