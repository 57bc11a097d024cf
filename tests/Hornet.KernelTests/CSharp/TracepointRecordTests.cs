using System.Text;
using Hornet.Compiler.Diagnostics;
using Hornet.KernelTests.Links;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Fields of tracepoints' records, bound by name and checked against the event's own description.</summary>
public class TracepointRecordTests
{
    private static readonly uint s_me = (uint)Environment.ProcessId;

    private readonly record struct GetSidArguments(int Pid);

    private readonly record struct Wrong(uint PrevPid);

    private readonly record struct Unknown(int PrevPit);

    [KernelFact]
    public void A_struct_has_the_arguments_of_a_system_call()
    {
        using var seen = BpfArray<long>.Create("seen", 4);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachTracepoint("syscalls:sys_enter_getsid", (in GetSidArguments e) =>
        {
            if (Bpf.Tgid != me) return;
            seen[0] = e.Pid;
            seen[1]++;
        });
        Assert.Equal(0, Provoke.GetOwnSidChecked());
        Assert.Equal([Environment.ProcessId, 1], seen.ToArray()[..2]);
    }

    [KernelFact]
    public void Parameters_have_the_fields_of_their_names()
    {
        using var seen = BpfArray<long>.Create("seen", 4);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachTracepoint("raw_syscalls:sys_exit", (long ret, long id) =>
        {
            if (Bpf.Tgid != me || id != Provoke.GetSidNumber) return;
            seen[0] = ret;
            seen[1]++;
        });
        Assert.Equal([Provoke.Sid(), 1], seen.ToArray()[..2]);
    }

    [KernelFact]
    public void A_scheduler_switch_has_names_and_numbers()
    {
        using var seen = BpfHashMap<int, SchedSwitch>.Create("seen", 4);
        int thread = Provoke.ThreadId;
        using BpfSession session = new();
        session.AttachTracepoint((in SchedSwitch e) =>
        {
            if (e.PrevPid == thread) seen[0] = e;
        });
        Assert.True(TestThread.Eventually(() =>
        {
            Thread.Sleep(1);
            return seen[0].PrevPid != 0;
        }));
        Assert.Equal(thread, seen[0].PrevPid);
        Assert.Equal(File.ReadAllText($"/proc/self/task/{thread}/comm").TrimEnd(), seen[0].PrevComm.ToString());
        Assert.InRange(seen[0].PrevPrio, 0, 139);
    }

    [KernelFact]
    public void Text_in_the_record_is_copied()
    {
        using var names = BpfHashMap<int, Path64>.Create("names", 4);
        using BpfSession session = new();
        session.AttachTracepoint((in SchedProcessExec e) =>
        {
            Path64 path = default;
            if (e.Filename.CopyTo(path) > 0 && e.Filename.SequenceEqual("/bin/true"u8)) names[0] = path;
        });
        using (var process = System.Diagnostics.Process.Start("/bin/true")) process.WaitForExit();
        Assert.True(names.TryGetValue(0, out var found));
        Assert.Equal("/bin/true", Text(found));
    }

    [KernelFact]
    public void Text_of_the_process_is_copied()
    {
        string file = Path.Combine(Path.GetTempPath(), "hornet-no-such-file");
        byte[] wanted = Encoding.UTF8.GetBytes(file);
        using var names = BpfHashMap<int, Path64>.Create("names", 4);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachTracepoint((in SysEnterOpenat e) =>
        {
            if (Bpf.Tgid != me || !e.Filename.SequenceEqual(wanted)) return;
            Path64 path = default;
            e.Filename.CopyTo(path);
            names[e.Dfd] = path;
        });
        Assert.Throws<FileNotFoundException>(() => File.Open(file, FileMode.Open));
        Assert.True(names.TryGetValue(-100, out var found));
        Assert.Equal(file, Text(found));
    }

    [KernelFact]
    public void What_does_not_fit_is_one_clear_sentence()
    {
        using BpfSession session = new();
        Assert.Contains("prev_pid of sched:sched_switch is 'pid_t', 4 bytes, signed, and Wrong.PrevPid is uint: write int", Finding(() => session.AttachTracepoint("sched:sched_switch", (in Wrong e) => { })), StringComparison.Ordinal);
        Assert.Contains("Unknown.PrevPit is no field of sched:sched_switch", Finding(() => session.AttachTracepoint("sched:sched_switch", (in Unknown e) => { })), StringComparison.Ordinal);
        Assert.Contains("'prev_pid' is long, 8: write int", Finding(() => session.AttachTracepoint("sched:sched_switch", (long prev_pid) => { })), StringComparison.Ordinal);
        Assert.Contains("an array: 'prev_comm' must be KernelString, not int", Finding(() => session.AttachTracepoint("sched:sched_switch", (int prev_comm) => { })), StringComparison.Ordinal);
        Assert.Contains("sched_swich", Assert.ThrowsAny<BpfException>(() => session.AttachTracepoint("sched:sched_swich", (int prev_pid) => { })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => session.AttachTracepoint("sched_switch", (int prev_pid) => { }));
        Assert.Throws<ArgumentException>(() => session.AttachTracepoint((in Wrong e) => { }));
    }

    private static string Finding(Action attach)
    {
        var finding = Assert.Single(Assert.Throws<CompilationException>(attach).Diagnostics);
        Assert.EndsWith("TracepointRecordTests.cs", finding.Location!.File, StringComparison.Ordinal);
        return finding.Message;
    }

    [System.Runtime.CompilerServices.InlineArray(64)]
    private struct Path64
    {
        private byte _first;
    }

    private static string Text(Path64 path)
    {
        ReadOnlySpan<byte> bytes = path;
        return Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]);
    }
}
