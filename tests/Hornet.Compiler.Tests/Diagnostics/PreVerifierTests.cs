using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Tests.Diagnostics;

/// <summary>Mistakes that the verifier would find are found before, at their line; what is right passes.</summary>
public class PreVerifierTests
{
    private const string Maps = "map counts = Hash 4 8 64\nmap events = RingBuf 0 0 4096\n";

    private static IReadOnlyList<Diagnostic> Compile(string body, CompilerOptions? options = null, string type = "Xdp")
    {
        var module = IrParser.Parse($"module m : {type}\n{Maps}func main(%ctx: ptr ctx) -> i32 {{\nentry:\n{body}\n}}");
        try
        {
            return BpfCompiler.Compile(module, (options ?? new CompilerOptions()) with { VerifyPasses = true }).Diagnostics;
        }
        catch (CompilationException e)
        {
            return e.Diagnostics;
        }
    }

    private const string Lookup = "%k = alloca 4 align 4\n%m = map counts\n%v = helper bpf_map_lookup_elem ptr value:8 (%m, %k)\n";
    private const string Reserve = "%m = map events\n%r = helper bpf_ringbuf_reserve ptr record:8 (%m, 8L, 0L) @ \"P.cs\" 7:9-7:20\n%z = cmp eq %r, null record:8\nbr %z, none, some\nsome:\n";
    private const string At = " @ \"P.cs\" 7:9-7:20\n";

    public static TheoryData<string, string> Mistakes => new()
    {
        { "HRN3002", Lookup + "store.u64 %v, 0, 5L" + At + "ret 0" },
        { "HRN3002", Lookup + "%c = cmp ne %v, null value:8\nbr %c, a, a2\na2:\njump a\na:\natomic add %v, 0, 1L" + At + "ret 0" },
        { "HRN3003", "%d = load.u32 ptr packet %ctx, 0\n%x = load.u8 i32 %d, 12" + At + "ret %x" },
        { "HRN3002", "%d = packet %ctx, 12L, 2\n%x = load.u16 i32 %d, 0" + At + "ret %x" },
        { "HRN3004", Reserve + "store.u64 %r, 0, 1L\nret 0\nnone:\nret 0" },
        { "HRN3004", Reserve + "%x = helper bpf_get_prandom_u32 i32 ()\nbr %x, give, keep\ngive:\nhelper bpf_ringbuf_submit void (%r, 0L)\nret 0\nkeep:\nret 1\nnone:\nret 0" },
        { "HRN3006", "jump loop\nloop:\njump loop" + At },
        { "HRN3010", "%t = load.u64 i64 %ctx, 0\n%u = inttoptr ptr user %t\n%x = load.u32 i32 %u, 0" + At + "ret %x" },
        { "HRN3011", "%s = alloca 16 align 8\n%h = helper bpf_get_prandom_u32 i64 ()\nstore.u64 %s, 16, %h" + At + "%x = load.u32 i32 %s, 0\nret %x" },
        { "HRN3011", Lookup + "%c = cmp ne %v, null value:8\nbr %c, a, b\na:\n%x = load.u32 i32 %v, 8" + At + "ret %x\nb:\nret 0" },
        // Written on one way of two; a helper has seen its address, so that it stays memory.
        { "HRN3001", "%s = alloca 8 align 8 uninitialized\n%q = alloca 8 align 8 uninitialized\n%h = helper bpf_get_prandom_u32 i32 ()\n%w = zext32 i64 %h\n%m = and i64 %w, 4L\n%p = ptradd %s, %m\nbr %h, a, b\na:\nstore.u32 %s, 0, 1\njump end\nb:\njump end\nend:\n%x = load.u32 i32 %s, 0" + At + "%y = load.u32 i32 %p, 0" + At + "%v = add i32 %x, %y\nret %v" },
        { "HRN3016", "%o = kfunc bpf_obj_new_impl ptr object:32 (1L, 0L)" + At + "%z = cmp eq %o, null object:32\nbr %z, none, some\nnone:\nret 0\nsome:\nstore.u64 %o, 0, 1L\nret 0" },
        { "HRN3002", "%o = kfunc bpf_obj_new_impl ptr object:32 (1L, 0L)\nstore.u64 %o, 0, 1L" + At + "%z = cmp eq %o, null object:32\nbr %z, none, some\nnone:\nret 0\nsome:\nkfunc bpf_obj_drop_impl void (%o, 0L)\nret 0" },
        { "HRN3017", "%o = kfunc bpf_obj_new_impl ptr object:32 (1L, 0L)\n%z = cmp eq %o, null object:32\nbr %z, none, some\nnone:\nret 0\nsome:\nkfunc bpf_obj_drop_impl void (%o, 0L)\n%x = load.u32 i32 %o, 0" + At + "ret %x" },
        { "HRN3010", "%o = kfunc bpf_obj_new_impl ptr object:32 (1L, 0L)\n%z = cmp eq %o, null object:32\nbr %z, none, some\nnone:\nret 0\nsome:\nhelper bpf_get_current_comm i64 (%o, 16L)" + At + "kfunc bpf_obj_drop_impl void (%o, 0L)\nret 0" },
        { "HRN3018", Lookup + "%z = cmp eq %v, null value:8\nbr %z, none, some\nnone:\nret 0\nsome:\n%f = kfunc bpf_rbtree_first ptr object:32 (%v)" + At + "ret 0" },
        { "HRN3019", Lookup + "%z = cmp eq %v, null value:8\nbr %z, none, some\nnone:\nret 0\nsome:\nhelper bpf_spin_lock void (%v)\n%t = helper bpf_ktime_get_ns i64 ()" + At + "store.u64 %v, 0, %t\nhelper bpf_spin_unlock void (%v)\nret 0" },
        { "HRN3019", Lookup + "%z = cmp eq %v, null value:8\nbr %z, none, some\nnone:\nret 0\nsome:\nhelper bpf_spin_lock void (%v)\n%x = load.u32 i32 %v, 4\nbr %x, out, on\nout:\nret 1" + At + "on:\nhelper bpf_spin_unlock void (%v)\nret 0" },
        { "HRN3001", "%s = alloca 16 align 8 uninitialized\n%h = helper bpf_get_prandom_u32 i64 ()\n%o = and i64 %h, 8L\n%q = ptradd %s, %o\n%x = load.u32 i32 %s, 4" + At + "store.u8 %q, 0, 1\n%y = load.u32 i32 %s, 0\n%z = add i32 %x, %y\nret %z" },
        { "HRN3007", "%x = helper bpf_skb_load_bytes i64 (%ctx, 0, 0L, 0)" + At + "ret 0" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_found_at_its_line(string rule, string body)
    {
        var error = Assert.Single(Compile(body));
        Assert.Equal(rule, error.Id);
        Assert.Equal(7, error.Location?.Line);
    }

    [Theory]
    [InlineData("%s = alloca 16 align 8 uninitialized\n%h = helper bpf_get_prandom_u32 i64 ()\n%o = and i64 %h, 8L\n%q = ptradd %s, %o\nmemset %s, 0, 16\n%x = load.u32 i32 %s, 4\nstore.u8 %q, 0, 1\n%y = load.u32 i32 %q, 0\n%z = add i32 %x, %y\nret %z")]
    [InlineData(Lookup + "%c = cmp ne %v, null value:8\nbr %c, a, b\na:\natomic add %v, 0, 1L\nret 0\nb:\nret 0")]
    [InlineData("%d = packet %ctx, 12L, 2\n%c = cmp eq %d, null packet:2\nbr %c, b, a\na:\n%x = load.u16 i32 %d, 0\nret %x\nb:\nret 0")]
    [InlineData("%d = load.u32 ptr packet %ctx, 0\n%e = load.u32 ptr packet_end %ctx, 4\n%q = ptradd %d, 14L\n%c = cmp ugt %q, %e\nbr %c, b, a\na:\n%x = load.u8 i32 %d, 12\nret %x\nb:\nret 0")]
    [InlineData(Reserve + "store.u64 %r, 0, 1L\nhelper bpf_ringbuf_submit void (%r, 0L)\nret 0\nnone:\nret 0")]
    [InlineData(Lookup + "%c = cmp eq %v, null value:8\n%s = alloca 8 align 8\nbr %c, miss, hit\nmiss:\njump use\nhit:\njump use\nuse:\n%w = phi ptr memory [miss: %s, hit: %v]\nstore.u64 %w, 0, 1L\nret 0")]
    public void What_is_right_passes(string body) => Assert.Empty(Compile(body));

    [Fact]
    public void A_gpl_only_helper_wants_the_license()
    {
        const string body = "%s = alloca 16 align 8\n%x = helper bpf_probe_read_kernel i64 (%s, 8, 0L)\nret 0";
        Assert.Empty(Compile(body));
        Assert.Equal("HRN3008", Assert.Single(Compile(body, new CompilerOptions { License = "MIT" })).Id);
    }

    [Fact]
    public void A_helper_wants_its_kernel()
    {
        const string body = "%x = helper bpf_ktime_get_boot_ns i64 ()\n%y = trunc i32 %x\nret %y";
        Assert.Empty(Compile(body, new CompilerOptions { Kernel = new Version(5, 8) }));
        var error = Assert.Single(Compile(body, new CompilerOptions { Kernel = new Version(5, 4) }));
        Assert.Equal("HRN3007", error.Id);
        Assert.Contains("since kernel 5.8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_told_at_once() =>
        Assert.Equal(2, Compile(Lookup + "%x = load.u64 i64 %v, 0 @ \"P.cs\" 7:1-7:2\n%d = load.u32 ptr packet %ctx, 0\n%y = load.u8 i64 %d, 12 @ \"P.cs\" 8:1-8:2\n%z = add i64 %x, %y\n%t = trunc i32 %z\nret %t").Count);

    [Fact]
    public void A_diagnostic_shows_the_line_and_how_it_came_there()
    {
        SourceLocation call = new() { File = "Program.cs", Line = 12, Column = 55 };
        Diagnostic diagnostic = new("HRN3002", DiagnosticSeverity.Error, new SourceLocation
        {
            File = "Program.cs",
            Line = 17,
            Column = 5,
            EndLine = 17,
            EndColumn = 12,
            Method = "Note(uint)",
            SourceText = "    hits.Add(pid);",
            InlinedAt = call,
        }, "the result is followed without a test for null")
        { Program = "kernel xdp", Why = "because", Fix = "test it" };
        Assert.Equal(
            """
            Program.cs(17,5): error HRN3002: the result is followed without a test for null
               17 |     hits.Add(pid);
                  |     ^^^^^^^  in kernel xdp, Note(uint) inlined at Program.cs(12,55)
               why: because
               fix: test it
            """.ReplaceLineEndings("\n"), diagnostic.ToString());
    }

    [Fact]
    public void Rules_have_a_number_a_reason_and_a_way_out() =>
        Assert.All(DiagnosticRules.All, r => Assert.True(r.Id.StartsWith("HRN", StringComparison.Ordinal) && r.Title.Length > 0 && r.Why.Length > 0 && r.Fix.Length > 0));
}
