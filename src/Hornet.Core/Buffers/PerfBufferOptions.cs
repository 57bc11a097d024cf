namespace Hornet.Buffers;

/// <summary>How a perf buffer is read.</summary>
public sealed record PerfBufferOptions
{
    /// <summary>Bytes of each CPU's ring; rounded up to a power of two of pages. 256 KiB by default.</summary>
    public int BytesPerCpu { get; init; } = 256 * 1024;

    /// <summary>How many records wake the reader; 1 by default. More is cheaper and later.</summary>
    public int WakeupEvents { get; init; } = 1;

    /// <summary>How many bytes wake the reader, instead of <see cref="WakeupEvents"/>; 0 to count records.</summary>
    public int WatermarkBytes { get; init; }

    /// <summary>
    /// Whether new records overwrite the oldest (4.7): a flight recorder. Nothing is ever lost at the new end, and
    /// <see cref="PerfBufferReader.ReadRecent"/> reads what is there.
    /// </summary>
    public bool Overwrite { get; init; }
}

/// <summary>Takes one record of a perf buffer.</summary>
/// <param name="cpu">The CPU it comes from.</param>
/// <param name="record">
/// The bytes, gone when the method returns. The kernel rounds their number up so that record and length take a multiple
/// of 8: up to 7 bytes at the end are not the program's.
/// </param>
public delegate void PerfRecordCallback(int cpu, ReadOnlySpan<byte> record);

/// <summary>Hears of records that had no room.</summary>
/// <param name="cpu">The CPU.</param>
/// <param name="count">How many.</param>
public delegate void PerfLostCallback(int cpu, long count);
