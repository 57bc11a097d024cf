#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Which thread a CPU leaves for which other one, filtered in the kernel. Run as root: dotnet run samples/switches.cs PID [seconds]
using Hornet;

int wanted = int.Parse(args[0]);
using var session = new BpfSession();
Console.WriteLine($"{"CPU",-4} {"FROM",-8} {"TO",-8} STATE");
session.OnTracepoint<Switch>("sched:sched_switch")
    .Where(e => e.Args.PrevPid == wanted)
    .Subscribe(e => Console.WriteLine($"{e.Cpu,-4} {e.Args.PrevPid,-8} {e.Args.NextPid,-8} {e.Args.PrevState}"));

Thread.Sleep(args.Length > 1 ? TimeSpan.FromSeconds(double.Parse(args[1])) : Timeout.InfiniteTimeSpan);

record struct Switch(int PrevPid, int NextPid, long PrevState);
