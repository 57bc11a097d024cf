#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Denies the processes of a control group connections to a port. As root: dotnet run samples/deny.cs CGROUP-FOLDER PORT
using Hornet;

if (args is not [var cgroup, var text] || !ushort.TryParse(text, out ushort port))
{
    Console.Error.WriteLine("usage: deny.cs CGROUP-FOLDER PORT: as in /sys/fs/cgroup/guests 25");
    return 1;
}
using var session = new BpfSession();
try
{
    foreach (var hook in (SocketAddressHook[])[SocketAddressHook.Connect4, SocketAddressHook.Connect6])
        session.AttachSocketAddress(cgroup, hook, address =>
        {
            if (address.Port != port) return CgroupVerdict.Allow;
            Bpf.Print($"{Bpf.Tgid} may not connect to port {port}");
            return CgroupVerdict.Deny;
        });
}
catch (BpfException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
Console.WriteLine($"denying port {port} to {cgroup}; Ctrl-C ends");
session.WaitForShutdown();
return 0;
