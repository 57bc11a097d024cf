#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Who binds which socket to an address. As root: dotnet run samples/bind.cs
using Hornet;

using var session = new BpfSession();
Console.WriteLine($"{"COMM",-16} {"PID",-8} SOCKETFD");
session.OnSyscall("bind", e => Console.WriteLine($"{UntrustedText.Escape(e.ProcessName),-16} {e.ProcessId,-8} {e["fd"]}"));
session.WaitForShutdown();
