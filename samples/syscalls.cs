#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// Which system calls are made, how often they fail, and how long they take. As root: dotnet run samples/syscalls.cs, then Ctrl-C
using Hornet;

Dictionary<string, (long Calls, long Failures, ulong Nanoseconds)> calls = [];
using (var session = new BpfSession { EventBufferSize = 64 << 20 })
{
    // Callbacks of a session run one after the other.
    session.OnSyscall("*", e =>
    {
        var (count, failures, time) = calls.GetValueOrDefault(e.Probe);
        calls[e.Probe] = (count + 1, failures + (e.Error != 0 ? 1 : 0), time + e.DurationNs);
    });
    Console.WriteLine("counting system calls; Ctrl-C shows them");
    session.WaitForShutdown();
    if (session.EventsLost > 0) Console.Error.WriteLine($"{session.EventsLost} events lost");
}
Console.WriteLine($"{"CALL",-32} {"CALLS",10} {"FAILED",10} {"MEAN us",12}");
foreach (var (call, c) in calls.OrderByDescending(c => c.Value.Calls).Take(20))
    Console.WriteLine($"{call["syscall:".Length..],-32} {c.Calls,10} {c.Failures,10} {c.Nanoseconds / 1e3 / c.Calls,12:F1}");
