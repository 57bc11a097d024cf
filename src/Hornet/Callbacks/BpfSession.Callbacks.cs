namespace Hornet;

public sealed partial class BpfSession
{
    private readonly Lock _callbackGate = new();
    private CallbackEngine? _callbacks;

    /// <summary>
    /// The size of the ring buffer that all callbacks of the session share, in bytes: a power of two of at least a page.
    /// It is made with the first callback.
    /// </summary>
    public int EventBufferSize { get; init; } = 8 * 1024 * 1024;

    /// <summary>Events that reached a callback, of all callbacks.</summary>
    public long EventsDelivered => _callbacks?.Delivered ?? 0;

    /// <summary>Events that found the buffer full, of all callbacks: produced = delivered + lost.</summary>
    public long EventsLost => _callbacks?.Lost ?? 0;

    /// <summary>
    /// How often the kernel did not run a probe, since one was running already on that CPU: of every process, also of those
    /// that the callbacks do not want, so that it is the most that can be missing beside <see cref="EventsLost"/>. A probe
    /// is interrupted by an interrupt's events, and since 7.0 by other threads, as it can be preempted. Counted by the
    /// kernel since 5.12 (<c>recursion_misses</c>); 0 before.
    /// </summary>
    public long ProbesMissed => _callbacks?.Missed ?? 0;

    /// <summary>How often a callback threw.</summary>
    public long CallbackFailures => _callbacks?.Failures ?? 0;

    /// <summary>
    /// Raised when a callback threw; the stream of events goes on. Without a handler the first failure of the session is
    /// written to standard error.
    /// </summary>
    public event Action<ProbeCallbackFailure>? CallbackFailed;

    private CallbackEngine Callbacks
    {
        get
        {
            lock (_callbackGate) return _callbacks ??= Own(new CallbackEngine(EventBufferSize, OnCallbackFailed));
        }
    }

    private void OnCallbackFailed(ProbeCallbackFailure failure)
    {
        if (CallbackFailed is { } handler) handler(failure);
        else if (CallbackFailures == 1) Console.Error.WriteLine($"hornet: the callback of {failure.Probe} threw: {failure.Exception}");
    }

    /// <summary>Attaches a callback whole or not at all.</summary>
    private ProbeSubscription Subscribe(Action<ProbeSubscription> attach)
    {
        ProbeSubscription subscription = new(Callbacks);
        try
        {
            attach(subscription);
        }
        catch
        {
            subscription.Dispose();
            throw;
        }
        return Own(subscription);
    }
}
