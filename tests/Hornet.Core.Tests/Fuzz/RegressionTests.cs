using System.Text;
using Hornet.Fuzz;

namespace Hornet.Core.Tests.Fuzz;

/// <summary>
/// Inputs that broke a parser once, or would break a careless one, through the targets of the fuzzer. A new one is added
/// here as text or base64, with a word on what it did.
/// </summary>
public class RegressionTests
{
    public static TheoryData<string, string, string> Inputs => new()
    {
        { "elf", "only the magic", Convert.ToBase64String([0x7f, (byte)'E', (byte)'L', (byte)'F']) },
        { "elf", "a 64-bit header of ones", Convert.ToBase64String([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, .. Enumerable.Repeat((byte)0xff, 57)]) },
        { "object", "nothing", "" },
        { "btf", "a header whose lengths add up to more than there is", Convert.ToBase64String([0x9f, 0xeb, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0]) },
        { "btf", "a typedef of itself", Convert.ToBase64String(Btf(0, 8 << 24, 1)) },
        { "btf", "an array of itself", Convert.ToBase64String(Btf(0, 3 << 24, 0, 1, 1, 2)) },
        { "btf", "a struct with more members than bytes", Convert.ToBase64String(Btf(0, (4 << 24) | 0xffff, 8)) },
        { "btfc", "a struct of itself by value", Convert.ToBase64String(Btf(0, (4 << 24) | 1, 8, 0, 1, 0)) },
        { "btfcs", "a struct of itself by value", Convert.ToBase64String(Btf(0, (4 << 24) | 1, 8, 0, 1, 0)) },
        { "btfcs", "a struct with an array of itself", Convert.ToBase64String(Btf(0, (4 << 24) | 1, 8, 0, 2, 0, 0, 3 << 24, 0, 2, 2, 1)) },
        { "btfc", "a pointer to itself", Convert.ToBase64String(Btf(0, 2 << 24, 1)) },
        { "btfcs", "an enum that is signed and empty", Convert.ToBase64String(Btf(0, 0x86000000, 4)) },
        { "distill", "nothing but a length", Convert.ToBase64String([0, 0, 0, 0]) },
        { "usdt", "brackets that never close", Text("8@((((((((%rdi 8@[[[[x0") },
        { "usdt", "a blank before the at sign, at the very beginning", Text(" @ 8 @ $ ") },
        { "usdt", "numbers that overflow", Text("8@$99999999999999999999 -8@-9223372036854775809(%rax,%rbx,16) 4@[sp, 99999999999999999999]") },
        { "btfext", "types longer than the input", Convert.ToBase64String([0xff, 0xff, 0xff, 0x7f, 1, 2, 3]) },
        { "core", "nothing but a length", Convert.ToBase64String([0, 0, 0, 0]) },
        { "code", "half of a 64-bit load", Convert.ToBase64String([0x18, 0, 0, 0, 0, 0, 0, 0]) },
        { "text", "brackets without end", Text("r1 = map[[[[[[[[") },
        { "text", "a number too long", Text("r1 = 0x" + new string('f', 4000)) },
        { "text", "a branch to itself under its own name", Text("x: x: goto x") },
        { "log", "brackets that never close", Text("0: R1=scalar((((((((((((\n0: (95) exit\nR1 type=( expected=)\n") },
        { "log", "counts inside of counts", Text("processed processed 1 insns (limit processed 1 insns (limit ") },
        { "log", "a slot number that overflows", Text("99999999999: (95) exit\nfrom 99999999999 to 5: safe\nunreachable insn 99999999999\n") },
        { "format", "an offset that overflows", Text("name: x\nID: 1\nformat:\n\tfield:int a[99999999999];\toffset:2147483647;\tsize:2147483647;\tsigned:1;\n") },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public void The_input_is_refused_or_read_but_breaks_nothing(string target, string what, string base64)
    {
        Assert.NotEmpty(what);
        FuzzTargets.Run(target, Convert.FromBase64String(base64));
    }

    private static string Text(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static byte[] Btf(params uint[] words)
    {
        byte[] types = [.. words.SelectMany(BitConverter.GetBytes)];
        return [0x9f, 0xeb, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(types.Length), .. BitConverter.GetBytes(types.Length), 1, 0, 0, 0, .. types, 0];
    }
}
