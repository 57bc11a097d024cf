using System.Buffers.Binary;
using System.Net;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet.KernelTests.CSharp;

/// <summary>Packets in C#: headers, what is behind them, what is changed in them; by test runs.</summary>
public class NetworkPacketTests
{
    [KernelFact]
    public void Xdp_drops_by_network_and_counts_by_pair()
    {
        using var pairs = BpfHashMap<Pair, ulong>.Create("pairs", 64);
        using BpfSession session = new();
        var blocked = IPv4Network.Parse("10.1.0.0/16");
        var program = session.LoadXdp(packet =>
        {
            if (!packet.TryReadIPv4(out var ip, out _)) return XdpAction.Pass;
            pairs[new Pair(ip.Source, ip.Destination)]++;
            return blocked.Contains(ip.Source) ? XdpAction.Drop : XdpAction.Pass;
        });
        Assert.Equal((uint)XdpAction.Drop, program.TestRun(Packet("10.1.2.3", "192.168.0.1"), 3).ReturnValue);
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(Packet("10.2.2.3", "192.168.0.1"), 2).ReturnValue);
        Assert.Equal((uint)XdpAction.Drop, program.TestRun(Packet("10.1.255.255", "192.168.0.1", vlan: true)).ReturnValue);
        Assert.Equal((uint)XdpAction.Pass, program.TestRun(new byte[60]).ReturnValue);
        Assert.Equal(3ul, pairs[new(IPv4Address.Parse("10.1.2.3"), IPv4Address.Parse("192.168.0.1"))]);
        Assert.Equal(2ul, pairs[new(IPv4Address.Parse("10.2.2.3"), IPv4Address.Parse("192.168.0.1"))]);
        Assert.Equal(1ul, pairs[new(IPv4Address.Parse("10.1.255.255"), IPv4Address.Parse("192.168.0.1"))]);
    }

    [KernelFact]
    public void Headers_say_what_stands_in_them()
    {
        using var numbers = BpfArray<long>.Create("numbers", 32);
        using BpfSession session = new();
        var program = session.LoadTc(packet =>
        {
            if (!packet.TryRead(0, out EthernetHeader ethernet) || ethernet.Type != EtherType.IPv4) return TcAction.Ok;
            numbers[0] = ethernet.Destination.IsMulticast ? 1 : 2;
            if (!packet.TryReadIPv4(out var ip, out int payload)) return TcAction.Ok;
            numbers[1] = ip.HeaderLength;
            numbers[2] = ip.TotalLength;
            numbers[3] = ip.DontFragment ? 1 : 2;
            numbers[4] = ip.MoreFragments ? 1 : 2;
            numbers[5] = ip.TimeToLive;
            numbers[6] = (long)ip.Protocol;
            numbers[7] = ip.Source.Value;
            numbers[8] = ip.Destination == new IPv4Address(192, 168, 0, 1) ? 1 : 2;
            numbers[9] = payload;
            if (ip.Protocol != IPProtocol.Tcp || !packet.TryRead(payload, out TcpHeader tcp)) return TcAction.Ok;
            numbers[10] = tcp.SourcePort;
            numbers[11] = tcp.DestinationPort;
            numbers[12] = tcp.Sequence;
            numbers[13] = tcp.IsSyn && !tcp.IsAck ? 1 : 2;
            numbers[14] = tcp.HeaderLength;
            numbers[15] = packet.Length;
            numbers[16] = (long)packet.Protocol;
            return TcAction.Shot;
        });
        byte[] tcp = Packet("10.1.2.3", "192.168.0.1", IPProtocol.Tcp);
        tcp[0] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(14 + 2), 46);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(14 + 6), 0x4000);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(34), 4711);
        BinaryPrimitives.WriteUInt32BigEndian(tcp.AsSpan(38), 0xfedcba98);
        tcp[34 + 12] = 0x50;
        tcp[34 + 13] = (byte)TcpFlags.Syn;
        Assert.Equal((uint)TcAction.Shot, program.TestRun(tcp).ReturnValue);
        Assert.Equal([2, 20, 46, 1, 2, 64, 6, 0x0a010203, 1, 34, 4711, 9, 0xfedcba98, 1, 20, 60, 0x0800], numbers.ToArray()[..17]);
    }

    [KernelFact]
    public void Tc_reads_and_writes_what_the_first_piece_does_not_hold()
    {
        using var numbers = BpfArray<long>.Create("numbers", 8);
        using BpfSession session = new();
        // A filter may not reach its packet directly: all goes through the helper. A test run begins at the IP header.
        var filter = session.LoadSocketFilter(packet => packet.TryRead(26, out UInt32BigEndian number) && !packet.TryRead(43, out uint _) ? (int)number.Value : -1);
        byte[] bytes = [.. Enumerable.Range(0, 60).Select(i => (byte)i)];
        Assert.Equal(0x28292a2bu, filter.TestRun(bytes).ReturnValue);
        var tc = session.LoadTc(packet =>
        {
            Span<byte> loaded = stackalloc byte[4];
            numbers[0] = packet.LoadBytes(20, loaded) ? loaded[3] : -1;
            numbers[1] = packet.LoadBytes(58, loaded) ? 1 : loaded[0];
            numbers[2] = packet.PullData(50) ? packet.Data[49] : -1;
            numbers[3] = packet.TryWrite(14, new UInt32BigEndian(0x01020304)) ? 1 : 0;
            numbers[4] = packet.TryWrite(59, (ushort)7) ? 1 : 0;
            numbers[5] = packet.StoreBytes(18, "abc"u8) ? 1 : 0;
            packet.Mark = 0x1234;
            packet.Cb0 = 77;
            numbers[6] = packet.Mark + packet.Cb0;
            return TcAction.Ok;
        });
        var result = tc.TestRun(bytes);
        Assert.Equal([23, 0, 49, 1, 0, 1, 0x1234 + 77, 0], numbers.ToArray());
        Assert.Equal([13, 1, 2, 3, 4, (byte)'a', (byte)'b', (byte)'c', 21], result.Data[13..22]);
    }

    [KernelFact]
    public void Xdp_moves_the_packets_ends()
    {
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            if (!packet.AdjustMetadata(-4) || !packet.TryWriteMetadata(0x55667788u) || !packet.TryReadMetadata(out uint mark) || mark != 0x55667788) return XdpAction.Aborted;
            if (packet.TryReadMetadata(out ulong _)) return XdpAction.Aborted;
            if (!packet.AdjustMetadata(4) || !packet.AdjustHead(-4) || !packet.AdjustTail(-10)) return XdpAction.Aborted;
            return packet.TryWrite(0, 0x04030201u) && packet.Data.Length == 54 ? XdpAction.Transmit : XdpAction.Drop;
        });
        byte[] bytes = [.. Enumerable.Range(0, 60).Select(i => (byte)i)];
        var result = program.TestRun(bytes);
        Assert.Equal((uint)XdpAction.Transmit, result.ReturnValue);
        Assert.Equal(54, result.Data.Length);
        Assert.Equal([1, 2, 3, 4, 0, 1, 2], result.Data[..7]);
    }

    [KernelFact(MinKernel = "5.18")]
    public void Xdp_copies_bytes_through_helpers()
    {
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            Span<byte> bytes = stackalloc byte[8];
            if (!packet.LoadBytes(10, bytes) || packet.LoadBytes(56, bytes[..5]) || packet.TotalLength != 60) return XdpAction.Aborted;
            return packet.StoreBytes(30, bytes) ? XdpAction.Pass : XdpAction.Drop;
        });
        var result = program.TestRun(new ReadOnlyMemory<byte>([.. Enumerable.Range(0, 60).Select(i => (byte)i)]));
        Assert.Equal((uint)XdpAction.Pass, result.ReturnValue);
        Assert.Equal([29, 10, 11, 12, 13, 14, 15, 16, 17, 38], result.Data[29..39]);
    }

    [KernelFact(MinKernel = "5.18")]
    public void Xdp_sees_packets_in_several_buffers()
    {
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            Span<byte> bytes = stackalloc byte[2];
            if (packet.TotalLength != 9000 || packet.Data.Length >= 9000 || packet.TryRead(8000, out ushort _)) return XdpAction.Aborted;
            return packet.LoadBytes(8000, bytes) && bytes[0] == 0x40 && bytes[1] == 0x41 ? XdpAction.Transmit : XdpAction.Drop;
        }, XdpPlace.Interface, fragments: true);
        Assert.Equal((uint)XdpAction.Transmit, program.TestRun(new ReadOnlyMemory<byte>([.. Enumerable.Range(0, 9000).Select(i => (byte)i)])).ReturnValue);
    }

    [KernelFact(MinKernel = "5.9")]
    public void Xdp_programs_of_maps_load()
    {
        using BpfSession session = new();
        var device = session.LoadXdp(packet => packet.EgressInterfaceIndex == 7 ? XdpAction.Drop : XdpAction.Pass, XdpPlace.DeviceMap);
        var cpu = session.LoadXdp(packet => packet.QueueIndex == 7 ? XdpAction.Drop : XdpAction.Pass, XdpPlace.CpuMap);
        Assert.NotSame(device, cpu);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.LoadXdp(_ => XdpAction.Pass, (XdpPlace)9));
    }

    [KernelFact(MinKernel = "5.12")]
    public void Packets_are_asked_whether_they_fit()
    {
        using BpfSession session = new();
        var program = session.LoadTc(packet =>
        {
            uint length = 0;
            int fits = packet.CheckMtu(1, ref length);
            uint mtu = length;
            length = 0;
            // Loopback's MTU is 65536.
            return fits == 0 && mtu == 65536 && packet.CheckMtu(1, ref length, 70_000) != 0 ? TcAction.Ok : TcAction.Shot;
        });
        Assert.Equal((uint)TcAction.Ok, program.TestRun(new byte[60]).ReturnValue);
    }

    [KernelFact]
    public void A_tunnel_is_chosen()
    {
        using BpfSession session = new();
        var program = session.LoadTc(packet =>
        {
            // It came by none.
            if (packet.GetTunnelKey(out _)) return TcAction.Stolen;
            TunnelKey key = default;
            key.Id = 42;
            key.RemoteIPv4 = new IPv4Address(10, 0, 0, 1).Value;
            return packet.SetTunnelKey(key) && packet.GetTunnelKey(out var chosen) && chosen.Id == 42 ? TcAction.Ok : TcAction.Shot;
        });
        Assert.Equal((uint)TcAction.Ok, program.TestRun(new byte[60]).ReturnValue);
    }

    [KernelFact]
    public void Checksums_are_repaired()
    {
        using BpfSession session = new();
        var to = IPv4Address.Parse("172.16.5.6");
        var program = session.LoadTc(packet =>
        {
            if (!packet.TryReadIPv4(out var ip, out int payload) || ip.Protocol != IPProtocol.Udp) return TcAction.Shot;
            packet.TryWrite(14 + 16, to);
            packet.ReplaceIPChecksum(14 + 10, ip.Destination.Raw, to.Raw, ChecksumField.FourBytes);
            packet.ReplaceChecksum(payload + 6, ip.Destination.Raw, to.Raw, ChecksumField.FourBytes | ChecksumField.PseudoHeader | ChecksumField.MayBeZero);
            return TcAction.Ok;
        });
        byte[] udp = Packet("10.1.2.3", "192.168.0.1");
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(38), 26);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(14 + 10), Checksum(udp.AsSpan(14, 20), 0));
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(40), Checksum(udp.AsSpan(34, 26), Pseudo(udp)));
        Assert.Equal(0, Checksum(udp.AsSpan(34, 26), Pseudo(udp)));
        var result = program.TestRun(udp);
        Assert.Equal((uint)TcAction.Ok, result.ReturnValue);
        Assert.Equal(IPAddress.Parse("172.16.5.6").GetAddressBytes(), result.Data[30..34]);
        Assert.Equal(0, Checksum(result.Data.AsSpan(14, 20), 0));
        Assert.Equal(0, Checksum(result.Data.AsSpan(34, 26), Pseudo(result.Data)));
    }

    [KernelFact]
    public void Tc_pushes_and_pops_vlan_tags_and_makes_room()
    {
        using BpfSession session = new();
        var push = session.LoadTc(packet => packet.PushVlan(EtherType.Vlan, 0x2064) && packet.HasVlanTag && packet.VlanTag == 0x2064 && packet.VlanProtocol == EtherType.Vlan && packet.PopVlan() && !packet.HasVlanTag ? TcAction.Ok : TcAction.Shot);
        Assert.Equal((uint)TcAction.Ok, push.TestRun(Packet("10.1.2.3", "192.168.0.1")).ReturnValue);
        var room = session.LoadTc(packet => packet.AdjustRoom(8, AdjustRoomMode.Network) && packet.TryWrite(34, 0x1122334455667788ul) ? TcAction.Ok : TcAction.Shot);
        var result = room.TestRun(Packet("10.1.2.3", "192.168.0.1"));
        Assert.Equal((uint)TcAction.Ok, result.ReturnValue);
        Assert.Equal(68, result.Data.Length);
        Assert.Equal([0x88, 0x77], result.Data[34..36]);
    }

    [KernelFact]
    public void One_method_serves_every_kind_of_packet()
    {
        using BpfSession session = new();
        var xdp = session.LoadXdp(packet => IsDns(packet) ? XdpAction.Drop : XdpAction.Pass);
        var tc = session.LoadTc(packet => IsDns(packet) ? TcAction.Shot : TcAction.Ok);
        var filter = session.LoadSocketFilter(packet => packet.TryReadIPv4At(0, out var ip, out int payload) && IsDns(packet, ip, payload) ? 0 : int.MaxValue);
        byte[] dns = Packet("10.1.2.3", "192.168.0.1", port: 53), other = Packet("10.1.2.3", "192.168.0.1", port: 54);
        Assert.Equal(((uint)XdpAction.Drop, (uint)XdpAction.Pass), (xdp.TestRun(dns).ReturnValue, xdp.TestRun(other).ReturnValue));
        Assert.Equal(((uint)TcAction.Shot, (uint)TcAction.Ok), (tc.TestRun(dns).ReturnValue, tc.TestRun(other).ReturnValue));
        Assert.Equal((0u, (uint)int.MaxValue), (filter.TestRun(dns).ReturnValue, filter.TestRun(other).ReturnValue));
    }

    [KernelFact]
    public void A_flow_dissector_fills_in_its_keys()
    {
        using BpfSession session = new();
        var program = session.LoadFlowDissector(packet =>
        {
            var keys = packet.Keys;
            if (!packet.TryReadIPv4At(keys.NetworkOffset, out var ip, out int payload) || !packet.TryRead(payload, out UdpHeader udp)) return FlowDissectorResult.Drop;
            keys.AddressProtocol = EtherType.IPv4;
            keys.NetworkProtocol = EtherType.IPv4;
            keys.Protocol = ip.Protocol;
            keys.SourceIPv4 = ip.Source;
            keys.DestinationIPv4 = ip.Destination;
            keys.SourcePort = udp.SourcePort;
            keys.DestinationPort = udp.DestinationPort;
            keys.TransportOffset = (ushort)payload;
            keys.IsFragment = ip.MoreFragments;
            return FlowDissectorResult.Ok;
        });
        var result = program.TestRun(Packet("10.1.2.3", "192.168.0.1", port: 53));
        // Kernels before 6.0 answer whether the result was BPF_OK.
        Assert.Equal(KernelVersion.Running < new KernelVersion(6, 0) ? 1 : (uint)FlowDissectorResult.Ok, result.ReturnValue);
        // struct bpf_flow_keys
        Assert.Equal(34, BinaryPrimitives.ReadUInt16LittleEndian(result.Data.AsSpan(2)));
        Assert.Equal((byte)IPProtocol.Udp, result.Data[9]);
        Assert.Equal(53, BinaryPrimitives.ReadUInt16BigEndian(result.Data.AsSpan(14)));
        Assert.Equal(IPAddress.Parse("10.1.2.3").GetAddressBytes(), result.Data[16..20]);
        Assert.Equal(IPAddress.Parse("192.168.0.1").GetAddressBytes(), result.Data[20..24]);
    }

    private static bool IsDns<TPacket>(TPacket packet) where TPacket : IPacket, allows ref struct =>
        packet.TryReadIPv4(out var ip, out int payload) && IsDns(packet, ip, payload);

    private static bool IsDns<TPacket>(TPacket packet, in IPv4Header ip, int payload) where TPacket : IPacket, allows ref struct =>
        ip.Protocol == IPProtocol.Udp && packet.TryRead(payload, out UdpHeader udp) && udp.DestinationPort == 53;

    private static byte[] Packet(string from, string to, IPProtocol protocol = IPProtocol.Udp, ushort port = 9, bool vlan = false)
    {
        byte[] packet = new byte[60];
        int at = 12;
        if (vlan)
        {
            packet[12] = 0x81;
            packet[15] = 100;
            at = 16;
        }
        packet[at] = 8;
        at += 2;
        packet[at] = 0x45;
        packet[at + 8] = 64;
        packet[at + 9] = (byte)protocol;
        IPAddress.Parse(from).GetAddressBytes().CopyTo(packet, at + 12);
        IPAddress.Parse(to).GetAddressBytes().CopyTo(packet, at + 16);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(at + 22), port);
        return packet;
    }

    private static uint Pseudo(ReadOnlySpan<byte> packet) => (uint)(ushort)~Checksum(packet[26..34], 17 + 26);

    private static ushort Checksum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (int i = 0; i < bytes.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    private readonly record struct Pair(IPv4Address Source, IPv4Address Destination);
}
