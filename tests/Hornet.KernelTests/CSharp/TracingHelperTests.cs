using System.Diagnostics;
using System.Runtime.InteropServices;
using Hornet.KernelTests.Links;
using Hornet.KernelTypes;
using Hornet.Links;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>What tracing programs ask the kernel, compared with what user space knows.</summary>
public class TracingHelperTests
{
    private const string GetSid = "syscalls:sys_enter_getsid";

    private static readonly uint s_me = (uint)Environment.ProcessId;

    private static ulong[] Run(Action<BpfSession, BpfArray<ulong>> attach)
    {
        using var results = BpfArray<ulong>.Create("results", 16);
        using BpfSession session = new();
        attach(session, results);
        Provoke.GetSid(1);
        return results.ToArray();
    }

    private static ulong[] Stat(string format, string file)
    {
        using var process = Process.Start(new ProcessStartInfo("stat", ["-L", "-c", format, file]) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(ulong.Parse)];
    }

    [KernelFact(MinKernel = "5.11")]
    public void Clocks_and_nodes_are_those_of_the_machine()
    {
        uint me = s_me;
        var found = Run((session, results) => session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            results[2] = Bpf.Jiffies;
            results[3] = Bpf.NumaNode + 1ul;
        }));
        Assert.NotEqual(0ul, found[2]);
        Assert.InRange(found[3], 1ul, 1024ul);
    }

    [KernelFact(MinKernel = "6.1")]
    public void The_clocks_agree()
    {
        using var seen = BpfArray<ulong>.Create("seen", 4);
        using BpfSession session = new();
        using var program = session.LoadXdp(packet =>
        {
            (seen[0], seen[1], seen[2]) = (Bpf.CoarseTimeNs, Bpf.KtimeNs, Bpf.TaiTimeNs);
            return XdpAction.Pass;
        });
        program.TestRun(new byte[64]);
        Assert.InRange(seen[0], seen[1] - 1_000_000_000, seen[1]);
        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000, minute = 60_000_000_000;
        Assert.InRange(seen[2], now - minute, now + minute + minute);
    }

    [KernelFact(Needs.PerfEventLink)]
    public void A_cookie_tells_which_attachment_it_is()
    {
        uint me = s_me;
        using var seen = BpfHashMap<ulong, ulong>.Create("seen", 16);
        using BpfSession session = new();
        session.AttachTracepoint(GetSid, (int pid) =>
        {
            if (Bpf.Tgid == me) seen[Bpf.AttachCookie]++;
        }, new TracepointOptions { Cookie = 4711 });
        Provoke.GetSid(3);
        Assert.Equal(3ul, seen[4711]);
    }

    [KernelFact]
    public void Ids_in_a_namespace_are_those_that_the_process_sees()
    {
        ulong[] file = Stat("%d %i", "/proc/self/ns/pid");
        ulong device = file[0], inode = file[1];
        uint me = s_me;
        var found = Run((session, results) => session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            results[0] = Bpf.TryGetIdsInNamespace(device, inode, out var ids) ? 1ul : 2;
            results[1] = ids.Tgid;
            results[2] = ids.Tid;
            results[3] = Bpf.TryGetIdsInNamespace(device, inode + 1, out _) ? 1ul : 2;
        }));
        Assert.Equal([1ul, me, (ulong)Provoke.ThreadId, 2ul], found[..4]);
    }

    [KernelFact(Needs.Cgroup2, MinKernel = "6.1")]
    public void A_control_group_has_its_root_as_ancestor()
    {
        uint me = s_me;
        using var groups = BpfCgroupArray.Create("groups", 2);
        groups.Set(0, Hornet.Kernel.Mounts.Cgroup2!);
        ulong root = Stat("%i", Hornet.Kernel.Mounts.Cgroup2!)[0];
        var found = Run((session, results) => session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            results[0] = Bpf.GetAncestorCgroupId(0);
            results[1] = groups.ContainsCurrentTask(0) ? 1ul : 2;
            results[2] = groups.ContainsCurrentTask(1) ? 1ul : 2;
        }));
        Assert.Equal([root, 1ul, 2ul], found[..3]);
    }

    [KernelFact]
    public void A_signal_arrives()
    {
        using ManualResetEventSlim arrived = new();
        using var registration = PosixSignalRegistration.Create(PosixSignal.SIGCONT, context =>
        {
            context.Cancel = true;
            arrived.Set();
        });
        uint me = s_me;
        var found = Run((session, results) => session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid == me) results[0] = (ulong)(Bpf.SendSignal(18) + 1);
        }));
        Assert.Equal(1ul, found[0]);
        Assert.True(arrived.Wait(TestThread.Patience));
    }

    [KernelFact(Needs.TpBtf, MinKernel = "5.15")]
    public void Stacks_and_registers_of_a_task_are_read()
    {
        int thread = Provoke.ThreadId;
        using var seen = BpfArray<ulong>.Create("seen", 4);
        using BpfSession session = new();
        session.AttachBtfTracepoint("sched_switch", (TaskStruct prev) =>
        {
            if (prev.Pid != thread) return;
            Span<ulong> frames = stackalloc ulong[8];
            int count = Bpf.GetTaskStack(prev, frames);
            if (count > 0) (seen[0], seen[1]) = ((ulong)count, frames[0]);
            seen[2] = Bpf.GetRegisters(Bpf.CurrentTask).InstructionPointer;
        });
        Assert.True(TestThread.Eventually(() =>
        {
            Thread.Sleep(1);
            return seen[0] != 0 && seen[2] != 0;
        }));
        Assert.InRange(seen[0], 1ul, 8ul);
        Assert.True(seen[1] > 1ul << 63);
        Assert.InRange(seen[2], 1ul, 1ul << 57);
    }

    [KernelFact(Needs.SyscallPrograms)]
    public unsafe void Memory_is_read_by_address()
    {
        byte* text = (byte*)NativeMemory.AllocZeroed(64);
        try
        {
            "hornet"u8.CopyTo(new Span<byte>(text, 64));
            using var seen = BpfArray<ulong>.Create("seen", 8);
            using BpfSession session = new();
            var program = session.LoadSyscall((ref ulong address) =>
            {
                Span<byte> copy = stackalloc byte[8];
                seen[0] = Bpf.TryCopyFromUser(address, copy) ? copy[0] : 0ul;
                seen[1] = Bpf.TryReadUser(address + 1, copy) ? copy[0] : 0ul;
                seen[2] = (ulong)Bpf.ReadUserString(address, copy);
                seen[3] = Bpf.TryReadUser(16, copy) ? 1ul : 2;
                seen[4] = Bpf.TryReadKernel(Bpf.AddressOf(Bpf.CurrentTask), copy) ? 1ul : 2;
                seen[5] = (ulong)(Bpf.ReadKernelString(16, copy) + 1000);
                return 0;
            });
            ulong where = (ulong)text;
            Assert.Equal(0, program.Run(ref where));
            Assert.Equal(['h', 'o', 6, 2, 1], seen.ToArray()[..5]);
            Assert.InRange(seen[5], 0ul, 999ul);
        }
        finally
        {
            NativeMemory.Free(text);
        }
    }

    [KernelFact(Needs.Fentry, MinKernel = "5.17")]
    public void A_functions_address_and_arguments_are_asked_for()
    {
        uint me = s_me;
        var found = Run((session, results) =>
        {
            session.AttachFentry("security_task_getsid", () =>
            {
                if (Bpf.Tgid != me) return;
                results[0] = Bpf.FunctionArgumentCount;
                results[1] = Bpf.TryGetArgument(0, out ulong task) ? (ulong)Bpf.At<TaskStruct>(task).Tgid : 0;
                results[2] = Bpf.TryGetArgument(5, out _) ? 1ul : 2;
                results[3] = Bpf.FunctionAddress == 0 ? 1ul : 2;
            });
            Assert.Equal(0, Provoke.GetOwnSidChecked());
        });
        Assert.Equal([1ul, me, 2ul, 2ul], found[..4]);
    }

    [KernelFact(Needs.Fentry)]
    public void The_path_of_a_file_is_copied()
    {
        using var paths = BpfHashMap<uint, Path64>.Create("paths", 16);
        uint me = s_me;
        using BpfSession session = new();
        session.AttachFentry("security_file_open", (KernelFile file) =>
        {
            if (Bpf.Tgid != me || !file.Name.SequenceEqual("hostname"u8)) return;
            Path64 path = default;
            if (Bpf.GetPath(file.FPath, path) > 0) paths[0] = path;
        });
        _ = File.ReadAllText("/proc/sys/kernel/hostname");
        Assert.True(paths.TryGetValue(0, out var found));
        ReadOnlySpan<byte> bytes = found;
        Assert.Equal("/proc/sys/kernel/hostname", System.Text.Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]));
    }

    [System.Runtime.CompilerServices.InlineArray(64)]
    private struct Path64
    {
        private byte _first;
    }
}
