using Hornet.Compiler.IR;
using Hornet.Isa;

namespace Hornet.Compiler.Tests.CodeGen;

/// <summary>The instructions that certain forms become.</summary>
public class SelectionTests
{
    private static string Compile(string body, IsaLevel level = IsaLevel.V3)
    {
        var module = IrParser.Parse($"module m : Xdp\nfunc main(%ctx: ptr ctx) -> i32 {{\nentry:\n{body}\n}}");
        return string.Join('\n', BpfCompiler.Compile(module, new CompilerOptions { IsaLevel = level, VerifyPasses = true }).Program.Instructions.Select(i => i.ToString()));
    }

    private const string Number = "%n = helper bpf_get_prandom_u32 i32 ()\n";

    // Before 6.8 "not zero" says nothing of a range.
    [Fact]
    public void A_loop_to_zero_compares_with_one()
    {
        string code = Compile(Number + "%m = and i32 %n, 31\njump head\nhead:\n%i = phi i32 [entry: %m, body: %j]\n%c = cmp ugt %i, 0\nbr %c, body, out\nbody:\n%j = add i32 %i, -1\n%r = helper bpf_ktime_get_ns i64 ()\nstore.u32 %ctx, 0, %j volatile\njump head\nout:\nret 1");
        Assert.Matches("if w[0-9] (<|>=) 0x1 ", code);
        Assert.DoesNotContain("!= 0x0", code, StringComparison.Ordinal);
    }

    // Anything but "is it zero" is forbidden to a pointer.
    [Fact]
    public void A_number_that_may_be_a_pointer_compares_with_zero() =>
        Assert.Matches("if r[0-9] [!=]= 0x0 ", Compile("%n = helper bpf_get_current_task i64 ()\n%c = cmp ne %n, 0L\nbr %c, a, b\na:\nstore.u32 %ctx, 0, 1 volatile\nret 1\nb:\nret 2"));

    [Theory]
    [InlineData("ne")]
    [InlineData("eq")]
    public void Asking_for_a_bit_is_one_jump(string predicate)
    {
        string code = Compile(Number + $"%x = and i32 %n, 4\n%c = cmp {predicate} %x, 0\nbr %c, a, b\na:\nstore.u32 %ctx, 0, 1 volatile\nret 1\nb:\nret 2");
        Assert.Contains("& 0x4 goto", code, StringComparison.Ordinal);
        Assert.DoesNotContain("&= ", code, StringComparison.Ordinal);
    }

    // Without 32-bit jumps the mask is extended by its sign, and of a helper's result nobody knows the upper half.
    [Theory]
    [InlineData(IsaLevel.V2, true)]
    [InlineData(IsaLevel.V3, false)]
    public void Asking_for_the_sign_masks_first_without_32_bit_jumps(IsaLevel level, bool masks)
    {
        string code = Compile(Number + "%x = and i32 %n, -2147483648\n%c = cmp ne %x, 0\nbr %c, a, b\na:\nstore.u32 %ctx, 0, 1 volatile\nret 1\nb:\nret 2", level);
        Assert.Equal(masks, code.Contains("&= ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(IsaLevel.V2, true)]
    [InlineData(IsaLevel.V3, false)]
    public void A_helpers_result_is_cut_where_a_comparison_sees_64_bits(IsaLevel level, bool cuts)
    {
        string code = Compile(Number + "%c = cmp ugt %n, 5\nbr %c, a, b\na:\nstore.u32 %ctx, 0, 1 volatile\nret 1\nb:\nret 2", level);
        Assert.True(System.Text.RegularExpressions.Regex.IsMatch(code, "w[0-9] = w[0-9]") == cuts, code);
    }
}
