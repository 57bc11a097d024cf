using System.Runtime.InteropServices;
using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>Times as text, in the local time zone, by C's strftime: its formats are the language's, and so are its names.</summary>
internal sealed unsafe partial class ScriptClock
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private readonly byte[] _text = new byte[4096];

    /// <summary>When the machine was started, in nanoseconds since 1970.</summary>
    public long BootTime { get; init; } = MeasureBootTime();

    /// <summary>Whether times are of Greenwich instead of the local zone.</summary>
    public bool IsUtc { get; init; }

    /// <summary>
    /// A time of the kernel: <c>%f</c>, <c>%l</c> and <c>%k</c> are the micro-, milli- and nanoseconds, all else is strftime's. A time of zero, and
    /// a format that gives nothing, are <c>(?)</c>.
    /// </summary>
    public void Write(ByteWriter writer, ulong nanoseconds, TimestampClock clock, ReadOnlySpan<char> format)
    {
        long time = (long)nanoseconds + (clock == TimestampClock.Boot ? BootTime : 0);
        long seconds = Math.DivRem(time, NanosecondsPerSecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += NanosecondsPerSecond;
        }
        if (seconds == 0)
        {
            writer.Bytes("(?)"u8);
            return;
        }
        string text = format.ToString();
        if (text.Contains('%', StringComparison.Ordinal))
        {
            text = text.Replace("%f", (rest / 1000).ToString("D6", null), StringComparison.Ordinal)
                .Replace("%k", rest.ToString("D9", null), StringComparison.Ordinal)
                .Replace("%l", (rest / 1_000_000).ToString("D3", null), StringComparison.Ordinal);
        }
        if (!Calendar(writer, seconds, text)) writer.Bytes("(?)"u8);
    }

    /// <summary>The present as <c>time(format)</c> writes it; false when the format gives nothing.</summary>
    public bool WriteNow(ByteWriter writer, string format) => Calendar(writer, DateTimeOffset.UtcNow.ToUnixTimeSeconds(), format);

    /// <summary>A time since 1970 by a format of strftime; false when it gives nothing or is too long.</summary>
    public bool Calendar(ByteWriter writer, long seconds, string format)
    {
        var pattern = Source.ScriptBytes.Of(format + "\0");
        Broken broken;
        if ((IsUtc ? GmTime(&seconds, &broken) : LocalTime(&seconds, &broken)) == null) return false;
        fixed (byte* p = pattern)
        fixed (byte* text = _text)
        {
            nuint length = StrFTime(text, (nuint)_text.Length, p, &broken);
            writer.Bytes(_text.AsSpan(0, (int)length));
            return length > 0;
        }
    }

    // The moment of the real clock when the one that counts from the start stood at zero.
    private static long MeasureBootTime()
    {
        Time real, boot;
        if (ClockGetTime(0, &real) != 0 || ClockGetTime(7, &boot) != 0) return 0;
        return (real.Seconds - boot.Seconds) * NanosecondsPerSecond + real.Nanoseconds - boot.Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }

    // struct tm: nine numbers of 32 bits, the offset, the zone's name.
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Broken
    {
        public long First;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, Time* time);

    [LibraryImport("libc", EntryPoint = "localtime_r")]
    private static partial Broken* LocalTime(long* seconds, Broken* broken);

    [LibraryImport("libc", EntryPoint = "gmtime_r")]
    private static partial Broken* GmTime(long* seconds, Broken* broken);

    [LibraryImport("libc", EntryPoint = "strftime")]
    private static partial nuint StrFTime(byte* text, nuint size, byte* format, Broken* broken);
}
