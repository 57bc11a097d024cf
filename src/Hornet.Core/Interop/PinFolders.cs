using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>
/// The folders that pins lie in. One rule for maps, programs and links: what is missing of a pin's path is made as long as it lies
/// inside a BPF file system (mode 0700, as libbpf does for the last one), never elsewhere, and no file system is mounted.
/// </summary>
internal static unsafe partial class PinFolders
{
    public const string FullStop = "Names in the BPF file system cannot contain a full stop.";

    private const long BpfFileSystem = 0xcafe4a11;

    /// <summary>Makes the folders that a path's last name needs.</summary>
    /// <returns>Those that were made, outermost first.</returns>
    public static IReadOnlyList<string> Make(string path, string operation)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        Stack<string> missing = [];
        for (; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)) missing.Push(folder);
        if (missing.Count == 0) return [];
        if (!IsBpffs(folder ?? "/"))
        {
            throw new BpfSyscallException(operation, Errno.ENOENT,
                $"The folder '{missing.Peek()}' does not exist, and is not made since '{folder}' is not in a BPF file system. Mount one: mount -t bpf bpf /sys/fs/bpf.");
        }
        List<string> made = [];
        foreach (string next in missing)
        {
            if (MakeFolder(next, 0x1C0 /* 0700 */) >= 0)
            {
                made.Add(next);
                continue;
            }
            var errno = Libc.LastError;
            // Somebody else was faster.
            if (errno == Errno.EEXIST) continue;
            Remove(made);
            throw new BpfSyscallException($"{operation}: make the folder '{next}'", errno, errno switch
            {
                Errno.EPERM when Path.GetFileName(next).Contains('.') => FullStop,
                Errno.EACCES => "The folder it would be in does not let this user write.",
                _ => null,
            });
        }
        return made;
    }

    /// <summary>Removes folders again, the innermost first; one that somebody has put something into stays.</summary>
    public static void Remove(IReadOnlyList<string> made)
    {
        for (int i = made.Count - 1; i >= 0; i--)
        {
            try
            {
                Directory.Delete(made[i]);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return;
            }
        }
    }

    private static bool IsBpffs(string path)
    {
        // struct statfs begins with the type, a machine word; the rest is not asked for.
        long* buffer = stackalloc long[32];
        return Statfs(path, buffer) >= 0 && (uint)buffer[0] == BpfFileSystem;
    }

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFolder(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statfs(string path, long* buffer);
}
