#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// How long threads that could run wait for a CPU, as a histogram. As root: dotnet run samples/waits.cs, then Ctrl-C
using Hornet;
using Hornet.KernelTypes;
using Hornet.Maps;

const int StillRunnable = 0;
using var since = BpfHashMap<int, ulong>.Create("since", 10_240);
using var microseconds = BpfHistogram.Create("microseconds");
using var session = new BpfSession();
session.AttachBtfTracepoint("sched_wakeup", (TaskStruct p) => since[p.Pid] = Bpf.KtimeNs);
session.AttachBtfTracepoint("sched_wakeup_new", (TaskStruct p) => since[p.Pid] = Bpf.KtimeNs);
session.AttachBtfTracepoint("sched_switch", (TaskStruct prev, TaskStruct next) =>
{
    if (prev.State == StillRunnable) since[prev.Pid] = Bpf.KtimeNs;
    if (!since.TryGetValue(next.Pid, out ulong start)) return;
    since.Remove(next.Pid);
    microseconds.Record((Bpf.KtimeNs - start) / 1000);
});
Console.WriteLine("measuring waits for a CPU in microseconds; Ctrl-C shows them");
session.WaitForShutdown();
Console.Write(microseconds);
