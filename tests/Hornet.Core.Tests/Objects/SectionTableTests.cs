using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.Core.Tests.Objects;

public class SectionTableTests
{
    // name | program type | attach type | s(leepable), f(rags), b(tf target), + (a target may follow)
    private const string Facts = """
        socket|1|0|
        sk_reuseport/migrate|21|40|
        sk_reuseport|21|39|
        kprobe|2|0|+
        uprobe|2|0|+
        uprobe.s|2|0|+s
        kretprobe|2|0|+
        uretprobe|2|0|+
        uretprobe.s|2|0|+s
        kprobe.multi|2|42|+
        kretprobe.multi|2|42|+
        kprobe.session|2|56|+
        uprobe.multi|2|48|+
        uretprobe.multi|2|48|+
        uprobe.session|2|57|+
        uprobe.multi.s|2|48|+s
        uretprobe.multi.s|2|48|+s
        uprobe.session.s|2|57|+s
        ksyscall|2|0|+
        kretsyscall|2|0|+
        usdt|2|0|+
        usdt.s|2|0|+s
        tc/ingress|3|46|
        tc/egress|3|47|
        tcx/ingress|3|46|
        tcx/egress|3|47|
        tc|3|0|
        classifier|3|0|
        action|4|0|
        netkit/primary|3|54|
        netkit/peer|3|55|
        tracepoint|5|0|+
        tp|5|0|+
        tracepoint.s|5|0|+s
        tp.s|5|0|+s
        raw_tracepoint|17|0|+
        raw_tp|17|0|+
        raw_tracepoint.s|17|0|+s
        raw_tp.s|17|0|+s
        raw_tracepoint.w|24|0|+
        raw_tp.w|24|0|+
        tp_btf|26|23|+b
        tp_btf.s|26|23|+bs
        fentry|26|24|+b
        fmod_ret|26|26|+b
        fexit|26|25|+b
        fentry.s|26|24|+bs
        fmod_ret.s|26|26|+bs
        fexit.s|26|25|+bs
        fsession|26|58|+b
        fsession.s|26|58|+bs
        fsession.multi|26|61|+
        fsession.multi.s|26|61|+s
        fentry.multi|26|59|+
        fexit.multi|26|60|+
        fentry.multi.s|26|59|+s
        fexit.multi.s|26|60|+s
        freplace|28|0|+b
        lsm|29|27|+b
        lsm.s|29|27|+bs
        lsm_cgroup|29|43|+b
        iter|26|28|+b
        iter.s|26|28|+bs
        syscall|31|0|s
        xdp.frags/devmap|6|33|f
        xdp/devmap|6|33|
        xdp.frags/cpumap|6|35|f
        xdp/cpumap|6|35|
        xdp.frags|6|37|f
        xdp|6|37|
        perf_event|7|0|
        lwt_in|10|0|
        lwt_out|11|0|
        lwt_xmit|12|0|
        lwt_seg6local|19|0|
        sockops|13|3|
        sk_skb/stream_parser|14|4|
        sk_skb/stream_verdict|14|5|
        sk_skb/verdict|14|38|
        sk_skb|14|0|
        sk_msg|16|7|
        lirc_mode2|20|16|
        flow_dissector|22|17|
        cgroup_skb/ingress|8|0|
        cgroup_skb/egress|8|1|
        cgroup/skb|8|0|
        cgroup/sock_create|9|2|
        cgroup/sock_release|9|34|
        cgroup/sock|9|2|
        cgroup/post_bind4|9|12|
        cgroup/post_bind6|9|13|
        cgroup/bind4|18|8|
        cgroup/bind6|18|9|
        cgroup/connect4|18|10|
        cgroup/connect6|18|11|
        cgroup/connect_unix|18|49|
        cgroup/sendmsg4|18|14|
        cgroup/sendmsg6|18|15|
        cgroup/sendmsg_unix|18|50|
        cgroup/recvmsg4|18|19|
        cgroup/recvmsg6|18|20|
        cgroup/recvmsg_unix|18|51|
        cgroup/getpeername4|18|29|
        cgroup/getpeername6|18|30|
        cgroup/getpeername_unix|18|52|
        cgroup/getsockname4|18|31|
        cgroup/getsockname6|18|32|
        cgroup/getsockname_unix|18|53|
        cgroup/sysctl|23|18|
        cgroup/getsockopt|25|21|
        cgroup/setsockopt|25|22|
        cgroup/dev|15|6|
        struct_ops|27|0|+
        struct_ops.s|27|0|+s
        sk_lookup|30|36|
        netfilter|32|45|
        """;

    [Fact]
    public void The_table_is_the_list_of_facts()
    {
        static string Line(SectionKind k) =>
            $"{k.Pattern.TrimEnd('+')}|{(uint)k.Type}|{(uint)k.AttachType}|{(k.Pattern.EndsWith('+') ? "+" : "")}{(k.NeedsBtfTarget ? "b" : "")}" +
            $"{(k.Flags.HasFlag(ProgramFlags.Sleepable) ? "s" : "")}{(k.Flags.HasFlag(ProgramFlags.XdpHasFrags) ? "f" : "")}";
        Assert.Equal(Facts.Split('\n').Order(StringComparer.Ordinal), SectionTable.All.Select(Line).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("kprobe/vfs_read", ProgramType.Kprobe, 0, "vfs_read")]
    [InlineData("?tp_btf/sched_switch", ProgramType.Tracing, 23, "sched_switch")]
    [InlineData("tp/syscalls/sys_enter_openat", ProgramType.Tracepoint, 0, "syscalls/sys_enter_openat")]
    [InlineData("uprobe//usr/bin/bash:readline", ProgramType.Kprobe, 0, "/usr/bin/bash:readline")]
    [InlineData("iter.s/task", ProgramType.Tracing, 28, "task")]
    [InlineData("fentry/", ProgramType.Tracing, 24, null)]
    [InlineData("kprobe", ProgramType.Kprobe, 0, null)]
    [InlineData("xdp", ProgramType.Xdp, 37, null)]
    public void A_name_gives_kind_and_target(string section, ProgramType type, uint attachType, string? target)
    {
        var kind = SectionTable.Find(section, out string? attachTo);
        Assert.Equal((type, (AttachType)attachType, target), (kind!.Type, kind.AttachType, attachTo));
    }

    [Theory]
    [InlineData("socket1", ProgramType.SocketFilter)]
    [InlineData("socket/filter", ProgramType.SocketFilter)]
    [InlineData("classifier/egress", ProgramType.SchedCls)]
    [InlineData("sk_lookup/", ProgramType.SkLookup)]
    [InlineData("xdp_drop", ProgramType.Xdp)]
    [InlineData("cgroup/connect4/x", ProgramType.CgroupSockAddr)]
    public void Old_names_that_only_begin_rightly_are_understood(string section, ProgramType type) =>
        Assert.Equal(type, SectionTable.Find(section, out _)!.Type);

    [Theory]
    [InlineData(".text")]
    [InlineData("kprobes/x")]
    [InlineData("socketry")]
    [InlineData("unknown")]
    [InlineData("")]
    public void Other_names_mean_nothing(string section) => Assert.Null(SectionTable.Find(section, out _));
}
