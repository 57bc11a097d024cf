using System.Diagnostics;
using Hornet.Btf;
using Hornet.Isa;
using Hornet.Objects;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Objects;

/// <summary>Kernel functions of a module: connection tracking, which distributions build as one (this machine's kernel may have it inside).</summary>
public class ModuleFunctionTests
{
    private const int NoEntry = 2;

    private static readonly ClangSource s_conntrack = new("""
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        char _license[] SEC("license") = "GPL";
        struct nf_conn { unsigned long status; };
        struct nf_conn___init { struct nf_conn ct; };
        struct bpf_ct_opts { __s32 netns_id; __s32 error; __u8 l4proto; __u8 dir; __u8 reserved[2]; };
        extern struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 size, struct bpf_ct_opts *opts, __u32 opts_size) __ksym;
        extern struct nf_conn___init *bpf_skb_ct_alloc(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 size, struct bpf_ct_opts *opts, __u32 opts_size) __ksym;
        extern void bpf_ct_set_timeout(struct nf_conn___init *ct, __u32 milliseconds) __ksym;
        extern struct nf_conn *bpf_ct_insert_entry(struct nf_conn___init *ct) __ksym;
        extern void bpf_ct_release(struct nf_conn *ct) __ksym;
        #define TUPLE { .ipv4 = { .saddr = 0x0100007f, .daddr = 0x0200007f, .sport = 0x1100, .dport = 0x2200 } }
        #define OPTIONS { .netns_id = -1, .l4proto = 17 }
        SEC("tc") int lookup(struct __sk_buff *skb) {
            struct bpf_sock_tuple tuple = TUPLE;
            struct bpf_ct_opts opts = OPTIONS;
            struct nf_conn *ct = bpf_skb_ct_lookup(skb, &tuple, sizeof(tuple.ipv4), &opts, sizeof(opts));
            if (!ct) return -opts.error;
            bpf_ct_release(ct);
            return 0;
        }
        SEC("tc") int insert(struct __sk_buff *skb) {
            struct bpf_sock_tuple tuple = TUPLE;
            struct bpf_ct_opts opts = OPTIONS;
            struct nf_conn___init *fresh = bpf_skb_ct_alloc(skb, &tuple, sizeof(tuple.ipv4), &opts, sizeof(opts));
            if (!fresh) return 1000 - opts.error;
            bpf_ct_set_timeout(fresh, 10000);
            struct nf_conn *ct = bpf_ct_insert_entry(fresh);
            if (!ct) return 2000;
            bpf_ct_release(ct);
            return 0;
        }
        """);

    /// <summary>The same question as <c>lookup</c>, by the XDP function and written in instructions.</summary>
    private static ProgramSpec Lookup(string function) => new()
    {
        Name = "lookup",
        Type = ProgramType.Xdp,
        License = "GPL",
        Instructions = new Assembler()
            .Store(R10, -16, 0x0100007f, MemorySize.U32).Store(R10, -12, 0x0200007f, MemorySize.U32)
            .Store(R10, -8, 0x1100, MemorySize.U16).Store(R10, -6, 0x2200, MemorySize.U16)
            .Store(R10, -32, -1, MemorySize.U32).Store(R10, -28, 0, MemorySize.U32).Store(R10, -24, 17, MemorySize.U32)
            .Mov(R2, R10).Add(R2, -16).Mov(R3, 12)
            .Mov(R4, R10).Add(R4, -32).Mov(R5, 12)
            .CallKernelFunction(function)
            .JumpIfNotZero(R0, "found")
            .Load(R0, R10, -28, MemorySize.U32).Neg(R0).Exit()
            .Label("found").Mov(R1, R0).CallKernelFunction("bpf_ct_release")
            .Mov(R0, 0).Exit()
            .Build(),
    };

    [KernelFact(Needs.Clang, Needs.VmlinuxBtf, Needs.NetworkNamespaces, MinKernel = "6.1")]
    public void They_are_called_from_objects_and_by_instructions_alike()
    {
        HaveConntrack();
        using var ns = new TestNamespace();
        ns.Run(() =>
        {
            using var loaded = BpfObject.Parse(s_conntrack.Object, "conntrack.o").Load();
            using var instructions = BpfProgram.Load(Lookup("bpf_xdp_ct_lookup"));
            uint Run(BpfProgram program) => program.TestRun(new TestRunOptions { Data = new byte[64] }).ReturnValue;
            Assert.Equal((NoEntry, NoEntry), ((int)Run(loaded.Program("lookup")), (int)Run(instructions)));
            Assert.Equal(0u, Run(loaded.Program("insert")));
            Assert.Equal((0u, 0u), (Run(loaded.Program("lookup")), Run(instructions)));
        });
    }

    [KernelFact(Needs.VmlinuxBtf, MinKernel = "6.1")]
    public void A_function_is_looked_for_in_one_module_when_it_is_named_and_missing_ones_are_told()
    {
        HaveConntrack();
        if (KernelBtf.Modules.Contains("nf_conntrack")) BpfProgram.Load(Lookup("nf_conntrack:bpf_xdp_ct_lookup")).Dispose();
        else BpfProgram.Load(Lookup("vmlinux:bpf_xdp_ct_lookup")).Dispose();
        foreach (string name in (string[])["hornet_no_such_function", "hornet_no_such_module:bpf_xdp_ct_lookup"])
        {
            Assert.Contains($"load program 'lookup': it calls the kernel function '{name}', which neither this kernel nor a module that is loaded has",
                Assert.Throws<BpfException>(() => BpfProgram.Load(Lookup(name))).Message);
        }
    }

    private static void HaveConntrack()
    {
        if (KernelBtf.Vmlinux.TryFind("bpf_xdp_ct_lookup", BtfKind.Function, out _)) return;
        using (var modprobe = Process.Start(new ProcessStartInfo("modprobe", "nf_conntrack") { RedirectStandardError = true }))
        {
            modprobe!.WaitForExit();
        }
        Assert.SkipUnless(KernelBtf.Modules.Contains("nf_conntrack"), "the module nf_conntrack cannot be loaded, or tells no types");
    }
}
