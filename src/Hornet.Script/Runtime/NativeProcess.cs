using System.Runtime.InteropServices;

namespace Hornet.Script.Runtime;

/// <summary>The system calls around processes that .NET has no word for.</summary>
internal static unsafe partial class NativeProcess
{
    public const int SigInt = 2, SigKill = 9, SigUsr1 = 10, SigTerm = 15;
    public const int CloseOnExec = 0x80000;
    public const int NoHang = 1;
    public const int PtracePeekUser = 3, PtracePokeUser = 6, PtraceContinue = 7, PtraceDetach = 17, PtraceSeize = 0x4206, PtraceListExec = 0x10;
    private const long PidFdOpen = 434;
    private const int NoFile = 7;

    public static int OpenPidFd(int process) => (int)Syscall((nint)PidFdOpen, process, 0);

    /// <summary>Raises the limit of open files to what is needed; false when that is not allowed.</summary>
    public static bool RaiseOpenFiles(ulong needed)
    {
        ulong* limits = stackalloc ulong[2];
        if (GetLimit(NoFile, limits) != 0 || limits[0] >= needed) return true;
        ulong* wanted = stackalloc ulong[2] { needed, Math.Max(needed, limits[1]) };
        return SetLimit(NoFile, wanted) == 0;
    }

    /// <summary>Waits until one of descriptors has something to say. The time is in milliseconds, -1 for ever.</summary>
    public static bool Poll(int descriptor, int milliseconds)
    {
        PollFd poll = new() { Descriptor = descriptor, Events = 1 };
        return Poll(&poll, 1, milliseconds) > 0;
    }

    /// <summary>The number of a file's node; null when it is not there.</summary>
    public static ulong? InodeOf(string path)
    {
        const int WorkingDirectory = -100, Inode = 0x100, InodeOffset = 32;
        byte* status = stackalloc byte[256];
        return Statx(WorkingDirectory, path, 0, Inode, status) == 0 ? *(ulong*)(status + InodeOffset) : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* status);

    /// <summary>Gives a signal its usual effect, when it was ignored.</summary>
    public static void ListenTo(int signal)
    {
        const nint Default = 0, Ignore = 1;
        // struct sigaction begins with the handler; 152 bytes in glibc and musl.
        nint* action = stackalloc nint[32];
        if (Action(signal, null, action) == 0 && action[0] == Ignore) Signal(signal, Default);
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int Action(int signal, nint* set, nint* old);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int process, out int status, int options);

    [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
    public static partial long Ptrace(long request, int process, nint address, nint data);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(out int process, string path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int ActionsInit(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int ActionsDestroy(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int ActionsDuplicate(void* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollFd* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, ulong* limits);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
