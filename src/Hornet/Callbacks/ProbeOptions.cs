namespace Hornet;

/// <summary>Which events reach a callback, and how much of them is copied. The kernel side applies all of it.</summary>
public sealed record ProbeOptions
{
    /// <summary>Only this process; null for all.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Only this thread; null for all.</summary>
    public int? ThreadId { get; init; }

    /// <summary>Only processes of this user; null for all.</summary>
    public uint? UserId { get; init; }

    /// <summary>Only processes of this name (at most 15 bytes, as the kernel keeps it); null for all.</summary>
    public string? ProcessName { get; init; }

    /// <summary>The most bytes of a text that are copied, the closing zero included. A multiple of 8 from 8 to 4096.</summary>
    public int TextSize { get; init; } = 128;

    /// <summary>
    /// Arguments that point at text which nothing describes as such: functions of programs and static probes have no
    /// types. <c>arg0</c> is the first.
    /// </summary>
    public IReadOnlyCollection<string> Texts { get; init; } = [];
}
