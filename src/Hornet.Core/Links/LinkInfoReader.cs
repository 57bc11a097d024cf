using System.Text;
using Hornet.Interop;

namespace Hornet.Links;

/// <summary>
/// Asks the kernel about a link. The first call tells the kind and the sizes, a second one fills names and arrays.
/// A kernel that is too old for a detail leaves zeros.
/// </summary>
internal static unsafe class LinkInfoReader
{
    private const int NameCapacity = 512;
    private const int PathCapacity = 4096;
    private const uint KprobeMultiReturn = 1;
    private const uint UprobeMultiReturn = 1;

    public static LinkInfo Read(FileDescriptor descriptor)
    {
        LinkInfoRaw raw = default;
        Ask(descriptor, ref raw);
        var type = (LinkType)raw.Type;
        return type switch
        {
            LinkType.RawTracepoint => RawTracepoint(descriptor, raw),
            LinkType.Tracing => new TracingLinkInfo(raw.Id, raw.ProgId, (AttachType)raw.TracingAttachType, raw.TracingTargetObjId, raw.TracingTargetBtfId, raw.TracingCookie),
            LinkType.Cgroup => new CgroupLinkInfo(raw.Id, raw.ProgId, raw.CgroupCgroupId, (AttachType)raw.CgroupAttachType),
            LinkType.Iter => Iterator(descriptor, raw),
            LinkType.Netns => new NetnsLinkInfo(raw.Id, raw.ProgId, raw.NetnsNetnsIno, (AttachType)raw.NetnsAttachType),
            LinkType.Xdp => new InterfaceLinkInfo(raw.Id, type, raw.ProgId, raw.XdpIfindex, AttachType.Xdp),
            LinkType.Tcx => new InterfaceLinkInfo(raw.Id, type, raw.ProgId, raw.TcxIfindex, (AttachType)raw.TcxAttachType),
            LinkType.Netkit => new InterfaceLinkInfo(raw.Id, type, raw.ProgId, raw.NetkitIfindex, (AttachType)raw.NetkitAttachType),
            LinkType.StructOps => new StructOpsLinkInfo(raw.Id, raw.StructOpsMapId),
            LinkType.Netfilter => new NetfilterLinkInfo(raw.Id, raw.ProgId, raw.NetfilterPf, raw.NetfilterHooknum, raw.NetfilterPriority, raw.NetfilterFlags),
            LinkType.KprobeMulti => KprobeMulti(descriptor, raw),
            LinkType.UprobeMulti => UprobeMulti(descriptor, raw),
            LinkType.PerfEvent => PerfEvent(descriptor, raw),
            LinkType.SockMap => new SockMapLinkInfo(raw.Id, raw.ProgId, raw.SockmapMapId, (AttachType)raw.SockmapAttachType),
            _ => new LinkInfo(raw.Id, type, raw.ProgId),
        };
    }

    private static void Ask(FileDescriptor descriptor, ref LinkInfoRaw raw)
    {
        if (!Bpf.TryGetInfo(descriptor, ref raw))
        {
            var errno = Libc.LastError;
            throw new BpfSyscallException("ask for information on a link", errno, errno == Errno.EINVAL ? "Information on links needs Linux 5.8." : null);
        }
    }

    private static RawTracepointLinkInfo RawTracepoint(FileDescriptor descriptor, LinkInfoRaw raw)
    {
        byte* name = stackalloc byte[NameCapacity];
        raw.RawTracepointTpName = Bpf.Pointer(name);
        raw.RawTracepointTpNameLen = NameCapacity;
        Ask(descriptor, ref raw);
        return new(raw.Id, raw.ProgId, Text(name, NameCapacity), raw.RawTracepointCookie);
    }

    private static IteratorLinkInfo Iterator(FileDescriptor descriptor, LinkInfoRaw raw)
    {
        byte* name = stackalloc byte[NameCapacity];
        raw.IterTargetName = Bpf.Pointer(name);
        raw.IterTargetNameLen = NameCapacity;
        Ask(descriptor, ref raw);
        string target = Text(name, NameCapacity);
        // The arms after the name overlap; the target tells which one the kernel filled.
        bool map = target is "bpf_map_elem" or "bpf_sk_storage_map" or "sockmap";
        bool cgroup = target == "cgroup";
        bool task = target.StartsWith("task", StringComparison.Ordinal);
        return new(raw.Id, raw.ProgId, target, map ? raw.IterMapMapId : 0, cgroup ? raw.IterCgroupCgroupId : 0, cgroup ? raw.IterCgroupOrder : 0,
            task ? raw.IterTaskTid : 0, task ? raw.IterTaskPid : 0);
    }

    private static KprobeMultiLinkInfo KprobeMulti(FileDescriptor descriptor, LinkInfoRaw raw)
    {
        bool isReturn = (raw.KprobeMultiFlags & KprobeMultiReturn) != 0;
        ulong missed = raw.KprobeMultiMissed;
        ulong[] addresses = new ulong[raw.KprobeMultiCount];
        ulong[] cookies = new ulong[raw.KprobeMultiCount];
        bool told = false;
        if (addresses.Length > 0)
        {
            fixed (ulong* a = addresses, c = cookies)
            {
                raw.KprobeMultiAddrs = Bpf.Pointer(a);
                raw.KprobeMultiCookies = Bpf.Pointer(c);
                Ask(descriptor, ref raw);
                told = Array.Exists(cookies, static cookie => cookie != 0);
            }
        }
        return new(raw.Id, raw.ProgId, addresses, told ? cookies : [], isReturn, missed);
    }

    private static UprobeMultiLinkInfo UprobeMulti(FileDescriptor descriptor, LinkInfoRaw raw)
    {
        int count = (int)raw.UprobeMultiCount;
        ulong[] offsets = new ulong[count];
        ulong[] counters = new ulong[count];
        ulong[] cookies = new ulong[count];
        byte[] path = new byte[PathCapacity];
        fixed (ulong* o = offsets, r = counters, c = cookies)
        fixed (byte* p = path)
        {
            raw.UprobeMultiPath = Bpf.Pointer(p);
            raw.UprobeMultiPathSize = PathCapacity;
            raw.UprobeMultiOffsets = Bpf.Pointer(o);
            raw.UprobeMultiRefCtrOffsets = Bpf.Pointer(r);
            raw.UprobeMultiCookies = Bpf.Pointer(c);
            Ask(descriptor, ref raw);
            return new(raw.Id, raw.ProgId, Text(p, PathCapacity), offsets, counters, cookies, (raw.UprobeMultiFlags & UprobeMultiReturn) != 0, raw.UprobeMultiPid);
        }
    }

    private static PerfEventLinkInfo PerfEvent(FileDescriptor descriptor, LinkInfoRaw raw)
    {
        var kind = (PerfEventKind)raw.PerfEventType;
        string name = "";
        if (kind is not (PerfEventKind.Unspecified or PerfEventKind.Event))
        {
            byte* text = stackalloc byte[PathCapacity];
            // All the arms with a name begin with the same pointer and length.
            raw.PerfEventUprobeFileName = Bpf.Pointer(text);
            raw.PerfEventUprobeNameLen = PathCapacity;
            Ask(descriptor, ref raw);
            name = Text(text, PathCapacity);
        }
        return kind switch
        {
            PerfEventKind.Uprobe or PerfEventKind.Uretprobe =>
                new(raw.Id, raw.ProgId, kind, name, raw.PerfEventUprobeOffset, 0, raw.PerfEventUprobeCookie, 0, 0, 0),
            PerfEventKind.Kprobe or PerfEventKind.Kretprobe =>
                new(raw.Id, raw.ProgId, kind, name, raw.PerfEventKprobeOffset, raw.PerfEventKprobeAddr, raw.PerfEventKprobeCookie, raw.PerfEventKprobeMissed, 0, 0),
            PerfEventKind.Tracepoint =>
                new(raw.Id, raw.ProgId, kind, name, 0, 0, raw.PerfEventTracepointCookie, 0, 0, 0),
            PerfEventKind.Event =>
                new(raw.Id, raw.ProgId, kind, "", 0, 0, raw.PerfEventEventCookie, 0, raw.PerfEventEventType, raw.PerfEventEventConfig),
            _ => new(raw.Id, raw.ProgId, PerfEventKind.Unspecified, "", 0, 0, 0, 0, 0, 0),
        };
    }

    private static string Text(byte* bytes, int capacity)
    {
        ReadOnlySpan<byte> span = new(bytes, capacity);
        int end = span.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? span : span[..end]);
    }
}
