using System.Buffers.Binary;
using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Vm;

internal static partial class VmHelpers
{
    private const int EthernetHeader = 14, VlanHeader = 4;

    private static void AddPackets(Action<BpfHelper, VmHelper> add)
    {
        add(BpfHelper.XdpAdjustHead, static (s, _, delta, _, _, _) => Error(Packet<VmXdpContext>(s).AdjustHead(s, (int)delta)));
        add(BpfHelper.XdpAdjustMeta, static (s, _, delta, _, _, _) => Error(Packet<VmXdpContext>(s).AdjustMeta(s, (int)delta)));
        add(BpfHelper.XdpAdjustTail, static (s, _, delta, _, _, _) => Error(Packet<VmXdpContext>(s).AdjustTail(s, (int)delta)));
        add(BpfHelper.XdpGetBuffLen, static (s, _, _, _, _, _) => (ulong)Packet<VmXdpContext>(s).Length);
        add(BpfHelper.XdpLoadBytes, static (s, _, offset, target, size, _) => LoadBytes(s, Packet<VmXdpContext>(s), (uint)offset, target, size));
        add(BpfHelper.XdpStoreBytes, static (s, _, offset, source, size, _) => StoreBytes(s, Packet<VmXdpContext>(s), (uint)offset, source, size));

        add(BpfHelper.SkbLoadBytes, static (s, _, offset, target, size, _) => LoadBytes(s, Packet<VmSkbContext>(s), (uint)offset, target, size));
        add(BpfHelper.SkbLoadBytesRelative, static (s, _, offset, target, size, header) => header switch
        {
            0 => LoadBytes(s, Packet<VmSkbContext>(s), (uint)offset, target, size),
            1 => LoadBytes(s, Packet<VmSkbContext>(s), (uint)offset + EthernetHeader, target, size),
            _ => Error(Errno.EFAULT),
        });
        add(BpfHelper.SkbStoreBytes, static (s, _, offset, source, size, flags) =>
            (flags & ~3UL) != 0 ? Error(Errno.EINVAL) : StoreBytes(s, Packet<VmSkbContext>(s), (uint)offset, source, size));
        add(BpfHelper.SkbPullData, static (s, _, size, _, _, _) => (uint)size > (uint)Packet<VmSkbContext>(s).Length ? Error(Errno.ENOMEM) : 0);
        add(BpfHelper.SkbChangeTail, static (s, _, size, flags, _, _) =>
        {
            var packet = Packet<VmSkbContext>(s);
            return flags != 0 || (uint)size > 1 << 16 ? Error(Errno.EINVAL) : Error(packet.AdjustTail(s, (int)(uint)size - packet.Length));
        });
        add(BpfHelper.SkbChangeHead, static (s, _, size, flags, _, _) =>
            flags != 0 || (uint)size > 1 << 16 ? Error(Errno.EINVAL) : Error(Packet<VmSkbContext>(s).AdjustRoom(s, 0, (int)size)));
        add(BpfHelper.SkbAdjustRoom, SkbAdjustRoom);
        add(BpfHelper.SkbVlanPush, static (s, _, protocol, tag, _, _) =>
        {
            var packet = Packet<VmSkbContext>(s);
            // A tag that is beside the packet goes into it, and the new one takes its place.
            if (packet.VlanTag != 0)
            {
                ushort old = packet.VlanTag;
                var error = packet.AdjustRoom(s, 12, VlanHeader);
                if (error != Errno.None) return Error(error);
                BinaryPrimitives.WriteUInt16BigEndian(packet.Packet[12..], 0x8100);
                BinaryPrimitives.WriteUInt16BigEndian(packet.Packet[14..], old);
            }
            packet.SetVlan(BinaryPrimitives.ReverseEndianness((ushort)protocol), (ushort)tag, present: true);
            return 0;
        });
        add(BpfHelper.SkbVlanPop, static (s, _, _, _, _, _) =>
        {
            var packet = Packet<VmSkbContext>(s);
            if (packet.VlanTag != 0)
            {
                packet.SetVlan(0, 0, present: false);
                return 0;
            }
            if (packet.Length < EthernetHeader + VlanHeader || BinaryPrimitives.ReadUInt16BigEndian(packet.Packet[12..]) is not (0x8100 or 0x88a8)) return 0;
            return Error(packet.AdjustRoom(s, 12, -VlanHeader));
        });
        add(BpfHelper.L3CsumReplace, static (s, _, offset, from, to, flags) => ReplaceChecksum(s, (uint)offset, from, to, flags, transport: false));
        add(BpfHelper.L4CsumReplace, static (s, _, offset, from, to, flags) => ReplaceChecksum(s, (uint)offset, from, to, flags, transport: true));
        add(BpfHelper.CsumUpdate, static (s, _, _, _, _, _) => Error(Errno.ENOTSUPP));
        add(BpfHelper.GetHashRecalc, static (s, _, _, _, _, _) =>
        {
            var packet = Packet<VmSkbContext>(s);
            if (packet.Hash != 0) return packet.Hash;
            uint hash = 2166136261;
            foreach (byte b in packet.Packet[Math.Min(EthernetHeader, packet.Length)..Math.Min(64, packet.Length)]) hash = (hash ^ b) * 16777619;
            return packet.Hash = Math.Max(1, hash);
        });
        add(BpfHelper.SetHash, static (s, _, hash, _, _, _) =>
        {
            Packet<VmSkbContext>(s).Hash = (uint)hash;
            return 0;
        });
        add(BpfHelper.SetHashInvalid, static (s, _, _, _, _, _) =>
        {
            Packet<VmSkbContext>(s).Hash = 0;
            return 0;
        });
    }

    private static T Packet<T>(VmExecution s) where T : VmPacketContext =>
        s.Context as T ?? throw s.Fault(VmFaultKind.BadArgument, $"the helper wants a packet of another kind of context: run the program with {(typeof(T) == typeof(VmXdpContext) ? "VmContext.Xdp" : "VmContext.Skb")}", Register.R1);

    private static ulong LoadBytes(VmExecution s, VmPacketContext packet, uint offset, ulong target, ulong size)
    {
        var memory = s.Write(target, Length(s, size, Register.R4), Register.R3);
        if ((ulong)offset + (ulong)memory.Length > (ulong)packet.Length)
        {
            memory.Clear();
            return Error(packet is VmXdpContext ? Errno.EINVAL : Errno.EFAULT);
        }
        packet.Packet.Slice((int)offset, memory.Length).CopyTo(memory);
        return 0;
    }

    private static ulong StoreBytes(VmExecution s, VmPacketContext packet, uint offset, ulong source, ulong size)
    {
        var bytes = s.Read(source, Length(s, size, Register.R4), Register.R3);
        if ((ulong)offset + (ulong)bytes.Length > (ulong)packet.Length) return Error(packet is VmXdpContext ? Errno.EINVAL : Errno.EFAULT);
        bytes.CopyTo(packet.Packet[(int)offset..]);
        return 0;
    }

    private static ulong SkbAdjustRoom(VmExecution s, ulong context, ulong delta, ulong mode, ulong flags, ulong r5)
    {
        var packet = Packet<VmSkbContext>(s);
        int change = (int)delta, header = packet.Length < EthernetHeader ? 0 : BinaryPrimitives.ReadUInt16BigEndian(packet.Packet[12..]) switch
        {
            0x0800 => 20,
            0x86dd => 40,
            _ => 0,
        };
        // As in the kernel: IP packets only, and at most 4095 bytes.
        if (header == 0 || mode > 1) return Error(Errno.ENOTSUPP);
        if (change is < -0xfff or > 0xfff) return Error(Errno.EFAULT);
        // BPF_ADJ_ROOM_NET is 0 and makes room behind the network header, BPF_ADJ_ROOM_MAC is 1 and behind the link header.
        int at = mode == 0 ? EthernetHeader + header : EthernetHeader;
        if (change < 0 && packet.Length + change < EthernetHeader + header) return Error(Errno.ENOTSUPP);
        return Error(packet.AdjustRoom(s, at, change));
    }

    // RFC 1624: the checksum changes by the difference of what it covers. The low four bits of the flags are the size of the
    // field, 0 meaning that "to" is already the difference.
    private static ulong ReplaceChecksum(VmExecution s, uint offset, ulong from, ulong to, ulong flags, bool transport)
    {
        const ulong markMangledZero = 0x20, markEnforce = 0x40, pseudoHeader = 0x10, ipv6 = 0x80;
        var packet = Packet<VmSkbContext>(s);
        ulong size = flags & 0xf;
        if ((flags & ~(transport ? 0xf | markMangledZero | markEnforce | pseudoHeader | ipv6 : 0xfUL)) != 0) return Error(Errno.EINVAL);
        if (offset > 0xffff || (offset & 1) != 0 || offset + 2 > packet.Length) return Error(Errno.EFAULT);
        if (size is not (0 or 2 or 4) || (size == 0 && from != 0)) return Error(Errno.EINVAL);
        var field = packet.Packet[(int)offset..];
        ushort old = BitConverter.ToUInt16(field);
        bool keepsZero = transport && (flags & markMangledZero) != 0;
        if (keepsZero && old == 0 && (flags & markEnforce) == 0) return 0;
        ulong sum = (ushort)~old;
        sum += size switch { 0 => (uint)to, 2 => (ulong)(ushort)~(ushort)from + (ushort)to, _ => (ulong)~(uint)from + (uint)to };
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        ushort fresh = (ushort)~(ushort)sum;
        if (keepsZero && fresh == 0) fresh = 0xffff;
        BitConverter.TryWriteBytes(field, fresh);
        return 0;
    }
}
