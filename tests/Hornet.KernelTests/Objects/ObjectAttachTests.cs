using System.Runtime.InteropServices;
using Hornet.KernelTests.Links;
using Hornet.Objects;

namespace Hornet.KernelTests.Objects;

/// <summary>Programs attached as their sections say.</summary>
public partial class ObjectAttachTests
{
    private const string Head = """
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        #include <bpf/bpf_tracing.h>
        char _license[] SEC("license") = "GPL";
        int me;
        #define MINE ((bpf_get_current_pid_tgid() >> 32) == me)

        """;

    private static readonly ClangSource s_tracepoints = new(Head + """
        long tracepoint, raw, never;
        SEC("tp/syscalls/sys_enter_getppid") int on_tracepoint(void *ctx) { if (MINE) __sync_fetch_and_add(&tracepoint, 1); return 0; }
        SEC("raw_tp/sys_enter") int on_raw(struct bpf_raw_tracepoint_args *ctx) { if (MINE && ctx->args[1] == 110) __sync_fetch_and_add(&raw, 1); return 0; }
        SEC("tp") int on_nothing(void *ctx) { never++; return 0; }
        SEC("xdp") int on_packet(void *ctx) { return 2; }
        SEC("cgroup/connect4") int on_connect(void *ctx) { return 1; }
        """);

    private static readonly ClangSource s_typed = new(Head + """
        long hits;
        SEC("tp_btf/sys_enter") int BPF_PROG(on_typed, struct pt_regs *regs, long id) { if (MINE && id == 110) __sync_fetch_and_add(&hits, 1); return 0; }
        SEC("iter/task") int on_task(struct bpf_iter__task *ctx) { return 0; }
        """);

    private static readonly ClangSource s_uprobes = new(Head + """
        long entries, returns;
        SEC("uprobe/libc.so.6:getppid") int on_entry(void *ctx) { if (MINE) __sync_fetch_and_add(&entries, 1); return 0; }
        SEC("uretprobe/libc.so.6:getppid") int on_return(void *ctx) { if (MINE) __sync_fetch_and_add(&returns, 1); return 0; }
        """);

    private static readonly ClangSource s_kprobes = new(Head + """
        long entries, returns, calls;
        SEC("kprobe/__x64_sys_getppid") int on_entry(void *ctx) { if (MINE) __sync_fetch_and_add(&entries, 1); return 0; }
        SEC("kretprobe/__x64_sys_getppid") int on_return(void *ctx) { if (MINE) __sync_fetch_and_add(&returns, 1); return 0; }
        SEC("ksyscall/getppid") int on_call(void *ctx) { if (MINE) __sync_fetch_and_add(&calls, 1); return 0; }
        """);

    private static readonly ClangSource s_trampolines = new(Head + """
        long entries, exits;
        SEC("fentry/__x64_sys_getpgid") int BPF_PROG(on_entry) { if (MINE) __sync_fetch_and_add(&entries, 1); return 0; }
        SEC("fexit/__x64_sys_getpgid") int BPF_PROG(on_exit) { if (MINE) __sync_fetch_and_add(&exits, 1); return 0; }
        """);

    private static readonly ClangSource s_usdt = new(Head + """
        #include <bpf/usdt.bpf.h>
        long hits, sum;
        SEC("usdt") int BPF_USDT(on_site, long first) { __sync_fetch_and_add(&hits, 1); __sync_fetch_and_add(&sum, first); return 0; }
        """);

    private static readonly ClangSource s_missing = new(Head + """
        long hits;
        SEC("tp/syscalls/sys_enter_getppid") int good(void *ctx) { if (MINE) __sync_fetch_and_add(&hits, 1); return 0; }
        SEC("tp/syscalls/sys_enter_getpppid") int bad(void *ctx) { return 0; }
        """);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentProcess();

    // getppid() shares its code with another name on some kernels and is then missing in their BTF.
    [LibraryImport("libc", EntryPoint = "getpgid")]
    private static partial int GetProcessGroup(int process);

    private static LoadedObject Load(ClangSource source)
    {
        var spec = BpfObject.Parse(source.Object, "attach.o");
        spec.SetGlobal("me", Environment.ProcessId);
        return spec.Load();
    }

    private static void Hits(LoadedObject loaded, params string[] counters)
    {
        using (var attached = loaded.AttachAll())
        {
            Assert.Empty(attached.NotAttached);
            foreach (string counter in counters) loaded.Globals.Set(counter, 0L);
            for (int i = 0; i < 10; i++)
            {
                GetParentProcess();
                GetProcessGroup(0);
            }
            foreach (string counter in counters) Assert.Equal((counter, 10L), (counter, loaded.Globals.Get<long>(counter)));
        }
        GetParentProcess();
        GetProcessGroup(0);
        foreach (string counter in counters) Assert.Equal((counter, 10L), (counter, loaded.Globals.Get<long>(counter)));
    }

    [KernelFact(Needs.Clang)]
    public void What_the_section_tells_is_attached_and_the_rest_says_why_not()
    {
        using var loaded = Load(s_tracepoints);
        using var attached = loaded.AttachAll();
        Assert.Equal(["on_raw", "on_tracepoint"], attached.Links.Keys.Order());
        Assert.Equal(["on_connect", "on_nothing", "on_packet"], attached.NotAttached.Keys.Order());
        Assert.Contains("an interface", attached.NotAttached["on_packet"]);
        Assert.Contains("a cgroup", attached.NotAttached["on_connect"]);
        Assert.Contains("does not name what to attach to", attached.NotAttached["on_nothing"]);
        for (int i = 0; i < 10; i++) GetParentProcess();
        Assert.Equal((10L, 10L, 0L), (loaded.Globals.Get<long>("tracepoint"), loaded.Globals.Get<long>("raw"), loaded.Globals.Get<long>("never")));
        attached.Dispose();
        GetParentProcess();
        Assert.Equal(10L, loaded.Globals.Get<long>("tracepoint"));
    }

    [KernelFact(Needs.Clang, Needs.TpBtf, Needs.Iterators)]
    public void Typed_tracepoints_and_iterators_are_attached()
    {
        using var loaded = Load(s_typed);
        Hits(loaded, "hits");
    }

    [KernelFact(Needs.Clang, Needs.Uprobes)]
    public void Uprobes_find_their_library_and_function()
    {
        using var loaded = Load(s_uprobes);
        Hits(loaded, "entries", "returns");
    }

    [KernelFact(Needs.Clang, Needs.Kprobes)]
    public void Kprobes_and_system_calls_are_attached()
    {
        using var loaded = Load(s_kprobes);
        Hits(loaded, "entries", "returns", "calls");
    }

    [KernelFact(Needs.Clang, Needs.Fentry)]
    public void Trampolines_are_attached_where_their_section_said_at_load()
    {
        using var loaded = Load(s_trampolines);
        Hits(loaded, "entries", "exits");
    }

    [KernelFact(Needs.Clang, Needs.PerfEventLink)]
    public void Defined_probes_tell_programs_their_arguments()
    {
        var spec = BpfObject.Parse(s_usdt.Object, "usdt.o");
        spec.Programs["on_site"].AttachTo = $"{TargetProcess.Executable}:hornet:sites";
        using var loaded = spec.Load();
        using var target = TargetProcess.Start();
        using var attached = loaded.AttachAll();
        Assert.Equal(["on_site"], attached.Links.Keys);
        target.Call("sites", 4); // 0..3 at one place, 1000..1003 at the other
        Assert.Equal((8L, 4012L), (loaded.Globals.Get<long>("hits"), loaded.Globals.Get<long>("sum")));
    }

    [KernelFact(Needs.Clang)]
    public void A_refused_attachment_detaches_the_others()
    {
        using var loaded = Load(s_missing);
        Assert.Contains("sys_enter_getpppid", Assert.ThrowsAny<BpfException>(() => loaded.AttachAll()).Message);
        GetParentProcess();
        Assert.Equal(0L, loaded.Globals.Get<long>("hits"));
        using var attached = loaded.AttachAll(ignoreErrors: true);
        Assert.Equal(["good"], attached.Links.Keys);
        Assert.Contains("sys_enter_getpppid", attached.NotAttached["bad"]);
        GetParentProcess();
        Assert.Equal(1L, loaded.Globals.Get<long>("hits"));
    }
}
