#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Counts IPv4 packets by source and destination. As root: dotnet run samples/packets.cs INTERFACE, then Ctrl-C
using Hornet;
using Hornet.Maps;
using Hornet.Packets;

if (args is not [var device])
{
    Console.Error.WriteLine("usage: packets.cs INTERFACE: the network interface, eth0 or lo");
    return 1;
}
using var counts = BpfHashMap<Flow, ulong>.Create("counts", 10_240, lru: true);
using var session = new BpfSession();
try
{
    session.AttachXdp(device, packet =>
    {
        if (packet.TryReadIPv4(out var ip, out _)) counts[new Flow(ip.Source, ip.Destination)]++;
        return XdpAction.Pass;
    });
}
catch (BpfException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
Console.WriteLine($"counting packets on {device}; Ctrl-C shows them");
session.WaitForShutdown();

Console.WriteLine($"{"SOURCE",-16} {"DESTINATION",-16} PACKETS");
foreach (var (flow, packets) in counts.OrderByDescending(c => c.Value).Take(10))
    Console.WriteLine($"{flow.Source,-16} {flow.Destination,-16} {packets}");
return 0;

record struct Flow(IPv4Address Source, IPv4Address Destination);
