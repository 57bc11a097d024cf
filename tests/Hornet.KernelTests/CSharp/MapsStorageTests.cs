using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Hornet.KernelTests.Links;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Local storages used by C# kernel code.</summary>
public class MapsStorageTests
{
    private const string GetSid = "syscalls:sys_enter_getsid";

    [KernelFact(Needs.TaskStorage, MinKernel = "5.12")]
    public void A_task_keeps_a_value()
    {
        using var calls = BpfTaskStorage<Calls>.Create("calls");
        using var seen = BpfArray<ulong>.Create("seen", 8);
        using BpfSession session = new();
        uint me = (uint)Environment.ProcessId;
        session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            ref var before = ref calls.Find();
            if (Unsafe.IsNullRef(ref before)) seen[0]++;
            ref var mine = ref calls.GetOrAdd();
            mine.Count++;
            mine.Last = Bpf.Tid;
            seen[1] = mine.Count;
            seen[2] = mine.Last;
            if (mine.Count == 3)
            {
                seen[3] = calls.Remove() ? 1ul : 2;
                seen[4] = calls.Remove() ? 1ul : 2;
            }
        });
        Provoke.GetSid(2);
        Assert.Equal([1ul, 2, (ulong)Provoke.ThreadId], seen.ToArray()[..3]);
        Thread other = new(() => Provoke.GetSid(1));
        other.Start();
        other.Join();
        Assert.Equal([2ul, 1], seen.ToArray()[..2]);
        Provoke.GetSid(1);
        Assert.Equal([2ul, 3, (ulong)Provoke.ThreadId, 1, 2], seen.ToArray()[..5]);
    }

    [KernelFact(Needs.TaskStorage, MinKernel = "5.12")]
    public void What_user_space_keeps_with_a_process_its_kernel_code_finds()
    {
        using var budget = BpfTaskStorage<long>.Create("budget");
        using BpfSession session = new();
        session.AttachTracepoint("syscalls:sys_enter_kill", () =>
        {
            ref long left = ref budget.Find();
            if (!Unsafe.IsNullRef(ref left)) left -= 10;
        });
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", "read x; kill -0 $$; kill -0 $$; echo done; read x"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            budget.Set(shell.Id, 100);
            shell.StandardInput.WriteLine();
            Assert.Equal("done", shell.StandardOutput.ReadLine());
            Assert.True(budget.TryGetValue(shell.Id, out long left));
            Assert.Equal(80, left);
        }
        finally
        {
            shell.StandardInput.Close();
            shell.WaitForExit();
        }
    }

    [KernelFact(Needs.Cgroup2, MinKernel = "5.2")]
    public void A_socket_keeps_a_value()
    {
        using TestCgroup group = new();
        using var marks = BpfSocketStorage<long>.Create("marks");
        using var packets = BpfAttachedCgroupStorage<ulong>.Create("packets");
        using BpfSession session = new();
        session.AttachSocketCreate(group.Path, socket =>
        {
            marks.GetOrAdd(socket) = 40;
            return CgroupVerdict.Allow;
        });
        session.AttachCgroupEgress(group.Path, packet =>
        {
            ref long mark = ref marks.Find(packet);
            if (!Unsafe.IsNullRef(ref mark)) mark++;
            Interlocked.Increment(ref packets.Current);
            return CgroupVerdict.Allow;
        });
        long first = 0, second = 0;
        bool removed = false;
        group.Run(() =>
        {
            using Socket receiver = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp), sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            receiver.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
            for (int i = 0; i < 3; i++) sender.SendTo([1], receiver.LocalEndPoint!);
            Assert.True(marks.TryGetValue(sender, out first));
            Assert.True(marks.TryGetValue(receiver, out second));
            removed = marks.Remove(sender);
        });
        Assert.Equal((43L, 40L, true), (first, second, removed));
        Assert.True(packets.TryGetValue(group.Id, out ulong sent));
        Assert.Equal(3ul, sent);
    }

    [KernelFact(Needs.TaskStorage, Needs.VmlinuxBtf, MinKernel = "5.12")]
    public void A_task_that_is_given_keeps_a_value()
    {
        using var calls = BpfTaskStorage<ulong>.Create("calls");
        using var seen = BpfArray<ulong>.Create("seen", 4);
        using BpfSession session = new();
        uint me = (uint)Environment.ProcessId;
        session.AttachTracepoint(GetSid, () =>
        {
            if (Bpf.Tgid != me) return;
            var task = Bpf.CurrentTask;
            calls.GetOrAdd(task) += 2;
            ref ulong found = ref calls.Find(task);
            if (!Unsafe.IsNullRef(ref found)) seen[0] = found;
            if (seen[0] == 6) seen[1] = calls.RemoveFrom(task) ? 1ul : 2;
            seen[2] = Unsafe.IsNullRef(ref calls.Find()) ? 1ul : 2;
        });
        Provoke.GetSid(2);
        Assert.Equal([4ul, 0, 2], seen.ToArray()[..3]);
        Provoke.GetSid(1);
        Assert.Equal([6ul, 1, 1], seen.ToArray()[..3]);
    }

    [KernelFact(Needs.CgroupStorage, Needs.TpBtf, MinKernel = "6.4")]
    public void A_control_group_keeps_a_value()
    {
        using TestCgroup group = new();
        using var values = BpfCgroupStorage<ulong>.Create("values");
        using var seen = BpfArray<ulong>.Create("seen", 2);
        using BpfSession session = new();
        uint me = (uint)Environment.ProcessId;
        ulong id = group.Id;
        session.AttachBtfTracepoint("sys_enter", () =>
        {
            if (Bpf.Tgid != me || Bpf.CgroupId != id) return;
            ref ulong value = ref values.GetOrAdd();
            if (value == 0) seen[0]++;
            value = 7;
            ref ulong found = ref values.Find();
            if (!Unsafe.IsNullRef(ref found)) seen[1] = found;
        });
        group.Run(() => Provoke.GetSid(2));
        Assert.Equal([1ul, 7], seen.ToArray());
        using var folder = BpfCgroupStorage<ulong>.OpenGroup(group.Path);
        Assert.True(values.TryGetValue(folder, out ulong kept));
        Assert.Equal(7ul, kept);
    }

    private struct Calls
    {
        public ulong Count;
        public uint Last;
    }
}
