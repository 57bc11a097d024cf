using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.KernelTests.Objects;

/// <summary>What objects say by tags and tables rather than by instructions.</summary>
public class ObjectTagTests
{
    private static readonly ClangSource s_contexts = new("""
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        char _license[] SEC("license") = "GPL";
        #define ARG_CTX __attribute__((btf_decl_tag("arg:ctx")))

        __attribute__((noinline)) int length(int before, void *ctx ARG_CTX) { return before + ((struct __sk_buff *)ctx)->len; }
        __attribute__((noinline)) int size(void *ctx ARG_CTX) { return bpf_xdp_adjust_meta(ctx, 0) == 0 ? 5 : 6; }
        __attribute__((noinline)) int any(void *ctx ARG_CTX) { return ctx ? 100 : 200; }

        SEC("tc") int by_tc(struct __sk_buff *ctx) { return length(1000, ctx) + any(ctx); }
        SEC("xdp") int by_xdp(struct xdp_md *ctx) { return size(ctx) + any(ctx); }
        """);

    private static readonly ClangSource s_exceptions = new("""
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        char _license[] SEC("license") = "GPL";
        extern void bpf_throw(__u64 cookie) __ksym;
        int seen;

        __attribute__((noinline)) int recover(__u64 cookie) { seen = 7; return cookie + 1; }
        static __attribute__((noinline)) int thrown(struct __sk_buff *ctx) { if (ctx->len > 0) bpf_throw(41); return 3; }

        SEC("tc") __attribute__((btf_decl_tag("exception_callback:recover"))) int catches(struct __sk_buff *ctx) { return thrown(ctx) + 1000; }
        SEC("tc") int does_not(struct __sk_buff *ctx) { return thrown(ctx) + 1000; }
        """);

    /// <summary>On kernels before 6.8 only another type in the function's description makes the verifier see a context.</summary>
    [KernelFact(Needs.Clang)]
    public void A_tagged_argument_of_a_global_function_is_the_context()
    {
        using var loaded = BpfObject.Open(s_contexts.Path).Load();
        Assert.Null(loaded.BtfFailure);
        Assert.Equal(1100u + 64, loaded.Program("by_tc").TestRun(new TestRunOptions { Data = new byte[64] }).ReturnValue);
        Assert.Equal(105u, loaded.Program("by_xdp").TestRun(new TestRunOptions { Data = new byte[64] }).ReturnValue);
    }

    [KernelFact(Needs.Clang, Needs.Kfuncs, MinKernel = "6.7")]
    public void A_thrown_exception_reaches_the_callback_that_the_program_names()
    {
        using var loaded = BpfObject.Open(s_exceptions.Path).Load();
        Assert.Equal(42u, loaded.Program("catches").TestRun(new TestRunOptions { Data = new byte[64] }).ReturnValue);
        Assert.Equal(7, loaded.Globals.Get<int>("seen"));
        // Without one, what was thrown is what is returned.
        Assert.Equal(41u, loaded.Program("does_not").TestRun(new TestRunOptions { Data = new byte[64] }).ReturnValue);

        var saved = BpfObject.Parse(BpfObject.Open(s_exceptions.Path).ToElf(), "again.bpf.o");
        using var again = saved.Load();
        Assert.Equal(42u, again.Program("catches").TestRun(new TestRunOptions { Data = new byte[64] }).ReturnValue);
    }

    private static ProgramSpec Switch(int count)
    {
        // A table with one target for each length of the packet, from the 14 bytes that are the least on.
        List<Instruction> code =
        [
            Instruction.Load(MemorySize.U32, Register.R0, Register.R1, 0).WithSymbol("main"),
            Instruction.Alu(AluOp.Sub, Register.R0, 14),
            Instruction.JumpIf(JumpOp.Greater, Register.R0, count - 1, 0).WithReference("other", ReferenceKind.Label),
            Instruction.Alu(AluOp.Lsh, Register.R0, 3),
            Instruction.LoadImm64(Register.R2, 0) with { Metadata = new() { Reference = "table", ReferenceKind = ReferenceKind.JumpTable, Targets = [.. Enumerable.Range(0, count).Select(i => $"case{i % 3}")] } },
            Instruction.Alu(AluOp.Add, Register.R2, Register.R0),
            Instruction.Load(MemorySize.U64, Register.R2, Register.R2, 0),
            Instruction.JumpRegister(Register.R2),
        ];
        for (int i = 0; i < 3; i++) code.AddRange([Instruction.Alu(AluOp.Mov, Register.R0, 100 + i).WithSymbol($"case{i}"), Instruction.Exit()]);
        code.AddRange([Instruction.Alu(AluOp.Mov, Register.R0, 7).WithSymbol("other"), Instruction.Exit()]);
        return new ProgramSpec { Name = "main", Type = ProgramType.SchedCls, SectionName = "tc", Instructions = code };
    }

    [KernelFact(MinKernel = "6.19")]
    public void An_indirect_jump_goes_where_its_table_says()
    {
        using var direct = BpfProgram.Load(Switch(4));
        // And from a file, where the table is a section.
        BpfObject spec = new("jump") { License = "GPL" };
        spec.Programs.Add(Switch(4));
        using var loaded = BpfObject.Parse(spec.ToElf(), "jump.bpf.o").Load();
        foreach (var tested in (BpfProgram[])[direct, loaded.Program("main")])
        {
            Assert.Equal([100u, 101u, 102u, 100u, 7u], Enumerable.Range(14, 5).Select(length => tested.TestRun(new TestRunOptions { Data = new byte[length] }).ReturnValue));
        }
    }

    [KernelFact]
    public void A_kernel_without_indirect_jumps_is_told_by_name()
    {
        Assert.SkipWhen(KernelVersion.Running >= new KernelVersion(6, 19), "this kernel has indirect jumps");
        var e = Assert.Throws<BpfNotSupportedException>(() => BpfProgram.Load(Switch(3)));
        Assert.Contains("instruction array", e.Message);
        Assert.Equal(new Version(6, 19), e.MinimumVersion);
    }
}
