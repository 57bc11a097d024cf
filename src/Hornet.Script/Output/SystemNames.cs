using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.Script.Output;

/// <summary>Names that the system's files give to numbers: users and control groups.</summary>
internal interface ISystemNames
{
    /// <summary>The name of a user in <c>/etc/passwd</c>; empty when there is none.</summary>
    string User(ulong id);

    /// <summary>The paths of a control group in the hierarchies whose name matches the filter: <c>unified:/a/b,cpu:/c</c>.</summary>
    string CgroupPaths(ulong id, string filter);
}

/// <inheritdoc/>
internal sealed unsafe partial class SystemNames : ISystemNames
{
    private readonly Dictionary<ulong, string> _users = [];
    private readonly Dictionary<(ulong Id, string Root), string> _paths = [];
    private DateTime _readAt;

    public string User(ulong id)
    {
        if (_users.TryGetValue(id, out string? name)) return name;
        try
        {
            var changed = File.GetLastWriteTimeUtc("/etc/passwd");
            if (changed != _readAt)
            {
                _readAt = changed;
                _users.Clear();
                foreach (string line in File.ReadLines("/etc/passwd", Encoding.UTF8))
                {
                    string[] fields = line.Split(':');
                    if (fields.Length >= 3 && ulong.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)) _users.TryAdd(number, fields[0]);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
        return _users.GetValueOrDefault(id, "");
    }

    public string CgroupPaths(ulong id, string filter)
    {
        List<(string Name, string Root)> second = [], first = [];
        try
        {
            foreach (string line in File.ReadLines("/proc/mounts"))
            {
                // The kind stands in front: hierarchies are mounted from "cgroup" or "cgroup2".
                string[] fields = line.Split(' ');
                if (fields.Length < 3 || !Directory.Exists(fields[1])) continue;
                if (fields[0] == "cgroup2") second.Add(("unified", fields[1]));
                else if (fields[0] == "cgroup") first.Add((Path.GetFileName(fields[1]), fields[1]));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
        first.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        StringBuilder text = new();
        foreach (var (name, root) in second.Concat(first))
        {
            if (!Matches(name, filter)) continue;
            string path = PathBelow(id, root);
            if (path.Length == 0) continue;
            if (text.Length > 0) text.Append(',');
            text.Append(name).Append(':').Append(path);
        }
        return text.ToString();
    }

    /// <summary>Whether a name is of a pattern in which a star stands for any text.</summary>
    internal static bool Matches(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        int star = pattern.IndexOf('*');
        if (star < 0) return name.SequenceEqual(pattern);
        if (!name.StartsWith(pattern[..star])) return false;
        name = name[star..];
        pattern = pattern[(star + 1)..];
        for (int i = 0; i <= name.Length; i++)
        {
            if (Matches(name[i..], pattern)) return true;
        }
        return false;
    }

    private string PathBelow(ulong id, string root)
    {
        if (_paths.TryGetValue((id, root), out string? known) && Inode(known == "/" ? root : root + known) == id) return known;
        if (Inode(root) == id) return _paths[(id, root)] = "/";
        try
        {
            EnumerationOptions all = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
            foreach (string path in Directory.EnumerateDirectories(root, "*", all))
            {
                if (Inode(path) == id) return _paths[(id, root)] = path[root.Length..];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A group that goes while we look.
        }
        return "";
    }

    // The number of a group is that of its directory.
    private static ulong Inode(string path)
    {
        var status = stackalloc ulong[32];
        return StatX(-100, path, 0, 0x100, status) == 0 ? status[4] : 0;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ulong* status);
}
