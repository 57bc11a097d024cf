using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>
/// <c>bpf(2)</c> calls that a signal must not disturb. The verifier looks for a pending signal while it works and gives
/// the whole load up with <c>EAGAIN</c>; a profiler or timer that fires more often than a verification takes would keep
/// a program from ever loading. A signal blocked by the calling thread is not pending for it, so the thread blocks what
/// can be blocked for exactly the length of the call; the process's other threads take the signals meanwhile.
/// </summary>
/// <remarks>
/// CoreCLR suspends only threads that run managed code by signal, so a thread inside the call does not hold up a
/// collection. The signals a processor raises synchronously stay open: blocking them would turn a fault into a kill.
/// </remarks>
internal static unsafe partial class SignalMask
{
    private const int SigBlock = 0;
    private const int SigSetMask = 2;

    // sigset_t is 128 bytes in glibc and in musl, of which Linux uses the first 8.
    private const int SetWords = 16;

    // SIGILL 4, SIGTRAP 5, SIGBUS 7, SIGFPE 8, SIGSEGV 11, SIGSYS 31; signal n is bit n - 1.
    private const ulong Synchronous = 1UL << 3 | 1UL << 4 | 1UL << 6 | 1UL << 7 | 1UL << 10 | 1UL << 30;

    /// <summary>
    /// How long an interrupted load is tried again. What cannot be blocked (SIGSTOP, the freezer, task work) still
    /// interrupts, any number of times; only a kernel that answers EAGAIN for another reason would spin for ever.
    /// </summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int PthreadSigmask(int how, ulong* set, ulong* old);

    /// <summary>
    /// Issues the command with signals blocked, again for as long as the answer is <c>EAGAIN</c>.
    /// Returns the kernel's result, or -1 with <see cref="Libc.LastError"/> set.
    /// </summary>
    public static int CallUninterrupted<T>(BpfCommand command, ref T attr) where T : unmanaged
    {
        long start = 0;
        for (int attempt = 0; ; attempt++)
        {
            int result = CallOnce(command, ref attr);
            if (result >= 0 || Libc.LastError != Errno.EAGAIN) return result;

            if (attempt == 0) start = Environment.TickCount64;
            else if (Environment.TickCount64 - start > s_patience.TotalMilliseconds) return result;
            if (attempt > 16)
            {
                Thread.Sleep(1);
                Marshal.SetLastPInvokeError((int)Errno.EAGAIN);
            }
        }
    }

    /// <summary>Issues the command once with signals blocked.</summary>
    public static int CallOnce<T>(BpfCommand command, ref T attr) where T : unmanaged
    {
        ulong* block = stackalloc ulong[SetWords];
        ulong* old = stackalloc ulong[SetWords];
        new Span<ulong>(block, SetWords).Fill(ulong.MaxValue);
        block[0] &= ~Synchronous;
        bool masked = PthreadSigmask(SigBlock, block, old) == 0;
        int result = Bpf.Call(command, ref attr);
        // Without SetLastError, so that the call's error number stays.
        if (masked) _ = PthreadSigmask(SigSetMask, old, null);
        return result;
    }
}
