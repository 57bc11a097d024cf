using System.Runtime.InteropServices;
using System.Text;
using Hornet.Interop;

namespace Hornet.Kernel;

/// <summary>One mounted file system.</summary>
/// <param name="Path">Where it is mounted.</param>
/// <param name="Type">Its type: <c>bpf</c>, <c>tracefs</c>, <c>cgroup2</c>…</param>
/// <param name="Root">The folder of the file system that is visible there; <c>/</c> for all of it.</param>
/// <param name="ReadOnly">Whether it was mounted for reading only.</param>
/// <param name="Options">The file system's own options (<c>delegate_cmds=any</c>).</param>
public sealed record MountPoint(string Path, string Type, string Root, bool ReadOnly, string Options);

/// <summary>Where the kernel's own file systems are mounted in this process's view.</summary>
public static partial class Mounts
{
    /// <summary>All mounts, in the order they were made.</summary>
    public static IReadOnlyList<MountPoint> List()
    {
        try
        {
            using var reader = new StreamReader("/proc/self/mountinfo");
            return Parse(reader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The mount of a type to use: a whole file system before a part of one, the usual place before others.</summary>
    /// <returns>Null when none is mounted.</returns>
    public static MountPoint? Find(string type)
    {
        string? usual = UsualPlace(type);
        MountPoint? best = null;
        foreach (var mount in List())
        {
            if (mount.Type == type && (best is null || Rank(mount) < Rank(best))) best = mount;
        }
        return best;

        long Rank(MountPoint m) => (m.Root == "/" ? 0 : 1L << 41) + (m.Path == usual ? 0 : 1L << 40) + m.Path.Length;
    }

    /// <summary>Where tracefs is; null when it is not mounted. Also reached through debugfs.</summary>
    public static string? Tracefs
    {
        get
        {
            if (Find("tracefs") is { } tracefs) return tracefs.Path;
            // debugfs mounts tracefs below itself on first access.
            return Find("debugfs") is { } debugfs && File.Exists(debugfs.Path + "/tracing/events/header_page") ? debugfs.Path + "/tracing" : null;
        }
    }

    /// <summary>Where the BPF file system is; null when it is not mounted.</summary>
    public static string? Bpffs => Find("bpf")?.Path;

    /// <summary>Where the unified control group hierarchy is; null when it is not mounted.</summary>
    public static string? Cgroup2 => Find("cgroup2")?.Path;

    /// <summary>Where securityfs is; null when it is not mounted.</summary>
    public static string? Securityfs => Find("securityfs")?.Path;

    /// <summary>The place where everybody mounts this type; null for types that have none.</summary>
    public static string? UsualPlace(string type) => type switch
    {
        "tracefs" => "/sys/kernel/tracing",
        "debugfs" => "/sys/kernel/debug",
        "bpf" => "/sys/fs/bpf",
        "cgroup2" => "/sys/fs/cgroup",
        "securityfs" => "/sys/kernel/security",
        _ => null,
    };

    /// <summary>Finds a file system, or mounts it at its usual place (or the one given). Needs <c>CAP_SYS_ADMIN</c> to mount.</summary>
    /// <param name="type">The type.</param>
    /// <param name="path">Where to mount it when it is not mounted anywhere; made if missing.</param>
    /// <returns>Where it is.</returns>
    /// <exception cref="BpfSyscallException">It is not mounted and cannot be.</exception>
    public static string Ensure(string type, string? path = null)
    {
        if ((type == "tracefs" ? Tracefs : Find(type)?.Path) is { } found) return found;
        path ??= UsualPlace(type) ?? throw new ArgumentException($"There is no usual place for '{type}'; give a path.", nameof(path));
        if (!Directory.Exists(path)) Directory.CreateDirectory(path);
        Mount(type, path);
        return path;
    }

    /// <summary>Mounts a file system (<c>mount(2)</c>).</summary>
    public static void Mount(string type, string path, string? options = null)
    {
        if (MountCall(type, path, type, 0, options) < 0)
        {
            Errno error = Libc.LastError;
            throw new BpfSyscallException($"mount {type} at {path}", error, error switch
            {
                Errno.EPERM => "Mounting needs CAP_SYS_ADMIN.",
                Errno.ENODEV => $"This kernel has no {type}.",
                _ => null,
            });
        }
    }

    /// <summary>Unmounts what is mounted at a path (<c>umount2(2)</c>).</summary>
    public static void Unmount(string path) => Libc.Check(UnmountCall(path, 0), $"unmount {path}");

    internal static IReadOnlyList<MountPoint> Parse(TextReader reader)
    {
        // 36 35 98:0 /root /mount ro,noatime shared:1 - ext3 /dev/root rw,errors=continue
        List<MountPoint> mounts = [];
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ');
            int separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (separator < 0 || separator + 3 >= fields.Length) continue;
            bool readOnly = fields[5].Split(',').Contains("ro");
            mounts.Add(new MountPoint(Unescape(fields[4]), fields[separator + 1], Unescape(fields[3]), readOnly, fields[separator + 3]));
        }
        return mounts;
    }

    /// <summary>The kernel writes blank, tab, newline and backslash as three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                result.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                result.Append(text[i]);
            }
        }
        return result.ToString();
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MountCall(string source, string target, string type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnmountCall(string target, int flags);
}
