using System.Text;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Tests.CodeGen;

/// <summary>How far a jump reaches.</summary>
public class JumpTests
{
    private const string At = " @ \"P.cs\" 7:9-7:20\n";

    [Fact]
    public void A_jump_too_far_is_told_at_its_line()
    {
        var found = Assert.Single(Assert.Throws<CompilationException>(() => BpfCompiler.Compile(Jumping(over: 32_768))).Diagnostics);
        Assert.Equal("HRN4002", found.Id);
        Assert.Contains("a jump crosses", found.Message, StringComparison.Ordinal);
        Assert.Equal(7, found.Location?.Line);
        Assert.NotEmpty(found.Fix!);
    }

    [Fact]
    public void As_far_as_it_reaches_it_jumps()
    {
        var jumps = BpfCompiler.Compile(Jumping(over: 32_700)).Program.Instructions.Where(i => i.IsJump).ToList();
        Assert.InRange(jumps.Max(i => (int)i.Offset), 32_700, short.MaxValue);
    }

    // An element is written so many times, on one of two ways.
    private static IrModule Jumping(int over)
    {
        StringBuilder text = new($"""
            module m : Xdp
            map counts = Hash 4 8 64
            func main(%ctx: ptr ctx) -> i32 {"{"}
            entry:
            %k = alloca 4 align 4
            %m = map counts
            %v = helper bpf_map_lookup_elem ptr value:8 (%m, %k)
            %found = cmp ne %v, null value:8
            br %found, some, none{At}none:
            ret 0
            some:
            %n = helper bpf_get_prandom_u32 i64 ()
            %c = cmp ugt %n, 5L
            br %c, a, b{At}a:

            """);
        for (int i = 0; i < over; i++) text.Append("store.u64 %v, 0, 7L volatile\n");
        return IrParser.Parse(text.Append("jump b\nb:\nret 1\n}").ToString());
    }
}
