using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>Turns the kernel's time since boot into a time of day.</summary>
internal static unsafe partial class BootClock
{
    private const int ClockBootTime = 7;

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, TimeSpec* time);

    /// <summary>Nanoseconds since boot, time asleep included (CLOCK_BOOTTIME).</summary>
    public static ulong Now
    {
        get
        {
            TimeSpec time = default;
            Libc.Check(ClockGetTime(ClockBootTime, &time), "read the boot clock");
            return ((ulong)time.Seconds * 1_000_000_000) + (ulong)time.Nanoseconds;
        }
    }

    /// <summary>The time of day of a boot-clock reading, by today's difference of the two clocks.</summary>
    public static DateTimeOffset ToTime(ulong nanoseconds) =>
        DateTimeOffset.Now - TimeSpan.FromTicks(((long)Now - (long)nanoseconds) / 100);
}
