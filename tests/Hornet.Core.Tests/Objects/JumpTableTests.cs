using System.Buffers.Binary;
using Hornet.Elf;
using Hornet.Isa;
using Hornet.Objects;

namespace Hornet.Core.Tests.Objects;

/// <summary>Objects with jump tables, in the form that LLVM 22 gives them. No clang here makes them yet, so they are put together.</summary>
public class JumpTableTests
{
    private static readonly Instruction[] s_padding = [Instruction.Alu(AluOp.Mov, Register.R0, 0), Instruction.Exit()];

    /// <summary>A function that jumps to where the packet's length says, behind another one in its section.</summary>
    private static readonly Instruction[] s_switch =
    [
        Instruction.Load(MemorySize.U32, Register.R0, Register.R1, 0),
        Instruction.JumpIf(JumpOp.Greater, Register.R0, 2, 8),
        Instruction.Alu(AluOp.Lsh, Register.R0, 3),
        Instruction.LoadImm64(Register.R2, 0),
        Instruction.Alu(AluOp.Add, Register.R2, Register.R0),
        Instruction.Load(MemorySize.U64, Register.R2, Register.R2, 0),
        Instruction.JumpRegister(Register.R2),
        Instruction.Alu(AluOp.Mov, Register.R0, 10), Instruction.Exit(), // slots 8, 9
        Instruction.Alu(AluOp.Mov, Register.R0, 20), Instruction.Exit(), // slots 10, 11
    ];

    private static byte[] Object(bool littleEndian, ulong[] targets, ulong value = 8, ulong? size = null)
    {
        ElfWriter elf = new(ElfMachine.Bpf, littleEndian);
        byte[] table = new byte[8 + targets.Length * 8];
        for (int i = 0; i < targets.Length; i++)
        {
            if (littleEndian) BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(8 + i * 8), targets[i]);
            else BinaryPrimitives.WriteUInt64BigEndian(table.AsSpan(8 + i * 8), targets[i]);
        }
        var flags = ElfSectionFlags.Allocate | ElfSectionFlags.Execute;
        int code = elf.AddSection("socket", ElfSectionType.ProgramBits, flags, InstructionCodec.Encode([.. s_padding, .. s_switch], bigEndian: !littleEndian));
        int tables = elf.AddSection(".jumptables", ElfSectionType.ProgramBits, ElfSectionFlags.Allocate, table);
        int symbol = elf.AddSymbol(new ElfSymbol { Name = "BPF.JT.0.0", Value = value, Size = size ?? (ulong)targets.Length * 8, Type = ElfSymbolType.Object, SectionIndex = (uint)tables });
        elf.AddSymbol(new ElfSymbol { Name = "first", Size = 16, Type = ElfSymbolType.Function, Binding = ElfSymbolBinding.Global, SectionIndex = (uint)code });
        elf.AddSymbol(new ElfSymbol { Name = "jumper", Value = 16, Size = 96, Type = ElfSymbolType.Function, Binding = ElfSymbolBinding.Global, SectionIndex = (uint)code });
        elf.AddRelocations(code, [new ElfRelocation(16 + 3 * 8, 1, symbol, null)]);
        return elf.ToArray();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tables_targets_become_names_in_the_program(bool littleEndian)
    {
        var spec = BpfObject.Parse(Object(littleEndian, [16 + 80, 16 + 64, 16 + 80]), "jump.bpf.o");
        var program = spec.Programs["jumper"];
        var load = Assert.Single(program.Instructions, i => i.Metadata?.ReferenceKind == ReferenceKind.JumpTable);
        Assert.Equal(["jumper+10", "jumper+8", "jumper+10"], load.Metadata!.Targets!);
        Assert.Equal([("jumper", 0x61), ("jumper+8", 0xb7), ("jumper+10", 0xb7)], program.Instructions.Where(i => i.Symbol is not null).Select(i => (i.Symbol!, (int)i.Opcode)));
        Assert.DoesNotContain(spec.Programs["first"].Instructions, i => i.Symbol is not (null or "first"));

        var again = BpfObject.Parse(spec.ToElf(), "jump.bpf.o");
        var reloaded = again.Programs["jumper"].Instructions.Single(i => i.Metadata?.ReferenceKind == ReferenceKind.JumpTable);
        Assert.Equal(load.Metadata.Targets, reloaded.Metadata!.Targets);
    }

    [Theory]
    [InlineData(0ul, "leads to byte 0 of the section 'socket', which is no instruction of 'jumper'")]
    [InlineData(16ul + 97, "which is no instruction of 'jumper'")]
    [InlineData(16ul + 96, "which is no instruction of 'jumper'")]
    [InlineData(16ul + 32, "leads into the middle of an instruction ('jumper+4')")]
    public void A_target_that_is_no_instruction_of_the_function_is_refused(ulong target, string message) =>
        Assert.Contains(message, Assert.Throws<BpfFormatException>(() => BpfObject.Parse(Object(true, [16 + 64, target]), "jump.bpf.o")).Message);

    [Theory]
    [InlineData(8, 24)]
    [InlineData(4, 8)]
    [InlineData(8, 4)]
    [InlineData(8, 0)]
    [InlineData(1ul << 40, 8)]
    [InlineData(8, ulong.MaxValue - 7)]
    public void A_table_outside_its_section_is_refused(ulong value, ulong size) =>
        Assert.Contains("is no list of 8-byte numbers", Assert.Throws<BpfFormatException>(() => BpfObject.Parse(Object(true, [16 + 64, 16 + 80], value, size), "jump.bpf.o")).Message);
}
