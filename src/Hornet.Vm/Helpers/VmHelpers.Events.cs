using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Vm;

internal static partial class VmHelpers
{
    /// <summary>As the kernel's RINGBUF_MAX_RECORD_SZ.</summary>
    private const uint LargestRecord = uint.MaxValue / 4;

    private static void AddEvents(Action<BpfHelper, VmHelper> add)
    {
        add(BpfHelper.RingbufOutput, static (s, map, data, size, flags, _) =>
        {
            var ring = Ring(s, map, MapType.RingBuf);
            if ((flags & ~3UL) != 0) return Error(Errno.EINVAL);
            return Error(ring.Send(s.Read(data, Length(s, size, Register.R3), Register.R2), s.Cpu));
        });
        add(BpfHelper.RingbufReserve, RingbufReserve);
        add(BpfHelper.RingbufSubmit, static (s, record, flags, _, _, _) => Finish(s, record, commit: true));
        add(BpfHelper.RingbufDiscard, static (s, record, flags, _, _, _) => Finish(s, record, commit: false));
        add(BpfHelper.RingbufQuery, static (s, map, what, _, _, _) => Ring(s, map, MapType.RingBuf).Query(what));
        foreach (var helper in (BpfHelper[])[BpfHelper.PerfEventOutput, BpfHelper.SkbOutput, BpfHelper.XdpOutput]) add(helper, PerfEventOutput);
    }

    private static VmEventMap Ring(VmExecution s, ulong map, MapType type, Register register = Register.R1)
    {
        var target = s.FindMap(map, register);
        return target.Type == type ? (VmEventMap)target : throw s.Fault(VmFaultKind.BadArgument, $"map '{target.Name}' is {target.Type}, not {type}", register);
    }

    private static unsafe ulong RingbufReserve(VmExecution s, ulong map, ulong size, ulong flags, ulong r4, ulong r5)
    {
        var ring = Ring(s, map, MapType.RingBuf);
        if (flags != 0 || size is 0 or > LargestRecord || size > ring.Spec.MaxEntries) return 0;
        s.Charge((long)size >> 3);
        if (ring.Reserve((uint)size, s.Cpu) is not { } entry) return 0;
        fixed (byte* host = entry.Data)
        {
            ulong address = s.AddRecord($"a record of ring buffer '{ring.Name}'", host, (uint)size, entry.Data);
            s.Hold(address, $"a record of ring buffer '{ring.Name}'", commit => ring.Finish(entry, commit));
            return address;
        }
    }

    private static ulong Finish(VmExecution s, ulong record, bool commit)
    {
        if (!s.GiveBack(record, commit)) throw s.Fault(VmFaultKind.BadArgument, $"0x{record:x} is not a record that was reserved and not given back", Register.R1);
        s.RemoveRecord(record);
        return 0;
    }

    private static ulong PerfEventOutput(VmExecution s, ulong context, ulong map, ulong flags, ulong data, ulong size)
    {
        var events = Ring(s, map, MapType.PerfEventArray, Register.R2);
        ulong cpu = flags & uint.MaxValue;
        int packetBytes = (int)(flags >> 32 & 0xfffff);
        if (flags >> 52 != 0) return Error(Errno.EINVAL);
        // BPF_F_CURRENT_CPU
        if (cpu == uint.MaxValue) cpu = (uint)s.Cpu;
        if (cpu >= (ulong)s.Machine.Options.CpuCount) return Error(Errno.E2BIG);
        var bytes = s.Read(data, Length(s, size, Register.R5), Register.R4);
        if (packetBytes == 0) return Error(events.Send(bytes, (int)cpu));
        // The first bytes of the packet follow the program's own.
        if (s.Context is not VmPacketContext packet) return Error(Errno.EINVAL);
        if (packetBytes > packet.Length) return Error(Errno.EFAULT);
        return Error(events.Send([.. bytes, .. packet.Packet[..packetBytes]], (int)cpu));
    }
}
