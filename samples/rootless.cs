#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
#:project ../src/Hornet.Vm/Hornet.Vm.csproj
// A filter and its test without root and without a kernel: compiled, and run on packets by the machine in user space.
// As anybody: dotnet run samples/rootless.cs
using Hornet;
using Hornet.Maps;
using Hornet.Packets;
using Hornet.Vm;

var compiled = AheadOfTimeCompiler.Compile([typeof(Filter).GetMethod("DropTelnet")!], "filter");
var filter = new BpfMachine().Load(compiled.Object);
foreach (byte port in (byte[])[22, 23, 80])
{
    byte[] packet = new byte[54];
    packet[12] = 8;     // Ethernet: IPv4
    packet[14] = 0x45;  // IPv4: 5 words of header
    packet[23] = 6;     // TCP
    packet[37] = port;
    var result = filter.Program("DropTelnet").Run(VmContext.Xdp(packet)).EnsureSucceeded();
    Console.WriteLine($"port {port}: {(XdpAction)result.ReturnCode}");
}
Console.WriteLine($"dropped: {filter.Map("dropped").Get<uint, ulong>(0)}");

static class Filter
{
    static readonly BpfArray<ulong> Dropped = BpfArray<ulong>.Create("dropped", 1);

    [Xdp]
    public static XdpAction DropTelnet(XdpContext packet)
    {
        if (!packet.TryReadIPv4(out var ip, out int payload) || ip.Protocol != IPProtocol.Tcp) return XdpAction.Pass;
        if (!packet.TryRead(payload, out TcpHeader tcp) || tcp.DestinationPort != 23) return XdpAction.Pass;
        Dropped[0]++;
        return XdpAction.Drop;
    }
}
