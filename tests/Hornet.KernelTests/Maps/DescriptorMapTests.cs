using System.Net;
using System.Net.Sockets;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Maps;
using Hornet.Programs;
using static Hornet.Isa.Register;

namespace Hornet.KernelTests.Maps;

public class DescriptorMapTests
{
    private static BpfProgram Returning(int value, ProgramType type = ProgramType.SocketFilter) =>
        BpfProgram.Load(new() { Name = "returning", Type = type, Instructions = new Assembler().Mov(R0, value).Exit().Build() });

    [Fact]
    public void A_tail_call_goes_where_the_program_array_says()
    {
        using var array = BpfProgramArray.Create("jumps", 2);
        using var target = Returning(42);
        using var caller = BpfProgram.Load(
            new()
            {
                Name = "caller",
                Type = ProgramType.SocketFilter,
                Instructions = new Assembler().LoadMap(R2, "jumps").Mov(R3, 1).Call(BpfHelper.TailCall).Mov(R0, 7).Exit().Build(),
            },
            new() { Maps = new Dictionary<string, BpfMap> { ["jumps"] = array.Map } });
        Assert.Equal(7u, caller.TestRun(new byte[64]).ReturnValue);
        Assert.Null(array.GetProgramId(1));
        array.Set(1, target.Descriptor);
        Assert.Equal(target.GetInfo().Id, array.GetProgramId(1));
        Assert.Equal(42u, caller.TestRun(new byte[64]).ReturnValue);
        Assert.True(array.Remove(1));
        Assert.False(array.Remove(1));
        Assert.Equal(7u, caller.TestRun(new byte[64]).ReturnValue);
        using var other = Returning(1, ProgramType.Xdp);
        var e = Assert.Throws<BpfSyscallException>(() => array.Set(0, other.Descriptor));
        Assert.Contains("must agree in type", e.Message);
        Assert.Equal(ProgramType.SocketFilter, array.Map.GetInfo().OwnerType);
    }

    [Fact]
    public void Inner_maps_are_set_opened_and_taken_out()
    {
        MapSpec inner = new() { Name = "inner", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 2 };
        using var array = BpfArrayOfMaps.Create("outer", 2, inner);
        using var hash = BpfHashOfMaps<long>.Create("outer_hash", 4, inner);
        using var map = BpfArray<long>.Create("one", 2);
        map[1] = 99;
        array.Set(1, map.Map);
        hash.Set(7, map.Map);
        Assert.Equal(map.Map.Id, array.GetMapId(1));
        Assert.Equal(map.Map.Id, hash.GetMapId(7));
        Assert.Equal([new(7, map.Map.Id)], hash.Entries());
        using (var opened = array.Open(1)) Assert.Equal(99, new BpfArray<long>(opened!)[1]);
        using (var opened = hash.Open(7)) Assert.Equal(map.Map.Id, opened!.Id);
        Assert.Null(array.Open(0));
        Assert.Null(hash.Open(8));
        using var different = BpfArray<int>.Create("different", 2);
        Assert.Contains("must have the kind, key size, value size", Assert.Throws<BpfSyscallException>(() => array.Set(0, different.Map)).Message);
        Assert.True(array.Remove(1));
        Assert.False(array.Remove(1));
        Assert.True(hash.Remove(7));
        Assert.False(hash.Remove(7));
    }

    [Fact]
    public void A_map_of_maps_without_inner_map_is_refused_before_the_kernel() =>
        Assert.Contains("MapSpec.InnerMap", Assert.Throws<ArgumentException>(() => BpfMap.Create(new() { Name = "x", Type = MapType.HashOfMaps, KeySize = 4, MaxEntries = 1 })).Message);

    [KernelFact(Needs.Cgroup2)]
    public void A_control_group_goes_into_a_cgroup_array()
    {
        using var group = new TestCgroup();
        using var array = BpfCgroupArray.Create("groups", 2);
        array.Set(1, group.Path);
        Assert.True(array.Remove(1));
        Assert.False(array.Remove(1));
        Assert.Throws<BpfSyscallException>(() => array.Set(0, "/proc"));
    }

    [Fact]
    public void Devices_and_cpus_take_redirected_packets()
    {
        const uint Loopback = 1;
        using var devices = BpfDevMap.Create("devices", 4);
        Assert.False(devices.TryGet(2, out _));
        devices.Set(2, Loopback);
        Assert.True(devices.TryGet(2, out var entry));
        Assert.Equal(new DevMapEntry(Loopback, 0), entry);
        devices.Remove(2);
        Assert.False(devices.TryGet(2, out _));
        Assert.Throws<BpfSyscallException>(() => devices.Set(0, 999_999));

        using var hash = BpfDevMapHash.Create("device_hash", 4);
        hash.Set(77, Loopback);
        Assert.True(hash.TryGet(77, out entry));
        Assert.Equal(Loopback, entry.InterfaceIndex);
        Assert.Equal([77u], hash.Entries().Select(e => e.Key));
        Assert.True(hash.Remove(77));
        Assert.False(hash.Remove(77));

        using var cpus = BpfCpuMap.Create("cpus", 1);
        Assert.False(cpus.TryGet(0, out _));
        cpus.Set(0, 192);
        Assert.True(cpus.TryGet(0, out var cpu));
        Assert.Equal(new CpuMapEntry(192, 0), cpu);
        cpus.Remove(0);
        Assert.False(cpus.TryGet(0, out _));
        Assert.Equal(Errno.E2BIG, Assert.Throws<BpfSyscallException>(() => cpus.Set(1, 192)).Errno);
    }

    [Fact]
    public void A_devmap_program_runs_on_the_way_out()
    {
        using var devices = BpfDevMap.Create("devices", 1);
        using var program = BpfProgram.Load(new()
        {
            Name = "egress",
            Type = ProgramType.Xdp,
            AttachType = AttachType.XdpDevMap,
            Instructions = new Assembler().Mov(R0, 2).Exit().Build(),
        });
        devices.Set(0, 1, program.Descriptor);
        Assert.True(devices.TryGet(0, out var entry));
        Assert.Equal(program.GetInfo().Id, entry.Program);
    }

    [Fact]
    public void An_xskmap_takes_only_its_kind_of_socket()
    {
        using var map = BpfXskMap.Create("xsk", 2);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Equal(Errno.EOPNOTSUPP, Assert.Throws<BpfSyscallException>(() => map.Set(0, socket.SafeHandle)).Errno);
        map.Remove(0);
    }

    private static (Socket Client, Socket Server, Socket Listener) Connect()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        return (client, listener.Accept(), listener);
    }

    private static ulong Cookie(Socket socket)
    {
        byte[] cookie = new byte[8];
        // SOL_SOCKET, SO_COOKIE
        socket.GetRawSocketOption(1, 57, cookie);
        return BitConverter.ToUInt64(cookie);
    }

    [Fact]
    public void Sockets_are_kept_by_slot_and_by_key_and_leave_when_closed()
    {
        var (client, server, listener) = Connect();
        using (server)
        using (listener)
        {
            using var array = BpfSockMap.Create("socks", 4);
            using var hash = BpfSockHash<long>.Create("sock_hash", 4);
            Assert.Null(array.GetCookie(1));
            array.Set(1, client);
            hash.Set(11, client);
            Assert.Equal(Cookie(client), array.GetCookie(1));
            Assert.Equal(Cookie(client), hash.GetCookie(11));
            array.Set(2, server);
            Assert.True(array.Remove(2));
            Assert.False(array.Remove(2));
            Assert.Null(hash.GetCookie(12));
            client.Dispose();
            Assert.Null(array.GetCookie(1));
            Assert.Null(hash.GetCookie(11));
            Assert.False(hash.Remove(11));
            using var raw = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp);
            Assert.Contains("the socket must be TCP", Assert.Throws<BpfSyscallException>(() => array.Set(0, raw)).Message);
        }
    }

    [Fact]
    public void A_reuseport_socket_is_kept_by_slot()
    {
        using var array = BpfReusePortArray.Create("reuse", 2);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Throws<BpfSyscallException>(() => array.Set(0, socket));
        // SOL_SOCKET, SO_REUSEPORT
        socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        array.Set(0, socket);
        Assert.Equal(Cookie(socket), array.GetCookie(0));
        Assert.Null(array.GetCookie(1));
        Assert.True(array.Remove(0));
        Assert.False(array.Remove(0));
    }

    [Fact]
    public void Stacks_are_read_by_the_id_a_program_got()
    {
        using var stacks = BpfStackTraceMap.Create("stacks", 64, depth: 20);
        using var program = BpfProgram.Load(
            new()
            {
                Name = "stack",
                Type = ProgramType.RawTracepoint,
                Instructions = new Assembler().LoadMap(R2, "stacks").Mov(R3, 0).Call(BpfHelper.GetStackid).Exit().Build(),
            },
            new() { Maps = new Dictionary<string, BpfMap> { ["stacks"] = stacks.Map } });
        int id = (int)program.TestRun(new TestRunOptions()).ReturnValue;
        Assert.True(id >= 0, $"bpf_get_stackid: {id}");
        ulong[] frames = new ulong[20];
        Assert.True(stacks.TryGetStack(id, frames, out int count));
        Assert.InRange(count, 1, 20);
        Assert.All(frames[..count], f => Assert.True(f > 0xffff_8000_0000_0000));
        Assert.Equal([id], stacks.Ids());
        Assert.False(stacks.TryGetStack(id ^ 1, frames, out count));
        Assert.Equal(0, count);
        Assert.Throws<ArgumentException>(() => stacks.TryGetStack(id, frames.AsSpan(0, 3), out _));
        Assert.Throws<InvalidOperationException>(() => stacks.TryGetBuildIds(id, new BuildIdFrame[20], out _));
        Assert.Equal(1, stacks.Clear());
        Assert.False(stacks.Remove(id));
    }

    [Fact]
    public void Stacks_with_build_ids_have_larger_frames()
    {
        using var stacks = BpfStackTraceMap.Create("build_ids", 64, depth: 20, buildIds: true);
        Assert.Equal(20, stacks.Depth);
        Assert.Equal(640, stacks.Map.ValueSize);
        Assert.False(stacks.TryGetBuildIds(1, new BuildIdFrame[20], out int count));
        Assert.Equal(0, count);
    }
}
