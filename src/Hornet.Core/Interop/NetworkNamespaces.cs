using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>
/// Network namespaces by their inode number. A thread is in exactly one, and a netlink socket stays in the one it was
/// opened in; so whatever must happen in another namespace happens on a thread of its own, which ends there.
/// </summary>
internal static partial class NetworkNamespaces
{
    public const int CloneNewNet = 0x40000000;

    private const string Current = "/proc/thread-self/ns/net";

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    internal static partial int SetNamespace(int fd, int type);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    internal static partial int Unshare(int flags);

    /// <summary>The inode number of the calling thread's namespace.</summary>
    public static ulong CurrentInode() =>
        FileStatus.Of(Current)?.Inode ?? throw new BpfSyscallException("find out this thread's network namespace", Libc.LastError, "/proc must be mounted.");

    /// <summary>Opens the calling thread's namespace.</summary>
    public static FileDescriptor OpenCurrent() => Open(Current);

    /// <summary>Opens a namespace by a path such as <c>/proc/1234/ns/net</c> or <c>/run/netns/blue</c>.</summary>
    public static FileDescriptor Open(string path) =>
        new(Libc.Check(Libc.Open(path, Libc.O_RDONLY | Libc.O_CLOEXEC), $"open network namespace '{path}'"), $"network namespace {path}");

    /// <summary>
    /// Runs something in the namespace of that inode number.
    /// </summary>
    /// <returns>False when no thread and no name under /run/netns leads there: it is gone, or out of reach.</returns>
    public static bool TryRun(ulong inode, Action action)
    {
        if (CurrentInode() == inode)
        {
            action();
            return true;
        }
        using var target = Find(inode);
        if (target is null) return false;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Libc.Check(SetNamespace(target.Value, CloneNewNet), "enter a network namespace", "It needs CAP_SYS_ADMIN.");
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { IsBackground = true, Name = "hornet netns" };
        thread.Start();
        thread.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        return true;
    }

    private static FileDescriptor? Find(ulong inode)
    {
        foreach (string path in Candidates())
        {
            if (FileStatus.Of(path)?.Inode != inode) continue;
            int fd = Libc.Open(path, Libc.O_RDONLY | Libc.O_CLOEXEC);
            if (fd < 0) continue;
            var descriptor = new FileDescriptor(fd, $"network namespace {path}");
            // The process may have gone, and its number been given to another, between the two looks.
            if (FileStatus.Of(fd)?.Inode == inode) return descriptor;
            descriptor.Dispose();
        }
        return null;
    }

    private static IEnumerable<string> Candidates()
    {
        foreach (string directory in (string[])["/run/netns", "/var/run/docker/netns"])
        {
            if (!Directory.Exists(directory)) continue;
            foreach (string path in Directory.EnumerateFiles(directory)) yield return path;
        }
        foreach (string process in Processes("/proc")) yield return $"{process}/ns/net";
        // A single thread may be elsewhere than its process; looked at last, since there are many.
        foreach (string process in Processes("/proc"))
        {
            foreach (string thread in Processes($"{process}/task")) yield return $"{thread}/ns/net";
        }
    }

    private static string[] Processes(string directory)
    {
        try
        {
            return [.. Directory.GetDirectories(directory).Where(path => char.IsAsciiDigit(path[directory.Length + 1]))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // it has ended meanwhile
        }
    }
}
