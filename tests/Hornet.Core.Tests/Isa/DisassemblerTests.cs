using Hornet.Isa;

namespace Hornet.Core.Tests.Isa;

public class DisassemblerTests
{
    [Fact]
    public void Every_form_comes_back_from_its_text()
    {
        int forms = 0;
        foreach (var i in InstructionForms.WellFormed())
        {
            string text = i.ToString();
            Instruction[] back;
            try
            {
                back = TextAssembler.Assemble(text);
            }
            catch (BpfFormatException e)
            {
                throw new InvalidOperationException($"{text} ({i.Opcode:x2} {i.Dst} {i.Src} {i.Offset} {i.Constant:x}): {e.Message}", e);
            }
            Assert.True(back.Length == 1 && back[0] == i, $"{text} ({i.Opcode:x2} {i.Dst} {i.Src} {i.Offset} {i.Constant:x}) came back as {string.Join(" | ", back)}");
            forms++;
        }
        Assert.True(forms > 10_000);
    }

    [Fact]
    public void Every_known_opcode_has_a_well_formed_instruction_but_the_kernels_own()
    {
        var formed = InstructionForms.WellFormed().Select(i => i.Opcode).ToHashSet();
        for (int opcode = 0; opcode < 256; opcode++)
            if (InstructionRules.IsKnownOpcode((byte)opcode) && opcode != InstructionRules.NoSpeculation)
                // Atomics of 1 and 2 bytes exist only as load-acquire and store-release; all are in the forms.
                Assert.Contains((byte)opcode, formed);
    }

    [Fact]
    public void Random_programs_come_back_from_their_source_text_byte_for_byte()
    {
        Random random = new(7);
        byte[] code = new byte[8 * 24];
        int programs = 0;
        for (int n = 0; n < 300; n++)
        {
            random.NextBytes(code);
            List<byte> bytes = [];
            for (int slot = 0; slot < 24; slot++)
            {
                var one = code.AsSpan(slot * 8, 8);
                while (!InstructionRules.IsKnownOpcode(one[0]) || one[0] == 0x18) one[0] = (byte)random.Next();
                one[1] = (byte)(random.Next(12) | (random.Next(12) << 4));
                if (random.Next(2) == 0) one[2..4].Clear();
                if (random.Next(2) == 0) one[4..].Clear();
                if (random.Next(3) == 0) one[2] = (byte)random.Next(5);
                if (random.Next(3) == 0 && one[2] < 5) one[3] = 0;
                bytes.AddRange(one);
            }
            var program = InstructionCodec.Decode(bytes.ToArray());
            string text = Disassembler.ToSource(program);
            var back = TextAssembler.Assemble(text);
            Assert.Equal(Convert.ToHexString(bytes.ToArray()), Convert.ToHexString(InstructionCodec.Encode(back)));
            programs++;
        }
        Assert.Equal(300, programs);
    }

    [Theory]
    [InlineData("b701000005000000", "r1 = 5")]
    [InlineData("b401000005000000", "w1 = 5")]
    [InlineData("1801000005000000 0000000000000000", "r1 = 0x5")]
    [InlineData("1811000007000000 0000000000000000", "r1 = map[fd:7]")]
    [InlineData("1821000007000000 0000000010000000", "r1 = map[fd:7][0]+16")]
    [InlineData("1841000003000000 0000000000000000", "r1 = subprog[+3]")]
    [InlineData("79a1f8ff00000000", "r1 = *(u64 *)(r10 -8)")]
    [InlineData("8121040000000000", "r1 = *(s32 *)(r2 +4)")]
    [InlineData("7b1af8ff00000000", "*(u64 *)(r10 -8) = r1")]
    [InlineData("7a0af8ffffffffff", "*(u64 *)(r10 -8) = -1")]
    [InlineData("db21000000000000", "lock *(u64 *)(r1 +0) += r2")]
    [InlineData("c321080040000000", "lock *(u32 *)(r1 +8) |= r2")]
    [InlineData("db21000001000000", "r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)")]
    [InlineData("c3210000a1000000", "r2 = atomic_fetch_xor((u32 *)(r1 +0), r2)")]
    [InlineData("db210000e1000000", "r2 = atomic64_xchg((u64 *)(r1 +0), r2)")]
    [InlineData("c3210000f1000000", "r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)")]
    [InlineData("db21000000010000", "r1 = load_acquire((u64 *)(r2 +0))")]
    [InlineData("d321fcff10010000", "store_release((u8 *)(r1 -4), r2)")]
    [InlineData("3f21010000000000", "r1 s/= r2")]
    [InlineData("9401010005000000", "w1 s%= 5")]
    [InlineData("bf21080000000000", "r1 = (s8)r2")]
    [InlineData("bc21100000000000", "w1 = (s16)w2")]
    [InlineData("8701000000000000", "r1 = -r1")]
    [InlineData("dc01000010000000", "r1 = be16 r1")]
    [InlineData("d401000040000000", "r1 = le64 r1")]
    [InlineData("d701000020000000", "r1 = bswap32 r1")]
    [InlineData("c70100003f000000", "r1 s>>= 63")]
    [InlineData("bf21010001000000", "r1 = addr_space_cast(r2, 0, 1)")]
    [InlineData("bf00ffff00000000", "r0 = &(void __percpu *)(r0)")]
    [InlineData("c200000000000000", "nospec")]
    [InlineData("6501030005000000", "if r1 s> 0x5 goto pc+3")]
    [InlineData("5601fdffffffffff", "if w1 != 0xffffffff goto pc-3")]
    [InlineData("4d21010000000000", "if r1 & r2 goto pc+1")]
    [InlineData("0500050000000000", "goto pc+5")]
    [InlineData("0600000000000100", "gotol pc+65536")]
    [InlineData("0d01000000000000", "gotox r1")]
    [InlineData("e5000a0000000000", "may_goto pc+10")]
    [InlineData("8500000001000000", "call bpf_map_lookup_elem#1")]
    [InlineData("8500000010270000", "call unknown#10000")]
    [InlineData("8510000003000000", "call pc+3")]
    [InlineData("85200000d2040000", "call kernel-function#1234")]
    [InlineData("8d01000000000000", "callx r1")]
    [InlineData("2000000000000000", "r0 = *(u32 *)skb[0]")]
    [InlineData("48200000f0ffffff", "r0 = *(u16 *)skb[r2 + -16]")]
    [InlineData("9500000000000000", "exit")]
    public void The_text_is_the_kernels(string hex, string text) =>
        Assert.Equal(text, InstructionCodec.Decode(Convert.FromHexString(hex.Replace(" ", ""))).Single().ToString());

    [Fact]
    public void Names_stand_in_place_of_numbers()
    {
        Assert.Equal("r1 = map[events]", Instruction.LoadImm64(Register.R1, 0, PseudoSource.MapFd).WithReference("events", ReferenceKind.Map).ToString());
        Assert.Equal("call helper_fn", Instruction.CallFunction(3).WithReference("helper_fn", ReferenceKind.Function).ToString());
        Assert.Equal("call bpf_obj_drop_impl#77", Instruction.CallKernelFunction(77).WithReference("bpf_obj_drop_impl", ReferenceKind.KernelFunction).ToString());
    }

    [Fact]
    public void A_listing_has_slots_opcodes_symbols_and_source_lines()
    {
        var program = new Assembler()
            .Function("main").Source(new SourceLine("prog.c", 4, 2, "return f(1);"))
            .LoadImm64(Register.R1, 1).Call("f").Exit()
            .Function("f").Source(null).Mov(Register.R0, Register.R1).Exit().Build();
        Assert.Equal(
            """
            main:
            ; return f(1); @ prog.c:4
               0: (18) r1 = 0x1
               2: (85) call f
               3: (95) exit
            f:
               4: (bf) r0 = r1
               5: (95) exit

            """, Disassembler.Format(program));
    }
}
