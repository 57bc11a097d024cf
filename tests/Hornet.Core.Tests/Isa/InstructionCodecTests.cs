using Hornet.Isa;

namespace Hornet.Core.Tests.Isa;

public class InstructionCodecTests
{
    [Fact]
    public void A_slot_has_the_layout_of_the_standard()
    {
        Instruction[] program = [Instruction.Store(MemorySize.U64, Register.R10, -8, Register.R1), Instruction.LoadImm64(Register.R2, 0x1122334455667788)];
        Assert.Equal("7B1AF8FF0000000018020000887766550000000044332211", Convert.ToHexString(InstructionCodec.Encode(program)));
        Assert.Equal("7BA1FFF80000000018200000556677880000000011223344", Convert.ToHexString(InstructionCodec.Encode(program, bigEndian: true)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_form_survives_encoding(bool bigEndian)
    {
        var program = InstructionForms.WellFormed().ToArray();
        Assert.True(program.Length > 10_000);
        byte[] code = InstructionCodec.Encode(program, bigEndian);
        Assert.Equal(program, InstructionCodec.Decode(code, bigEndian));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_bytes_are_refused_with_a_format_error_or_come_back_the_same(bool bigEndian)
    {
        Random random = new(1);
        byte[] code = new byte[16];
        int accepted = 0;
        for (int n = 0; n < 40_000; n++)
        {
            random.NextBytes(code);
            if (n % 3 == 0) code[0] = 0x18;
            if (n % 2 == 0) code.AsSpan(8, 4).Clear();
            Instruction[] program;
            try
            {
                program = InstructionCodec.Decode(code, bigEndian);
            }
            catch (BpfFormatException)
            {
                continue;
            }
            accepted++;
            Assert.Equal(code, InstructionCodec.Encode(program, bigEndian));
            foreach (var i in program) Assert.NotEmpty(i.ToString());
        }
        Assert.InRange(accepted, 1_000, 39_000);
    }

    [Theory]
    [InlineData("9500000000000000", 1)]
    [InlineData("", 0)]
    public void Whole_slots_are_accepted(string hex, int count) => Assert.Equal(count, InstructionCodec.Decode(Convert.FromHexString(hex)).Length);

    [Theory]
    [InlineData("95000000000000", "whole number of 8-byte slots")]
    [InlineData("1800000000000000", "lacks its second slot")]
    [InlineData("18000000000000000100000000000000", "second slot")]
    [InlineData("18000000000000000001000000000000", "second slot")]
    [InlineData("FF00000000000000", "unknown opcode 0xff in slot 0")]
    [InlineData("95000000000000000000000000000000", "unknown opcode 0x00 in slot 1")]
    [InlineData("B70C000000000000", "register 12")]
    [InlineData("BFF0000000000000", "register 15")]
    public void What_is_no_program_is_refused_with_the_place(string hex, string message)
    {
        var e = Assert.Throws<BpfFormatException>(() => InstructionCodec.Decode(Convert.FromHexString(hex)));
        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void A_constant_that_does_not_fit_is_not_encoded()
    {
        var e = Assert.Throws<BpfFormatException>(() => InstructionCodec.Encode([new Instruction { Opcode = 0xb7, Constant = 1L << 32 }]));
        Assert.Contains("does not fit in 32 bits", e.Message);
    }

    [Fact]
    public void Too_little_memory_is_refused()
    {
        var e = Assert.Throws<BpfFormatException>(() => InstructionCodec.Encode([Instruction.LoadImm64(Register.R0, 1)], new byte[8]));
        Assert.Contains("too few", e.Message);
    }

    [Fact]
    public void Slots_count_a_wide_load_twice() =>
        Assert.Equal(3, InstructionCodec.CountSlots([Instruction.LoadImm64(Register.R0, 1), Instruction.Exit()]));
}
