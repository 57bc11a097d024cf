using Hornet.Interop;
using Hornet.Links;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class NetworkDeviceTests
{
    [KernelFact(Needs.NetworkNamespaces)]
    public void Interfaces_are_listed_with_what_they_are() => InNewNamespace(socket =>
    {
        AddVeth(socket, "left", "right", mtu: 1400);
        var all = NetworkDevice.Enumerate();
        Assert.Contains(all, d => d is { Index: 1, Name: "lo", Kind: null, IsUp: true });
        var left = all.Single(d => d.Name == "left");
        var right = all.Single(d => d.Name == "right");
        Assert.Equal(("veth", 1400u, right.Index, true), (left.Kind, left.Mtu, left.PeerIndex, left.IsUp));
        Assert.Equal(left.Index, NetworkDevice.Find(left.Index).Index);
        Assert.Equal(left, NetworkDevice.Find("left"));
        Assert.Equal(all.OrderBy(d => d.Index), all);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Names_that_cannot_exist_are_answered_like_others() => InNewNamespace(_ =>
    {
        Assert.Contains("There are: lo.", Assert.Throws<BpfException>(() => NetworkDevice.Find("enp0s31f6")).Message);
        Assert.Contains("no network interface", Assert.Throws<BpfException>(() => NetworkDevice.Find(new string('x', 64))).Message);
        Assert.Contains("no network interface", Assert.Throws<BpfException>(() => NetworkDevice.Find(new string('x', 4096))).Message);
        Assert.Throws<ArgumentException>(() => NetworkDevice.Find(""));
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_list_that_changes_while_it_is_read_is_read_again() => InNewNamespace(socket =>
    {
        // Enough interfaces for several datagrams, and another thread that never stops changing them.
        const int pairs = 24;
        for (int i = 0; i < pairs; i++) AddVeth(socket, $"a{i}", $"b{i}");
        ulong here = NetworkNamespaces.CurrentInode();
        using var stop = new CancellationTokenSource();
        var churn = Task.Run(() => NetworkNamespaces.TryRun(here, () =>
        {
            using var own = new NetlinkSocket();
            while (!stop.IsCancellationRequested)
            {
                AddVeth(own, "come", "go");
                Delete(own, "come");
            }
        }));
        for (int i = 0; i < 50; i++)
        {
            var names = NetworkDevice.Enumerate(socket).Select(d => d.Name).ToList();
            Assert.Equal(1 + (2 * pairs), names.Count(n => n is not ("come" or "go")));
            Assert.Equal(names.Count, names.Distinct().Count());
        }
        stop.Cancel();
        Assert.True(churn.GetAwaiter().GetResult());
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void Many_cycles_leave_no_descriptor_and_no_memory_behind() => InNewNamespace(_ =>
    {
        using var xdp = new CountingProgram(ProgramType.Xdp, 2, AttachType.Xdp);
        using var tc = new CountingProgram(ProgramType.SchedCls, -1);
        Cycle(10);
        int descriptors = DescriptorRegistry.Live.Count;
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        Cycle(TestMachine.IsVirtualMachine ? 20 : 100);
        Assert.Equal(descriptors, DescriptorRegistry.Live.Count);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 200_000);
        Assert.Empty(AttachmentJournal.List());

        void Cycle(int count)
        {
            for (int i = 0; i < count; i++)
            {
                XdpLink.Attach(xdp.Program, "lo", new() { Method = i % 2 == 0 ? XdpMethod.Netlink : XdpMethod.Auto }).Dispose();
                TcFilterLink.Attach(tc.Program, "lo", TcDirection.Ingress).Dispose();
            }
        }
    });
}
