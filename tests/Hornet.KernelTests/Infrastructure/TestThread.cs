using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hornet.KernelTests;

/// <summary>
/// What a test needs to know of the processor it runs on, on a machine that others use too: a CPU of its choice, and time
/// that counts only while it really runs.
/// </summary>
internal static partial class TestThread
{
    private const int ThreadCpuTime = 3;
    private const int MaskBytes = 1024;

    /// <summary>Runs something on one CPU, and nowhere else.</summary>
    public static unsafe void OnCpu(int cpu, Action action)
    {
        byte* before = stackalloc byte[MaskBytes], only = stackalloc byte[MaskBytes];
        new Span<byte>(only, MaskBytes).Clear();
        only[cpu / 8] = (byte)(1 << (cpu % 8));
        Assert.True(GetAffinity(0, MaskBytes, before) == 0, $"sched_getaffinity: {Marshal.GetLastPInvokeErrorMessage()}");
        Assert.True(SetAffinity(0, MaskBytes, only) == 0, $"sched_setaffinity: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            action();
        }
        finally
        {
            _ = SetAffinity(0, MaskBytes, before);
        }
    }

    /// <summary>Starts something on a thread of its own, and comes back when that thread waits in <c>epoll_wait</c>.</summary>
    public static Task<T> StartWaiting<T>(Func<T> wait)
    {
        int thread = 0;
        var task = Task.Factory.StartNew(
            () =>
            {
                Volatile.Write(ref thread, GetThreadId());
                return wait();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(Eventually(() => task.IsCompleted || (Volatile.Read(ref thread) is > 0 and int id && IsInEpoll(id))), "the thread never waited");
        return task;
    }

    /// <summary>Keeps the CPU busy until this thread has had so much of it, however long that takes; returns how long it took.</summary>
    public static TimeSpan Burn(TimeSpan cpuTime)
    {
        long start = Stopwatch.GetTimestamp();
        long end = CpuNanoseconds() + (long)cpuTime.TotalNanoseconds;
        while (CpuNanoseconds() < end) Thread.SpinWait(100);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Waits until something has come true; false when it has not even after a time that no load explains.</summary>
    public static bool Eventually(Func<bool> condition) => SpinWait.SpinUntil(condition, Patience);

    /// <summary>How long to wait for what must happen. Nobody waits so long unless something is broken.</summary>
    public static TimeSpan Patience => TimeSpan.FromSeconds(60 * ChildProcess.TimeScale);

    private static unsafe long CpuNanoseconds()
    {
        long* time = stackalloc long[2];
        Assert.Equal(0, ClockGetTime(ThreadCpuTime, time));
        return time[0] * 1_000_000_000 + time[1];
    }

    // The first word is the number of the system call the thread is in: epoll_wait, epoll_pwait, epoll_pwait2.
    private static bool IsInEpoll(int thread) => File.ReadAllText($"/proc/self/task/{thread}/syscall").Split(' ')[0] is "232" or "281" or "441";

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int ClockGetTime(int clock, long* time);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static unsafe partial int GetAffinity(int thread, nint bytes, byte* mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static unsafe partial int SetAffinity(int thread, nint bytes, byte* mask);
}
