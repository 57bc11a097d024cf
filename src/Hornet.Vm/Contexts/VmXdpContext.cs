namespace Hornet.Vm;

/// <summary>A packet for an XDP program: <c>struct xdp_md</c>.</summary>
public sealed class VmXdpContext : VmPacketContext
{
    // include/uapi/linux/bpf.h, struct xdp_md.
    private const int Data = 0, DataEnd = 4, DataMeta = 8, IngressIfindex = 12, RxQueueIndex = 16, EgressIfindex = 20, Bytes = 24;

    internal VmXdpContext(ReadOnlySpan<byte> packet) : base(packet, Bytes, null, writablePacket: true)
    {
    }

    /// <summary>The interface that the packet came in on.</summary>
    public uint IngressInterface
    {
        get => Get<uint>(IngressIfindex);
        set => Set(IngressIfindex, value);
    }

    /// <summary>The receive queue that it came in on.</summary>
    public uint ReceiveQueue
    {
        get => Get<uint>(RxQueueIndex);
        set => Set(RxQueueIndex, value);
    }

    /// <summary>The interface that it goes out on, for programs of a devmap.</summary>
    public uint EgressInterface
    {
        get => Get<uint>(EgressIfindex);
        set => Set(EgressIfindex, value);
    }

    private protected override void WritePlace(uint meta, uint start, uint end)
    {
        Set(Data, start);
        Set(DataEnd, end);
        Set(DataMeta, meta);
    }
}
