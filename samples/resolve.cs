#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Which names are looked up by whom: a probe in the C library, with its string. As root: dotnet run samples/resolve.cs
using Hornet;

using var session = new BpfSession();
Console.WriteLine($"{"COMM",-16} {"PID",-8} NAME");
session.OnUprobe("libc.so.6", "getaddrinfo",
    e => Console.WriteLine($"{UntrustedText.Escape(e.ProcessName),-16} {e.ProcessId,-8} {UntrustedText.Escape(e["arg0"].ToString())}"),
    new ProbeOptions { Texts = ["arg0"] });
session.WaitForShutdown();
