using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Links;

/// <summary>Opens cgroup directories, with the reasons why one may not be a place for programs.</summary>
internal static class CgroupPath
{
    public static FileDescriptor Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int fd = Libc.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC);
        if (fd >= 0) return new FileDescriptor(fd, $"cgroup {path}");
        var errno = Libc.LastError;
        throw new BpfSyscallException($"open cgroup '{path}'", errno, errno switch
        {
            Errno.ENOENT => Neighbours(path),
            Errno.ENOTDIR => "A cgroup is a directory below a cgroup2 mount.",
            _ => null,
        });
    }

    /// <summary>What the kernel's answer means for a descriptor that is no cgroup2 directory.</summary>
    public static string? Explain(Errno errno, string path) => errno switch
    {
        Errno.EBADF => $"'{path}' is not in a cgroup2 hierarchy. {Mounts()}",
        Errno.EPERM => "A cgroup above, or the cgroup itself, has a program that may not be joined or overridden; or CAP_BPF and CAP_NET_ADMIN are missing.",
        Errno.ENODEV => "The cgroup is being removed.",
        _ => null,
    };

    private static string Neighbours(string path)
    {
        string trimmed = Path.TrimEndingDirectorySeparator(path);
        string? parent = Path.GetDirectoryName(trimmed);
        if (parent is null || !Directory.Exists(parent)) return Mounts();
        return CloseNames.Describe(Path.GetFileName(trimmed), [.. Directory.EnumerateDirectories(parent).Select(d => Path.GetFileName(d)!)]);
    }

    private static string Mounts()
    {
        string[] mounts = [.. File.ReadLines("/proc/mounts").Select(l => l.Split(' ')).Where(f => f.Length > 2 && f[2] == "cgroup2").Select(f => f[1])];
        return mounts.Length == 0 ? "cgroup2 is not mounted: `mount -t cgroup2 none /sys/fs/cgroup`." : $"cgroup2 is mounted at {string.Join(" and ", mounts)}.";
    }
}
