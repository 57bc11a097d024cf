#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Says hello whenever a thread or process is made. As root: dotnet run samples/hello.cs
using Hornet;

using var session = new BpfSession();
session.OnSyscall("clone*", e => Console.WriteLine($"{UntrustedText.Escape(e.ProcessName),-16} {e.ProcessId,-8} Hello, World! {e.Probe} made {e.Result}"));
session.WaitForShutdown();
