using System.Globalization;
using Hornet.Interop;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet.KernelTests.Links;

/// <summary>
/// Processes that attach something of the network and are killed at once. They enter the test's network namespace, so
/// nothing ever touches the machine's own.
/// </summary>
internal static class NetworkDeaths
{
    // What must not be collected before the process dies.
    private static readonly List<object> s_kept = [];

    /// <summary>
    /// Attaches in another process, in the network namespace of the calling thread, and kills that process. Returns the
    /// id of the program that was attached.
    /// </summary>
    public static uint Run(string scenario, string argument = "")
    {
        using var here = NetworkNamespaces.OpenCurrent();
        using var child = ChildProcess.Start(Child, $"/proc/{Environment.ProcessId}/fd/{here.Value}", TestJournal.Directory, scenario, argument);
        string line = child.WaitForLine("attached ");
        child.KillHard();
        return uint.Parse(line["attached ".Length..], CultureInfo.InvariantCulture);
    }

    private static int Child(string[] arguments)
    {
        using (var network = NetworkNamespaces.Open(arguments[0]))
            Libc.Check(NetworkNamespaces.SetNamespace(network.Value, NetworkNamespaces.CloneNewNet), "enter the test's network namespace");
        AttachmentJournal.Directory = arguments[1];
        s_kept.Add(Attach(arguments[2], arguments[3]));
        var program = s_kept.OfType<CountingProgram>().Last().Program;
        Console.WriteLine($"attached {ProgramIdentity.Of(program.Descriptor).Id}");
        Thread.Sleep(Timeout.Infinite);
        return 1;
    }

    private static BpfLink Attach(string scenario, string argument) => scenario switch
    {
        "xdp link" => XdpLink.Attach(Program(ProgramType.Xdp, 1, AttachType.Xdp), "lo", new() { Method = XdpMethod.Link }),
        "xdp netlink" => XdpLink.Attach(Program(ProgramType.Xdp, 1), "lo", new() { Mode = XdpMode.Generic, Method = XdpMethod.Netlink }),
        "tc filter" => TcFilterLink.Attach(Program(ProgramType.SchedCls, 2), "lo", TcDirection.Ingress),
        "tcx" => TcxLink.Attach(Program(ProgramType.SchedCls, 2), "lo", TcDirection.Ingress),
        "netkit" => NetkitLink.Attach(Program(ProgramType.SchedCls, 2), argument, NetkitEnd.Primary),
        "cgroup link" => CgroupLink.Attach(Program(ProgramType.CgroupSkb, 0, AttachType.CgroupInetEgress), argument, new() { Method = CgroupMethod.Link }),
        "cgroup legacy" => CgroupLink.Attach(Program(ProgramType.CgroupSkb, 0, AttachType.CgroupInetEgress), argument, new() { Method = CgroupMethod.Legacy }),
        "netfilter" => NetfilterLink.Attach(Program(ProgramType.Netfilter, 0, AttachType.Netfilter), NetfilterProtocol.IPv4, NetfilterHook.LocalOut),
        "sk_lookup" => NetnsLink.Attach(Program(ProgramType.SkLookup, 0, AttachType.SkLookup)),
        "flow dissector" => NetnsLink.Attach(Program(ProgramType.FlowDissector, 0, AttachType.FlowDissector)),
        "route" => LwtRoute.Attach(new() { Destination = System.Net.IPNetwork.Parse("10.9.9.0/24"), InterfaceName = "lo", Out = Program(ProgramType.LwtOut, 2) }),
        _ => throw new ArgumentException($"there is no scenario '{scenario}'"),
    };

    private static BpfProgram Program(ProgramType type, int verdict, AttachType attachType = 0)
    {
        var program = new CountingProgram(type, verdict, attachType, "dead");
        s_kept.Add(program);
        return program.Program;
    }
}
