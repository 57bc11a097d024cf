#!/usr/bin/env dotnet
#:project ../src/Hornet/Hornet.csproj
// A scheduler that is a C# class (sched_ext, Linux 6.13): who had the CPU least runs next. As root: dotnet run samples/fair.cs, then Ctrl-C
using Hornet;
using Hornet.KernelTypes;
using Hornet.Maps;

using var times = BpfTaskStorage<ulong>.Create("times");
using var counts = BpfArray<ulong>.Create("counts", 2);
using var session = new BpfSession();
using var scheduler = session.AttachScheduler(new Fair(times, counts));
Console.WriteLine($"{scheduler.Name} schedules all ordinary threads; Ctrl-C ends");
if (!session.WaitForShutdown(() => scheduler.End is not null)) Console.WriteLine(scheduler.End);
Console.WriteLine($"{counts[0]} times a thread waited for a CPU");

[StructOps("sched_ext_ops")]
sealed class Fair(BpfTaskStorage<ulong> times, BpfArray<ulong> counts)
{
    const ulong Shared = 0, Slice = 5_000_000;

    public string Name => "hornet_fair";

    [Sleepable] public int Init() => BpfScheduler.CreateQueue(Shared);

    // counts[1] is the time of the thread that ran last: who slept long does not get all of it back.
    public void Enqueue(ScheduledTask task, EnqueueFlags flags)
    {
        counts[0]++;
        ulong earliest = counts[1] - Slice, time = times.GetOrAdd(task);
        task.InsertByTime(Shared, Slice, (long)(time - earliest) < 0 ? earliest : time, flags);
    }

    public void Dispatch(int cpu, ScheduledTask? previous) => BpfScheduler.MoveToLocal(Shared);

    public void Running(ScheduledTask task) => counts[1] = Math.Max(counts[1], times.GetOrAdd(task));

    public void Stopping(ScheduledTask task, bool runnable) => times.GetOrAdd(task) += (Slice - Math.Min(Slice, task.Slice)) * 100 / task.Weight;
}
