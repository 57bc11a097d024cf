using Hornet.Kernel;
using Hornet.Links;
using Hornet.Programs;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

/// <summary>
/// What is left of every kind of attachment after <c>kill -9</c> right behind it: nothing, except what was announced,
/// which <c>hornet cleanup</c> removes.
/// </summary>
public class DeathTests
{
    public static TheoryData<string> Kinds => [.. DeathKinds.All.Select(k => k.Name)];

    [KernelTheory(Needs.NetworkNamespaces)]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_left_but_what_was_announced(string name)
    {
        var kind = DeathKinds.Get(name);
        if (Requirements.SkipReason(kind.Needs) is { } reason) Assert.Skip(reason);
        if (kind.Since is { } since) Assert.SkipWhen(KernelFacts.Version < since, $"needs Linux {since}");
        if (kind.Link == typeof(LsmLink) || kind.Link == typeof(LsmCgroupLink)) Assert.SkipWhen(LsmLink.IsActive == false, "bpf is not among the active security modules");
        InNewNamespace(_ =>
        {
            using var cgroup = kind.Place == DeathPlace.Cgroup ? new TestCgroup() : null;
            if (kind.Place == DeathPlace.NetkitDevice) TestNetlink.AddLink("netkit", "nk0", "nk1");
            var dead = DyingProcess.Run(kind, kind.Place switch
            {
                DeathPlace.Cgroup => cgroup!.Path,
                DeathPlace.TargetBinary => TargetProcess.Executable,
                DeathPlace.NetkitDevice => "nk0",
                _ => "",
            });
            Assert.Equal(kind.Link.Name, dead.LinkClass);
            if (dead.LinkId != 0) Assert.Equal(kind.Kernel, dead.LinkType);
            Assert.Equal(kind.Survives, dead.Announced);
            Assert.NotEmpty(dead.Programs);
            if (kind.Survives)
            {
                Assert.Empty(dead.Programs.Except(BpfProgram.ListIds()));
                Assert.False(Assert.Single(AttachmentJournal.FindOrphans()).OwnerIsAlive);
                Assert.Equal(CleanupOutcome.Removed, Assert.Single(AttachmentJournal.Cleanup()).Outcome);
            }
            Assert.Empty(AttachmentJournal.List());
            // The kernel frees after grace periods.
            Assert.True(TestThread.Eventually(() => !BpfProgram.ListIds().Intersect(dead.Programs).Any()), $"programs {string.Join(", ", BpfProgram.ListIds().Intersect(dead.Programs))} are still there");
            Assert.DoesNotContain(BpfFdLink.Enumerate(), l => l.Id == dead.LinkId);
            // The definition (without a program) is announced to stay; the next one sweeps it.
            if (kind.LeavesDefinition) TracefsKprobe.Sweep();
            if (Mounts.Tracefs is not null) Assert.DoesNotContain(Tracefs.Events("hornet"), e => e.Contains($"{dead.ProcessId}_", StringComparison.Ordinal));
        });
    }

    [KernelFact]
    public void Every_kind_of_link_has_its_row()
    {
        var classes = typeof(BpfLink).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(BpfLink)) && !t.IsAbstract && t != typeof(BpfFdLink));
        Assert.Empty(classes.Except(DeathKinds.All.Select(k => k.Link)).Select(t => t.Name));
        Assert.Empty(Enum.GetValues<LinkType>().Except([LinkType.Unspec]).Except(DeathKinds.All.Select(k => k.Kernel ?? LinkType.Unspec)));
        Assert.Distinct(DeathKinds.All.Select(k => k.Name));
    }
}
