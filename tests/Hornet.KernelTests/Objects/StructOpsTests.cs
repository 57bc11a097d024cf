using Hornet.Maps;
using Hornet.Objects;

namespace Hornet.KernelTests.Objects;

/// <summary>Tables of functions for the kernel: a congestion control of our own.</summary>
public class StructOpsTests
{
    private static readonly ClangSource s_congestion = new("""
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_tracing.h>
        char _license[] SEC("license") = "GPL";
        int started;
        SEC("struct_ops/init") void BPF_PROG(hornet_init, struct sock *sk) { started++; }
        SEC("struct_ops/ssthresh") __u32 BPF_PROG(hornet_ssthresh, struct sock *sk) { return 5; }
        SEC("struct_ops/undo_cwnd") __u32 BPF_PROG(hornet_undo, struct sock *sk) { return 10; }
        SEC("struct_ops/cong_avoid") void BPF_PROG(hornet_avoid, struct sock *sk, __u32 ack, __u32 acked) { }
        SEC("struct_ops/unused") void BPF_PROG(hornet_unused, struct sock *sk) { }
        struct tcp_congestion_ops___small {
            void (*init)(struct sock *sk); __u32 (*ssthresh)(struct sock *sk); __u32 (*undo_cwnd)(struct sock *sk);
            void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked); char name[16];
        };
        SEC(".struct_ops.link") struct tcp_congestion_ops___small hornet_cc = {
            .init = (void *)hornet_init, .ssthresh = (void *)hornet_ssthresh, .undo_cwnd = (void *)hornet_undo,
            .cong_avoid = (void *)hornet_avoid, .name = "hornet_cc",
        };
        """);

    [KernelFact(Needs.Clang, Needs.StructOpsLink)]
    public void A_table_is_laid_out_as_this_kernel_has_it_and_registered_by_a_link()
    {
        var spec = BpfObject.Parse(s_congestion.Object, "congestion.o");
        var table = spec.Maps["hornet_cc"];
        Assert.Equal((MapType.StructOps, "tcp_congestion_ops", MapFlags.Link), (table.Type, table.StructOpsType, table.Flags));
        Assert.Equal("hornet_ssthresh", table.StructOpsPrograms["ssthresh"]);
        using var loaded = spec.Load();
        Assert.Equal(4, loaded.Programs.Count);
        Assert.DoesNotContain("hornet_unused", loaded.Programs.Keys);
        Assert.DoesNotContain("hornet_cc", Available());
        var result = loaded.AttachAll();
        try
        {
            Assert.Contains("hornet_cc", Available());
            Assert.Equal(["hornet_cc"], result.Links.Keys);
        }
        finally
        {
            result.Dispose();
        }
        Assert.DoesNotContain("hornet_cc", Available());
    }

    [KernelFact(Needs.Clang, Needs.StructOps)]
    public void A_member_the_kernel_does_not_have_is_named()
    {
        var spec = BpfObject.Parse(s_congestion.Object, "congestion.o");
        var table = spec.Maps["hornet_cc"];
        table.Flags &= ~MapFlags.Link;
        table.StructOpsPrograms.Remove("init");
        table.StructOpsPrograms["no_such_member"] = "hornet_init";
        Assert.Contains("this kernel's tcp_congestion_ops has no member 'no_such_member'", Assert.Throws<BpfException>(() => spec.Load()).Message);
    }

    [KernelFact(Needs.Clang, Needs.StructOps)]
    public void A_table_the_kernel_knows_nothing_of_is_refused_with_the_reason()
    {
        var spec = BpfObject.Parse(s_congestion.Object, "congestion.o");
        spec.Maps["hornet_cc"].StructOpsType = "file_operations";
        Assert.Contains("this kernel takes no implementations of 'file_operations'", Assert.Throws<BpfNotSupportedException>(() => spec.Load()).Message);
    }

    private static string Available() => File.ReadAllText("/proc/sys/net/ipv4/tcp_available_congestion_control");
}
