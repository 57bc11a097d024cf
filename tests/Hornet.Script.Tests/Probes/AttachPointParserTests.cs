using Hornet.Script.Probes;

namespace Hornet.Script.Tests.Probes;

public class AttachPointParserTests
{
    private static IReadOnlyList<AttachPoint> Parse(string text, int? process = null, bool isUnsafe = false, params string[] positional) =>
        new AttachPointParser(new AttachPointContext(positional, process, isUnsafe)).Parse(text);

    [Theory]
    [InlineData("BEGIN", "begin")]
    [InlineData("end", "end")]
    [InlineData("begin:*", "begin")]
    [InlineData("self:signal:SIGUSR1", "self:signal:SIGUSR1")]
    [InlineData("test:adds", "test:adds")]
    [InlineData("bench:b", "bench:b")]
    [InlineData("k:vfs_read", "kprobe:vfs_read")]
    [InlineData("KPROBE:vfs_read", "kprobe:vfs_read")]
    [InlineData("kprobe:vfs_read+0x10", "kprobe:vfs_read+16")]
    [InlineData("kr:ext4:ext4_sync_file", "kretprobe:ext4:ext4_sync_file")]
    [InlineData("kfunc:vfs_read", "fentry:vfs_read")]
    [InlineData("fr:vmlinux:vfs_read", "fexit:vmlinux:vfs_read")]
    [InlineData("f:vfs_*", "fentry:*:vfs_*")]
    [InlineData("fentry:bpf:12:prog", "fentry:bpf:12:prog")]
    [InlineData("fentry:bpf:prog", "fentry:bpf:prog")]
    [InlineData("t:sched:sched_switch", "tracepoint:sched:sched_switch")]
    [InlineData("t:*open*", "tracepoint:*:*open*")]
    [InlineData("rt:sched_switch", "rawtracepoint:*:sched_switch")]
    [InlineData("rt:kvm:kvm_exit", "rawtracepoint:kvm:kvm_exit")]
    [InlineData("u:/bin/bash:readline", "uprobe:/bin/bash:readline")]
    [InlineData("uprobe:/bin/bash:\"readline\"+4", "uprobe:/bin/bash:readline+4")]
    [InlineData("uprobe:/a.out:cpp:\"std::vector<int>::push_back\"", "uprobe:/a.out:cpp:std::vector<int>::push_back")]
    [InlineData("uprobe:./a:0x40", "uprobe:./a:64")]
    [InlineData("ur:libc:fread", "uretprobe:libc:fread")]
    [InlineData("usdt:/bin/x:probe", "usdt:/bin/x:probe")]
    [InlineData("U:/bin/x:ns:probe", "usdt:/bin/x:ns:probe")]
    [InlineData("profile:hz:99", "profile:hz:99")]
    [InlineData("i:s:1", "interval:s:1")]
    [InlineData("interval:1s", "interval:us:1000000")]
    [InlineData("p:5_000ns", "profile:us:5")]
    [InlineData("s:cpu:100000", "software:cpu:100000")]
    [InlineData("software:faults", "software:faults")]
    [InlineData("h:cache-misses:1e6", "hardware:cache-misses:1000000")]
    [InlineData("w:0x10000000:8:wr", "watchpoint:268435456:8:rw")]
    [InlineData("it:task", "iter:task")]
    [InlineData("xdp:lo", "xdp:lo")]
    [InlineData("tc:eth0:egress", "tc:eth0:egress")]
    [InlineData("cgroup:/sys/fs/cgroup/x:connect4", "cgroup:/sys/fs/cgroup/x:connect4")]
    [InlineData("lsm:file_open", "lsm:file_open")]
    public void Every_form_is_taken_apart(string text, string name) => Assert.Equal(name, Assert.Single(Parse(text)).FullName);

    [Theory]
    [InlineData("nope:x", "Invalid probe type: nope")]
    [InlineData("begin:x", "begin probe type requires 0 arguments, found 1")]
    [InlineData("kprobe", "kprobe probe type requires 1 or 2 arguments, found 0")]
    [InlineData("kprobe:", "kprobes should be attached to a function or an address")]
    [InlineData("kprobe:f+", "Invalid offset")]
    [InlineData("kprobe:f+1+2", "Cannot take more than one offset")]
    [InlineData("kprobe:f+x", "Invalid offset: invalid integer: x")]
    [InlineData("kretprobe:f+1", "Offset not allowed")]
    [InlineData("kprobe:0x1234", "Probing by address requires --unsafe")]
    [InlineData("tracepoint:x", "tracepoint probe type requires 2 arguments, found 1")]
    [InlineData("uprobe:f", "uprobe probe type requires 2 or 3 arguments, found 1")]
    [InlineData("uprobe:/bin/x:rust:f", "unsupported language type: rust")]
    [InlineData("uprobe:/bin/*:0x10", "Cannot use wildcards with absolute address")]
    [InlineData("uprobe:/bin/x@a.c", "Invalid uprobe arguments, expected format: uprobe:TARGET@FILE:LINE[:COL]")]
    [InlineData("uretprobe:/bin/x@a.c:1", "Source code location not allowed")]
    [InlineData("usdt:x", "usdt probe type requires 2 or 3 arguments, found 1")]
    [InlineData("interval:s", "Invalid rate of interval probe: invalid integer: s")]
    [InlineData("interval:10", "Invalid rate of interval probe. Minimum is 1000 or 1us. Found: 10 nanoseconds")]
    [InlineData("profile:d:1", "d is not an accepted unit of time")]
    [InlineData("profile:hz:0", "profile frequency should be a positive integer")]
    [InlineData("profile:hz:5x", "Invalid rate of profile probe: invalid trailing bytes: 5x")]
    [InlineData("software:fualts", "fualts is not a software probe")]
    [InlineData("hardware:c*", "wildcards are not allowed for hardware probe type")]
    [InlineData("watchpoint:0x1000:3:w", "watchpoint length must be one of (1,2,4,8)")]
    [InlineData("watchpoint:0:8:w", "watchpoint must be attached to a non-zero address")]
    [InlineData("watchpoint:0x1000:8:r", "invalid watchpoint mode: r")]
    [InlineData("watchpoint:0x1000:8:ww", "watchpoint modes may not be duplicated")]
    [InlineData("iter:*", "iter probe type does not support wildcards")]
    [InlineData("self:signal:SIGHUP", "SIGHUP is not a supported signal")]
    [InlineData("fentry:bpf:x:prog", "bpf program id must be a number or '*'")]
    [InlineData("fentry:a:b:c", "Only the 'bpf' variant of this probe supports 4 arguments")]
    [InlineData("kprobe:$x", "invalid trailing character for positional param: x. Try quoting this entire part if this is intentional e.g. \"$x\".")]
    [InlineData("cgroup:/x:nohook", "expected format: cgroup:PATH:HOOK, a hook being one of bind4, bind6, connect4, connect6, egress, ingress, sendmsg4, sendmsg6, sock_create")]
    public void What_is_wrong_is_said(string text, string message) => Assert.Equal(message, Assert.Throws<AttachPointException>(() => Parse(text)).Message);

    [Fact]
    public void Parameters_stand_inside_and_quotes_protect_dollars()
    {
        Assert.Equal("kprobe:vfs_read", Parse("kprobe:vfs_$1", positional: "read")[0].FullName);
        Assert.Equal("uprobe:/bin/x:f", Parse("uprobe:$2:$1", positional: ["f", "/bin/x"])[0].FullName);
        Assert.Equal("uprobe:/a:f$1", Parse("uprobe:/a:\"f$1\"", positional: "x")[0].FullName);
    }

    [Fact]
    public void A_name_in_front_is_the_probes_name() => Assert.Equal("mine", Parse("mine=kprobe:vfs_read")[0].FullName);

    [Fact]
    public void With_a_process_the_file_may_be_left_out()
    {
        Assert.Equal(("", "f"), (Parse("uprobe:f", process: 1)[0].Target, Parse("uprobe:f", process: 1)[0].Function));
        Assert.Equal(("", "p"), (Parse("usdt:p", process: 1)[0].Target, Parse("usdt:p", process: 1)[0].Function));
    }

    [Fact]
    public void A_pattern_of_kinds_is_all_kinds_that_the_rest_fits()
    {
        var types = Parse("*:*sleep*").Select(p => p.Type).ToHashSet();
        Assert.Contains(ProbeType.Kprobe, types);
        Assert.Contains(ProbeType.Tracepoint, types);
        Assert.DoesNotContain(ProbeType.Kretprobe, types);
        Assert.DoesNotContain(ProbeType.Uprobe, types);
        Assert.Contains(ProbeType.Uprobe, Parse("*:/bin/bash:read*").Select(p => p.Type));
        Assert.Empty(Parse(""));
    }

    [Fact]
    public void An_address_is_taken_when_it_is_allowed() => Assert.Equal(0x1234ul, Parse("kprobe:0x1234", isUnsafe: true)[0].Address);

    [Fact]
    public void Source_lines_have_a_file_a_line_and_a_column()
    {
        var point = Parse("uprobe:/bin/x@dir/a.c:12:3")[0];
        Assert.Equal(("/bin/x", "dir/a.c", 12, 3), (point.Target, point.SourceFile, point.Line, point.Column));
    }
}
