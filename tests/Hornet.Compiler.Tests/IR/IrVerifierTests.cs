using Hornet.Compiler.IR;

namespace Hornet.Compiler.Tests.IR;

/// <summary>Malformed IR is found, whatever made it.</summary>
public class IrVerifierTests
{
    private static string Defects(string body) => string.Join('\n', IrVerifier.Check(IrParser.Parse($"func main(%ctx: ptr ctx, %n: i32) -> i32 {{\n{body}\n}}")));

    [Theory]
    [InlineData("entry:\n  br %n, a, b\na:\n  %x = add i32 %n, 1\n  jump b\nb:\n  ret %x", "operand 0 is not defined on every path here")]
    [InlineData("entry:\n  br %n, a, b\na:\n  jump b\nb:\n  %x = phi i32 [a: 1]\n  ret %x", "there is no value for entry")]
    [InlineData("entry:\n  br %n, a, b\na:\n  jump b\nb:\n  %x = phi i32 [a: 1, entry: 2L]\n  ret %x", "a value is i64, not i32")]
    [InlineData("entry:\n  %x = add i32 %n, 1L\n  ret %x", "arithmetic wants two integers of one width")]
    [InlineData("entry:\n  %x = add i64 %ctx, 1L\n  ret 0", "arithmetic wants two integers of one width")]
    [InlineData("entry:\n  ret 0L", "the function returns i32")]
    [InlineData("entry:\n  jump entry", "something jumps to the entry")]
    [InlineData("entry:\n  %x = add i32 %n, 1", "the block does not end")]
    [InlineData("entry:\n  %x = load.u64 i32 %ctx, 0\n  ret %x", "the result does not hold what is loaded")]
    [InlineData("entry:\n  %x = load.u32 i32 %n, 0\n  ret %x", "the address is no pointer")]
    public void It_finds(string body, string defect) => Assert.Contains(defect, Defects(body), StringComparison.Ordinal);

    [Fact]
    public void Pointers_to_the_stack_and_to_a_value_may_meet_as_memory() =>
        Assert.Empty(Defects("entry:\n  %v = inttoptr ptr value:8 5L\n  br %n, a, b\na:\n  %s = alloca 8 align 8\n  jump b\nb:\n  %p = phi ptr memory [a: %s, entry: %v]\n  ret 0"));

    [Fact]
    public void A_context_and_the_stack_may_not_meet() =>
        Assert.Contains("a value is ptr ctx", Defects("entry:\n  br %n, a, b\na:\n  %s = alloca 8 align 8\n  jump b\nb:\n  %p = phi ptr memory [a: %s, entry: %ctx]\n  ret 0"), StringComparison.Ordinal);
}
