#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Drops IPv4 packets from a network before the kernel's stack sees them, and counts them.
// Run as root: dotnet run samples/drop.cs INTERFACE 203.0.113.0/24 [seconds]
using System.Buffers.Binary;
using System.Net;
using Hornet;
using Hornet.Maps;

var network = IPNetwork.Parse(args[1]);
uint mask = network.PrefixLength == 0 ? 0 : BinaryPrimitives.ReverseEndianness(uint.MaxValue << (32 - network.PrefixLength));
uint prefix = BitConverter.ToUInt32(network.BaseAddress.GetAddressBytes());

using var dropped = BpfArray<ulong>.Create("dropped", 1);
using (var session = new BpfSession())
{
    // The network is a constant of the program: captured variables are.
    session.AttachXdp(args[0], packet =>
    {
        if (!packet.TryRead(12, out ushort type) || BinaryPrimitives.ReverseEndianness(type) != 0x0800) return XdpAction.Pass;
        if (!packet.TryRead(26, out uint source) || (source & mask) != prefix) return XdpAction.Pass;
        dropped[0]++;
        return XdpAction.Drop;
    });
    Console.WriteLine($"dropping {network} on {args[0]}");
    Thread.Sleep(args.Length > 2 ? TimeSpan.FromSeconds(double.Parse(args[2])) : Timeout.InfiniteTimeSpan);
}
Console.WriteLine($"{dropped[0]} packets dropped");
