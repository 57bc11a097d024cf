#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Counts IPv4 packets by source and destination. Run as root: dotnet run samples/packets.cs INTERFACE [seconds]
using System.Buffers.Binary;
using System.Net;
using Hornet;
using Hornet.Maps;

using var counts = BpfHashMap<Flow, ulong>.Create("counts", 10_240, lru: true);
using (var session = new BpfSession())
{
    session.AttachXdp(args[0], packet =>
    {
        if (!packet.TryRead(12, out ushort type) || BinaryPrimitives.ReverseEndianness(type) != 0x0800) return XdpAction.Pass;
        if (packet.TryRead(26, out Flow flow)) counts[flow]++;
        return XdpAction.Pass;
    });
    Thread.Sleep(TimeSpan.FromSeconds(args.Length > 1 ? double.Parse(args[1]) : 5));
}
Console.WriteLine($"{"SOURCE",-16} {"DESTINATION",-16} PACKETS");
foreach (var (flow, packets) in counts.OrderByDescending(c => c.Value).Take(10))
    Console.WriteLine($"{new IPAddress(flow.Source),-16} {new IPAddress(flow.Destination),-16} {packets}");

// Addresses as they lie in the packet.
record struct Flow(uint Source, uint Destination);
