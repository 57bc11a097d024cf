using Hornet.Links;

namespace Hornet;

/// <summary>A scheduler in use. The kernel ends one that makes a mistake and schedules by itself again; <see cref="End"/> then says why.</summary>
public sealed class AttachedScheduler : IDisposable
{
    private readonly StructOpsLink _link;
    private readonly SchedulerEndRecorder? _recorder;
    private SchedulerEnd? _end;
    private bool _disposed;

    internal AttachedScheduler(string name, StructOpsLink link, SchedulerEndRecorder? recorder)
    {
        Name = name;
        _link = link;
        _recorder = recorder;
    }

    /// <summary>Its name, as in <c>/sys/kernel/sched_ext/root/ops</c>.</summary>
    public string Name { get; }

    /// <summary>Why it ended; null as long as it schedules, and always null when its class has a method <c>Exit</c>, which the kernel tells instead.</summary>
    public SchedulerEnd? End
    {
        get
        {
            if (_end is null && !_disposed) _end = _recorder?.Read();
            return _end;
        }
    }

    /// <summary>Takes it out of use: the kernel schedules by itself again. <see cref="End"/> stays.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _ = End;
        _link.Dispose();
        // The kernel tells it that it was detached before it goes.
        _ = End;
        _disposed = true;
        _recorder?.Close();
    }
}
