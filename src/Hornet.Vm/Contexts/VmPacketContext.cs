using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Vm.Execution;

namespace Hornet.Vm;

/// <summary>A context with a packet: a buffer with room before and behind it, and the fields that say where the packet is.</summary>
public abstract unsafe class VmPacketContext : VmContext
{
    /// <summary>As in the kernel: the room before the packet that a program may take for headers of its own.</summary>
    private protected const int Headroom = 256;

    /// <summary>As in the kernel: the part of the headroom that it keeps for itself (<c>struct xdp_frame</c>).</summary>
    private const int Kept = 40;

    private protected const int EthernetHeader = 14;

    /// <summary>As in the kernel: a page, less what <c>struct skb_shared_info</c> takes at its end.</summary>
    private const int SmallestBuffer = 4096 - 320;

    private readonly byte[] _fields;
    private readonly VmRegion _fieldRegion, _packetRegion;
    private readonly byte* _fieldHost;

    private protected VmPacketContext(ReadOnlySpan<byte> packet, int fieldBytes, ulong[]? writableFields, bool writablePacket)
    {
        byte[] buffer = GC.AllocateArray<byte>(Math.Max(SmallestBuffer, Headroom + packet.Length), pinned: true);
        Buffer = buffer;
        packet.CopyTo(buffer.AsSpan(Headroom));
        (Meta, Start, End) = (Headroom, Headroom, Headroom + packet.Length);
        _fields = GC.AllocateArray<byte>(fieldBytes, pinned: true);
        fixed (byte* host = _fields) _fieldHost = host;
        _fieldRegion = new VmRegion { Name = "the context", Start = VmAddress.Context, Size = (ulong)fieldBytes, Host = _fieldHost, Owner = _fields, WritableBytes = writableFields ?? [] };
        _packetRegion = VmRegion.OfBlock("the packet", VmAddress.PacketBuffer, buffer, writablePacket);
    }

    /// <summary>The packet, as the last run left it.</summary>
    public Span<byte> Packet => Buffer.AsSpan(Start, End - Start);

    /// <summary>The metadata before the packet that the program asked for (<c>bpf_xdp_adjust_meta</c>).</summary>
    public Span<byte> Metadata => Buffer.AsSpan(Meta, Start - Meta);

    /// <summary>The interface that the program redirected the packet to (<c>bpf_redirect</c>); null when it did not.</summary>
    public uint? RedirectInterface { get; internal set; }

    internal byte[] Buffer { get; }

    // Offsets into the buffer.
    private protected int Meta { get; private set; }

    internal int Start { get; private set; }

    internal int End { get; private set; }

    internal int Length => End - Start;

    private protected Span<byte> Fields => _fields;

    internal override (ulong R1, ulong R2) Attach(VmExecution execution)
    {
        RedirectInterface = null;
        execution.SetRegion(VmAddress.ContextRegion, _fieldRegion);
        execution.SetRegion(VmAddress.PacketRegion, _packetRegion);
        Moved(execution);
        return (VmAddress.Context, 0);
    }

    /// <summary>Writes a field of the context.</summary>
    private protected void Set<T>(int offset, T value) where T : unmanaged => MemoryMarshal.Write(Fields[offset..], in value);

    private protected T Get<T>(int offset) where T : unmanaged => MemoryMarshal.Read<T>(Fields[offset..]);

    /// <summary>Writes the fields that say where the packet is.</summary>
    private protected abstract void WritePlace(uint meta, uint start, uint end);

    /// <summary>Moves the beginning of the packet.</summary>
    internal Errno AdjustHead(VmExecution execution, int delta)
    {
        int metadata = Start - Meta;
        long start = (long)Start + delta;
        if (start < Kept + metadata || start > End - EthernetHeader) return Errno.EINVAL;
        Buffer.AsSpan(Meta, metadata).CopyTo(Buffer.AsSpan(Meta + delta));
        (Meta, Start) = (Meta + delta, (int)start);
        Moved(execution);
        return Errno.None;
    }

    internal Errno AdjustMeta(VmExecution execution, int delta)
    {
        long meta = (long)Meta + delta, length = Start - meta;
        if (meta < Kept || meta > Start) return Errno.EINVAL;
        if ((length & 3) != 0 || length > 252) return Errno.EACCES;
        Meta = (int)meta;
        Moved(execution);
        return Errno.None;
    }

    /// <summary>Moves the end of the packet; new bytes are zero.</summary>
    internal Errno AdjustTail(VmExecution execution, int delta, int shortest = EthernetHeader)
    {
        long end = (long)End + delta;
        if (end > Buffer.Length || end < Start + shortest) return Errno.EINVAL;
        if (delta > 0) Buffer.AsSpan(End, delta).Clear();
        End = (int)end;
        Moved(execution);
        return Errno.None;
    }

    /// <summary>Makes room in the packet, or takes bytes out of it.</summary>
    /// <param name="execution">The run.</param>
    /// <param name="at">Where, counted from the packet's start.</param>
    /// <param name="delta">How many bytes: zeroes to put in, or to take out when negative.</param>
    internal Errno AdjustRoom(VmExecution execution, int at, int delta)
    {
        if (Start - delta < Kept || at > Length || at - delta > Length && delta < 0) return Errno.EINVAL;
        Buffer.AsSpan(Start, at).CopyTo(Buffer.AsSpan(Start - delta));
        Start -= delta;
        Meta = Start;
        if (delta > 0) Buffer.AsSpan(Start + at, delta).Clear();
        Moved(execution);
        return Errno.None;
    }

    private protected void Moved(VmExecution execution)
    {
        _packetRegion.Start = VmAddress.PacketBuffer + (ulong)Meta;
        fixed (byte* host = Buffer) _packetRegion.Host = host + Meta;
        _packetRegion.Size = (ulong)(End - Meta);
        WritePlace((uint)VmAddress.PacketBuffer + (uint)Meta, (uint)VmAddress.PacketBuffer + (uint)Start, (uint)VmAddress.PacketBuffer + (uint)End);
        execution.MemoryVersion++;
    }
}
