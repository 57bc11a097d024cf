using System.Net;
using System.Net.Sockets;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Core.Tests.Docs;

/// <summary>The samples of docs/links.md, so that they compile. <see cref="PageTests"/> compares them with the page.</summary>
internal static class LinksPage
{
    internal static void First(BpfProgram program)
    {
        using var link = XdpLink.Attach(program, "eth0");
    }

    internal static void Every(BpfLink link, BpfProgram program, BpfProgram replacement)
    {
        link.Update(replacement, expectedOld: program);   // another program in its place, without a gap
        LinkInfo info = link.GetInfo();                   // what the kernel says, typed by kind
        link.Pin("/sys/fs/bpf/my-link");                  // a name that outlives the process, on purpose
        link.Detach();                                    // detach while others hold it
    }

    internal static void Enumeration()
    {
        foreach (LinkInfo each in BpfFdLink.Enumerate()) Console.WriteLine($"{each.Id}: {each.Describe()}");
        using var pinned = BpfFdLink.OpenPinned("/sys/fs/bpf/my-link");
    }

    internal static void Xdp(BpfProgram program)
    {
        using var link = XdpLink.Attach(program, "eth0", new() { Mode = XdpMode.Native });
    }

    internal static void Tc(BpfProgram program)
    {
        using BpfLink link = TcLink.Attach(program, "eth0", TcDirection.Ingress);
        if (link.SurvivalNotice is { } notice) Console.Error.WriteLine(notice);   // clsact, before 6.6
    }

    internal static void Tcx(BpfProgram program, BpfProgram replacement)
    {
        using var last = TcxLink.Attach(program, "eth0", TcDirection.Egress);
        using var first = TcxLink.Attach(replacement, "eth0", TcDirection.Egress, new() { Anchor = Anchor.Before(last) });
    }

    internal static void Query(BpfProgram program)
    {
        AttachmentQuery hook = AttachmentQuery.Tcx("eth0", TcDirection.Egress);
        foreach (AttachedProgram each in hook.Programs) Console.WriteLine($"program {each.ProgramId}, link {each.LinkId}");
        using var safe = TcxLink.Attach(program, "eth0", TcDirection.Egress, new() { ExpectedRevision = hook.Revision });
    }

    internal static void Filter(BpfProgram program)
    {
        using var filter = TcFilterLink.Attach(program, "eth0", TcDirection.Ingress, new() { Priority = 10, Protocol = 0x0800 });
    }

    internal static void Netkit(BpfProgram program)
    {
        using var link = NetkitLink.Attach(program, "nk0", NetkitEnd.Peer);
    }

    internal static void Netfilter(BpfProgram program)
    {
        using var link = NetfilterLink.Attach(program, NetfilterProtocol.IPv4, NetfilterHook.LocalIn, new() { Priority = -128 });
    }

    internal static void Namespaces(BpfProgram program)
    {
        using var here = NetnsLink.Attach(program);
        using var there = NetnsLink.Attach(program, "/run/netns/blue");
    }

    internal static void Route(BpfProgram program)
    {
        using var route = LwtRoute.Attach(new()
        {
            Destination = IPNetwork.Parse("10.9.0.0/16"),
            InterfaceName = "eth0",
            Xmit = program,
            XmitHeadroom = 32,
        });
    }

    internal static void Cgroup(BpfProgram program)
    {
        using var link = CgroupLink.Attach(program, "/sys/fs/cgroup/my.service");
    }

    internal static void CgroupAlone(BpfProgram program)
    {
        using var alone = CgroupLink.Attach(program, "/sys/fs/cgroup/my.service",
            new() { Method = CgroupMethod.Legacy, Flags = CgroupAttachFlags.Exclusive });
    }

    internal static void CgroupQuery()
    {
        var effective = AttachmentQuery.Cgroup("/sys/fs/cgroup/my.service", AttachType.CgroupInetEgress, effective: true);
    }

    internal static void SockMap(BpfProgram program, BpfMap map)
    {
        using var parser = SockMapLink.Attach(program, map, AttachType.SkSkbStreamParser);
    }

    internal static void Sockets(BpfProgram program, Socket socket)
    {
        using var filter = SocketLink.AttachFilter(program, socket.SafeHandle);
        using var choice = SocketLink.AttachReusePort(program, socket.SafeHandle);
    }

    internal static void Tracing(BpfProgram program)
    {
        using var tracepoint = TracepointLink.Attach(program, "sched/sched_switch");
        using var raw = RawTracepointLink.Attach(program, "sched_switch");
        using var kprobe = KprobeLink.Attach(program, "vfs_read", new() { Cookie = 7 });
        using var openat = KprobeLink.AttachSystemCall(program, "openat");
        using var many = KprobeMultiLink.AttachPattern(program, "tcp_*");
        using var uprobe = UprobeLink.Attach(program, "/usr/bin/bash", "readline", new() { IsReturn = true });
        using var library = UprobeMultiLink.AttachPattern(program, "libc.so.6", "str*");
        using var fentry = TracingLink.Attach(program);
        using var clock = PerfEventLink.Attach(program, PerfEventSource.Software(SoftwareEvent.CpuClock), new() { Frequency = 99 });
    }

    internal static void Iterator(BpfProgram program)
    {
        using var tasks = IteratorLink.Attach(program, new() { Process = Environment.ProcessId });
        foreach (string line in tasks.ReadLines()) Console.WriteLine(line);
    }

    internal static void Journal()
    {
        AttachmentJournal.SurvivorAttached += (_, notice) => Console.Error.WriteLine($"warning: {notice}");
        foreach (SurvivingAttachment orphan in AttachmentJournal.FindOrphans()) Console.WriteLine(orphan);
        foreach (CleanupResult result in AttachmentJournal.Cleanup()) Console.WriteLine(result);
    }
}
