using System.Reflection;
using System.Reflection.Metadata;
using Hornet.IL.Decoding;

namespace Hornet.Tests.IL;

public class DecoderTests
{
    [Fact]
    public void Short_forms_become_general_ones()
    {
        // ldarg.1; ldloc.s 5; stloc.2; ldc.i4.m1; ldc.i4.s -7; br.s +1; nop; beq.s -3; ret
        var code = ILDecoder.Decode([0x03, 0x11, 5, 0x0c, 0x15, 0x1f, 0xf9, 0x2b, 1, 0x00, 0x2e, 0xfd, 0x2a]);
        Assert.Equal(
            [(ILOpCode.Ldarg, 1), (ILOpCode.Ldloc, 5), (ILOpCode.Stloc, 2), (ILOpCode.Ldc_i4, -1), (ILOpCode.Ldc_i4, -7), (ILOpCode.Br, 10), (ILOpCode.Nop, 0), (ILOpCode.Beq, 9), (ILOpCode.Ret, 0)],
            code.Select(i => (i.OpCode, (int)i.Operand)));
        Assert.Equal([0, 1, 3, 4, 5, 7, 9, 10, 12], code.Select(i => i.Offset));
    }

    [Fact]
    public void A_switch_has_its_targets()
    {
        var code = ILDecoder.Decode([0x45, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x2a]);
        Assert.Equal([14, 13], code[0].Targets!);
    }

    [Theory]
    [InlineData(new byte[] { 0x24 }, "no opcode 0x24")]
    [InlineData(new byte[] { 0xfe, 0x08 }, "no opcode 0xfe08")]
    [InlineData(new byte[] { 0xfe }, "cut off")]
    [InlineData(new byte[] { 0x20, 1, 2 }, "cut off")]
    [InlineData(new byte[] { 0x45, 255, 255, 255, 127 }, "cut off")]
    [InlineData(new byte[] { 0x2b, 5 }, "branches to IL_0007")]
    [InlineData(new byte[] { 0x20, 0, 0, 0, 0, 0x2b, 0xfa }, "branches to IL_0001")]
    public void What_is_no_IL_is_refused(byte[] code, string message) =>
        Assert.Contains(message, Assert.Throws<BpfFormatException>(() => ILDecoder.Decode(code)).Message);

    [Fact]
    public void Random_bytes_are_decoded_or_refused()
    {
        Random random = new(1);
        var bytes = new byte[40];
        int decoded = 0;
        for (int i = 0; i < 20_000; i++)
        {
            var code = bytes.AsSpan(0, random.Next(1, bytes.Length));
            random.NextBytes(code);
            try
            {
                var instructions = ILDecoder.Decode(code);
                Assert.Equal(code.Length, instructions[^1].Next);
                decoded++;
            }
            catch (BpfFormatException)
            {
            }
        }
        Assert.InRange(decoded, 1, 19_999);
    }

    [Fact]
    public void Every_body_of_the_core_library_is_accounted_for_to_the_last_byte()
    {
        int bodies = 0;
        foreach (var type in typeof(object).Assembly.GetTypes().Where((_, i) => i % 20 == 0))
        {
            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            {
                if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) continue;
                var instructions = ILDecoder.Decode(code);
                Assert.Equal(code.Length, instructions[^1].Next);
                Assert.All(instructions, i => Assert.True(Enum.IsDefined(i.OpCode), $"{method}: {i}"));
                bodies++;
            }
        }
        Assert.InRange(bodies, 500, 1_000_000);
    }
}
