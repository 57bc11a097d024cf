using System.Buffers.Binary;

namespace Hornet.Vm;

/// <summary>A packet for a tc, socket filter or cgroup program: <c>struct __sk_buff</c>.</summary>
public sealed class VmSkbContext : VmPacketContext
{
    // include/uapi/linux/bpf.h, struct __sk_buff.
    private const int Len = 0, PacketTypeField = 4, MarkField = 8, QueueMapping = 12, ProtocolField = 16, VlanPresent = 20, VlanTci = 24,
        VlanProto = 28, PriorityField = 32, IngressIfindex = 36, Ifindex = 40, TcIndex = 44, Cb = 48, HashField = 68, TcClassid = 72,
        Data = 76, DataEnd = 80, DataMeta = 140, Tstamp = 152, WireLen = 160, Bytes = 192;

    internal VmSkbContext(ReadOnlySpan<byte> packet) : base(packet, Bytes, Writable(), writablePacket: true)
    {
        // The kernel keeps the protocol in network byte order.
        if (packet.Length >= EthernetHeader) Set(ProtocolField, (uint)BitConverter.ToUInt16(packet[12..]));
        Set(WireLen, (uint)packet.Length);
    }

    /// <summary>The mark, which programs may set.</summary>
    public uint Mark
    {
        get => Get<uint>(MarkField);
        set => Set(MarkField, value);
    }

    /// <summary>The priority, which programs may set.</summary>
    public uint Priority
    {
        get => Get<uint>(PriorityField);
        set => Set(PriorityField, value);
    }

    /// <summary>Whom the packet is for (<c>PACKET_HOST</c> is 0).</summary>
    public uint PacketType
    {
        get => Get<uint>(PacketTypeField);
        set => Set(PacketTypeField, value);
    }

    /// <summary>The EtherType, as a number: 0x0800 for IPv4. Taken from the packet, unless it is set.</summary>
    public ushort Protocol
    {
        get => BinaryPrimitives.ReverseEndianness(Get<ushort>(ProtocolField));
        set => Set(ProtocolField, (uint)BinaryPrimitives.ReverseEndianness(value));
    }

    /// <summary>The interface that the packet came in on.</summary>
    public uint IngressInterface
    {
        get => Get<uint>(IngressIfindex);
        set => Set(IngressIfindex, value);
    }

    /// <summary>The interface that the program runs on.</summary>
    public uint Interface
    {
        get => Get<uint>(Ifindex);
        set => Set(Ifindex, value);
    }

    /// <summary>The traffic class that the program set (<c>tc_classid</c>).</summary>
    public uint TrafficClass
    {
        get => Get<uint>(TcClassid);
        set => Set(TcClassid, value);
    }

    /// <summary>The flow hash.</summary>
    public uint Hash
    {
        get => Get<uint>(HashField);
        set => Set(HashField, value);
    }

    /// <summary>The VLAN tag beside the packet: 0 for none.</summary>
    public ushort VlanTag
    {
        get => Get<uint>(VlanPresent) == 0 ? (ushort)0 : (ushort)Get<uint>(VlanTci);
        set => SetVlan(0x8100, value, value != 0);
    }

    /// <summary>The five words that programs pass on to each other.</summary>
    public Span<byte> ControlBlock => Fields.Slice(Cb, 20);

    internal void SetVlan(ushort protocol, ushort tag, bool present)
    {
        Set(VlanPresent, present ? 1u : 0);
        Set(VlanTci, present ? tag : 0u);
        Set(VlanProto, present ? (uint)BinaryPrimitives.ReverseEndianness(protocol) : 0);
    }

    private protected override void WritePlace(uint meta, uint start, uint end)
    {
        Set(Len, end - start);
        Set(Data, start);
        Set(DataEnd, end);
        Set(DataMeta, meta);
    }

    /// <summary>The fields that tc programs may write, a bit for each byte.</summary>
    private static ulong[] Writable()
    {
        var bits = new ulong[Bytes / 64];
        foreach (var (start, length) in ((int, int)[])[(MarkField, 4), (QueueMapping, 4), (PriorityField, 4), (TcIndex, 4), (Cb, 20), (TcClassid, 4), (Tstamp, 8)])
        {
            for (int i = start; i < start + length; i++) bits[i >> 6] |= 1UL << (i & 63);
        }
        return bits;
    }
}
