#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Who connects to which Unix socket, and what comes of it. As root: dotnet run samples/unix.cs
using System.Net.Sockets;
using Hornet;

using var session = new BpfSession();
Console.WriteLine($"{"COMM",-16} {"PID",-8} {"ERROR",-6} SOCKET");
session.OnSyscall("connect", e =>
{
    if (e["uservaddr"].ToEndPoint() is UnixDomainSocketEndPoint socket)
        Console.WriteLine($"{UntrustedText.Escape(e.ProcessName),-16} {e.ProcessId,-8} {e.Error,-6} {UntrustedText.Escape($"{socket}")}");
});
session.WaitForShutdown();
