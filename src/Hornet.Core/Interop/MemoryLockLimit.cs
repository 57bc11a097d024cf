using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>
/// RLIMIT_MEMLOCK, against which kernels before 5.11 count the memory of maps and programs. Later ones charge the
/// cgroup and the limit is left alone.
/// </summary>
internal static unsafe partial class MemoryLockLimit
{
    private const int RLIMIT_MEMLOCK = 8;

    private struct Limit
    {
        public ulong Current, Maximum;
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, Limit* limit);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, Limit* limit);

    /// <summary>Lifts the limit for this process. False when it makes no difference: a later kernel, no permission, or lifted before.</summary>
    public static bool TryRaise()
    {
        if (Environment.OSVersion.Version >= new Version(5, 11)) return false;
        Limit limit;
        if (GetLimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.Current == ulong.MaxValue) return false;
        limit.Current = limit.Maximum = ulong.MaxValue;
        return SetLimit(RLIMIT_MEMLOCK, &limit) >= 0;
    }
}
