using Hornet.Elf;
using Hornet.Links;

namespace Hornet.Core.Tests.Links;

public class UsdtArgumentTests
{
    private const int Rax = 80, Rbp = 32, Rcx = 88, Rdx = 96, Rdi = 112, Rip = 128, Rsp = 152;

    [Theory]
    [InlineData("-4@$-9", UsdtArgumentKind.Constant, 4, true, -9, 0, 0, 1)]
    [InlineData("8@$0x10", UsdtArgumentKind.Constant, 8, false, 16, 0, 0, 1)]
    [InlineData("8@%rdi", UsdtArgumentKind.Register, 8, false, 0, Rdi, 0, 1)]
    [InlineData("-4@%edi", UsdtArgumentKind.Register, 4, true, 0, Rdi, 0, 1)]
    [InlineData("2@%ax", UsdtArgumentKind.Register, 2, false, 0, Rax, 0, 1)]
    [InlineData("1@%ah", UsdtArgumentKind.Register, 1, false, 0, Rax + 1, 0, 1)]
    [InlineData("-1@%r15b", UsdtArgumentKind.Register, 1, true, 0, 0, 0, 1)]
    [InlineData("4@-1204(%rbp)", UsdtArgumentKind.Memory, 4, false, -1204, Rbp, 0, 1)]
    [InlineData("8@(%rsp)", UsdtArgumentKind.Memory, 8, false, 0, Rsp, 0, 1)]
    [InlineData("1@-96(%rbp,%rax,8)", UsdtArgumentKind.IndexedMemory, 1, false, -96, Rbp, Rax, 8)]
    [InlineData("1@(%rbp,%rcx)", UsdtArgumentKind.IndexedMemory, 1, false, 0, Rbp, Rcx, 1)]
    [InlineData("-8 @ 16( %rdx , %rax , 2 )", UsdtArgumentKind.IndexedMemory, 8, true, 16, Rdx, Rax, 2)]
    [InlineData("4@count+8(%rip)", UsdtArgumentKind.Memory, 4, false, 0x508, Rip, 0, 1)]
    [InlineData("8f@%xmm0", UsdtArgumentKind.Unreadable, 8, false, 0, 0, 0, 1)]
    [InlineData("8@%fs:40", UsdtArgumentKind.Unreadable, 8, false, 0, 0, 0, 1)]
    [InlineData("8@$symbol", UsdtArgumentKind.Unreadable, 8, false, 0, 0, 0, 1)]
    [InlineData("4@nowhere(%rip)", UsdtArgumentKind.Unreadable, 4, false, 0, 0, 0, 1)]
    public void Every_form_of_x86_is_read(string text, UsdtArgumentKind kind, int size, bool signed, long value, int register, int index, int scale) =>
        Assert.Equal(new UsdtArgument(text, kind, size, signed, value, register, index, scale), Assert.Single(UsdtArgument.ParseAll(text, ElfMachine.X64, (0x1000, n => n == "count" ? 0x1500 : null))));

    [Theory]
    [InlineData("-8@x4", UsdtArgumentKind.Register, 8, true, 0, 32, 0, 1)]
    [InlineData("4@w19", UsdtArgumentKind.Register, 4, false, 0, 152, 0, 1)]
    [InlineData("4@5", UsdtArgumentKind.Constant, 4, false, 5, 0, 0, 1)]
    [InlineData("-4@[sp, 96]", UsdtArgumentKind.Memory, 4, true, 96, 248, 0, 1)]
    [InlineData("8@[x29]", UsdtArgumentKind.Memory, 8, false, 0, 232, 0, 1)]
    [InlineData("8@[x1, x2, lsl 3]", UsdtArgumentKind.IndexedMemory, 8, false, 0, 8, 16, 8)]
    [InlineData("8@d0", UsdtArgumentKind.Unreadable, 8, false, 0, 0, 0, 1)]
    public void Every_form_of_arm64_is_read(string text, UsdtArgumentKind kind, int size, bool signed, long value, int register, int index, int scale) =>
        Assert.Equal(new UsdtArgument(text, kind, size, signed, value, register, index, scale), Assert.Single(UsdtArgument.ParseAll(text, ElfMachine.Arm64)));

    [Fact]
    public void Several_are_split_at_blanks_outside_brackets()
    {
        var arguments = UsdtArgument.ParseAll("-4@-20(%rbp) 8@(%rax, %rcx, 4)  8@%rdi ", ElfMachine.X64);
        Assert.Equal([UsdtArgumentKind.Memory, UsdtArgumentKind.IndexedMemory, UsdtArgumentKind.Register], arguments.Select(a => a.Kind));
        Assert.Empty(UsdtArgument.ParseAll("", ElfMachine.X64));
    }

    [Theory]
    [InlineData("8")]
    [InlineData("3@%rdi")]
    [InlineData("8@")]
    [InlineData("8@%nope")]
    [InlineData("8@4(%rdi")]
    [InlineData("8@4(%rdi,%rsi,3)")]
    [InlineData("8@()x")]
    [InlineData("x@%rdi")]
    [InlineData("8@%rdi 8@%rdi 8@%rdi 8@%rdi 8@%rdi 8@%rdi 8@%rdi 8@%rdi 8@%rdi 8@%rdi 8@%rdi 8@%rdi 8@%rdi")]
    public void Anything_else_is_a_format_error(string text) => Assert.Throws<BpfFormatException>(() => UsdtArgument.ParseAll(text, ElfMachine.X64));

    [Fact]
    public void Mutated_text_never_gives_another_exception()
    {
        const string sample = "-4@$-9 8@%rdi 1@-96(%rbp,%rax,8) 8@[x1, x2, lsl 3] 4@count+8(%rip) 8f@%xmm0";
        Random random = new(11);
        for (int i = 0; i < 1_500; i++)
        {
            char[] text = sample.ToCharArray();
            for (int n = random.Next(1, 10); n > 0; n--) text[random.Next(text.Length)] = "@$%()[],-+:. 0123456789abcdrspx\t\0"[random.Next(33)];
            try
            {
                UsdtArgument.ParseAll(new string(text, 0, random.Next(text.Length)), i % 2 == 0 ? ElfMachine.X64 : ElfMachine.Arm64, (1, _ => 2));
            }
            catch (BpfFormatException)
            {
                // The one declared exception.
            }
        }
    }
}
