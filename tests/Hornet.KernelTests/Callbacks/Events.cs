using System.Collections.Concurrent;

namespace Hornet.KernelTests.Callbacks;

/// <summary>Collects what a callback took out of its events, and waits for it.</summary>
internal sealed class Events<T>
{
    private readonly ConcurrentQueue<T> _seen = new();

    public void Add(T item) => _seen.Enqueue(item);

    public IReadOnlyList<T> Seen => [.. _seen];

    /// <summary>The first that fits; waits for it, and repeats the provocation meanwhile if one is given.</summary>
    public T First(Func<T, bool>? fits = null, Action? provoke = null)
    {
        var deadline = DateTime.UtcNow.AddSeconds(20 * ChildProcess.TimeScale);
        while (DateTime.UtcNow < deadline)
        {
            foreach (var item in _seen)
            {
                if (fits is null || fits(item)) return item;
            }
            provoke?.Invoke();
            Thread.Sleep(2);
        }
        throw new TimeoutException($"the event did not come; {_seen.Count} others did: {string.Join("; ", _seen.Take(10))}");
    }

    public static void Wait(Func<bool> condition, string what)
    {
        var deadline = DateTime.UtcNow.AddSeconds(20 * ChildProcess.TimeScale);
        while (!condition())
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException(what);
            Thread.Sleep(2);
        }
    }
}
