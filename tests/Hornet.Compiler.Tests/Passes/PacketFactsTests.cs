using Hornet.Compiler.IR;
using Hornet.Compiler.Passes;

namespace Hornet.Compiler.Tests.Passes;

/// <summary>What is known of a packet's length is not asked again, and what is not known is.</summary>
public class PacketFactsTests
{
    private static string Lower(string body)
    {
        var module = IrParser.Parse($"module m : Xdp\nfunc main(%ctx: ptr ctx) -> i32 {{\nentry:\n{body}\n}}");
        new PacketLowering().Run(module);
        IrVerifier.Verify(module, nameof(PacketLowering));
        for (int i = 0; i < 3; i++)
        {
            new Simplify().Run(module);
            new SimplifyControlFlow().Run(module);
            new DeadCode().Run(module);
        }
        IrVerifier.Verify(module, nameof(SimplifyControlFlow));
        return IrPrinter.Print(module);
    }

    private static int Ends(string text) => text.Split('\n').Count(l => l.Contains("cmp u", StringComparison.Ordinal));

    private static string Access(string name, int offset, int size) =>
        $"%{name} = packet %ctx, {offset}L, {size}\n%{name}z = cmp eq %{name}, null packet:{size}\nbr %{name}z, short, {name}ok\n{name}ok:\n%{name}v = load.u8 i32 %{name}, 0\n";

    [Fact]
    public void A_length_that_was_compared_covers_what_lies_before() =>
        Assert.Equal(1, Ends(Lower("%l = packetlen %ctx\n%n = trunc i32 %l\n%c = cmp slt %n, 34\nbr %c, short, long\nlong:\n" + Access("a", 12, 2) + Access("b", 33, 1) + "%r = add i32 %av, %bv\nret %r\nshort:\nret 0")));

    [Fact]
    public void One_access_covers_a_shorter_one_behind_it() =>
        Assert.Equal(1, Ends(Lower(Access("a", 30, 4) + Access("b", 12, 2) + "%r = add i32 %av, %bv\nret %r\nshort:\nret 0")));

    [Fact]
    public void A_longer_one_is_compared() =>
        Assert.Equal(2, Ends(Lower(Access("a", 12, 2) + Access("b", 30, 4) + "%r = add i32 %av, %bv\nret %r\nshort:\nret 0")));

    [Fact]
    public void A_comparison_on_another_way_does_not_count() =>
        Assert.Equal(2, Ends(Lower("%n = helper bpf_get_prandom_u32 i32 ()\nbr %n, one, two\none:\n" + Access("a", 30, 4) + "jump two\ntwo:\n" + Access("b", 12, 2) + "ret %bv\nshort:\nret 0")));

    [Fact]
    public void A_helper_that_may_move_the_packet_makes_everything_unknown() =>
        Assert.Equal(2, Ends(Lower(Access("a", 30, 4) + "%h = helper bpf_xdp_adjust_head i64 (%ctx, 4)\n" + Access("b", 12, 2) + "%r = add i32 %av, %bv\nret %r\nshort:\nret 0")));

    private static string Loop(int rounds, string start = "0") =>
        $"%l = packetlen %ctx\n%n = trunc i32 %l\n%c = cmp slt %n, 64\nbr %c, short, long\nlong:\njump loop\nloop:\n%i = phi i32 [long: {start}, next: %j]\n%o = sext32 i64 %i\n%p = packet %ctx, %o, 1\n%z = cmp eq %p, null packet:1\nbr %z, short, next\nnext:\n%v = load.u8 i32 %p, 0\n%j = add i32 %i, 1\n%e = cmp slt %j, {rounds}\nbr %e, loop, done\ndone:\nret %v\nshort:\nret 0";

    [Fact]
    public void A_counter_that_stays_within_is_not_compared() => Assert.DoesNotContain("phi ptr", Lower(Loop(64)), StringComparison.Ordinal);

    [Theory]
    [InlineData(65, "0")]
    [InlineData(64, "-1")]
    public void A_counter_that_does_not_is(int rounds, string start) => Assert.NotEqual(Ends(Lower(Loop(64))), Ends(Lower(Loop(rounds, start))));

    [Fact]
    public void A_counter_that_begins_anywhere_is_compared() =>
        Assert.NotEqual(Ends(Lower(Loop(64))), Ends(Lower("%s = helper bpf_get_prandom_u32 i32 ()\n" + Loop(64, "%s"))));
}
