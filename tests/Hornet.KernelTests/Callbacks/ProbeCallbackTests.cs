using System.Runtime.InteropServices;
using Hornet.KernelTests.Links;

namespace Hornet.KernelTests.Callbacks;

public partial class ProbeCallbackTests
{
    private static readonly ProbeOptions s_ours = new() { ProcessId = Environment.ProcessId };

    private static void Open(string path)
    {
        try
        {
            File.OpenHandle(path).Dispose();
        }
        catch (FileNotFoundException)
        {
        }
    }

    [KernelFact(Needs.RingBuffer)]
    public void A_tracepoint_comes_with_the_fields_of_its_record()
    {
        Events<(string File, int Pid, int Process)> execs = new();
        Events<(string Comm, int Pid)> exits = new();
        using BpfSession session = new();
        session.OnTracepoint("sched:sched_process_exec", e => execs.Add((e["filename"].ToString(), e["pid"].ToInt32(), e.ProcessId)));
        session.OnTracepoint("sched:sched_process_exit", e => exits.Add((e["comm"].ToString(), e["pid"].ToInt32())));
        using var child = ChildProcess.Start("/bin/true");
        Assert.Equal(0, child.Wait());
        Assert.Equal(("/bin/true", child.Id, child.Id), execs.First(e => e.Pid == child.Id));
        Assert.Equal("true", exits.First(e => e.Pid == child.Id).Comm);
        Assert.Contains("sched_process_exec", Assert.Throws<BpfSyscallException>(() => session.OnTracepoint("sched:sched_process_exek", _ => { })).Hint);
        Assert.Contains("OnSyscallEnter(\"*\")", Assert.Throws<ArgumentException>(() => session.OnTracepoint("syscalls:sys_enter_*", _ => { })).Message);
    }

    private readonly record struct Exec(int Pid, Text64 Filename);

    private readonly record struct Exit(Text16 Comm, long Pid);

    [KernelFact(Needs.RingBuffer)]
    public void A_struct_gets_the_fields_of_a_tracepoint()
    {
        Events<(string File, int Pid)> execs = new();
        Events<(string Comm, long Pid)> exits = new();
        using BpfSession session = new();
        session.OnTracepoint<Exec>("sched:sched_process_exec", e => execs.Add((e.Args.Filename.ToString(), e.Args.Pid)));
        session.OnTracepoint<Exit>("sched:sched_process_exit", e => exits.Add((e.Args.Comm.ToString(), e.Args.Pid)));
        using var child = ChildProcess.Start("/bin/true");
        Assert.Equal(0, child.Wait());
        Assert.Equal("/bin/true", execs.First(e => e.Pid == child.Id).File);
        Assert.Equal("true", exits.First(e => e.Pid == child.Id).Comm);
    }

    private readonly record struct OpenArgs(Text128 Filename, int Dfd);

    [KernelFact(Needs.RingBuffer, Needs.Kprobes, Needs.VmlinuxBtf)]
    public void A_kprobe_has_the_parameters_of_the_functions_prototype()
    {
        string path = $"/tmp/hornet-kprobe-{Guid.NewGuid():N}";
        Events<(string Path, int Dfd)> named = new(), typed = new();
        Events<long> results = new();
        using BpfSession session = new();
        session.OnKprobe("do_sys_openat2", e => named.Add((e["filename"].ToString(), e["dfd"].ToInt32())), s_ours);
        session.OnKprobe<OpenArgs>("do_sys_openat2", e => typed.Add((e.Args.Filename.ToString(), e.Args.Dfd)), s_ours);
        session.OnKretprobe("do_sys_openat2", e => results.Add(e.Result), s_ours);
        Open(path);
        Assert.Equal(-100, named.First(e => e.Path == path).Dfd);
        Assert.Equal(-100, typed.First(e => e.Path == path).Dfd);
        Assert.Equal(-2, results.First(r => r == -2));
    }

    [KernelFact(Needs.RingBuffer, Needs.Fentry)]
    public void Fentry_and_fexit_have_parameters_and_result()
    {
        string path = $"/tmp/hornet-fentry-{Guid.NewGuid():N}";
        Events<(string Path, int Dfd, bool HasResult, long Result)> entries = new(), exits = new();
        Events<(string Path, long Result)> typed = new();
        using BpfSession session = new();
        session.OnFunctionEntry("do_sys_openat2", e => entries.Add((e["filename"].ToString(), e["dfd"].ToInt32(), e.HasResult, e.Result)), s_ours);
        session.OnFunctionExit("do_sys_openat2", e => exits.Add((e["filename"].ToString(), e["dfd"].ToInt32(), e.HasResult, e.Result)), s_ours);
        session.OnFunctionExit<OpenArgs>("do_sys_openat2", e => typed.Add((e.Args.Filename.ToString(), e.Result)), s_ours);
        Open(path);
        Assert.Equal((path, -100, false, 0L), entries.First(e => e.Path == path));
        Assert.Equal((path, -100, true, -2L), exits.First(e => e.Path == path));
        Assert.Equal(-2, typed.First(e => e.Path == path).Result);
    }

    private readonly record struct Two(int Arg1, long Arg0);

    [KernelFact(Needs.RingBuffer, Needs.Uprobes)]
    public void A_function_of_a_program_has_its_arguments_and_its_result()
    {
        Events<(long A, long B)> named = new(), typed = new();
        Events<long> results = new();
        using var target = TargetProcess.Start();
        ProbeOptions options = new() { ProcessId = target.Id };
        using BpfSession session = new();
        session.OnUprobe(TargetProcess.Executable, "hornet_two", e => named.Add((e["arg0"].ToInt64(), e["arg1"].ToInt64())), options);
        session.OnUprobe<Two>(TargetProcess.Executable, "hornet_two", e => typed.Add((e.Args.Arg0, e.Args.Arg1)), options);
        session.OnUretprobe(TargetProcess.Executable, "hornet_two", e => results.Add(e.Result), options);
        target.Call("two", 5);
        Assert.Equal((4L, 3L), named.First(e => e.A == 4));
        Assert.Equal((4L, 3L), typed.First(e => e.A == 4));
        Assert.Equal(12, results.First(r => r == 12));
    }

    [KernelFact(Needs.RingBuffer, Needs.Uprobes)]
    public void Text_of_a_function_of_a_library_is_read_where_asked()
    {
        string name = $"HORNET_{Guid.NewGuid():N}";
        Events<string> names = new();
        using BpfSession session = new();
        session.OnUprobe("libc.so.6", "getenv", e => names.Add(e["arg0"].ToString()), s_ours with { Texts = ["arg0"] });
        names.First(n => n == name, provoke: () => GetEnvironment(name));
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetEnvironment(string name);

    [KernelFact(Needs.RingBuffer, Needs.Uprobes)]
    public void A_static_probe_has_arguments_of_every_form()
    {
        Events<long[]> events = new();
        using var target = TargetProcess.Start();
        using BpfSession session = new();
        session.OnUsdt(TargetProcess.Executable, "hornet", "everything", e =>
        {
            long[] values = new long[e.Fields.Count];
            for (int i = 0; i < values.Length; i++) values[i] = e[i].ToInt64();
            events.Add(values);
        }, new() { ProcessId = target.Id });
        target.Call("usdt", 3);
        Assert.Equal([-9, 2, -5, 0x1234, -3, 11, 0x1122334455667788, -104, -77, 2, 253], events.First(v => v[1] == 2));
    }

    [KernelFact(Needs.RingBuffer)]
    public void Samples_of_the_cpu_say_where_it_was()
    {
        Events<(ulong Ip, int Process)> events = new();
        using BpfSession session = new();
        session.OnSample(199, e => events.Add((e["ip"].ToUInt64(), e.ProcessId)), s_ours);
        var sample = events.First(provoke: () =>
        {
            long end = Environment.TickCount64 + 50;
            while (Environment.TickCount64 < end) { }
        });
        Assert.Equal(Environment.ProcessId, sample.Process);
        Assert.NotEqual(0ul, sample.Ip);
    }
}
