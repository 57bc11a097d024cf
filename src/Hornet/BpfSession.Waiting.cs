using System.Runtime.InteropServices;

namespace Hornet;

public sealed partial class BpfSession
{
    /// <summary>
    /// Waits until the process is asked to end: by Ctrl-C (SIGINT), SIGTERM, or SIGHUP when its terminal closes. The signal does not
    /// end it: what comes after this call shows results and detaches. A second signal does.
    /// </summary>
    /// <param name="limit">How long to wait at most; null for without end.</param>
    /// <returns>Whether the process was asked to end; false when the time was over.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or longer than 24 days.</exception>
    public bool WaitForShutdown(TimeSpan? limit = null)
    {
        if (limit is { } time)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, nameof(limit));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromMilliseconds(int.MaxValue), nameof(limit));
        }
        return Wait(asked => asked.Wait(limit ?? Timeout.InfiniteTimeSpan));
    }

    /// <summary>
    /// Waits as <see cref="WaitForShutdown(TimeSpan?)"/> does, or until something is over that the process runs for: a scheduler that the kernel ended, say.
    /// </summary>
    /// <param name="isOver">Asked ten times a second.</param>
    /// <returns>Whether the process was asked to end; false when it is over.</returns>
    public bool WaitForShutdown(Func<bool> isOver)
    {
        ArgumentNullException.ThrowIfNull(isOver);
        return Wait(asked =>
        {
            while (!isOver())
            {
                if (asked.Wait(TimeSpan.FromMilliseconds(100))) return true;
            }
            return false;
        });
    }

    private static bool Wait(Func<ManualResetEventSlim, bool> wait)
    {
        using ManualResetEventSlim asked = new();
        int signals = 0;
        void OnSignal(PosixSignalContext context)
        {
            // Whoever asks twice does not want to wait for what hangs.
            context.Cancel = Interlocked.Increment(ref signals) == 1;
            asked.Set();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        return wait(asked);
    }
}
