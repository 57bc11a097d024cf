using Hornet.Btf;
using Hornet.Core.Tests.Elf;
using Hornet.Objects;

namespace Hornet.Core.Tests.Objects;

public class ContextArgumentTests
{
    private const string Source = """
        #define SEC(name) __attribute__((section(name), used))
        #define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))
        #define __noinline __attribute__((noinline))
        struct __sk_buff { int len; }; struct xdp_md { int data; }; struct pt_regs { long ax; }; typedef struct pt_regs bpf_user_pt_regs_t; struct other { int x; };
        __noinline int shared(int before, const void *ctx __arg_ctx) { asm volatile (""); return before; }
        __noinline int right(struct __sk_buff *ctx __arg_ctx) { asm volatile (""); return 1; }
        __noinline int wrong(struct other *ctx __arg_ctx) { asm volatile (""); return 2; }
        __noinline int plain(void *ctx) { asm volatile (""); return 3; }
        __noinline int registers(struct pt_regs *ctx __arg_ctx) { asm volatile (""); return 4; }
        __noinline int by_typedef(bpf_user_pt_regs_t *ctx __arg_ctx) { asm volatile (""); return 5; }
        static __noinline int own(void *ctx __arg_ctx) { asm volatile (""); return 6; }
        SEC("tc") int first(struct __sk_buff *ctx) { return shared(1, ctx) + right(ctx) + wrong((void *)ctx) + plain(ctx) + own(ctx); }
        SEC("tc") int second(struct __sk_buff *ctx) { return shared(2, ctx); }
        SEC("xdp") int third(struct xdp_md *ctx) { return shared(3, ctx) + right((void *)ctx); }
        SEC("kprobe/x") int kprobe(struct pt_regs *ctx) { return registers(ctx) + by_typedef((void *)ctx); }
        SEC("fentry/x") int fentry(unsigned long long *ctx) { return shared(4, ctx); }
        """;

    private static readonly Lazy<BpfObject> s_object = new(() => BpfObject.Parse(Compile.Bpf(Source), "tags.bpf.o"));

    private static BtfSpec Types(bool native, out Dictionary<(ProgramType Type, uint Function), uint> functions) =>
        BtfSpec.Parse(ObjectBtf.ForKernel(s_object.Value, (BtfFeatures)~0, () => native, out _, out functions), null, "kernel");

    [Fact]
    public void A_tagged_argument_gets_the_contexts_type_once_for_each_kind_of_program()
    {
        var types = Types(native: false, out var functions);
        types.Validate();
        Assert.Equal(
            ["Kprobe registers(pt_regs -> bpf_user_pt_regs_t)", "SchedCls shared( -> __sk_buff)", "Xdp shared( -> xdp_md)"],
            functions.Select(f => $"{f.Key.Type} {types[f.Value].Name}({Context(types[f.Key.Function]).Name} -> {Context(types[f.Value]).Name})").Order(StringComparer.Ordinal));
        foreach (var (old, id) in functions)
        {
            Assert.Equal((types[old.Function].Name, BtfLinkage.Global), (types[id].Name, types[id].Linkage));
            Assert.Equal(types[old.Function].Target.Parameters.Count, types[id].Target.Parameters.Count);
            Assert.Contains(types.Types, t => t.Kind == BtfKind.DeclTag && t.Name == "arg:ctx" && t.TargetId == id && t.ComponentIndex == types[id].Target.Parameters.Count - 1);
        }

        static BtfType Context(BtfType function) => function.Target.Parameters[^1].Type.Target.Resolve();
    }

    [Fact]
    public void A_kernel_that_reads_the_tag_gets_the_types_as_they_are()
    {
        var types = Types(native: true, out var functions);
        Assert.Empty(functions);
        Assert.Equal(s_object.Value.Btf!.TypeCount, types.TypeCount);
    }
}
