using Hornet.Links;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

/// <summary>How network attachments that outlive their process are recorded, found and removed.</summary>
public class NetworkDeathTests
{
    [KernelFact(Needs.NetworkNamespaces)]
    public void An_XDP_program_set_over_netlink_stays_and_is_cleaned_up() => InNewNamespace(_ =>
        Stays(Kill("xdp by netlink"), "xdp", "XDP (generic) on lo", () => NetworkDevice.Find("lo").Xdp.GenericProgramId));

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_tc_filter_stays_and_is_cleaned_up_with_its_qdisc() => InNewNamespace(socket =>
    {
        Stays(Kill("tc filter"), "tc", "tc filter on lo ingress", () => TcFilterLink.List("lo", TcDirection.Ingress).SingleOrDefault()?.ProgramId ?? 0);
        // Making it anew succeeds only where it is gone.
        Assert.True(TcNetlink.EnsureClsact(socket, NetworkDevice.Find("lo")));
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.Cgroup2)]
    public void A_cgroup_program_without_link_stays_and_is_cleaned_up() => InNewNamespace(_ =>
    {
        using var cgroup = new TestCgroup();
        Stays(Kill("cgroup without link", cgroup.Path), "cgroup", $"CgroupInetEgress on cgroup {cgroup.Path}",
            () => AttachmentQuery.Cgroup(cgroup.Path, AttachType.CgroupInetEgress).Programs.Select(p => p.ProgramId).SingleOrDefault());
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_route_with_a_program_stays_and_is_cleaned_up() => InNewNamespace(_ =>
    {
        uint program = Kill("route");
        var orphan = Assert.Single(AttachmentJournal.FindOrphans());
        Assert.Equal(("lwt", "route to 10.9.9.0/24 through programs on lo"), (orphan.Kind, orphan.Description));
        Assert.Equal(program, Assert.Single(orphan.ProgramIds));
        Assert.True(HasRoute());
        Assert.Equal(CleanupOutcome.Removed, Assert.Single(AttachmentJournal.Cleanup()).Outcome);
        Assert.False(HasRoute());

        static bool HasRoute() => File.ReadAllText("/proc/thread-self/net/route").Contains("0009090A", StringComparison.Ordinal);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void What_is_somebody_elses_by_now_is_left_alone() => InNewNamespace(_ =>
    {
        uint dead = Kill("xdp by netlink");
        using var theirs = new CountingProgram(ProgramType.Xdp, 2);
        using var link = XdpLink.Attach(theirs.Program, "lo", new() { Mode = XdpMode.Generic, Replace = true });
        var result = Assert.Single(AttachmentJournal.Cleanup());
        Assert.Contains(dead, result.Attachment!.ProgramIds);
        // The program of the dead is gone from the kernel as soon as the other took its place.
        Assert.Equal(CleanupOutcome.AlreadyGone, result.Outcome);
        Assert.Equal(ProgramIdentity.Of(theirs.Program.Descriptor).Id, NetworkDevice.Find("lo").Xdp.GenericProgramId);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void What_a_living_process_holds_is_no_orphan_and_the_caller_was_told() => InNewNamespace(_ =>
    {
        var told = new List<string>();
        void Listen(BpfLink link, string notice) => told.Add(notice);
        AttachmentJournal.SurvivorAttached += Listen;
        try
        {
            using var pass = new CountingProgram(ProgramType.SchedCls, -1);
            using (var link = TcFilterLink.Attach(pass.Program, "lo", TcDirection.Egress))
            {
                Assert.Equal(link.SurvivalNotice, Assert.Single(told));
                Assert.Equal("tc filter on lo egress stays attached if this process is killed; `hornet cleanup` removes it then.", told[0]);
                var recorded = Assert.Single(AttachmentJournal.List());
                Assert.Equal((Environment.ProcessId, true), (recorded.ProcessId, recorded.OwnerIsAlive));
                Assert.Empty(AttachmentJournal.FindOrphans());
                Assert.Empty(AttachmentJournal.Cleanup());
                Assert.Single(TcFilterLink.List("lo", TcDirection.Egress));
            }
            Assert.Empty(AttachmentJournal.List());
        }
        finally
        {
            AttachmentJournal.SurvivorAttached -= Listen;
        }
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_journal_open_to_others_is_not_trusted_and_the_caller_is_told() => InNewNamespace(_ =>
    {
        string directory = Directory.CreateTempSubdirectory("hornet-journal-open").FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111);
        AttachmentJournal.Directory = directory;
        try
        {
            using var pass = new CountingProgram(ProgramType.Xdp, 2);
            using var link = XdpLink.Attach(pass.Program, "lo", new() { Method = XdpMethod.Netlink });
            Assert.Contains("must then be removed by hand: it could not be recorded", link.SurvivalNotice);
            Assert.Contains("mode 777; it must be this user's with mode 700", Assert.Throws<BpfException>(() => AttachmentJournal.Cleanup()).Message);
        }
        finally
        {
            AttachmentJournal.Directory = TestJournal.Directory;
            Directory.Delete(directory, recursive: true);
        }
    });

    private static uint Kill(string kind, string place = "") => Assert.Single(DyingProcess.Run(DeathKinds.Get(kind), place).Programs);

    private static void Stays(uint program, string kind, string description, Func<uint> attached)
    {
        Assert.Equal(program, attached());
        var orphan = Assert.Single(AttachmentJournal.FindOrphans());
        Assert.Equal((kind, description, false), (orphan.Kind, orphan.Description, orphan.OwnerIsAlive));
        Assert.Equal(program, Assert.Single(orphan.ProgramIds));
        Assert.Equal(CleanupOutcome.Removed, Assert.Single(AttachmentJournal.Cleanup()).Outcome);
        Assert.Equal(0u, attached());
        Assert.Empty(AttachmentJournal.List());
    }
}
