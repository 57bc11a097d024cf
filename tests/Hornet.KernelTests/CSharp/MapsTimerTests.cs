using System.Diagnostics;
using Hornet.Maps;

namespace Hornet.KernelTests.CSharp;

/// <summary>Timers in map values, started by C# kernel code.</summary>
public class MapsTimerTests
{
    [KernelFact(MinKernel = "5.15")]
    public void A_timer_calls_back_with_its_element()
    {
        using var sessions = BpfHashMap<uint, Entry>.Create("sessions", 16);
        using var fired = BpfArray<ulong>.Create("fired", 4);
        MapsRun.Once(() =>
        {
            ref var entry = ref sessions.GetOrAdd(7);
            entry.Step = 5;
            if (entry.Timer.Start(sessions, 1_000_000, (in uint key, ref Entry value) =>
            {
                fired[1] = key;
                value.Count += value.Step;
                if (value.Count < 15) value.Timer.Restart(1_000);
                else fired[0] = 1;
            })) fired[2] = 1;
        }, () => WaitFor(() => fired[0] == 1));
        Assert.Equal((1ul, 7ul, 1ul), (fired[0], fired[1], fired[2]));
        Assert.Equal(15ul, sessions[7].Count);
    }

    [KernelFact(MinKernel = "5.15")]
    public void A_timer_that_is_cancelled_does_not_call_back()
    {
        using var slots = BpfArray<Entry>.Create("slots", 2);
        using var seen = BpfArray<ulong>.Create("seen", 4);
        MapsRun.Once(() =>
        {
            ref var entry = ref slots.Find(1);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry)) return;
            seen[0] = entry.Timer.Restart(1) ? 1ul : 2;
            seen[1] = entry.Timer.Start(slots, 3_600_000_000_000, (in uint key, ref Entry value) => value.Count++) ? 1ul : 2;
            seen[2] = entry.Timer.Cancel() ? 1ul : 2;
            seen[3] = entry.Timer.Cancel() ? 1ul : 2;
        });
        Assert.Equal([2ul, 1, 1, 2], seen.ToArray());
        Assert.Equal(0ul, slots[1].Count);
    }

    private static void WaitFor(Func<bool> condition)
    {
        var time = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(time.Elapsed < TimeSpan.FromSeconds(60), "The timer did not call back within a minute.");
            Thread.Sleep(1);
        }
    }

    private struct Entry
    {
        public BpfTimer Timer;
        public ulong Count, Step;
    }
}
