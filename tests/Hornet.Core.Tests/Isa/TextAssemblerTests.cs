using Hornet.Isa;

namespace Hornet.Core.Tests.Isa;

public class TextAssemblerTests
{
    [Fact]
    public void A_program_with_labels_functions_and_remarks()
    {
        var program = TextAssembler.Assemble(
            """
            ; count to ten
            .function main
                r0 = 0
            loop: r0 += 1            // once more
                if r0 != 10 goto loop
                r1 = r0
                call twice
                exit
            twice:
                r0 = r1
                r0 <<= 1
                exit
            """);
        Assert.Equal("r0 = 0|r0 += 1|if r0 != 0xa goto pc-2|r1 = r0|call twice|exit|r0 = r1|r0 <<= 1|exit", string.Join('|', program));
        Assert.Equal(("main", "twice"), (program[0].Symbol, program[6].Symbol));
    }

    [Fact]
    public void A_dump_can_be_pasted()
    {
        var program = TextAssembler.Assemble(
            """
               0: (b7) r0 = 1
               1: (15) if r0 == 0x0 goto pc+1
            ; return 2; @ prog.c:4
               2: (b7) r0 = 2
               3: (95) exit
            """);
        Assert.Equal("B700000001000000" + "1500010000000000" + "B700000002000000" + "9500000000000000", Convert.ToHexString(InstructionCodec.Encode(program)));
    }

    [Theory] // what clang's assembler prints and takes
    [InlineData("r1 = *(u64 *)(r10 - 8)", "r1 = *(u64 *)(r10 -8)")]
    [InlineData("w1 = *(u32 *)(r2 + 4)", "r1 = *(u32 *)(r2 +4)")]
    [InlineData("*(u32 *)(r2 + 4) = w1", "*(u32 *)(r2 +4) = r1")]
    [InlineData("*(u8*)(r2+0)=1", "*(u8 *)(r2 +0) = 1")]
    [InlineData("r1 = 5 ll", "r1 = 0x5")]
    [InlineData("w1 = 0x10", "w1 = 16")]
    [InlineData("w1 = 0xffffffff", "w1 = -1")]
    [InlineData("goto +3 <LBB0_1>", "goto pc+3")]
    [InlineData("if r1 s> -1 goto -2", "if r1 s> 0xffffffff goto pc-2")]
    [InlineData("if w1 == w2 goto +0", "if w1 == w2 goto pc+0")]
    [InlineData("call 1", "call bpf_map_lookup_elem#1")]
    [InlineData("call bpf_ktime_get_ns", "call bpf_ktime_get_ns#5")]
    [InlineData("lock *(u64 *)(r1 + 0) ^= r2", "lock *(u64 *)(r1 +0) ^= r2")]
    [InlineData("r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)", "r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)")]
    [InlineData("w2 = atomic_fetch_or((u32 *)(r1 + 0), w2)", "r2 = atomic_fetch_or((u32 *)(r1 +0), r2)")]
    [InlineData("r0 = *(u8 *)skb[r1]", "r0 = *(u8 *)skb[r1 + 0]")]
    [InlineData("r1 = map[id:5]", "r1 = map[fd:5]")]
    [InlineData(".raw 0x0000000000000095", "exit")]
    public void Other_spellings_are_understood(string text, string kernel) => Assert.Equal(kernel, TextAssembler.Assemble(text).Single().ToString());

    [Theory]
    [InlineData("r1 = ", "line 1, 'r1 =': ")]
    [InlineData("exit\nr11 = 1", "line 2, 'r11 = 1': 'r11' is not a register")]
    [InlineData("r1 = w2", "same width")]
    [InlineData("r10 = 1", "frame pointer")]
    [InlineData("r1 = 0x1ffffffffffffffff", "does not fit in 64 bits")]
    [InlineData("r1 = 4294967296", "write '4294967296 ll'")]
    [InlineData("goto pc+40000", "does not fit in 16 bits")]
    [InlineData("if r1 ~ r2 goto x", "a comparison is missing")]
    [InlineData("if r1 == r2 x", "'goto' is missing")]
    [InlineData("goto nowhere", "'nowhere' is not defined")]
    [InlineData("x:\nx: exit", "defined twice")]
    [InlineData("r1: exit", "'r1' cannot be a label")]
    [InlineData("exit exit", "'exit' is left over")]
    [InlineData("*(u64 *)(r10 -8) = w1", "32-bit register")]
    [InlineData("r1 = *(u65 *)(r10 -8)", "a type")]
    [InlineData("r1 = frobnicate(r2)", "nothing that can be assigned")]
    [InlineData("lock *(u16 *)(r1 +0) += r2", "4 or 8 bytes only")]
    [InlineData("r1 = be16 r2", "in place")]
    [InlineData("r1 = map[fd:x]", "'x' is not a number")]
    [InlineData("r1 = map[fd:1", "']' is missing")]
    [InlineData("call #3", "missing")]
    [InlineData(".raw 0x00000000000000ff", "unknown opcode")]
    public void A_wrong_line_is_named_with_the_reason(string text, string message) =>
        Assert.Contains(message, Assert.Throws<BpfFormatException>(() => TextAssembler.Assemble(text)).Message);

    [Fact]
    public void Maps_symbols_and_kernel_functions_keep_their_names()
    {
        var program = TextAssembler.Assemble("r1 = map[events]\nr2 = map[.rodata][0]+16\nr3 = ksym[jiffies]\ncall bpf_obj_drop_impl#0\nr4 = btf[id:9,fd:3]");
        Assert.Equal(["events", ".rodata", "jiffies", "bpf_obj_drop_impl", null], program.Select(i => i.Reference));
        Assert.Equal([ReferenceKind.Map, ReferenceKind.MapValue, ReferenceKind.KernelSymbol, ReferenceKind.KernelFunction], program.Take(4).Select(i => i.Metadata!.ReferenceKind));
        Assert.Equal(9L | (3L << 32), program[4].Constant);
    }

    [Fact]
    public void Mutated_text_throws_nothing_but_the_format_error()
    {
        Random random = new(3);
        string[] seeds = [.. InstructionForms.WellFormed().Where((_, n) => n % 379 == 0).Select(i => i.ToString()), ".function f", "x: goto x", ".raw 0x95", "call f#1@2"];
        const string Alphabet = "r0w1+-*/=<>!&|^%()[],:#@. pcxs8u64goto#\t\n;\u00e9\u0000";
        int refused = 0;
        for (int n = 0; n < 20_000; n++)
        {
            var text = (seeds[random.Next(seeds.Length)] + (n % 5 == 0 ? "\n" + seeds[random.Next(seeds.Length)] : "")).ToCharArray().ToList();
            for (int m = random.Next(1, 4); m > 0 && text.Count > 0; m--)
            {
                int at = random.Next(text.Count);
                switch (random.Next(3))
                {
                    case 0: text[at] = Alphabet[random.Next(Alphabet.Length)]; break;
                    case 1: text.RemoveAt(at); break;
                    default: text.Insert(at, Alphabet[random.Next(Alphabet.Length)]); break;
                }
            }
            try
            {
                TextAssembler.Assemble(new string([.. text]));
            }
            catch (BpfFormatException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 5_000, 19_900);
    }
}
