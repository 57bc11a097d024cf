using Hornet.Script.Dialects;

namespace Hornet.Script.Tests.Dialects;

/// <summary>Scripts of DTrace and ply, and what they are in our language.</summary>
public class DialectTranslationTests
{
    private static readonly DialectFacts s_facts = new(tracepoint => tracepoint switch
    {
        "syscalls:sys_enter_openat" => ["dfd", "filename", "flags", "mode"],
        "syscalls:sys_enter_open*" => ["filename", "flags", "mode"],
        _ => [],
    });

    [Theory]
    [InlineData("syscall::openat:entry /execname != \"sshd\"/ { @[execname] = count(); }", "tracepoint:syscalls:sys_enter_openat /comm != \"sshd\"/ { @[comm] = count(); }")]
    [InlineData("syscall::open*:entry { printf(\"%s %s\\n\", execname, copyinstr(arg0)); }", "tracepoint:syscalls:sys_enter_open* { printf(\"%s %s\\n\", comm, str(args.filename)); }")]
    [InlineData("syscall::openat:entry { trace(copyinstr(arg1)); }", "tracepoint:syscalls:sys_enter_openat { print(str(args.filename)); }")]
    [InlineData("syscall:::entry { @[probefunc] = count(); }", "tracepoint:raw_syscalls:sys_enter { @[syscall_name(args.id)] = count(); }")]
    [InlineData("syscall:::entry { @ = max(arg2); }", "tracepoint:raw_syscalls:sys_enter { @ = max(args.args[2]); }")]
    [InlineData("syscall:::return /errno != 0/ { @[execname, errno] = count(); }", "tracepoint:raw_syscalls:sys_exit /(args.ret < 0 ? -args.ret : 0) != 0/ { @[comm, (args.ret < 0 ? -args.ret : 0)] = count(); }")]
    [InlineData("syscall::read:return { @ = quantize(arg0); }", "tracepoint:syscalls:sys_exit_read { @ = hist(args.ret); }")]
    [InlineData("syscall::read:entry { self->ts = timestamp; } syscall::read:return /self->ts/ { @ = quantize(timestamp - self->ts); self->ts = 0; }",
        "tracepoint:syscalls:sys_enter_read { @ts[tid] = nsecs; }\ntracepoint:syscalls:sys_exit_read /@ts[tid]/ { @ = hist(nsecs - @ts[tid]); _ = delete(@ts, tid); }")]
    [InlineData("profile-97 { @[stack()] = count(); } tick-1s { exit(0); }", "profile:hz:97 { @[kstack] = count(); }\ninterval:s:1 { exit(0); }")]
    [InlineData("profile:::profile-10ms { @[ustack(5)] = count(); }", "profile:ms:10 { @[ustack(5)] = count(); }")]
    [InlineData("profile:::tick-5sec { printa(@); }", "interval:s:5 { print(@); }")]
    [InlineData("dtrace:::BEGIN { trace(1); } dtrace:::END { trace(2); }", "begin { print(1); }\nend { print(2); }")]
    [InlineData("syscall::read:entry { this->n = arg2; n++; last[pid] = this->n; }", "tracepoint:syscalls:sys_enter_read { $n = arg2; @n++; @last[pid] = $n; }")]
    [InlineData("fbt::vfs_read:entry { @ = lquantize(arg2, 0, 1000, 100); }", "kprobe:vfs_read { @ = lhist(arg2, 0, 1000, 100); }")]
    [InlineData("fbt::vfs_read:return { @[probefunc] = quantize(arg1); }", "kretprobe:vfs_read { @[func] = hist(retval); }")]
    [InlineData("pid$target:libc.so.6:malloc:entry { @ = quantize(arg0); }", "uprobe:libc:malloc { @ = hist(arg0); }")]
    [InlineData("#!/usr/sbin/dtrace -s\n#pragma D option quiet\n// opens\nsyscall::open:entry\n{\n  @ = count();\n}\n", "// opens\ntracepoint:syscalls:sys_enter_open {\n  @ = count();\n}")]
    [InlineData("proc:::exec-success { trace(execname); }", "tracepoint:sched:sched_process_exec { print(comm); }")]
    [InlineData("syscall::fork:entry, syscall::vfork:entry", "tracepoint:syscalls:sys_enter_fork, tracepoint:syscalls:sys_enter_vfork { print(probe); }")]
    public void DTrace(string theirs, string ours) => Assert.Equal(("DTrace", ours + "\n"), Guess(theirs));

    [Theory]
    [InlineData("kprobe:vfs_read { @[comm] = quantize(arg2); }", "kprobe:vfs_read { @[comm] = hist(arg2); }")]
    [InlineData("kprobe:SyS_* / !strcmp(execname, \"dd\") / { @[func()].count() }", "kprobe:SyS_* /!(comm != \"dd\")/ { @[func] = count() }")]
    [InlineData("trace:sched/sched_switch { @[next_comm()].count(); }", "tracepoint:sched:sched_switch { @[args.next_comm] = count(); }")]
    [InlineData("tracepoint:sched/sched_wakeup { printf(\"%v:%5v %d%%\\n\", comm, data->pid, cpu); }", "tracepoint:sched:sched_wakeup { printf(\"%s:%5d %d%%\\n\", comm, args->pid, cpu); }")]
    [InlineData("kprobe:ip_rcv / @rx[arg(0)] / { @diff.quantize(nsecs() - @rx[arg(0)]); @rx[arg(0)] = nil; }", "kprobe:ip_rcv /@rx[arg0]/ { @diff = hist(nsecs - @rx[arg0]); _ = delete(@rx, arg0); }")]
    [InlineData("interval:1 { @ = count(); exit(0); }", "interval:s:1 { @ = count(); exit(0); }")]
    [InlineData("profile:99hz { @[stack] = count(); }", "profile:hz:99 { @[kstack] = count(); }")]
    [InlineData("kprobe:vfs_read { self[\"t\"] = ns; delete @x[kpid, uid]; }", "kprobe:vfs_read { @self[tid, \"t\"] = nsecs; _ = delete(@x, (curtask->tgid, uid)); }")]
    [InlineData("kprobe:SyS_open { printf(\"%v: %v\\n\", comm(), mem(arg(0), \"128s\")); }", "kprobe:SyS_open { printf(\"%s: %s\\n\", comm, str(arg0, 128)); }")]
    [InlineData("kretprobe:SyS_read { @.quantize(retval()) }", "kretprobe:SyS_read { @ = hist(retval) }")]
    public void Ply(string theirs, string ours) => Assert.Equal(("ply", ours + "\n"), Guess(theirs));

    [Theory]
    [InlineData("begin { print(1 }")]
    [InlineData("kprobe:vfs_read { @[comm] = count(arg0, ; }")]
    [InlineData("uprobe:/bin/bash:readline { @ = counnt(); }")]
    [InlineData("tracepoint:sched:sched_switch /pid == / { }")]
    [InlineData("syscall::open:entry { @ = quantize(")]
    [InlineData("lockstat:::adaptive-spin { @ = count(); }")]
    [InlineData("")]
    public void What_is_neither_stays_what_it_is(string text) => Assert.Null(DialectTranslation.Guess(text, s_facts));

    [Fact]
    public void What_cannot_be_said_is_noted()
    {
        var translation = DialectTranslation.Translate("dtrace", "syscall::close:entry { @[arg3] = sum(vtimestamp); } lockstat:::x { } tick-1s { trunc(@, 5); }", s_facts)!;
        Assert.Equal("tracepoint:syscalls:sys_enter_close { @[arg3] = sum(nsecs); }\ninterval:s:1 { print(@, 5); clear(@); }\n", translation.Script);
        Assert.Equal(4, translation.Notes.Count);
        Assert.Contains("there is nothing like lockstat:::x here", translation.Notes);
    }

    private static (string Dialect, string Script) Guess(string text) => DialectTranslation.Guess(text, s_facts) is { } found ? (found.Dialect, found.Script) : default;
}
