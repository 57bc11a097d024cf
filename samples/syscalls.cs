#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Which system calls are made, how often they fail, and how long they take. Run as root: dotnet run samples/syscalls.cs [seconds]
using System.Collections.Concurrent;
using Hornet;

ConcurrentDictionary<string, (long Calls, long Failures, ulong Nanoseconds)> calls = new();
using (var session = new BpfSession { EventBufferSize = 64 << 20 })
{
    session.OnSyscall("*", e =>
    {
        var (failed, time) = (e.Error != 0 ? 1 : 0, e.DurationNs);
        calls.AddOrUpdate(e.Probe, (1, failed, time), (_, c) => (c.Calls + 1, c.Failures + failed, c.Nanoseconds + time));
    });
    using var stop = new CancellationTokenSource();
    Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
    stop.Token.WaitHandle.WaitOne(args.Length > 0 ? TimeSpan.FromSeconds(double.Parse(args[0])) : Timeout.InfiniteTimeSpan);
    if (session.EventsLost > 0) Console.Error.WriteLine($"{session.EventsLost} events lost");
}
Console.WriteLine($"{"CALL",-32} {"CALLS",10} {"FAILED",10} {"MEAN us",12}");
foreach (var (call, c) in calls.OrderByDescending(c => c.Value.Calls))
    Console.WriteLine($"{call["syscall:".Length..],-32} {c.Calls,10} {c.Failures,10} {c.Nanoseconds / 1e3 / c.Calls,12:F1}");
