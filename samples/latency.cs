#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// How long read(2) takes, as a histogram that the kernel fills between two tracepoints.
// Run as root: dotnet run samples/latency.cs [seconds]
using System.Numerics;
using Hornet;
using Hornet.Maps;

using var begun = BpfHashMap<uint, ulong>.Create("begun", 10_240);
using var counts = BpfArray<ulong>.Create("counts", 64);
using (var session = new BpfSession())
{
    session.AttachTracepoint("syscalls:sys_enter_read", () => begun[Bpf.Tid] = Bpf.KtimeNs);
    session.AttachTracepoint("syscalls:sys_exit_read", () =>
    {
        if (!begun.TryGetValue(Bpf.Tid, out ulong start)) return;
        begun.Remove(Bpf.Tid);
        counts[(uint)BitOperations.Log2((Bpf.KtimeNs - start) | 1)]++;
    });
    Thread.Sleep(TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0]) : 5));
}
Console.WriteLine($"{"NANOSECONDS",24}  READS");
ulong most = Enumerable.Range(0, 64).Max(i => counts[(uint)i]);
for (int i = 0; i < 64; i++)
{
    ulong n = counts[(uint)i];
    if (n > 0) Console.WriteLine($"{1ul << i,11} .. {(2ul << i) - 1,-11} {n,8} {new string('#', (int)(n * 40 / most))}");
}
