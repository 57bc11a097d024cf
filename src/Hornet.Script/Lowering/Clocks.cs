using System.Runtime.InteropServices;

namespace Hornet.Script.Lowering;

/// <summary>How the kernel's clocks differ.</summary>
internal static partial class Clocks
{
    private const int Boot = 7, Tai = 11;

    /// <summary>Nanoseconds that are added to the time since boot to get International Atomic Time.</summary>
    public static long TaiAheadOfBoot()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        // Twice around: what passes between two readings does not count.
        long before = Read(Boot), tai = Read(Tai), after = Read(Boot);
        return tai - (before + after) / 2;
    }

    private static long Read(int clock) => Get(clock, out var time) == 0 ? time.Seconds * 1_000_000_000 + time.Nanoseconds : 0;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Get(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
