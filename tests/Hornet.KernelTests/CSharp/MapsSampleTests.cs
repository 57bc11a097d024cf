using System.Runtime.CompilerServices;
using Hornet.KernelTests.Links;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>The samples of docs/csharp-maps.md: each stands here as it stands there, and runs.</summary>
public class MapsSampleTests
{
    private static readonly byte[] s_packet = new byte[64];

    private static uint Run(Func<XdpContext, XdpAction> kernel, int times = 1)
    {
        using BpfSession session = new();
        using var program = session.LoadXdp(kernel);
        uint result = 0;
        for (int i = 0; i < times; i++) result = program.TestRun(s_packet).ReturnValue;
        return result;
    }

    [KernelFact]
    public void Counting_by_process()
    {
        using var opens = BpfHashMap<uint, ulong>.Create("opens", 10_240);
        using BpfSession session = new();
        session.AttachTracepoint("syscalls:sys_enter_getsid", () => opens[Bpf.Tgid]++);
        Provoke.GetSid(4);
        Assert.Equal(4ul, opens[(uint)Environment.ProcessId]);
    }

    [KernelFact]
    public void Counting_by_cpu()
    {
        using var counts = BpfPerCpuHashMap<uint, ulong>.Create("counts", 1024);
        using BpfSession session = new();
        session.AttachTracepoint("syscalls:sys_enter_getsid", () => counts[Bpf.Tgid]++);
        Provoke.GetSid(3);
        ulong total = counts[(uint)Environment.ProcessId].Sum();
        Assert.Equal(3ul, total);
    }

    [KernelFact]
    public void References()
    {
        using var flows = BpfHashMap<uint, Flow>.Create("flows", 16);
        using var limits = BpfArray<ulong>.Create("limits", 1);
        limits[0] = 128;
        XdpAction Limit(XdpContext ctx)
        {
            ref var flow = ref flows.GetOrAdd(ctx.InterfaceIndex);
            flow.Packets++;
            flow.Bytes += (ulong)ctx.Data.Length;
            ref var limit = ref limits.Find(0);
            return !Unsafe.IsNullRef(ref limit) && flow.Bytes > limit ? XdpAction.Drop : XdpAction.Pass;
        }

        Assert.Equal((uint)XdpAction.Pass, Run(Limit, 2));
        Assert.Equal((uint)XdpAction.Drop, Run(Limit));
        Assert.Equal((3ul, 192ul), (Assert.Single(flows).Value.Packets, Assert.Single(flows).Value.Bytes));
    }

    [KernelFact(MinKernel = "5.13")]
    public void Walking()
    {
        using var packets = BpfHashMap<uint, ulong>.Create("packets", 64);
        XdpAction Busiest(XdpContext ctx)
        {
            uint busiest = 0;
            ulong most = 0;
            foreach (var (key, value) in packets)
            {
                if (value == 0) continue;
                if (value > 1_000_000) return XdpAction.Drop;
                if (value > most) (busiest, most) = (key, value);
            }
            return busiest == ctx.InterfaceIndex ? XdpAction.Pass : XdpAction.Drop;
        }

        // A test run's packet comes from the loopback interface.
        (packets[1], packets[2]) = (700, 300);
        Assert.Equal((uint)XdpAction.Pass, Run(Busiest));
        packets[2] = 900;
        Assert.Equal((uint)XdpAction.Drop, Run(Busiest));
        packets.Remove(2);
        packets[3] = 2_000_000;
        Assert.Equal((uint)XdpAction.Drop, Run(Busiest));
    }

    [KernelFact(MinKernel = "5.1")]
    public void Several_fields_as_one()
    {
        using var accounts = BpfHashMap<uint, Account>.Create("accounts", 16);
        Run(ctx =>
        {
            ref var account = ref accounts.GetOrAdd(ctx.InterfaceIndex);
            using (account.Lock.Enter())
            {
                account.Packets++;
                account.Bytes += 64;
            }
            return XdpAction.Pass;
        }, 5);
        Assert.Equal((5ul, 320ul), (Assert.Single(accounts).Value.Packets, Assert.Single(accounts).Value.Bytes));
    }

    private struct Watched
    {
        public BpfKptr<KernelTypes.TaskStruct> Task;
    }

    private struct Request
    {
        public ulong Deadline;
        public uint Number;
        public BpfTreeNode Node;
    }

    private struct Requests
    {
        public BpfSpinLock Lock;
        public BpfTree<Request> Open;
    }

    [KernelFact(MinKernel = "6.7")]
    public void Lists_and_trees_of_objects()
    {
        using var requests = BpfGlobal<Requests>.Create("requests");
        using BpfSession session = new();
        var add = session.LoadTc(ctx =>
        {
            uint number = ctx.Data[0];
            ref var request = ref BpfObjects.New<Request>();
            if (Unsafe.IsNullRef(ref request)) return TcAction.Shot;
            request.Number = number;
            request.Deadline = 1000 - number;
            ref var all = ref requests.Value;
            using (all.Lock.Enter())
            {
                all.Open.Add(ref request, static (in left, in right) => left.Deadline < right.Deadline);
            }
            return TcAction.Ok;
        });
        var take = session.LoadTc(ctx =>
        {
            ref var all = ref requests.Value;
            ref var next = ref Unsafe.NullRef<Request>();
            using (all.Lock.Enter())
            {
                ref var first = ref all.Open.First();
                if (!Unsafe.IsNullRef(ref first)) next = ref all.Open.Remove(ref first);
            }
            if (Unsafe.IsNullRef(ref next)) return TcAction.Shot;
            uint found = next.Number;
            BpfObjects.Drop(ref next);
            return (TcAction)found;
        });
        byte[] packet = new byte[64];
        foreach (byte number in (ReadOnlySpan<byte>)[20, 40, 30])
        {
            packet[0] = number;
            Assert.Equal((uint)TcAction.Ok, add.TestRun(packet).ReturnValue);
        }
        foreach (uint number in (ReadOnlySpan<uint>)[40, 30, 20, (uint)TcAction.Shot]) Assert.Equal(number, take.TestRun(packet).ReturnValue);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.7")]
    public void References_to_kernel_objects()
    {
        using var watched = BpfHashMap<uint, Watched>.Create("watched", 8);
        int pid = Environment.ProcessId;
        using BpfSession session = new();
        var program = session.LoadSyscall((ref int unused) =>
        {
            ref var entry = ref watched.GetOrAdd(1u);
            var task = BpfTask.FromPid(pid);
            if (task is null) return 1;
            var before = entry.Task.Exchange(task);
            if (before is not null) before.Release();
            return 0;
        });
        int unused = 0;
        Assert.Equal(0, program.Run(ref unused));
        Assert.Equal(0, program.Run(ref unused));
    }

    [KernelFact(MinKernel = "5.15")]
    public void Timers()
    {
        using var sessions = BpfHashMap<uint, Session>.Create("sessions", 16);
        MapsRun.Once(() =>
        {
            ref var entry = ref sessions.GetOrAdd(7);
            entry.Timer.Start(sessions, 1_000_000, (in uint key, ref Session value) =>
            {
                value.Ticks++;
                if (value.Ticks < 3) value.Timer.Restart(1_000_000);
            });
        }, () => Assert.True(SpinWait.SpinUntil(() => sessions[7].Ticks == 3, TimeSpan.FromMinutes(1))));
    }

    [KernelFact]
    public void Maps_of_maps()
    {
        using var first = BpfHashMap<uint, ulong>.Create("first", 8);
        using var tenants = BpfArrayOfMaps.Create("tenants", 4, first);
        tenants.Set(0, first);
        Run(ctx =>
        {
            if (tenants.TryGetMap(ctx.QueueIndex, out BpfHashMap<uint, ulong> tenant)) tenant[ctx.InterfaceIndex]++;
            return XdpAction.Pass;
        }, 2);
        Assert.Equal(2ul, Assert.Single(first).Value);
    }

    [KernelFact]
    public void Tail_calls()
    {
        using var stages = BpfProgramArray.Create("stages", 2);
        using BpfSession session = new();
        using var last = session.LoadXdp(_ => XdpAction.Transmit, "last");
        stages.Set(1, last.Descriptor);
        uint next = 1;
        Assert.Equal((uint)XdpAction.Transmit, Run(_ =>
        {
            stages.TailCall(next);
            return XdpAction.Drop; // only when the slot is empty
        }));
    }

    [KernelFact]
    public void Histograms()
    {
        using var sizes = BpfHistogram.Create("sizes");
        using BpfSession session = new();
        using var program = session.LoadXdp(ctx =>
        {
            sizes.Record(ctx.Data.Length);
            return XdpAction.Pass;
        });
        foreach (int length in (int[])[64, 70, 127, 128]) program.TestRun(new byte[length]);
        Assert.Equal("""
            [64, 128)                   3 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
            [128, 256)                  1 |@@@@@@@@@@@@@@@@@                                   |

            """.ReplaceLineEndings("\n"), sizes.ToString());
    }

    private struct Flow
    {
        public ulong Packets, Bytes;
    }

    private struct Account
    {
        public BpfSpinLock Lock;
        public ulong Packets, Bytes;
    }

    private struct Session
    {
        public BpfTimer Timer;
        public ulong Ticks;
    }
}
