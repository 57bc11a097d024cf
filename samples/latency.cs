#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// How long read(2) takes, as a histogram that the kernel fills between two tracepoints. As root: dotnet run samples/latency.cs, then Ctrl-C
using Hornet;
using Hornet.Maps;

using var begun = BpfHashMap<uint, ulong>.Create("begun", 10_240);
using var nanoseconds = BpfHistogram.Create("nanoseconds");
using var session = new BpfSession();
session.AttachTracepoint("syscalls:sys_enter_read", () => begun[Bpf.Tid] = Bpf.KtimeNs);
session.AttachTracepoint("syscalls:sys_exit_read", () =>
{
    if (!begun.TryGetValue(Bpf.Tid, out ulong start)) return;
    begun.Remove(Bpf.Tid);
    nanoseconds.Record(Bpf.KtimeNs - start);
});
Console.WriteLine("measuring read(2) in nanoseconds; Ctrl-C shows it");
session.WaitForShutdown();
Console.Write(nanoseconds);
