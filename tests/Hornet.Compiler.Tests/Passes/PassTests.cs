using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Compiler.Passes;

namespace Hornet.Compiler.Tests.Passes;

/// <summary>What each pass makes of a program, as text.</summary>
public class PassTests
{
    private static void Check(Pass pass, string before, string after, bool clean = true)
    {
        var module = IrParser.Parse(before);
        pass.Run(module);
        if (clean) new DeadCode().Run(module);
        IrVerifier.Verify(module, pass.Name);
        // Names and order of what is expected are normalised by reading and writing it.
        Assert.Equal(IrPrinter.Print(IrParser.Parse(after)), IrPrinter.Print(module));
    }

    private static string Body(string body, string parameters = "%a: i32, %b: i64, %p: ptr value:64") => $"func main({parameters}) -> i32 {{\n{body}\n}}";

    [Theory]
    [InlineData("%x = add i32 %a, 0", "ret %a")]
    [InlineData("%x = mul i32 %a, 8", "%x = shl i32 %a, 3", "ret %x")]
    [InlineData("%x = sub i32 %a, 5", "%x = add i32 %a, -5", "ret %x")]
    [InlineData("%y = add i32 %a, 5\n%x = add i32 %y, 7", "%x = add i32 %a, 12", "ret %x")]
    [InlineData("%x = urem i32 %a, 16", "%x = and i32 %a, 15", "ret %x")]
    [InlineData("%x = xor i32 %a, %a", "ret 0")]
    [InlineData("%x = sdiv i32 -2147483648, -1", "ret -2147483648")]
    [InlineData("%x = udiv i32 %a, 0", "ret 0")]
    [InlineData("%y = load.u8 i32 %p, 0\n%x = zext8 i32 %y", "%y = load.u8 i32 %p, 0", "ret %y")]
    [InlineData("%y = sext32 i64 %a\n%x = trunc i32 %y", "ret %a")]
    [InlineData("%y = zext32 i64 %a\n%x = cmp slt %y, 10L", "%x = cmp ult %a, 10", "ret %x")]
    [InlineData("%y = cmp slt %a, 3\n%x = cmp eq %y, 0", "%x = cmp sge %a, 3", "ret %x")]
    [InlineData("%y = lshr i32 %a, 28\n%x = cmp ugt %y, 15", "ret 0")]
    [InlineData("%x = shl i32 %a, 33", "%x = shl i32 %a, 1", "ret %x")]
    [InlineData("%y = alloca 8 align 8\n%x = cmp eq %y, null stack", "ret 0")]
    [InlineData("%l = load.u16 i32 %p, 0\n%y = bswap16 i32 %l\n%x = cmp eq %y, 2048", "%l = load.u16 i32 %p, 0\n%x = cmp eq %l, 8", "ret %x")]
    [InlineData("%y = bswap32 i32 %a\n%x = cmp ne %y, 1", "%x = cmp ne %a, 16777216", "ret %x")]
    [InlineData("%y = bswap16 i32 %a\n%x = cmp eq %y, 2048", "%y = bswap16 i32 %a", "%x = cmp eq %y, 2048", "ret %x")]
    [InlineData("%y = sext8 i32 %a\nstore.u8 %p, 0, %y\n%x = add i32 %a, 1", "store.u8 %p, 0, %a", "%x = add i32 %a, 1", "ret %x")]
    [InlineData("%y = and i32 %a, 65535\nstore.u16 %p, 0, %y\n%x = add i32 %a, 1", "store.u16 %p, 0, %a", "%x = add i32 %a, 1", "ret %x")]
    [InlineData("%y = shl i32 %a, 20\n%x = shl i32 %y, 20", "%y = shl i32 %a, 20", "%x = shl i32 %y, 20", "ret %x")]
    [InlineData("%y = shl i32 %a, 12\n%x = shl i32 %y, 19", "%x = shl i32 %a, 31", "ret %x")]
    [InlineData("%l = load.u16 i32 %p, 0\n%x = sext16 i32 %l", "%l = load.u16 i32 %p, 0", "%x = sext16 i32 %l", "ret %x")]
    [InlineData("%l = load.u16 i32 %p, 0\n%y = bswap16 i32 %l\n%x = cmp eq %y, 67584", "ret 0")]
    [InlineData("%l = load.u32 i32 %p, 0\n%c = zext32 i64 %a\n%d = zext32 i64 %l\n%x = cmp slt %c, %d", "%l = load.u32 i32 %p, 0", "%x = cmp ult %a, %l", "ret %x")]
    [InlineData("%l = load.u8 i64 %p, 0\n%m = add i64 %l, 1L\n%y = shl i64 %m, 60L\n%x = cmp eq %y, 0L", "%l = load.u8 i64 %p, 0", "%m = add i64 %l, 1L", "%y = shl i64 %m, 60L", "%x = cmp eq %y, 0L", "ret %x")]
    [InlineData("%x = srem i32 7, 0", "ret 7")]
    [InlineData("%y = lshr i64 -8L, 1L\n%x = cmp eq %y, 9223372036854775804L", "ret 1")]
    [InlineData("%x = sext16 i32 65535", "ret -1")]
    [InlineData("%x = sext8 i32 128", "ret -128")]
    public void Simplify_finds_the_simpler_form(string before, params string[] after) =>
        Check(new Simplify(), Body($"entry:\n{before}\nret %x"), Body("entry:\n" + string.Join('\n', after)));

    [Theory]
    // The verifier knows no bound for a remainder: the comparison and the mask are what tells it one.
    [InlineData("%y = urem i32 %a, 10\n%x = cmp ult %y, 10")]
    [InlineData("%y = urem i32 %a, 10\n%x = and i32 %y, 15")]
    public void Simplify_keeps_what_tells_the_verifier_a_bound(string kept) =>
        Check(new Simplify(), Body($"entry:\n{kept}\nret %x"), Body($"entry:\n{kept}\nret %x"));

    [Fact]
    public void A_branch_on_a_constant_is_a_jump() => Check(new Simplify(),
        Body("entry:\nbr 1, a, b\na:\nret 1\nb:\nret 2"), Body("entry:\njump a\na:\nret 1\nb:\nret 2"));

    [Fact]
    public void Every_way_to_a_return_returns_by_itself() => Check(new ReturnSplitting(),
        Body("entry:\nbr %a, a, end\na:\n%x = add i32 %a, 1\n%c = cmp ult %x, 9\nbr %c, end, b\nb:\njump end\nend:\n%r = phi i32 [entry: 2, a: 2, b: %x]\nret %r"),
        Body("entry:\nbr %a, a, end.constant\na:\n%x = add i32 %a, 1\n%c = cmp ult %x, 9\nbr %c, end.constant, b\nb:\nret %x\nend.constant:\nret 2"));

    [Fact]
    public void Blocks_in_a_row_become_one() => Check(new SimplifyControlFlow(),
        Body("entry:\njump a\na:\n%x = add i32 %a, 1\njump b\nb:\nret %x"), Body("entry:\n%x = add i32 %a, 1\nret %x"));

    [Fact]
    public void A_condition_that_was_put_in_a_variable_is_branched_on_where_it_is_known() => Check(new SimplifyControlFlow(),
        Body("""
            entry:
            %c = cmp slt %a, 3
            br %c, yes, no
            yes:
            %v = add i32 %a, 1
            jump join
            no:
            jump join
            join:
            %f = phi i32 [yes: 1, no: 0]
            %r = phi i32 [yes: %v, no: 7]
            br %f, one, two
            one:
            ret %r
            two:
            ret 2
            """.ReplaceLineEndings("\n")),
        Body("""
            entry:
            %c = cmp slt %a, 3
            br %c, yes, two
            yes:
            %v = add i32 %a, 1
            ret %v
            two:
            ret 2
            """.ReplaceLineEndings("\n")));

    [Fact]
    public void Fields_of_a_struct_become_values() => Check(new ScalarReplacement(),
        Body("""
            entry:
            %s = alloca 16 align 8
            %t = alloca 16 align 8
            store.u32 %s, 4, %a
            store.u64 %s, 8, %b
            memcpy %t, %s, 16 align 8
            %q = ptradd %t, 8L
            %l = load.u64 i64 %q, 0
            %h = load.u16 i32 %t, 4
            %z = load.u32 i32 %t, 0
            %n = trunc i32 %l
            %m = add i32 %n, %h
            %o = add i32 %m, %z
            ret %o
            """.ReplaceLineEndings("\n")),
        Body("entry:\n%h = zext16 i32 %a\n%n = trunc i32 %b\n%m = add i32 %n, %h\n%o = add i32 %m, 0\nret %o").Replace("%h = zext16", "%0 = zext16", StringComparison.Ordinal).Replace("%n, %h", "%n, %0", StringComparison.Ordinal));

    [Fact]
    public void A_variable_that_is_set_on_two_ways_becomes_a_phi() => Check(new ScalarReplacement(),
        Body("entry:\n%v = alloca 4 align 4\nbr %a, one, two\none:\nstore.u32 %v, 0, 5\njump join\ntwo:\njump join\njoin:\n%r = load.u32 i32 %v, 0\nret %r"),
        Body("entry:\nbr %a, one, two\none:\njump join\ntwo:\njump join\njoin:\n%v = phi i32 [two: 0, one: 5]\nret %v"));

    [Fact]
    public void What_a_helper_may_see_stays_memory()
    {
        string body = Body("entry:\n%v = alloca 4 align 4\nstore.u32 %v, 0, %a\n%h = helper bpf_get_current_comm i64 (%v, 4)\n%r = load.u32 i32 %v, 0\nret %r");
        Check(new ScalarReplacement(), body, body);
    }

    [Fact]
    public void What_was_computed_before_is_not_computed_again() => Check(new ValueNumbering(),
        Body("entry:\n%x = add i32 %a, 1\nbr %x, one, two\none:\n%y = add i32 %a, 1\nret %y\ntwo:\n%z = add i32 %a, 2\nret %z"),
        Body("entry:\n%x = add i32 %a, 1\nbr %x, one, two\none:\nret %x\ntwo:\n%z = add i32 %a, 2\nret %z"));

    [Fact]
    public void What_was_stored_is_loaded_from_the_value_unless_something_else_may_have_been_stored_there() => Check(new ValueNumbering(),
        Body("entry:\nstore.u32 %p, 4, %a\n%x = load.u32 i32 %p, 4\nstore.u32 %p, 8, 1\n%y = load.u32 i32 %p, 4\nstore.u32 %p, 6, 1\n%z = load.u32 i32 %p, 4\n%s = add i32 %x, %y\n%t = add i32 %s, %z\nret %t"),
        Body("entry:\nstore.u32 %p, 4, %a\nstore.u32 %p, 8, 1\nstore.u32 %p, 6, 1\n%z = load.u32 i32 %p, 4\n%s = add i32 %a, %a\n%t = add i32 %s, %z\nret %t"));

    [Fact]
    public void Memory_that_is_only_written_is_not_written() => Check(new DeadCode(),
        Body("entry:\n%v = alloca 8 align 8\nstore.u32 %v, 0, %a\n%q = ptradd %v, 4L\nstore.u32 %q, 0, 1\nret 0"), Body("entry:\nret 0"));

    [Fact]
    public void A_switch_becomes_comparisons() => Check(new SwitchLowering(),
        Body("entry:\nswitch %a [1: one, 2: two] else other\none:\nret 1\ntwo:\nret 2\nother:\n%x = phi i32 [entry: 9]\nret %x"),
        Body("entry:\n%0 = cmp eq %a, 1\nbr %0, one, entry.case\nentry.case:\n%1 = cmp eq %a, 2\nbr %1, two, other\none:\nret 1\ntwo:\nret 2\nother:\n%x = phi i32 [entry.case: 9]\nret %x"));

    [Fact]
    public void A_called_function_is_put_in_its_caller() => Check(new Inliner([]),
        "func main(%a: i32) -> i32 {\nentry:\n%x = call pick (%a)\n%y = add i32 %x, 1\nret %y\n}\nfunc pick(%v: i32) -> i32 {\nentry:\nbr %v, one, two\none:\nret 1\ntwo:\nret %v\n}",
        """
        func main(%a: i32) -> i32 {
        entry:
        jump pick.entry
        pick.entry:
        br %a, pick.one, pick.two
        pick.one:
        jump entry.after
        pick.two:
        jump entry.after
        entry.after:
        %x = phi i32 [pick.one: 1, pick.two: %a]
        %y = add i32 %x, 1
        ret %y
        }
        func pick(%v: i32) -> i32 {
        entry:
        br %v, one, two
        one:
        ret 1
        two:
        ret %v
        }
        """.ReplaceLineEndings("\n"));

    [Fact]
    public void A_function_that_calls_itself_is_an_error_at_the_call()
    {
        List<Diagnostic> diagnostics = [];
        new Inliner(diagnostics).Run(IrParser.Parse("func main(%a: i32) -> i32 {\nentry:\n%x = call f (%a)\nret %x\n}\nfunc f(%v: i32) -> i32 {\nentry:\n%x = call f (%v) @ \"Program.cs\" 9:5-9:9\nret %x\n}"));
        var error = Assert.Single(diagnostics);
        Assert.Equal((DiagnosticRules.Recursion.Id, 9), (error.Id, error.Location!.Line));
    }

    [Fact]
    public void Large_memory_moves_to_a_map()
    {
        var module = IrParser.Parse(Body("entry:\n%v = alloca 1024 align 8\n%h = helper bpf_get_current_comm i64 (%v, 16)\n%r = load.u32 i32 %v, 1000\nret %r"));
        Assert.True(new ScratchPlacement().Run(module));
        IrVerifier.Verify(module);
        Assert.Equal(1024u, module.Maps.Single(m => m.Name == ".scratch").Spec.ValueSize);
        Assert.All(module.EntryFunction.Instructions.OfType<Alloca>(), a => Assert.True(a.Size <= 8));
    }

    [Fact]
    public void Small_memory_stays_on_the_stack() =>
        Assert.False(new ScratchPlacement().Run(IrParser.Parse(Body("entry:\n%v = alloca 64 align 8\n%h = helper bpf_get_current_comm i64 (%v, 16)\nret 0"))));

    // With what is read behind it, the farthest place is the last that the verifier follows.
    [Theory]
    [InlineData(1, 65534)]
    [InlineData(4, 65531)]
    [InlineData(20, 65515)]
    public void A_computed_place_of_a_packet_is_compared_with_the_farthest(int size, int farthest)
    {
        var module = IrParser.Parse($"module m : Xdp\nfunc main(%ctx: ptr ctx, %b: i64) -> i32 {{\nentry:\n%p = packet %ctx, %b, {size}\n%c = cmp eq %p, null packet:{size}\nbr %c, no, yes\nno:\nret 0\nyes:\n%x = load.u8 i32 %p, 0\nret %x\n}}");
        Assert.True(new PacketLowering().Run(module));
        Assert.Contains($"cmp ugt %b, {farthest}L", IrPrinter.Print(module), StringComparison.Ordinal);
    }

    // Where a global variable begins decides how wide it may be read.
    [Theory]
    [InlineData(8, "load.u64")]
    [InlineData(4, "load.u32")]
    [InlineData(2, "load.u16")]
    public void A_copy_of_a_global_variable_is_as_wide_as_its_place_allows(int place, string load)
    {
        var module = IrParser.Parse($"module m : Xdp\nmap io = Array 4 64 1\nfunc main(%ctx: ptr ctx) -> i32 {{\nentry:\n%g = global io, {place}\n%h = global io, 32\nmemcpy %h, %g, 8 align 8\nret 0\n}}");
        Assert.True(new MemoryLowering(oldProbeRead: false).Run(module));
        string text = IrPrinter.Print(module);
        Assert.Contains(load, text, StringComparison.Ordinal);
        if (place < 8) Assert.DoesNotContain("load.u64", text, StringComparison.Ordinal);
    }
}
