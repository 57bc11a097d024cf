using Hornet.Kernel;
using Hornet.KernelTests.Links;
using Hornet.Tracing;

namespace Hornet.KernelTests.Tracing;

public class ProbeCatalogTests
{
    [KernelFact]
    public void Every_tracepoint_is_found_and_its_record_understood()
    {
        var all = TracepointProbe.Find("*").ToList();
        string[] onDisk = [.. Directory.EnumerateDirectories(Tracefs.Mount + "/events").Where(d => !d.EndsWith("/ftrace", StringComparison.Ordinal))
            .SelectMany(Directory.EnumerateDirectories).Select(d => string.Join(':', d.Split('/')[^2..]))];
        Assert.Equal(onDisk.Order(StringComparer.Ordinal), all.Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.All(all, p => Assert.NotEmpty(p.Format.Fields));
        var exec = (TracepointProbe)Assert.Single(ProbeCatalog.Find("tracepoint:sched:sched_process_exec"));
        Assert.Equal("char[] filename", exec.Arguments[0].ToString());
        Assert.Contains(exec.Arguments, a => a.ToString() == "pid_t pid");
        Assert.Equal(["sched:sched_process_exec"], ProbeCatalog.Find("sched:sched_process_exec").Select(p => p.Name));
    }

    [KernelFact]
    public void A_system_call_is_found_by_the_name_programs_use_with_the_arguments_of_the_source()
    {
        var bind = SyscallProbe.Get("bind");
        Assert.Equal(["int fd", "struct sockaddr *umyaddr", "int addrlen"], bind.Arguments.Select(a => a.ToString().Replace(" * ", " *")));
        Assert.Equal(("sys_enter_bind", "sys_exit_bind"), (bind.Enter.EventName, bind.Exit.EventName));
        Assert.True(SyscallTable.TryGetNumber("bind", out int number));
        Assert.Equal(number, bind.Number);
        // uname(2) is SYSCALL_DEFINE1(newuname, …).
        Assert.Equal("sys_enter_newuname", SyscallProbe.Get("uname").Enter.EventName);
        Assert.Contains("'openat'", Assert.Throws<BpfSyscallException>(() => SyscallProbe.Get("opennat")).Hint);

        var all = SyscallProbe.Find("*");
        Assert.Equal(Tracefs.Events("syscalls").Count(e => e.StartsWith("sys_enter_", StringComparison.Ordinal)), all.Count);
        Assert.Equal(all.Count, all.Select(p => p.Name).Distinct().Count());
        Assert.All(all, p => Assert.NotNull(p.Number));
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void Kernel_functions_have_their_prototypes()
    {
        var read = (KernelFunctionProbe)Assert.Single(ProbeCatalog.Find("function:vfs_read"));
        Assert.Equal(["struct file *file", "char *buf", "size_t count", "loff_t *pos"], read.Arguments.Select(a => a.ToString()));
        Assert.Equal("ssize_t", read.ReturnTypeName);
        Assert.Null(read.Module);
        var all = KernelFunctionProbe.Find("*").ToList();
        Assert.True(all.Count > 20_000, $"{all.Count} functions");
        Assert.Equal(all.Where(p => p.Name.StartsWith("vfs_r", StringComparison.Ordinal)).Select(p => p.Name), KernelFunctionProbe.Find("vfs_r*").Select(p => p.Name));
        Assert.Equal(["vfs_read"], ProbeCatalog.Find("kprobe:vfs_read").Select(p => p.Name));
        Assert.Equal(4, ProbeCatalog.Find("kprobe:vfs_read").Single().Arguments!.Count);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void Raw_tracepoints_have_the_arguments_of_the_kernels_code()
    {
        var fork = (RawTracepointProbe)Assert.Single(ProbeCatalog.Find("rawtracepoint:sched_process_fork"));
        Assert.Equal(["struct task_struct *parent", "struct task_struct *child"], fork.Arguments.Select(a => a.ToString()));
        Assert.True(RawTracepointProbe.Find("sched_*").Count() > 10);
    }

    [KernelFact]
    public void Functions_and_static_probes_of_a_program_are_found()
    {
        Assert.Equal(["everything", "guarded", "sites"], ProbeCatalog.Find($"usdt:{TargetProcess.Executable}").Cast<StaticProbe>().Select(p => p.Usdt.Name));
        var everything = Assert.Single(ProbeCatalog.Find($"usdt:{TargetProcess.Executable}:hornet:every*"));
        Assert.Equal("s32 arg0", everything.Arguments![0].ToString());
        var main = Assert.Single(ProbeCatalog.Find($"uprobe:{TargetProcess.Executable}:mai?"));
        Assert.Equal("main", ((UprobeProbe)main).Function.Name);
    }

    [KernelFact]
    public void Counters_are_found_by_name_and_by_short_name()
    {
        Assert.Equal(["major-faults", "minor-faults", "page-faults"], ProbeCatalog.Find("software:*faults").Select(p => p.Name).Except(["alignment-faults", "emulation-faults"]));
        var clock = (CounterProbe)Assert.Single(ProbeCatalog.Find("software:cpu"));
        Assert.Equal(("cpu-clock", 1_000_000ul, "software:cpu-clock"), (clock.Name, clock.Period, clock.ToString()));
        Assert.Equal(["cpu-cycles"], ProbeCatalog.Find("hardware:cycles").Select(p => p.Name));
        Assert.Equal(10, ProbeCatalog.Find("h:*").Count());
        Assert.Empty(ProbeCatalog.Find("software:no-such"));
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void Iterators_and_security_hooks_have_their_arguments()
    {
        var task = (IteratorProbe)Assert.Single(ProbeCatalog.Find("iter:task"));
        Assert.Equal(("iter:task", "struct task_struct *task"), (task.ToString(), task.Arguments![0].ToString()));
        Assert.Contains("task_file", ProbeCatalog.Find("iter:task*").Select(p => p.Name));
        // The kernel may have been built without BPF among its security modules.
        if (ProbeCatalog.Find("lsm:*").Any())
        {
            var open = (LsmProbe)Assert.Single(ProbeCatalog.Find("lsm:file_open"));
            Assert.Equal(("struct file *file", "int"), (open.Arguments[0].ToString(), open.ReturnTypeName));
            // A function around the hooks, which is none.
            Assert.Empty(ProbeCatalog.Find("lsm:verify_prog"));
        }
    }

    [KernelFact]
    public void A_pattern_that_makes_no_sense_is_explained()
    {
        Assert.Contains("'tracepoint'", Assert.Throws<ArgumentException>(() => ProbeCatalog.Find("tracepiont:x:y")).Message);
        Assert.Contains("tracepoint:*", Assert.Throws<ArgumentException>(() => ProbeCatalog.Find("tracepoint:")).Message);
        Assert.Contains("uprobe:BINARY:FUNCTION", Assert.Throws<ArgumentException>(() => ProbeCatalog.Find("uprobe:readline")).Message);
        Assert.Contains("usdt:BINARY:PROVIDER:PROBE", Assert.Throws<ArgumentException>(() => ProbeCatalog.Find("usdt:a:b:c:d")).Message);
        Assert.Empty(ProbeCatalog.Find("tracepoint:sched:no_such_event"));
        Assert.Empty(ProbeCatalog.Find("no_such_thing_anywhere"));
    }
}
