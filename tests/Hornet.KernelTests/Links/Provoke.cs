using System.Runtime.InteropServices;

namespace Hornet.KernelTests.Links;

/// <summary>Harmless system calls that neither the runtime nor the test framework makes, so that they can be counted exactly.</summary>
internal static partial class Provoke
{
    /// <summary>The number of getsid(2) on x86-64.</summary>
    public const int GetSidNumber = 124;

    [LibraryImport("libc", EntryPoint = "getsid", SetLastError = true)]
    private static partial int GetSidOf(int pid);

    [LibraryImport("libc", EntryPoint = "getpgid")]
    private static partial int GetPgidOf(int pid);

    /// <summary>getpgid(2), once.</summary>
    public static void GetPgid() => Assert.True(GetPgidOf(0) >= 0);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    /// <summary>The kernel's id of the calling thread.</summary>
    public static int ThreadId => GetThreadId();

    /// <summary>getsid(2), so many times.</summary>
    public static void GetSid(int times)
    {
        for (int i = 0; i < times; i++) Assert.True(GetSidOf(0) >= 0);
    }

    /// <summary>getsid(2), once, and what it returned: 0 for a process that init started without a session.</summary>
    public static int Sid() => GetSidOf(0);

    /// <summary>getsid(2) of this process by its number, which asks the security modules; the error, 0 for none.</summary>
    public static int GetOwnSidChecked() => GetSidOf(Environment.ProcessId) >= 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>The address of a kernel function; 0 when the kernel hides it.</summary>
    public static ulong AddressOf(string function)
    {
        string? line = File.ReadLines("/proc/kallsyms").FirstOrDefault(l => l.EndsWith($" {function}", StringComparison.Ordinal));
        return line is null ? 0 : ulong.Parse(line.AsSpan(0, line.IndexOf(' ')), System.Globalization.NumberStyles.HexNumber);
    }
}
