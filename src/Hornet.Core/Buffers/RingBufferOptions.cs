namespace Hornet.Buffers;

/// <summary>How a reader learns that there are records. It goes with the flags the program submits with.</summary>
public enum RingBufferWakeup
{
    /// <summary>
    /// The kernel wakes the reader for each record that finds it waiting: the program submits with flags 0. Lowest latency,
    /// and the dearest for the program: each wake-up is an inter-processor interrupt.
    /// </summary>
    PerEvent,

    /// <summary>
    /// The program wakes the reader when enough is waiting (<c>BPF_RB_FORCE_WAKEUP</c> above a threshold of
    /// <c>bpf_ringbuf_query(BPF_RB_AVAIL_DATA)</c>, else <c>BPF_RB_NO_WAKEUP</c>); the reader looks by itself at the
    /// latest every <see cref="RingBufferOptions.Interval"/>.
    /// </summary>
    Adaptive,

    /// <summary>
    /// Nobody wakes anybody: the program submits with <c>BPF_RB_NO_WAKEUP</c> and the reader drains every
    /// <see cref="RingBufferOptions.Interval"/>. Half the program's cost and a tenth of the reader's under load.
    /// </summary>
    Timed,

    /// <summary>
    /// The program wakes the reader when it sleeps and only then (<see cref="RingBufferSleepAssembler.SubmitAndWake"/> with
    /// <see cref="RingBufferOptions.SleepFlag"/>). A reader that was woken takes what comes every
    /// <see cref="RingBufferOptions.Interval"/> and sleeps when twice nothing came: an event after a pause arrives at
    /// once, one in a stream within the interval, and the program pays for a wake-up only after a pause.
    /// </summary>
    WhenAsleep,
}

/// <summary>How a ring buffer is read.</summary>
public sealed record RingBufferOptions
{
    /// <summary>How the reader learns of records. Per event by default, which is right whatever the program does.</summary>
    public RingBufferWakeup Wakeup { get; init; } = RingBufferWakeup.PerEvent;

    /// <summary>The longest time between two looks for <see cref="RingBufferWakeup.Adaptive"/>, <see cref="RingBufferWakeup.Timed"/> and <see cref="RingBufferWakeup.WhenAsleep"/>; whole milliseconds, at least 1.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Where the reader says that it sleeps; for <see cref="RingBufferWakeup.WhenAsleep"/>, and null else. It stays the caller's, and must outlive the reader.</summary>
    public RingBufferSleepFlag? SleepFlag { get; init; }

    /// <summary>The counter programs add to when they find no room; null when nobody counts.</summary>
    public LossCounter? Loss { get; init; }

    /// <summary>
    /// For rings in overwriting mode: a counter programs add one to for each record they submit. What was neither delivered nor is
    /// waiting then counts as lost. Exact while the programs rest; while they run, short of the records in flight. Make the
    /// counter's object before programs run. Null when nobody counts.
    /// </summary>
    public LossCounter? Produced { get; init; }
}
