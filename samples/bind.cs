#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Who binds which socket to an address. Run as root: dotnet run samples/bind.cs [seconds]
using Hornet;

using var session = new BpfSession();
Console.WriteLine($"{"COMM",-16} {"PID",-8} SOCKETFD");
session.OnSyscall("bind", e => Console.WriteLine($"{UntrustedText.Escape(e.ProcessName),-16} {e.ProcessId,-8} {e["fd"]}"));
Wait(args);

static void Wait(string[] args)
{
    using var stop = new CancellationTokenSource();
    Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
    stop.Token.WaitHandle.WaitOne(args.Length > 0 ? TimeSpan.FromSeconds(double.Parse(args[0])) : Timeout.InfiniteTimeSpan);
}
