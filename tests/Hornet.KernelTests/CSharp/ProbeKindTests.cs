using System.Runtime.InteropServices;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;
using Hornet.KernelTests.Links;
using Hornet.KernelTypes;
using Hornet.Links;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Every kind of probe in C#, given the arguments of what is probed.</summary>
public partial class ProbeKindTests
{
    private static readonly uint s_me = (uint)Environment.ProcessId;

    [LibraryImport("libc.so.6", EntryPoint = "atoi", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Atoi(string text);

    [KernelFact(Needs.Uprobes)]
    public void A_uprobe_reads_the_text_it_is_given_and_a_uretprobe_the_result()
    {
        using var seen = BpfArray<long>.Create("seen", 4);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachUprobe("libc.so.6", "atoi", (UserString text) =>
        {
            if (Bpf.Tgid == me && text.SequenceEqual("31337"u8)) seen[0]++;
        });
        session.AttachUretprobe("libc.so.6", "atoi", (int result) =>
        {
            if (Bpf.Tgid == me) seen[1] = result;
        });
        session.AttachUprobe("libc.so.6", "atoi", (ProbeContext registers) =>
        {
            if (Bpf.Tgid == me && registers.InstructionPointer != 0) seen[2] = new UserPtr<byte>(registers.GetArgument(0)).Value;
        });
        Assert.Equal(31337, Atoi("31337"));
        Assert.Equal(-5, Atoi("-5"));
        Assert.Equal([1, -5, '-'], seen.ToArray()[..3]);
    }

    [KernelFact]
    public void Samples_of_the_cpu_come_with_their_address_and_stack()
    {
        using var seen = BpfArray<ulong>.Create("seen", 4);
        using var stacks = BpfStackTraceMap.Create("stacks", 1024);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachPerfEvent(PerfEventSource.Software(SoftwareEvent.CpuClock), (PerfSample sample) =>
        {
            if (Bpf.Tgid != me) return;
            seen[0] = sample.InstructionPointer;
            seen[1] = sample.Period;
            int id = stacks.Capture(StackFlags.User);
            if (id >= 0) seen[2] = (ulong)id + 1;
            Span<ulong> frames = stackalloc ulong[8];
            int count = Bpf.GetStack(frames, StackFlags.User);
            if (count > 0) seen[3] = frames[0];
        }, new PerfEventOptions { Frequency = 997 });
        Assert.True(TestThread.Eventually(() =>
        {
            TestThread.Burn(TimeSpan.FromMilliseconds(20));
            return seen[2] != 0 && seen[3] != 0;
        }));
        Assert.NotEqual(0ul, seen[0]);
        Assert.NotEqual(0ul, seen[1]);
    }

    private struct TaskRow
    {
        public int Pid;
        public int Tgid;
        public TaskName Name;
    }

    [KernelFact(Needs.Iterators)]
    public void An_iterator_writes_a_record_for_each_thread()
    {
        using BpfSession session = new();
        using var link = session.AttachIterator("task", (TaskStruct task) =>
        {
            TaskRow row = new() { Pid = task.Pid, Tgid = task.Tgid };
            task.Comm.CopyTo(row.Name);
            Bpf.SeqWrite(in row);
        });
        using MemoryStream all = new();
        using (var stream = link.OpenRead()) stream.CopyTo(all);
        var rows = MemoryMarshal.Cast<byte, TaskRow>(all.ToArray()).ToArray();
        Assert.Contains(rows, row => row.Pid == Environment.ProcessId && row.Tgid == Environment.ProcessId);
        Assert.InRange(rows.Length, 2, int.MaxValue);
    }

    [KernelFact(Needs.Iterators)]
    public void An_iterator_goes_over_a_map_and_changes_it()
    {
        using var map = BpfHashMap<uint, ulong>.Create("numbers", 16);
        for (uint i = 1; i <= 5; i++) map[i] = i * 10;
        using BpfSession session = new();
        using var link = session.AttachIterator("bpf_map_elem", (in uint key, ref ulong value) => value += key, new IteratorOptions { Map = map.Map });
        using (var stream = link.OpenRead()) stream.CopyTo(Stream.Null);
        Assert.Equal([11, 22, 33, 44, 55], Enumerable.Range(1, 5).Select(i => map[(uint)i]));
    }

    private struct Sum
    {
        public int A;
        public int B;
        public long Result;
    }

    [KernelFact(Needs.SyscallPrograms)]
    public void A_program_runs_when_asked_to()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Sum sum) =>
        {
            sum.Result = (long)sum.A * sum.B;
            return sum.A;
        });
        Sum sum = new() { A = -7, B = 6 };
        Assert.Equal(-7, program.Run(ref sum));
        Assert.Equal(-42, sum.Result);
    }

    [System.Runtime.CompilerServices.InlineArray(16)]
    private struct Name
    {
        private byte _first;
    }

    private struct Named
    {
        public int Pid;
        public Name Name;
    }

    [KernelFact(Needs.SyscallPrograms)]
    public void A_helper_does_not_write_into_the_struct_of_a_syscall_program()
    {
        using BpfSession session = new();
        const string Why = "is given memory of the struct that the program was called with, and helpers of the kernel do not take that: use a local variable";
        Assert.Contains(Why, Finding(() => session.LoadSyscall((ref Named named) =>
        {
            Bpf.CurrentTask.Comm.CopyTo(named.Name);
            return 0;
        })), StringComparison.Ordinal);
        Assert.Contains(Why, Finding(() => session.LoadSyscall((ref Named named) =>
        {
            Bpf.Comm(named.Name);
            return 0;
        })), StringComparison.Ordinal);
        var program = session.LoadSyscall((ref Named named) =>
        {
            Name name = default;
            Bpf.CurrentTask.Comm.CopyTo(name);
            named.Name = name;
            return 0;
        });
        Named named = new() { Pid = 1 };
        Assert.Equal(0, program.Run(ref named));
        Assert.NotEqual(0, named.Name[0]);
    }

    private struct Lookup
    {
        public int Pid;
        public int Tgid;
    }

    [KernelFunction("bpf_task_from_pid")]
    private static TaskStruct? FindTask(int pid) => throw new NotSupportedException();

    [KernelFunction("bpf_task_release")]
    private static void Release(TaskStruct task) => throw new NotSupportedException();

    [KernelFunction("bpf_task_from_pid")]
    private static TaskStruct? FindWrong(long pid) => throw new NotSupportedException();

    [KernelFunction("bpf_task_from_pit")]
    private static TaskStruct? FindMissing(int pid) => throw new NotSupportedException();

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void A_program_calls_a_function_of_the_kernel()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Lookup lookup) =>
        {
            var task = FindTask(lookup.Pid);
            if (task is null) return -3;
            lookup.Tgid = task.Tgid;
            Release(task);
            return 0;
        });
        Lookup lookup = new() { Pid = Provoke.ThreadId };
        Assert.Equal(0, program.Run(ref lookup));
        Assert.Equal(Environment.ProcessId, lookup.Tgid);
        Lookup none = new() { Pid = int.MaxValue };
        Assert.Equal(-3, program.Run(ref none));

        Assert.Contains("'pid' of struct task_struct * bpf_task_from_pid(", Finding(() => session.LoadSyscall((ref Lookup lookup) => FindWrong(lookup.Pid) is null ? 1 : 0)), StringComparison.Ordinal);
        Assert.Contains("this kernel has no function 'bpf_task_from_pit'", Finding(() => session.LoadSyscall((ref Lookup lookup) => FindMissing(lookup.Pid) is null ? 1 : 0)), StringComparison.Ordinal);
    }

    [KernelFact(Needs.Kprobes)]
    public void A_kprobe_has_the_functions_parameters_and_a_kretprobe_its_result()
    {
        using var seen = BpfArray<long>.Create("seen", 8);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachKprobe("security_task_getsid", (TaskStruct p) =>
        {
            if (Bpf.Tgid == me) seen[0] = p.Tgid;
        });
        session.AttachKretprobe("security_task_getsid", (int result) =>
        {
            if (Bpf.Tgid == me) seen[1] = result + 100;
        });
        session.AttachKprobe("security_task_getsid", (ProbeContext registers) =>
        {
            if (Bpf.Tgid == me) seen[2] = Bpf.At<TaskStruct>(registers.GetArgument(0)).Tgid;
        });
        Assert.Equal(0, Provoke.GetOwnSidChecked());
        Assert.Equal([Environment.ProcessId, 100, Environment.ProcessId], seen.ToArray()[..3]);
    }

    [KernelFact(Needs.KprobeMulti)]
    public void Many_functions_are_probed_at_once()
    {
        using var seen = BpfHashMap<ulong, ulong>.Create("seen", 64);
        uint me = s_me;
        using BpfSession session = new();
        var link = session.AttachKprobeMulti("security_task_get*", () =>
        {
            if (Bpf.Tgid == me) seen[Bpf.FunctionAddress]++;
        });
        Assert.InRange(link.Count, 2, 100);
        Assert.Equal(0, Provoke.GetOwnSidChecked());
        Assert.Equal(1ul, seen[Provoke.AddressOf("security_task_getsid")]);
    }

    [KernelFact(Needs.KprobeSession)]
    public void A_session_sees_call_and_return_and_keeps_a_number()
    {
        using var seen = BpfArray<ulong>.Create("seen", 8);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachKprobeSession("security_task_getsid", () =>
        {
            if (Bpf.Tgid != me) return 1;
            if (Bpf.IsReturn) seen[1] = Bpf.SessionCookie;
            else
            {
                Bpf.SessionCookie = 4711;
                seen[0]++;
            }
            return 0;
        });
        Assert.Equal(0, Provoke.GetOwnSidChecked());
        Assert.Equal([1ul, 4711ul], seen.ToArray()[..2]);
    }

    [KernelFact(Needs.Fentry)]
    public void Fentry_and_fexit_have_parameters_and_result()
    {
        using var seen = BpfArray<long>.Create("seen", 8);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachFentry("security_task_getsid", (TaskStruct p) =>
        {
            if (Bpf.Tgid == me) seen[0] = p.RealParent.Tgid;
        });
        session.AttachFexit("security_task_getsid", (TaskStruct p, int result) =>
        {
            if (Bpf.Tgid != me) return;
            seen[1] = p.Tgid;
            seen[2] = result + 100;
        });
        session.AttachFexit("security_task_getsid", (int result) =>
        {
            if (Bpf.Tgid == me) seen[3] = result + 200;
        });
        Assert.Equal(0, Provoke.GetOwnSidChecked());
        long parent = long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("PPid:", StringComparison.Ordinal)).AsSpan(5).Trim());
        Assert.Equal([parent, Environment.ProcessId, 100, 200], seen.ToArray()[..4]);
    }

    [KernelFact(Needs.FmodRet)]
    public void The_result_of_a_function_is_replaced()
    {
        uint me = s_me;
        using (BpfSession session = new())
        {
            session.AttachFmodRet("security_task_getsid", (TaskStruct p) => Bpf.Tgid == me && (uint)p.Tgid == me ? -1 : 0);
            Assert.Equal(1, Provoke.GetOwnSidChecked());
        }
        Assert.Equal(0, Provoke.GetOwnSidChecked());
    }

    [KernelFact(Needs.Lsm)]
    public void A_security_hook_forbids()
    {
        uint me = s_me;
        using (BpfSession session = new())
        {
            session.AttachLsm("task_getsid", (TaskStruct p) => Bpf.Tgid == me && (uint)p.Tgid == me ? -13 : 0);
            Assert.Equal(13, Provoke.GetOwnSidChecked());
        }
        Assert.Equal(0, Provoke.GetOwnSidChecked());
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void Parameters_that_do_not_fit_are_told_with_both_sides()
    {
        using BpfSession session = new();
        Assert.Contains("'count' of vfs_read is 'size_t', 8 bytes wide, and 'count' is int, 4: write ulong", Finding(() => session.LoadFentry("vfs_read", (int count) => { })), StringComparison.Ordinal);
        Assert.Contains("'file' of vfs_read is 'struct file *', and 'file' is TaskStruct, a view of task_struct", Finding(() => session.LoadFentry("vfs_read", (TaskStruct file) => { })), StringComparison.Ordinal);
        Assert.Contains("has 4 parameters, and the lambda wants 5 parameters", Finding(() => session.LoadKprobe("vfs_read", (ulong a, ulong b, ulong c, ulong d, ulong e) => { })), StringComparison.Ordinal);
        Assert.Contains("'wrong' is none of its parameters", Finding(() => session.LoadFentry("vfs_read", (ulong count, int wrong) => { })), StringComparison.Ordinal);
        Assert.Contains("the lambda returns nothing, not int", Finding(() => session.LoadFmodRet("security_task_getsid", () => { })), StringComparison.Ordinal);
        Assert.Contains("'prev' of sched_switch is 'struct task_struct *', no number, and 'prev' is int", Finding(() => session.LoadBtfTracepoint("sched_switch", (int prev) => { })).Replace(", 8 bytes wide", ", no number", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("vfs_reed", Assert.ThrowsAny<BpfException>(() => session.LoadFentry("vfs_reed", () => { })).Message, StringComparison.Ordinal);
        Assert.Contains("sched_swich", Assert.ThrowsAny<BpfException>(() => session.LoadBtfTracepoint("sched_swich", () => { })).Message, StringComparison.Ordinal);
        Assert.Contains("tasc", Assert.ThrowsAny<BpfException>(() => session.LoadIterator("tasc", () => { })).Message, StringComparison.Ordinal);
        Assert.Contains("file_opem", Assert.ThrowsAny<BpfException>(() => session.LoadLsm("file_opem", () => { })).Message, StringComparison.Ordinal);
    }

    [KernelFact(Needs.UprobeSession)]
    public void A_session_of_a_library_sees_call_and_return()
    {
        using var seen = BpfArray<ulong>.Create("seen", 8);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachUprobeSession("libc.so.6", "atoi", (UserString text) =>
        {
            if (Bpf.Tgid != me) return 1;
            if (Bpf.IsReturn)
            {
                seen[1] = Bpf.SessionCookie;
            }
            else
            {
                Bpf.SessionCookie = text.SequenceEqual("12"u8) ? 4711ul : 1;
                seen[0]++;
            }
            return 0;
        });
        Assert.Equal(12, Atoi("12"));
        Assert.Equal([1ul, 4711ul], seen.ToArray()[..2]);
    }

    [KernelFact(Needs.Uprobes)]
    public void A_static_probe_has_arguments_of_every_form()
    {
        using var seen = BpfArray<long>.Create("seen", 16);
        using BpfSession session = new();
        using var target = TargetProcess.Start();
        session.AttachUsdt(TargetProcess.Executable, "hornet", "everything",
            (int a, ulong b, int c, ushort d, sbyte e, uint f, ulong g, short h, int i, long j, byte k) =>
            {
                (seen[0], seen[1], seen[2], seen[3]) = (a, (long)b, c, d);
                (seen[4], seen[5], seen[6], seen[7]) = (e, f, (long)g, h);
                (seen[8], seen[9], seen[10]) = (i, j, k);
                seen[11]++;
            }, new UsdtOptions { Process = target.Id });
        target.Call("usdt", 3);
        Assert.Equal([-9, 2, -5, 0x1234, -3, 11, 0x1122334455667788, -104, -77, 2, 253, 3], seen.ToArray()[..12]);
        Assert.Contains("argument 1 of the static probe hornet:everything is 4 bytes wide ('-4@$-9'), and 'a' is long, 8: write int",
            Finding(() => session.AttachUsdt(TargetProcess.Executable, "hornet", "everything", (long a) => { })), StringComparison.Ordinal);
        Assert.Contains("has 11 arguments", Finding(() => session.AttachUsdt(TargetProcess.Executable, "hornet", "everything",
            (int a, ulong b, int c, ushort d, sbyte e, uint f, ulong g, short h, int i, long j, byte k, int l) => { })), StringComparison.Ordinal);
    }

    [KernelFact(Needs.PerfEventLink)]
    public void Each_place_of_a_static_probe_has_its_own_arguments()
    {
        using var seen = BpfArray<long>.Create("seen", 4);
        using BpfSession session = new();
        using var target = TargetProcess.Start();
        session.AttachUsdt(TargetProcess.Executable, null, "sites", (long value) =>
        {
            seen[0]++;
            seen[1] += value;
        }, new UsdtOptions { Process = target.Id });
        target.Call("sites", 4);
        Assert.Equal([8, 4012], seen.ToArray()[..2]);
    }

    [KernelFact(Needs.TpBtf)]
    public void What_the_verifier_knows_is_read_without_helpers()
    {
        using var seen = BpfArray<int>.Create("seen", 4);
        var direct = KernelCode.TypedTracepoint("sched_switch", (TaskStruct prev, TaskStruct next) => seen[0] = next.RealParent.Tgid + prev.Pid).Compile();
        var byAddress = KernelCode.RawTracepoint("sched_switch", (TaskStruct prev, TaskStruct next) => seen[0] = next.RealParent.Tgid + prev.Pid).Compile();
        Assert.Equal((0, 3), (Reads(direct), Reads(byAddress)));

        static int Reads(Hornet.Compiler.CompilationResult code) => code.Program.Instructions.Count(i => i.ToString().Contains("probe_read_kernel", StringComparison.OrdinalIgnoreCase));
    }

    [KernelType("no_such_type")]
    private interface Nothing
    {
        int Field { get; }
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void What_a_program_cannot_know_is_told()
    {
        using BpfSession session = new();
        Assert.Contains("writes for the reader of an iterator, and this is none", Finding(() => session.LoadKprobe("vfs_read", () => Bpf.SeqWrite("x"u8))), StringComparison.Ordinal);
        Assert.Contains("the kernel has no type 'no_such_type'", Finding(() => session.LoadKprobe("vfs_read", () => Bpf.At<Nothing>(1).Field)), StringComparison.Ordinal);
        Assert.Contains("there is no register for an argument 9", Finding(() => session.LoadKprobe("vfs_read", (ProbeContext registers) => registers.GetArgument(9))), StringComparison.Ordinal);
        Assert.Contains("is not probed with the registers", Finding(() => session.LoadBtfTracepoint("sched_switch", (ProbeContext registers) => { })), StringComparison.Ordinal);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void The_verifier_accepts_what_reads_by_address()
    {
        using var names = BpfHashMap<uint, TaskName>.Create("names", 16);
        using BpfSession session = new();
        session.LoadKprobe("vfs_read", (KernelFile file, UserPtr<byte> buf, ulong count) =>
        {
            if (file.FInode.IMode == 0 || buf.IsNull) return;
            TaskName name = default;
            if (file.FPath.Dentry.DParent.Name.CopyTo(name) > 0) names[(uint)count] = name;
        });
        session.LoadKprobe("tcp_v4_connect", (Sock sk) =>
        {
            if (sk.Family == 2 && sk.NetworkNamespace != 0) names[sk.RemoteAddress] = default;
        });
        session.LoadKprobe("security_bprm_check", (LinuxBinprm bprm) =>
        {
            TaskName name = default;
            bprm.Filename.CopyTo(name);
            names[(uint)bprm.Argc + bprm.File.FInode.Device] = name;
        });
    }

    private static string Finding(Action attach)
    {
        var finding = Assert.Single(Assert.Throws<CompilationException>(attach).Diagnostics);
        Assert.EndsWith("ProbeKindTests.cs", finding.Location!.File, StringComparison.Ordinal);
        return finding.Message;
    }
}
