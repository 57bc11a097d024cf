using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Compiler.Diagnostics;
using Hornet.Kernel;
using Hornet.KernelTests.Links;
using Hornet.KernelTypes;
using Hornet.Links;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Functions of the kernel as members, family by family: packets' metadata, casts, memory, locks, sockets, lists.</summary>
public class KernelMemberTests
{
    private struct Numbers
    {
        public long A, B, C, D;
    }

    private struct Bytes
    {
        public ulong First, Second, Third, Fourth;
    }

    private static string[] Refused(Action load) => [.. Assert.Throws<CompilationException>(load).Diagnostics.Select(diagnostic => $"{diagnostic.Id} {diagnostic.Message}")];

    [KernelFact(Needs.NetworkNamespaces, MinKernel = "6.8")]
    public void A_driver_is_asked_what_it_knows_of_a_packet() => TestNetwork.InNewNamespace(socket =>
    {
        using var seen = BpfArray<ulong>.Create("seen", 5);
        TestNetwork.AddVeth(socket, "left", "right");
        TestNetwork.AddAddress(socket, "left", System.Net.IPAddress.Parse("10.1.1.1"), 24);
        using BpfSession session = new();
        using var program = session.LoadXdpFor("right", packet =>
        {
            seen[0]++;
            if (packet.TryGetTimestamp(out ulong at) && at == 0) seen[1]++;
            if (packet.TryGetHash(out _, out var type) && (type & ~XdpHashType.Transport) == 0) seen[2]++;
            if (packet.TryGetVlanTag(out _, out _)) seen[3]++;
            return XdpAction.Pass;
        });
        using var link = XdpLink.Attach(program, "right", new XdpOptions { Mode = XdpMode.Native });
        using var sender = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
        sender.SendTo("x"u8, new System.Net.IPEndPoint(System.Net.IPAddress.Parse("10.1.1.2"), 9));
        Assert.True(TestThread.Eventually(() => seen[0] > 0));
        // A pair of virtual interfaces has no clock and no tags, but computes a hash.
        Assert.Equal((seen[0], seen[0], 0ul), (seen[1], seen[2], seen[3]));
        Assert.ThrowsAny<BpfException>(() => XdpLink.Attach(program, "left"));
        Assert.Equal("HRN2203 bpf_xdp_metadata_rx_timestamp asks the driver of one interface, and this program is for all: load it with BpfSession.LoadXdpFor",
            Assert.Single(Refused(() => session.LoadXdp(packet => packet.TryGetTimestamp(out _) ? XdpAction.Pass : XdpAction.Drop))));
        Assert.Contains("rigth", Assert.Throws<BpfException>(() => session.LoadXdpFor("rigth", _ => XdpAction.Pass)).Message, StringComparison.Ordinal);
    });

    [KernelFact(MinKernel = "6.18")]
    public void A_packet_in_several_buffers_is_pulled_together()
    {
        using var lengths = BpfArray<uint>.Create("lengths", 2);
        using BpfSession session = new();
        using var program = session.LoadXdp(packet =>
        {
            lengths[0] = (uint)packet.Data.Length;
            if (!packet.PullData(3500)) return XdpAction.Drop;
            lengths[1] = (uint)packet.Data.Length;
            return packet.Data.Length > 3490 && packet.Data[3490] == 7 ? XdpAction.Pass : XdpAction.Aborted;
        }, XdpPlace.Interface, fragments: true);
        byte[] data = new byte[6000];
        data[3490] = 7;
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(data).ReturnValue);
        Assert.True(lengths[1] >= 3500, $"{lengths[0]} and then {lengths[1]} bytes");
    }

    private interface FamilyTask : TaskStruct
    {
        [KernelField("real_parent")]
        KernelPtr<byte> ParentAddress { get; }
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.6")]
    public void Contexts_and_addresses_become_objects_of_the_kernel()
    {
        using BpfSession session = new();
        using var tc = session.LoadTc(packet => packet.ToKernel().Len == packet.Length ? TcAction.Ok : TcAction.Shot);
        Assert.Equal((uint)TcAction.Ok, tc.TestRun(new byte[100]).ReturnValue);
        using var xdp = session.LoadXdp(packet => packet.ToKernel().Rxq.QueueIndex == packet.QueueIndex && packet.ToKernel().FrameSz > 0 ? XdpAction.Pass : XdpAction.Drop);
        Assert.Equal((uint)XdpAction.Pass, xdp.TestRun(new byte[100]).ReturnValue);
        var parent = session.LoadSyscall((ref Numbers numbers) =>
        {
            var me = BpfTask.FromPid((int)numbers.A);
            if (me is null) return 1;
            me.Release();
            ulong address = (ulong)numbers.B;
            numbers.C = BpfCast.ReadOnly<TaskStruct>(address).Tgid;
            return 0;
        });
        var find = session.LoadSyscall((ref Numbers numbers) =>
        {
            var me = BpfTask.FromPid((int)numbers.A);
            if (me is null) return 1;
            numbers.B = (long)((FamilyTask)me).ParentAddress.Address;
            numbers.C = me.RealParent.Tgid;
            me.Release();
            return 0;
        });
        Numbers numbers = new() { A = Environment.ProcessId };
        Assert.Equal(0, find.Run(ref numbers));
        long expected = numbers.C;
        numbers.C = 0;
        Assert.Equal(0, parent.Run(ref numbers));
        Assert.Equal(expected, numbers.C);
        // What lies where nothing is is zero.
        numbers.B = 0x1000;
        Assert.Equal(0, parent.Run(ref numbers));
        Assert.Equal(0, numbers.C);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.13")]
    public void Caches_are_found_by_addresses()
    {
        using BpfSession session = new();
        var address = session.LoadSyscall((ref Numbers numbers) =>
        {
            var me = BpfTask.FromPid((int)numbers.A);
            if (me is null) return 1;
            numbers.B = (long)((FamilyTask)me).ParentAddress.Address;
            me.Release();
            return 0;
        });
        var find = session.LoadSyscall((ref Numbers numbers) =>
        {
            var cache = Bpf.FindSlabCache((ulong)numbers.B);
            if (cache is null) return 2;
            numbers.C = cache.ObjectSize;
            return cache.Name.SequenceEqual("task_struct"u8) ? 0 : 3;
        });
        Numbers numbers = new() { A = Environment.ProcessId };
        Assert.Equal(0, address.Run(ref numbers));
        Assert.Equal(0, find.Run(ref numbers));
        Assert.InRange(numbers.C, 1000, 100_000);
        numbers.B = 16;
        Assert.Equal(2, find.Run(ref numbers));
    }

    private struct Ask
    {
        public ulong Address;
        public int Length, Other;
        public ulong First, Second;
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.12")]
    public unsafe void Text_of_a_process_is_copied()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Ask ask) =>
        {
            Span<byte> text = stackalloc byte[16];
            text.Fill(0xff);
            ask.Length = Bpf.CopyUserString(new UserString(ask.Address), text, fills: true);
            ask.First = MemoryMarshal.Read<ulong>(text);
            ask.Second = MemoryMarshal.Read<ulong>(text[8..]);
            return Bpf.CopyUserString(new UserString(16), text);
        });
        fixed (byte* text = "hornets\0rest"u8)
        {
            Ask ask = new() { Address = (ulong)text };
            Assert.Equal(-14, program.Run(ref ask));
            Assert.Equal((8, BitConverter.ToUInt64("hornets\0"u8), 0ul), (ask.Length, ask.First, ask.Second));
        }
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.16")]
    public unsafe void Dynptrs_are_filled_from_the_kernel_and_from_processes()
    {
        using var values = BpfArray<Bytes>.Create("values", 4);
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Ask ask) =>
        {
            ref var value = ref values.Find(0);
            if (!BpfDynptr.TryFrom(ref value, out var dynptr)) return 1;
            UserString text = new(ask.Address);
            UserPtr<byte> bytes = new(ask.Address);
            int size = ask.Length;
            ask.Length = dynptr.ReadUser(0, (uint)size, bytes);
            ask.Length = ask.Length * 100 + dynptr.ReadUserString(8, 8, text);
            ask.Length = ask.Length * 100 + dynptr.CopyUser(16, (uint)size, bytes);
            ask.Length = ask.Length * 100 + dynptr.CopyUserString(24, 8, text);
            return dynptr.ReadUser(30, 8, bytes);
        });
        var another = session.LoadSyscall((ref Ask ask) =>
        {
            ref var value = ref values.Find(1);
            if (!BpfDynptr.TryFrom(ref value, out var dynptr)) return 1;
            var task = BpfTask.FromPid(ask.Other);
            if (task is null) return 2;
            Span<byte> copy = stackalloc byte[8];
            copy.Clear();
            ask.Length = dynptr.CopyUser(0, 7, new UserPtr<byte>(ask.Address), task);
            ask.Length = ask.Length * 100 + dynptr.CopyUserString(8, 16, new UserString(ask.Address), task);
            ask.Length = ask.Length * 100 + Bpf.CopyUserString(new UserString(ask.Address), copy, task);
            ask.First = MemoryMarshal.Read<ulong>(copy);
            ask.Length = ask.Length * 100 + dynptr.ReadKernelString(16, 16, task.Comm);
            ask.Length = ask.Length * 100 + dynptr.ReadKernel(24, 4, new KernelPtr<byte>(task.Comm.Address));
            task.Release();
            return 0;
        });
        fixed (byte* text = "hornets\0rest"u8)
        {
            ulong whole = BitConverter.ToUInt64("hornets\0"u8);
            Ask ask = new() { Address = (ulong)text, Length = 5 };
            Assert.True(program.Run(ref ask) < 0);
            Assert.Equal(8_00_08, ask.Length);
            Assert.Equal((BitConverter.ToUInt64("horne\0\0\0"u8), whole, BitConverter.ToUInt64("horne\0\0\0"u8), whole), (values[0].First, values[0].Second, values[0].Third, values[0].Fourth));
            ask = new() { Address = (ulong)text, Other = Environment.ProcessId };
            Assert.Equal(0, another.Run(ref ask));
            byte[] name = [.. File.ReadAllBytes("/proc/self/comm").TakeWhile(b => b != '\n'), .. new byte[16]];
            Assert.Equal(8_08_00_00 + 100 * (Array.IndexOf(name, (byte)0) + 1), ask.Length);
            Assert.Equal((whole, whole, whole), (values[1].First, values[1].Second, ask.First));
            Assert.Equal(BitConverter.ToUInt64(name), values[1].Third);
            Assert.Equal(BitConverter.ToUInt32(name), (uint)values[1].Fourth);
        }
    }

    [KernelFact(MinKernel = "6.4")]
    public void Packets_are_written_in_place()
    {
        using BpfSession session = new();
        using var program = session.LoadTc(ctx =>
        {
            if (!BpfDynptr.TryFrom(ctx, out var packet)) return TcAction.Shot;
            uint buffer = 0;
            ref uint word = ref packet.SliceForWriting(20, ref buffer);
            if (Unsafe.IsNullRef(ref word)) return TcAction.Shot;
            word = 0x04030201;
            ref uint outside = ref packet.SliceForWriting(2000, ref buffer);
            return Unsafe.IsNullRef(ref outside) ? TcAction.Ok : TcAction.Shot;
        });
        var run = program.TestRun(new byte[64]);
        Assert.Equal((uint)TcAction.Ok, run.ReturnValue);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, run.Data[20..24].ToArray());
    }

    [KernelFact(MinKernel = "6.18")]
    public void Metadata_of_a_packet_at_tc_is_a_dynptr()
    {
        using BpfSession session = new();
        using var program = session.LoadTc(ctx => BpfDynptr.TryFromMetadata(ctx, out var metadata) && metadata.Size == 0 && !metadata.TryRead<byte>(0, out _) ? TcAction.Ok : TcAction.Shot);
        Assert.Equal((uint)TcAction.Ok, program.TestRun(new byte[64]).ReturnValue);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.15")]
    public void Sets_of_cpus_are_made_of_bits()
    {
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            var mask = BpfCpuMask.Create();
            if (mask is null) return 1;
            Span<byte> bits = stackalloc byte[256];
            bits.Clear();
            bits[0] = 2;
            numbers.A = mask.Populate(bits);
            numbers.B = mask.First();
            numbers.C = mask.AnyInBoth(mask);
            numbers.D = mask.Populate(bits[..8][..0]);
            mask.Release();
            return 0;
        });
        Numbers numbers = default;
        Assert.Equal(0, program.Run(ref numbers));
        Assert.Equal((0, 1, 1), (numbers.A, numbers.B, numbers.C));
        Assert.NotEqual(0, numbers.D);
    }

    [KernelFact(MinKernel = "6.14")]
    public void Interrupts_wait_for_a_section()
    {
        using var counter = BpfGlobal<ulong>.Create("counter");
        using BpfSession session = new();
        using var program = session.LoadTc(ctx =>
        {
            BpfSections.DisableInterrupts(out ulong state);
            counter.Value++;
            BpfSections.RestoreInterrupts(ref state);
            return TcAction.Ok;
        });
        Assert.Equal((uint)TcAction.Ok, program.TestRun(new byte[64]).ReturnValue);
        Assert.Equal(1ul, counter.Value);
    }

    private struct Guarded
    {
        public BpfResilientLock Lock;
        public uint Count, Refusals;
    }

    [KernelFact(MinKernel = "6.15")]
    public void Locks_that_give_up_guard_a_value()
    {
        using var values = BpfArray<Guarded>.Create("values", 2);
        using BpfSession session = new();
        using var program = session.LoadTc(ctx =>
        {
            ref var value = ref values.Find(0);
            ref var other = ref values.Find(1);
            if (Unsafe.IsNullRef(ref value) || Unsafe.IsNullRef(ref other)) return TcAction.Shot;
            if (value.Lock.TryAcquire())
            {
                value.Count++;
                if (other.Lock.TryAcquire(out ulong interrupts))
                {
                    other.Count += 2;
                    other.Lock.Release(ref interrupts);
                }
                value.Lock.Release();
            }
            else
            {
                value.Refusals++;
            }
            return TcAction.Ok;
        });
        Assert.Equal((uint)TcAction.Ok, program.TestRun(new byte[64], repeat: 5).ReturnValue);
        Assert.Equal((5u, 10u, 0u), (values[0].Count, values[1].Count, values[0].Refusals));
    }

    [KernelFact(MinKernel = "6.6")]
    public void Elements_of_a_hash_are_counted()
    {
        using var map = BpfHashMap<uint, uint>.Create("elements", 16);
        for (uint i = 0; i < 5; i++) map[i] = i;
        map.Remove(3);
        using BpfSession session = new();
        using var program = session.LoadXdp(_ => (XdpAction)(10 + Bpf.CountElements(map)));
        Assert.Equal(14u, program.TestRun(new byte[64]).ReturnValue);
    }

    [KernelFact(MinKernel = "6.7")]
    public void A_program_ends_out_of_its_functions()
    {
        using BpfSession session = new();
        using var program = session.LoadTc(ctx =>
        {
            if (ctx.Length > 100) Bpf.Throw(2);
            return TcAction.Ok;
        });
        Assert.Equal((uint)TcAction.Ok, program.TestRun(new byte[64]).ReturnValue);
        Assert.Equal(2u, program.TestRun(new byte[200]).ReturnValue);
    }

    [KernelFact(Needs.Iterators, MinKernel = "6.5")]
    public void Sockets_are_closed_by_an_iterator()
    {
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        using System.Net.Sockets.TcpClient client = new();
        client.Connect(System.Net.IPAddress.Loopback, port);
        using var server = listener.AcceptTcpClient();
        using BpfSession session = new();
        using var closed = BpfGlobal<int>.Create("closed");
        using var link = session.AttachIterator("tcp", (SockCommon skCommon) =>
        {
            // TCP_ESTABLISHED
            if (skCommon.SkcNum == port && skCommon.SkcState == 1 && skCommon.Destroy() == 0) closed.Value++;
        });
        using (var stream = link.OpenRead()) stream.CopyTo(Stream.Null);
        Assert.Equal(1, closed.Value);
        Assert.ThrowsAny<IOException>(() =>
        {
            for (int i = 0; i < 2; i++) server.GetStream().Write("x"u8);
        });
    }

    [KernelFact(MinKernel = "6.9")]
    public void Functions_for_sockets_are_accepted_where_they_belong()
    {
        using BpfSession session = new();
        using var tc = session.LoadTc(ctx =>
        {
            SocketTuple4 tuple = new() { Source = new(127, 0, 0, 1), Destination = new(127, 0, 0, 1), SourcePort = new(1), DestinationPort = new(1) };
            using var listener = ctx.FindTcpSocket(in tuple);
            if (listener.IsNull) return TcAction.Ok;
            TcpRequestAttributes attributes = new() { MaximumSegmentSize = 1400, AllowsSack = true };
            return ctx.AssignRequest(listener, ref attributes) == 0 ? TcAction.Ok : TcAction.Shot;
        });
        Assert.Equal((uint)TcAction.Ok, tc.TestRun(new byte[64]).ReturnValue);
        if (KernelVersion.Running < KernelVersion.Parse("6.15"))
        {
            Assert.StartsWith("HRN2203 bpf_sock_ops_enable_tx_tstamp exists since kernel 6.15", Assert.Single(Refused(() => session.LoadSockOps(ctx => ctx.EnableTransmitTimestamps()))), StringComparison.Ordinal);
            return;
        }
        using var ops = session.LoadSockOps(ctx => ctx.EnableTransmitTimestamps());
    }

    [KernelFact(Needs.Cgroup2, MinKernel = "6.7")]
    public void A_path_of_a_unix_socket_is_exchanged()
    {
        using TestCgroup group = new();
        string right = $"\0hornet-right-{Environment.ProcessId}", wrong = $"\0hornet-wrong-{Environment.ProcessId}";
        using System.Net.Sockets.Socket listener = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        listener.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(right));
        listener.Listen();
        using var path = BpfArray<UnixPath>.Create("path", 1);
        UnixPath text = default;
        System.Text.Encoding.ASCII.GetBytes(right, text);
        path[0] = text;
        int length = right.Length;
        using BpfSession session = new();
        using var link = session.AttachSocketAddress(group.Path, SocketAddressHook.ConnectUnix, address =>
        {
            Span<byte> text = path.Find(0);
            address.SetUnixPath(text[..length]);
            return CgroupVerdict.Allow;
        });
        group.Run(() =>
        {
            using System.Net.Sockets.Socket client = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
            client.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(wrong));
            using var accepted = listener.Accept();
            Assert.True(client.Connected);
        });
    }

    [InlineArray(108)]
    private struct UnixPath
    {
        private byte _first;
    }

    [KernelFact(MinKernel = "6.8")]
    public void States_of_ipsec_are_looked_for()
    {
        Assert.SkipUnless(KernelBtf.Vmlinux.TryFind("bpf_xdp_get_xfrm_state", BtfKind.Function, out _) || KernelBtf.TryGetModule("xfrm_interface", out _), "needs CONFIG_XFRM with BPF");
        using BpfSession session = new();
        using var program = session.LoadXdp(packet =>
        {
            XfrmQuery query = new() { NamespaceId = -1, SpiNetworkOrder = 0x01000000, Protocol = 50, Family = 2 };
            if (packet.FindXfrmState(ref query) is not { } state) return (XdpAction)(query.Error < 0 ? 100 : 101);
            state.Release();
            return XdpAction.Pass;
        });
        Assert.Equal(100u, program.TestRun(new byte[64]).ReturnValue);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "6.16")]
    public void Shared_buffers_of_devices_are_walked_through()
    {
        Assert.SkipUnless(KernelBtf.Vmlinux.TryFind("bpf_iter_dmabuf_new", BtfKind.Function, out _), "needs CONFIG_DMA_SHARED_BUFFER");
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            foreach (var buffer in BpfIterator.DmaBufs())
            {
                numbers.A++;
                if (buffer.Size == 0) numbers.B++;
            }
            return 0;
        });
        Numbers numbers = default;
        Assert.Equal(0, program.Run(ref numbers));
        Assert.Equal(0, numbers.B);
    }

    [KernelFact(Needs.SyscallPrograms, MinKernel = "7.0")]
    public void Numbers_of_the_memory_controller_are_read()
    {
        Assert.SkipUnless(KernelBtf.Vmlinux.TryFind("bpf_get_root_mem_cgroup", BtfKind.Function, out _), "needs CONFIG_MEMCG");
        using BpfSession session = new();
        var program = session.LoadSyscall((ref Numbers numbers) =>
        {
            var root = BpfMemoryCgroup.FindRoot();
            if (root is null) return 1;
            root.Refresh();
            numbers.A = (long)(root.GetUsage() ^ root.CountVmEvents(0));
            // The lists of pages: inactive and active, anonymous and of files.
            numbers.B = (long)(root.GetPageState(0) + root.GetPageState(1) + root.GetPageState(2) + root.GetPageState(3));
            root.Release();
            var found = BpfCgroup.FromId((ulong)numbers.C);
            if (found is null) return 2;
            var memory = BpfMemoryCgroup.Find(found.Self);
            found.Release();
            if (memory is null) return 3;
            numbers.C = (long)memory.GetUsage();
            numbers.D = (long)memory.CountEvents(MemoryCgroupEvent.Kill);
            memory.Release();
            return 0;
        });
        Numbers numbers = new() { C = 1 };
        Assert.Equal(0, program.Run(ref numbers));
        // The memory of the machine as a whole is not charged to it, but counted.
        Assert.True(numbers.C >= 0 && numbers.B > 0, $"{numbers.B} and {numbers.C} bytes");
        Assert.Equal(0, numbers.D);
        // A control group whose memory is not counted.
        using TestCgroup group = new();
        numbers.C = (long)group.Id;
        if (!File.ReadAllText(group.Path + "/cgroup.controllers").Contains("memory", StringComparison.Ordinal)) Assert.Equal(3, program.Run(ref numbers));
    }

    private struct Alarm
    {
        public BpfTimer Timer;
        public ulong Rings;
    }

    [KernelFact(MinKernel = "7.0")]
    public void Timers_are_cancelled_without_waiting()
    {
        using var alarms = BpfArray<Alarm>.Create("alarms", 1);
        using var results = BpfArray<uint>.Create("results", 2);
        using BpfSession session = new();
        using var program = session.LoadTc(ctx =>
        {
            ref var alarm = ref alarms.Find(0);
            if (Unsafe.IsNullRef(ref alarm)) return TcAction.Shot;
            if (!alarm.Timer.Start(alarms, 3_600_000_000_000, static (in uint key, ref Alarm value) => value.Rings++)) return TcAction.Shot;
            if (alarm.Timer.CancelSoon()) results[0]++;
            if (!alarm.Timer.CancelSoon()) results[1]++;
            return TcAction.Ok;
        });
        Assert.Equal((uint)TcAction.Ok, program.TestRun(new byte[64]).ReturnValue);
        Assert.Equal((1u, 1u), (results[0], results[1]));
    }

    private struct Job
    {
        public BpfListNode Link;
        public ulong Number;
    }

    private struct Jobs
    {
        public BpfSpinLock Lock;
        public BpfList<Job> Waiting;
        public ulong Answers;
    }

    [KernelFact(MinKernel = "7.2")]
    public void Objects_are_taken_out_of_the_middle_of_a_list()
    {
        using var queues = BpfArray<Jobs>.Create("queues", 1);
        using BpfSession session = new();
        using var program = session.LoadTc(ctx =>
        {
            ref var queue = ref queues.Find(0);
            if (Unsafe.IsNullRef(ref queue)) return TcAction.Shot;
            ref var first = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref first)) return TcAction.Shot;
            first.Number = 1;
            ref var second = ref BpfObjects.New<Job>();
            if (Unsafe.IsNullRef(ref second))
            {
                BpfObjects.Drop(ref first);
                return TcAction.Shot;
            }
            second.Number = 2;
            ulong answers = 0;
            ref var taken = ref Unsafe.NullRef<Job>();
            using (queue.Lock.Enter())
            {
                if (queue.Waiting.IsEmpty()) answers |= 1;
                queue.Waiting.PushBack(ref first);
                if (!queue.Waiting.IsEmpty()) answers |= 2;
                ref var head = ref queue.Waiting.Front();
                if (Unsafe.IsNullRef(ref head)) queue.Waiting.PushFront(ref second);
                else
                {
                    queue.Waiting.PutBehind(ref second, ref head);
                    if (queue.Waiting.IsFirst(ref head) && !queue.Waiting.IsLast(ref head)) answers |= 4;
                    ref var tail = ref queue.Waiting.Back();
                    if (!Unsafe.IsNullRef(ref tail))
                    {
                        if (queue.Waiting.IsLast(ref tail) && !queue.Waiting.IsFirst(ref tail)) answers |= 8;
                        taken = ref queue.Waiting.Remove(ref tail);
                        if (queue.Waiting.IsLast(ref head)) answers |= 16;
                    }
                }
                queue.Answers = answers;
            }
            if (Unsafe.IsNullRef(ref taken)) return TcAction.Shot;
            bool right = taken.Number == 2;
            BpfObjects.Drop(ref taken);
            return right ? TcAction.Ok : TcAction.Shot;
        });
        Assert.Equal((uint)TcAction.Ok, program.TestRun(new byte[64]).ReturnValue);
        Assert.Equal(31ul, queues[0].Answers);
    }
}
