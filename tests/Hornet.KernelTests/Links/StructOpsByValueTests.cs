using Hornet.Links;
using Hornet.Objects;

namespace Hornet.KernelTests.Links;

/// <summary>A table put in use without a link, as kernels before 6.4 do it.</summary>
public class StructOpsByValueTests
{
    private static readonly ClangSource s_congestion = new("""
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_tracing.h>
        char _license[] SEC("license") = "GPL";
        SEC("struct_ops/ssthresh") __u32 BPF_PROG(dead_ssthresh, struct sock *sk) { return 5; }
        SEC("struct_ops/undo_cwnd") __u32 BPF_PROG(dead_undo, struct sock *sk) { return 10; }
        SEC("struct_ops/cong_avoid") void BPF_PROG(dead_avoid, struct sock *sk, __u32 ack, __u32 acked) { }
        SEC(".struct_ops") struct tcp_congestion_ops hornet_dead = {
            .ssthresh = (void *)dead_ssthresh, .undo_cwnd = (void *)dead_undo, .cong_avoid = (void *)dead_avoid, .name = "hornet_dead",
        };
        """);

    [KernelFact(Needs.Clang, Needs.StructOps)]
    public void A_table_in_use_by_value_is_taken_out_of_use_when_disposed()
    {
        using var loaded = Load();
        using (var link = Attach(loaded))
        {
            Assert.Contains("hornet_dead", Available());
            Assert.True(link.SurvivesProcess);
            Assert.Contains("struct_ops hornet_dead stays attached", link.SurvivalNotice);
        }
        Assert.DoesNotContain("hornet_dead", Available());
    }

    private static LoadedObject Load() => BpfObject.Parse(s_congestion.Object, "dead.o").Load();

    private static StructOpsLink Attach(LoadedObject loaded) => StructOpsLink.AttachByValue(loaded.Maps["hornet_dead"], loaded.StructOpsValues["hornet_dead"]);

    private static string Available() => File.ReadAllText("/proc/sys/net/ipv4/tcp_available_congestion_control");
}
