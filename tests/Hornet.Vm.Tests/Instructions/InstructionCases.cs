using System.Buffers.Binary;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Vm.Tests.Instructions;

/// <summary>
/// Every operation at every width with every kind of operand on the values where such things go wrong, with what must come
/// out. Operands come from memory, so that nobody who looks at the program beforehand, the kernel's verifier say, can work
/// out the result and leave the instruction away. The same batches run in both engines and in the kernel.
/// </summary>
internal static class InstructionCases
{
    /// <summary>Where a batch finds its operands, and where it writes its results: maps of one element.</summary>
    public const string Input = "input", Output = "output";

    private const int CasesPerBatch = 400;

    private static readonly ulong[] s_values =
    [
        0, 1, 2, 7, 8, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000,
        0x0123_4567_89ab_cdef, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_8000_0000, 0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff,
    ];

    private static readonly int[] s_constants = [0, 1, 2, -1, -2, 7, 31, 0x7f, 0x80, 0xffff, 0x12345678, int.MaxValue, int.MinValue, int.MinValue + 1];

    private static readonly AluOp[] s_binary = [AluOp.Add, AluOp.Sub, AluOp.Mul, AluOp.Div, AluOp.Mod, AluOp.Or, AluOp.And, AluOp.Xor, AluOp.Lsh, AluOp.Rsh, AluOp.Arsh, AluOp.Mov];

    private static readonly JumpOp[] s_jumps =
    [
        JumpOp.Equal, JumpOp.NotEqual, JumpOp.Greater, JumpOp.GreaterOrEqual, JumpOp.Less, JumpOp.LessOrEqual,
        JumpOp.SignedGreater, JumpOp.SignedGreaterOrEqual, JumpOp.SignedLess, JumpOp.SignedLessOrEqual, JumpOp.AnyBitSet,
    ];

    /// <summary>All cases, in batches of one kind.</summary>
    public static IEnumerable<InstructionBatch> Batches() =>
        Split("arithmetic", IsaLevel.V1, Arithmetic())
            .Concat(Split("jumps", IsaLevel.V3, Jumps()))
            .Concat(Split("byte order", IsaLevel.V1, Conversions()))
            .Concat(Split("atomics", IsaLevel.V3, Atomics()))
            .Concat(Split("signed arithmetic", IsaLevel.V4, SignedArithmetic()))
            .Concat(Split("sign extension", IsaLevel.V4, SignExtension()))
            .Concat(Split("memory", IsaLevel.V1, Memory()));

    private static IEnumerable<InstructionCase> Arithmetic()
    {
        foreach (bool wide in (bool[])[true, false])
        {
            foreach (var op in s_binary)
            {
                bool shift = op is AluOp.Lsh or AluOp.Rsh or AluOp.Arsh;
                foreach (ulong a in s_values)
                {
                    foreach (ulong b in s_values)
                        yield return new(Instruction.Alu(op, Register.R1, Register.R2, !wide), a, b, InstructionModel.Alu(op, wide, false, a, b));
                    foreach (int constant in s_constants)
                    {
                        // The verifier refuses constants that it knows to be senseless.
                        if ((op is AluOp.Div or AluOp.Mod && constant == 0) || (shift && (uint)constant >= (wide ? 64 : 32))) continue;
                        yield return new(Instruction.Alu(op, Register.R1, constant, !wide), a, 0, InstructionModel.Alu(op, wide, false, a, (ulong)constant));
                    }
                }
            }
            foreach (ulong a in s_values)
                yield return new(new Instruction { Opcode = (byte)(wide ? 0x87 : 0x84), Dst = Register.R1 }, a, 0, InstructionModel.Alu(AluOp.Neg, wide, true, a, 0));
        }
    }

    private static IEnumerable<InstructionCase> SignedArithmetic()
    {
        foreach (bool wide in (bool[])[true, false])
        {
            foreach (var op in (AluOp[])[AluOp.Div, AluOp.Mod])
            {
                foreach (ulong a in s_values)
                {
                    foreach (ulong b in s_values)
                        yield return new(Instruction.SignedDivision(op, Register.R1, Register.R2, !wide), a, b, InstructionModel.Alu(op, wide, true, a, b));
                    foreach (int constant in s_constants)
                    {
                        if (constant != 0) yield return new(Instruction.SignedDivision(op, Register.R1, constant, !wide), a, 0, InstructionModel.Alu(op, wide, true, a, (ulong)constant));
                    }
                }
            }
        }
    }

    private static IEnumerable<InstructionCase> SignExtension()
    {
        foreach (ulong a in s_values)
        {
            foreach (int bits in (int[])[8, 16, 32]) yield return new(Instruction.MoveSigned(Register.R1, Register.R2, bits), 0, a, InstructionModel.MoveSigned(true, bits, a));
            foreach (int bits in (int[])[8, 16]) yield return new(Instruction.MoveSigned(Register.R1, Register.R2, bits, is32: true), 0, a, InstructionModel.MoveSigned(false, bits, a));
            foreach (int bits in (int[])[16, 32, 64]) yield return new(Instruction.ByteSwap(Register.R1, bits), a, 0, InstructionModel.Swap(bits, a));
            foreach (var (size, bits) in ((MemorySize, int)[])[(MemorySize.U8, 8), (MemorySize.U16, 16), (MemorySize.U32, 32)])
            {
                yield return new(
                    [Instruction.Store(MemorySize.U64, Register.R10, -8, Register.R2), Instruction.LoadSigned(size, Register.R1, Register.R10, -8)],
                    0, a, InstructionModel.MoveSigned(true, bits, a));
            }
        }
    }

    private static IEnumerable<InstructionCase> Conversions()
    {
        foreach (ulong a in s_values)
        {
            foreach (int bits in (int[])[16, 32, 64])
            {
                ulong same = bits == 64 ? a : a & ((1UL << bits) - 1);
                yield return new(Instruction.ToBigEndian(Register.R1, bits), a, 0, BitConverter.IsLittleEndian ? InstructionModel.Swap(bits, a) : same);
                yield return new(Instruction.ToLittleEndian(Register.R1, bits), a, 0, BitConverter.IsLittleEndian ? same : InstructionModel.Swap(bits, a));
            }
        }
    }

    // r0 becomes 1 when the jump is taken.
    private static IEnumerable<InstructionCase> Jumps()
    {
        foreach (bool wide in (bool[])[true, false])
        {
            foreach (var op in s_jumps)
            {
                foreach (ulong a in s_values)
                {
                    foreach (ulong b in s_values)
                        yield return Jump(Instruction.JumpIf(op, Register.R1, Register.R2, 1, !wide), a, b, InstructionModel.Jump(op, wide, a, b));
                    foreach (int constant in s_constants)
                        yield return Jump(Instruction.JumpIf(op, Register.R1, constant, 1, !wide), a, 0, InstructionModel.Jump(op, wide, a, (ulong)constant));
                }
            }
        }
    }

    private static InstructionCase Jump(Instruction jump, ulong a, ulong b, bool taken) =>
        new([Instruction.Alu(AluOp.Mov, Register.R0, 1), jump, Instruction.Alu(AluOp.Mov, Register.R0, 0), Instruction.Alu(AluOp.Mov, Register.R1, Register.R0)], a, b, taken ? 1u : 0);

    // The memory holds a, the source register b; the result is memory and register, mixed so that both count.
    private static IEnumerable<InstructionCase> Atomics()
    {
        var operations = (AtomicOp[])
            [AtomicOp.Add, AtomicOp.Or, AtomicOp.And, AtomicOp.Xor, AtomicOp.FetchAdd, AtomicOp.FetchOr, AtomicOp.FetchAnd, AtomicOp.FetchXor, AtomicOp.Exchange, AtomicOp.CompareExchange];
        foreach (bool wide in (bool[])[true, false])
        {
            var size = wide ? MemorySize.U64 : MemorySize.U32;
            ulong mask = wide ? ulong.MaxValue : uint.MaxValue;
            foreach (var op in operations)
            {
                bool fetches = ((int)op & 1) != 0 && op != AtomicOp.CompareExchange;
                foreach (ulong a in s_values)
                {
                    foreach (ulong b in s_values)
                    {
                        // The exchange that compares finds what it expects in every second case.
                        ulong r0 = op == AtomicOp.CompareExchange && (b & 1) != 0 ? a : 5;
                        ulong memory = (a & ~mask) | InstructionModel.Atomic(op, wide, a, b, r0);
                        ulong register = fetches ? a & mask : b, r0After = op == AtomicOp.CompareExchange ? a & mask : r0;
                        yield return new(
                        [
                            Instruction.Store(MemorySize.U64, Register.R10, -8, Register.R1),
                            Instruction.LoadImm64(Register.R0, 5),
                            .. r0 == a ? [Instruction.Alu(AluOp.Mov, Register.R0, Register.R1)] : (Instruction[])[],
                            Instruction.Atomic(op, size, Register.R10, -8, Register.R2),
                            Instruction.Load(MemorySize.U64, Register.R1, Register.R10, -8),
                            Instruction.Alu(AluOp.Mul, Register.R2, 3),
                            Instruction.Alu(AluOp.Add, Register.R1, Register.R2),
                            Instruction.Alu(AluOp.Mul, Register.R0, 5),
                            Instruction.Alu(AluOp.Add, Register.R1, Register.R0),
                        ], a, b, memory + (register * 3) + (r0After * 5));
                    }
                }
            }
        }
    }

    // Stores of each width over a known pattern, read back by each width.
    private static IEnumerable<InstructionCase> Memory()
    {
        var sizes = ((MemorySize Size, int Bytes)[])[(MemorySize.U8, 1), (MemorySize.U16, 2), (MemorySize.U32, 4), (MemorySize.U64, 8)];
        foreach (ulong a in s_values)
        {
            const ulong pattern = 0x1122_3344_5566_7788;
            foreach (var (store, storeBytes) in sizes)
            {
                foreach (var (load, loadBytes) in sizes)
                {
                    ulong mask = storeBytes == 8 ? ulong.MaxValue : (1UL << (storeBytes * 8)) - 1;
                    ulong memory = (pattern & ~mask) | (a & mask);
                    ulong read = loadBytes == 8 ? memory : memory & ((1UL << (loadBytes * 8)) - 1);
                    yield return new(
                    [
                        Instruction.LoadImm64(Register.R1, unchecked((long)pattern)),
                        Instruction.Store(MemorySize.U64, Register.R10, -16, Register.R1),
                        Instruction.Store(store, Register.R10, -16, Register.R2),
                        Instruction.Load(load, Register.R1, Register.R10, -16),
                    ], 0, a, read);
                }
                foreach (int constant in s_constants)
                {
                    if (a != 0) continue;
                    ulong mask = storeBytes == 8 ? ulong.MaxValue : (1UL << (storeBytes * 8)) - 1;
                    yield return new(
                    [
                        Instruction.LoadImm64(Register.R1, unchecked((long)pattern)),
                        Instruction.Store(MemorySize.U64, Register.R10, -16, Register.R1),
                        Instruction.Store(store, Register.R10, -16, constant),
                        Instruction.Load(MemorySize.U64, Register.R1, Register.R10, -16),
                    ], 0, 0, (pattern & ~mask) | ((ulong)constant & mask));
                }
            }
        }
    }

    private static IEnumerable<InstructionBatch> Split(string name, IsaLevel level, IEnumerable<InstructionCase> cases) =>
        cases.Chunk(CasesPerBatch).Select((chunk, i) => new InstructionBatch($"{name} {i}", level, chunk));
}

/// <summary>Instructions that take R1 and R2 and leave their result in R1.</summary>
internal sealed record InstructionCase(Instruction[] Code, ulong R1, ulong R2, ulong Expected)
{
    public InstructionCase(Instruction code, ulong r1, ulong r2, ulong expected) : this([code], r1, r2, expected)
    {
    }

    public override string ToString() => $"{string.Join("; ", Code.Select(i => i.ToString()))} with r1 = 0x{R1:x}, r2 = 0x{R2:x}";
}

/// <summary>A program that runs many cases one after the other: R6 points to the operands, R7 to the results.</summary>
internal sealed record InstructionBatch(string Name, IsaLevel Level, InstructionCase[] Cases)
{
    public MapSpec InputMap() => Map(InstructionCases.Input, 16);

    public MapSpec OutputMap() => Map(InstructionCases.Output, 8);

    public byte[] Operands()
    {
        byte[] bytes = new byte[Cases.Length * 16];
        for (int i = 0; i < Cases.Length; i++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(i * 16), Cases[i].R1);
            BitConverter.TryWriteBytes(bytes.AsSpan((i * 16) + 8), Cases[i].R2);
        }
        return bytes;
    }

    public ProgramSpec Program()
    {
        List<Instruction> code =
        [
            Instruction.LoadImm64(Register.R6, 0).WithReference(InstructionCases.Input, ReferenceKind.MapValue),
            Instruction.LoadImm64(Register.R7, 0).WithReference(InstructionCases.Output, ReferenceKind.MapValue),
        ];
        for (int i = 0; i < Cases.Length; i++)
        {
            code.Add(Instruction.Load(MemorySize.U64, Register.R1, Register.R6, (short)(i * 16)));
            code.Add(Instruction.Load(MemorySize.U64, Register.R2, Register.R6, (short)((i * 16) + 8)));
            code.AddRange(Cases[i].Code);
            code.Add(Instruction.Store(MemorySize.U64, Register.R7, (short)(i * 8), Register.R1));
        }
        code.Add(Instruction.Alu(AluOp.Mov, Register.R0, 0));
        code.Add(Instruction.Exit());
        return new ProgramSpec { Name = "batch", Type = ProgramType.SocketFilter, Instructions = code };
    }

    /// <summary>What differs from the expected results, in words; nothing when all is right.</summary>
    public List<string> Compare(ReadOnlySpan<byte> results)
    {
        List<string> wrong = [];
        for (int i = 0; i < Cases.Length; i++)
        {
            ulong result = BinaryPrimitives.ReadUInt64LittleEndian(results[(i * 8)..]);
            if (result != Cases[i].Expected) wrong.Add($"{Cases[i]}: 0x{result:x}, expected 0x{Cases[i].Expected:x}");
        }
        return wrong;
    }

    private MapSpec Map(string name, int bytes) => new() { Name = name, Type = MapType.Array, KeySize = 4, ValueSize = (uint)(Cases.Length * bytes), MaxEntries = 1 };
}
