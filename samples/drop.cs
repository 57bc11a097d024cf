#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Drops IPv4 packets from networks before the kernel's stack sees them, and counts them: a trie of prefixes, longest match.
// As root: dotnet run samples/drop.cs INTERFACE 203.0.113.0/24 …, then Ctrl-C
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Hornet;
using Hornet.Maps;
using Hornet.Packets;

if (args.Length < 2 || !args[1..].All(a => IPNetwork.TryParse(a, out var n) && n.BaseAddress.AddressFamily == AddressFamily.InterNetwork))
{
    Console.Error.WriteLine("usage: drop.cs INTERFACE NETWORK…: an interface and IPv4 networks, as in eth0 203.0.113.0/24");
    return 1;
}
using var dropped = BpfLpmTrie<ulong>.Create("dropped", AddressFamily.InterNetwork, 1024);
foreach (string network in args[1..]) dropped.Set(IPNetwork.Parse(network), 0);

using var session = new BpfSession();
try
{
    session.AttachXdp(args[0], packet =>
    {
        if (!packet.TryReadIPv4(out var ip, out _)) return XdpAction.Pass;
        ref ulong count = ref dropped.Find(ip.Source.Raw);
        if (Unsafe.IsNullRef(ref count)) return XdpAction.Pass;
        Interlocked.Increment(ref count);
        return XdpAction.Drop;
    });
}
catch (BpfException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
Console.WriteLine($"dropping {string.Join(", ", args[1..])} on {args[0]}; Ctrl-C ends");
session.WaitForShutdown();
foreach (var (network, count) in dropped.Networks()) Console.WriteLine($"{network}: {count} packets dropped");
return 0;
