using Hornet.Maps;

namespace Hornet;

/// <summary>Locks in map values, in kernel code (5.1).</summary>
public static class BpfSpinLockExtensions
{
    extension(ref BpfSpinLock spinLock)
    {
        /// <summary>
        /// Enters the lock until the end of <c>using</c>: <c>using (value.Lock.Enter()) …</c>. One lock at a time; no
        /// helpers, map operations or checks that may end the program inside. Not for tracepoints, kprobes and perf
        /// events, which could interrupt the holder.
        /// </summary>
        public BpfSpinLockScope Enter()
        {
            Acquire(ref spinLock);
            return new(ref spinLock);
        }
    }

    [KernelOnly]
    internal static void Acquire(ref BpfSpinLock spinLock) => throw KernelOnly.Error("Enter");

    [KernelOnly]
    internal static void Release(ref BpfSpinLock spinLock) => throw KernelOnly.Error("Dispose");
}

/// <summary>A lock that is held. Disposing it leaves the lock.</summary>
public readonly ref struct BpfSpinLockScope
{
    private readonly ref BpfSpinLock _spinLock;

    internal BpfSpinLockScope(ref BpfSpinLock spinLock) => _spinLock = ref spinLock;

    /// <summary>Leaves the lock.</summary>
    public void Dispose() => BpfSpinLockExtensions.Release(ref _spinLock);
}
