#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Says hello whenever a thread or process is made. Run as root: dotnet run samples/hello.cs [seconds]
using Hornet;

using var session = new BpfSession();
foreach (string call in (string[])["clone", "clone3", "fork", "vfork"])
    session.OnSyscall(call, e => Console.WriteLine($"{e.ProcessName,-16} {e.ProcessId,-8} Hello, World! {e.Probe} made {e.Result}"));

Thread.Sleep(args.Length > 0 ? TimeSpan.FromSeconds(double.Parse(args[0])) : Timeout.InfiniteTimeSpan);
