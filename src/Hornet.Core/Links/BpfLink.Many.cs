namespace Hornet.Links;

public abstract partial class BpfLink
{
    private const int MostThreads = 16;

    /// <summary>
    /// Detaches many at once. For each probe made of a perf event (kprobe, uprobe, tracepoint, sample) the kernel waits until no
    /// CPU runs it any more, a few hundredths of a second; here these waits overlap. The others are detached one after another, the last
    /// first.
    /// </summary>
    /// <param name="links">The links; those that are disposed already are passed over.</param>
    /// <exception cref="BpfException">One could not be detached; the others are.</exception>
    public static void DisposeAll(IEnumerable<BpfLink> links)
    {
        ArgumentNullException.ThrowIfNull(links);
        List<BpfLink> slow = [], others = [];
        foreach (var link in links) (link is PerfLink ? slow : others).Add(link);
        Exception? first = null;
        int next = 0;
        void DisposeOne(BpfLink link)
        {
            try
            {
                link.Dispose();
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, e, null);
            }
        }
        void Work()
        {
            while (Interlocked.Increment(ref next) - 1 is var n && n < slow.Count) DisposeOne(slow[n]);
        }
        // Threads of our own: a pool that is busy would have them wait one for another again.
        var threads = new Thread[Math.Min(Math.Max(slow.Count - 1, 0), MostThreads)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work, 128 * 1024) { IsBackground = true, Name = "hornet detach" };
            threads[i].Start();
        }
        for (int i = others.Count - 1; i >= 0; i--) DisposeOne(others[i]);
        Work();
        foreach (var thread in threads) thread.Join();
        if (first is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
    }
}
