using System.Net;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Links;
using Hornet.Maps;
using static Hornet.KernelTests.Links.TestNetwork;

namespace Hornet.KernelTests.Links;

public class NetnsLinkTests
{
    [KernelFact(Needs.NetworkNamespaces, Needs.SkLookup)]
    public void A_socket_lookup_program_gives_packets_to_the_socket_it_chose() => InNewNamespace(_ =>
    {
        using var receiver = BindUdp();
        using var map = BpfMap.Create(new MapSpec { Name = "sockets", Type = MapType.SockMap, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        map.Update(new byte[4], BitConverter.GetBytes((int)receiver.Handle));
        using var choose = new CountingProgram(ProgramType.SkLookup, 1, AttachType.SkLookup, maps: map, then: code => code
            .Store(Register.R10, -4, 0, MemorySize.U32)
            .LoadMap(Register.R1, "sockets").Mov(Register.R2, Register.R10).Add(Register.R2, -4)
            .Call(BpfHelper.MapLookupElem)
            .JumpIfZero(Register.R0, "out")
            .Mov(Register.R7, Register.R0)
            .Mov(Register.R1, Register.R6).Mov(Register.R2, Register.R7).Mov(Register.R3, 0)
            .Call(BpfHelper.SkAssign)
            .Mov(Register.R1, Register.R7)
            .Call(BpfHelper.SkRelease)
            .Label("out"));
        var nobody = new IPEndPoint(IPAddress.Loopback, 9);
        Assert.Equal(0, Deliver(receiver, 1, to: nobody));
        using (var link = NetnsLink.Attach(choose.Program))
        {
            Assert.Equal(2, Deliver(receiver, 2, to: nobody));
            Assert.Equal(2, choose.Count);
            var info = Assert.IsType<NetnsLinkInfo>(link.GetInfo());
            Assert.Equal((NetworkNamespaces.CurrentInode(), AttachType.SkLookup), (info.NamespaceInode, info.AttachType));
            Assert.Equal(Id(choose), Assert.Single(AttachmentQuery.NetworkNamespace(AttachType.SkLookup).Programs).ProgramId);
        }
        Assert.Equal(0, Deliver(receiver, 1, to: nobody));
        Assert.Equal(2, choose.Count);
    });

    [KernelFact(Needs.NetworkNamespaces)]
    public void A_flow_dissector_runs_when_a_packet_is_hashed_and_is_updated_in_place() => InNewNamespace(_ =>
    {
        // BPF_OK: dissected.
        using CountingProgram first = new(ProgramType.FlowDissector, 0, AttachType.FlowDissector), second = new(ProgramType.FlowDissector, 0, AttachType.FlowDissector);
        using var hash = new CountingProgram(ProgramType.SchedCls, 0, then: code => code
            .Mov(Register.R1, Register.R6).Call(BpfHelper.SetHashInvalid)
            .Mov(Register.R1, Register.R6).Call(BpfHelper.GetHashRecalc));
        using var receiver = BindUdp();
        using var filter = TcFilterLink.Attach(hash.Program, "lo", TcDirection.Ingress);
        using (var link = NetnsLink.Attach(first.Program))
        {
            Assert.Equal(2, Deliver(receiver, 2));
            Assert.True(first.Count >= 2);
            long before = first.Count;
            link.Update(second.Program, expectedOld: first.Program);
            Assert.Equal(2, Deliver(receiver, 2));
            Assert.Equal(before, first.Count);
            Assert.True(second.Count >= 2);
            var e = Assert.Throws<BpfSyscallException>(() => NetnsLink.Attach(first.Program));
            Assert.Contains("one flow dissector", e.Message);
        }
        Assert.Empty(AttachmentQuery.NetworkNamespace(AttachType.FlowDissector).Programs);
    });

    [KernelFact(Needs.NetworkNamespaces, Needs.SkLookup)]
    public void A_namespace_is_given_by_path_or_descriptor() => InNewNamespace(_ =>
    {
        using var pass = new CountingProgram(ProgramType.SkLookup, 1, AttachType.SkLookup);
        using var here = NetworkNamespaces.OpenCurrent();
        string path = $"/proc/self/fd/{here.Value}";
        // From another thread, which is in another namespace.
        Task.Run(() =>
        {
            using var byPath = NetnsLink.Attach(pass.Program, path);
            using var byDescriptor = NetnsLink.Attach(pass.Program, here);
            Assert.Equal(2, AttachmentQuery.NetworkNamespace(AttachType.SkLookup, path).Programs.Count);
        }).GetAwaiter().GetResult();
        Assert.Empty(AttachmentQuery.NetworkNamespace(AttachType.SkLookup).Programs);
        Assert.Contains("/proc/none", Assert.Throws<BpfSyscallException>(() => NetnsLink.Attach(pass.Program, "/proc/none")).Message);
    });

    private static uint Id(CountingProgram program) => ProgramIdentity.Of(program.Program.Descriptor).Id;
}
