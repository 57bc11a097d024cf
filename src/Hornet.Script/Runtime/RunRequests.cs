using System.Collections.Concurrent;

namespace Hornet.Script.Runtime;

/// <summary>
/// Work that other threads give to the thread of a run, which alone touches maps, names and output. Done between two records, until
/// the run ends.
/// </summary>
/// <param name="wake">Wakes the thread of the run.</param>
internal sealed class RunRequests(Action wake)
{
    private readonly ConcurrentQueue<(Action Work, TaskCompletionSource<bool> Done)> _waiting = [];
    private volatile bool _ended;

    /// <summary>Has something done and waits for it. False when the run has ended and it was not; its exception is the caller's.</summary>
    public bool Do(Action work)
    {
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((work, done));
        // Whoever ends the run looks into the queue after saying so: one of the two sees the other.
        if (_ended) End();
        else wake();
        return done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Does what is asked for. On the run's own thread.</summary>
    public void Work()
    {
        while (_waiting.TryDequeue(out var request))
        {
            try
            {
                request.Work();
                request.Done.SetResult(true);
            }
            catch (Exception e)
            {
                request.Done.SetException(e);
            }
        }
    }

    /// <summary>Nothing more is done; who waits is told.</summary>
    public void End()
    {
        _ended = true;
        while (_waiting.TryDequeue(out var request)) request.Done.SetResult(false);
    }
}
