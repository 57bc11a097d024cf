namespace Hornet.KernelTests;

internal static class Allocations
{
    /// <summary>
    /// The least that this thread allocated in a few rounds, in bytes. One round is not enough: a garbage collection that others
    /// cause cuts off what the thread has in hand (8 KiB), and that counts as allocated; the first round loads and compiles code.
    /// </summary>
    public static long Least(Action round)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 5 && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
