using System.Diagnostics;
using Hornet.Kernel;
using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.KernelTests.Script;

/// <summary>From attach points to places of the running kernel.</summary>
public class ScriptProbeTests
{
    private static (IReadOnlyList<ProbeTarget> Targets, DiagnosticBag Report) Resolve(string text, ScriptProbeOptions? options = null, ScriptConfig? config = null)
    {
        DiagnosticBag report = new();
        SourceText source = new("test", text);
        ProbeResolver resolver = new(options ?? new ScriptProbeOptions()) { Config = config ?? new ScriptConfig() };
        return (resolver.Resolve(new AttachPointSyntax(new SourceSpan(source, 0, text.Length), text, null, []), text, report), report);
    }

    private static ProbeTarget One(string text, ScriptProbeOptions? options = null)
    {
        var (targets, report) = Resolve(text, options);
        Assert.Empty(report.All);
        return Assert.Single(targets);
    }

    [KernelFact]
    public void A_tracepoints_fields_have_the_kernels_types()
    {
        var target = One("tracepoint:sched:sched_switch");
        Assert.Equal("tracepoint:sched:sched_switch", target.FullName);
        var format = Tracefs.Format("sched", "sched_switch");
        var comm = target.Arguments!.Single(a => a.Name == "prev_comm");
        Assert.Equal(new StringType(16), comm.Type);
        Assert.Equal(new ArgumentLocation.ContextBytes(format.Field("prev_comm")!.Offset), comm.Location);
        Assert.Equal(IntegerType.Int32, target.Arguments!.Single(a => a.Name == "prev_pid").Type);
        Assert.Equal(format.Size, target.ArgumentsType!.Size);
    }

    [KernelFact]
    public void Arguments_of_system_calls_are_8_bytes_and_point_to_the_callers_memory()
    {
        var target = One("tracepoint:syscalls:sys_enter_openat");
        Assert.Equal(new PointerType(IntegerType.Int8), target.Arguments!.Single(a => a.Name == "filename").Type);
        Assert.Equal(8, target.Arguments!.Single(a => a.Name == "flags").Type.Size);
        Assert.Equal(AddressSpace.User, target.DefaultSpace);
        Assert.True(One("tracepoint:sched:sched_process_exec").Arguments!.Single(a => a.Name == "filename").IsDataLocation);
    }

    [KernelFact]
    public void A_pattern_is_all_tracepoints_that_match()
    {
        var (targets, _) = Resolve("tracepoint:syscalls:sys_*_nanosleep");
        Assert.Equal(["tracepoint:syscalls:sys_enter_clock_nanosleep", "tracepoint:syscalls:sys_enter_nanosleep", "tracepoint:syscalls:sys_exit_clock_nanosleep", "tracepoint:syscalls:sys_exit_nanosleep"],
            targets.Select(t => t.FullName));
        Assert.Empty(Resolve("tracepoint:syscalls:nothing_like_*").Targets);
    }

    [KernelFact]
    public void What_is_not_there_is_an_error_a_warning_or_nothing()
    {
        var (_, error) = Resolve("tracepoint:sched:sched_swich");
        Assert.Equal("No matches for tracepoint sched:sched_swich.", Assert.Single(error.All).Message);
        Assert.Contains("sched_switch", Assert.Single(error.All[0].Hints), StringComparison.Ordinal);
        Assert.True(error.HasErrors);
        var (_, warning) = Resolve("tracepoint:sched:nonsense", config: new ScriptConfig { MissingProbes = MissingProbes.Warn });
        Assert.Equal("No matches for tracepoint sched:nonsense. Skipping.", Assert.Single(warning.All).Message);
        Assert.False(warning.HasErrors);
        Assert.Empty(Resolve("tracepoint:sched:nonsense", config: new ScriptConfig { MissingProbes = MissingProbes.Ignore }).Report.All);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void A_raw_tracepoints_arguments_come_from_its_prototype()
    {
        var target = One("rawtracepoint:sched_switch");
        Assert.Equal("rawtracepoint:vmlinux:sched_switch", target.FullName);
        Assert.Equal("sched_switch", target.AttachTo);
        // prev_state came with 5.18.
        int count = KernelVersion.Running >= new KernelVersion(5, 18) ? 4 : 3;
        Assert.Equal(count, target.Arguments!.Count);
        Assert.Equal("struct task_struct *", target.Arguments[1].Type.ToString());
        Assert.Equal(new ArgumentLocation.ContextWord(1), target.Arguments[1].Location);
        Assert.Equal(new ArgumentLocation.ContextWord(count - 1), target.NumberedArgument(count - 1)!.Location);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void A_functions_arguments_and_result_come_from_its_prototype()
    {
        var target = One("fexit:vfs_read");
        Assert.Equal("fexit:vmlinux:vfs_read", target.FullName.Replace("fexit:vfs_read", "fexit:vmlinux:vfs_read", StringComparison.Ordinal));
        Assert.Equal(["file", "buf", "count", "pos"], target.Arguments!.Select(a => a.Name));
        Assert.Equal(AddressSpace.None, ((PointerType)target.Arguments![0].Type).Space);
        Assert.Equal(new ArgumentLocation.ContextWord(4), target.ReturnValue!.Location);
        Assert.Equal(8, target.ReturnValue.Type.Size);
        Assert.Null(One("fentry:vfs_read").ReturnValue);
    }

    [KernelFact]
    public void Functions_of_programs_are_found_at_their_offsets()
    {
        var target = Assert.IsType<UprobeTarget>(One("uprobe:libc:malloc"));
        Assert.NotEqual(0ul, target.FileOffset);
        Assert.Equal("malloc", target.FunctionName);
        Assert.EndsWith(":malloc", target.FullName, StringComparison.Ordinal);
        var (many, _) = Resolve("uprobe:libc.so.6:mal*oc");
        Assert.Contains(many, t => t.FunctionName == "malloc");
        var (_, report) = Resolve("uprobe:libc:mallloc");
        Assert.StartsWith("No matches for uprobe ", Assert.Single(report.All).Message, StringComparison.Ordinal);
        Assert.Equal("uprobe target file '/no/such/file' does not exist or is not executable", Assert.Single(Resolve("uprobe:/no/such/file:f").Report.All).Message);
    }

    [KernelFact]
    public void A_problem_with_an_offset_waits_until_attaching()
    {
        Assert.StartsWith("Offset outside the function bounds ('malloc' size is ", ((UprobeTarget)One("uprobe:libc:malloc+1000000")).Problem, StringComparison.Ordinal);
        Assert.StartsWith("Could not resolve address: ", ((UprobeTarget)One("uprobe:libc:1")).Problem, StringComparison.Ordinal);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void An_iterators_context_is_its_arguments()
    {
        var target = One("iter:task");
        Assert.Equal(("iter:task", "task"), (target.FullName, target.AttachTo));
        Assert.Equal("struct task_struct *", target.Arguments!.Single(a => a.Name == "task").Type.ToString());
        var (_, report) = Resolve("iter:tusk");
        Assert.Equal("iter tusk not available for your kernel version.", Assert.Single(report.All).Message);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void Lists_show_every_kind_and_are_quick()
    {
        ScriptProbeOptions options = new();
        List<string> List(string search, bool verbose = false) => [.. new ProbeListing(new KernelCatalog(), options, verbose).Search(search)];
        List("tracepoint:*");
        long start = Stopwatch.GetTimestamp();
        var tracepoints = List("tracepoint:*");
        TestContext.Current.TestOutputHelper?.WriteLine($"{tracepoints.Count} tracepoints in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
        Assert.Contains("tracepoint:sched:sched_switch", tracepoints);
        Assert.Equal(tracepoints.Order(StringComparer.Ordinal), tracepoints);
        start = Stopwatch.GetTimestamp();
        var functions = List("fentry:*", verbose: true);
        TestContext.Current.TestOutputHelper?.WriteLine($"{functions.Count} lines of functions in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
        Assert.Contains("fentry:vmlinux:vfs_read", functions);
        Assert.Equal("    struct file * file", functions[functions.IndexOf("fentry:vmlinux:vfs_read") + 1]);
        Assert.Contains("rawtracepoint:vmlinux:sched_switch", List("rt:*"));
        Assert.Contains("iter:task", List("iter:*"));
        Assert.Contains("software:cpu-clock:", List("software:*"));
        Assert.Contains("kprobe:vfs_read", List("kprobe:vfs_*"));
        // 7.0 puts the text itself beside its address.
        Assert.Equal(["    const char * filename", "    int flags"], List("tracepoint:syscalls:sys_enter_openat", verbose: true).Where(l => l.EndsWith(" filename", StringComparison.Ordinal) || l.EndsWith(" flags", StringComparison.Ordinal)));
        Assert.Contains("struct task_struct", List("struct task_str*"));
        Assert.Contains(List("uprobe:/bin/sh:*").Concat(List("uprobe:libc.so.6:*")), l => l.EndsWith(":malloc", StringComparison.Ordinal));
        Assert.DoesNotContain(List("*:*"), l => l.StartsWith("uprobe:", StringComparison.Ordinal));
    }
}
