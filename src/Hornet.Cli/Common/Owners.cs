using System.Globalization;

namespace Hornet.Cli.Common;

/// <summary>What a descriptor in /proc/PID/fd stands for.</summary>
internal enum OwnedKind
{
    Program,
    Map,
    Link,
    Btf,
}

/// <summary>
/// Which processes hold which programs, maps and links: read from /proc/PID/fd and fdinfo, which every kernel with BPF
/// has. Processes that end while we look are skipped; those of other users are visible to root only.
/// </summary>
internal sealed class Owners
{
    private readonly Dictionary<(OwnedKind, uint), SortedDictionary<int, string>> _holders = [];

    /// <summary>Looks at every process.</summary>
    public static Owners Scan()
    {
        var owners = new Owners();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) owners.ScanProcess(folder, pid);
        }
        return owners;
    }

    /// <summary>The holders as <c>name(pid)</c>, by pid.</summary>
    public IEnumerable<string> Of(OwnedKind kind, uint id) =>
        _holders.TryGetValue((kind, id), out var holders) ? holders.Select(h => $"{h.Value}({h.Key})") : [];

    private void ScanProcess(string folder, int pid)
    {
        try
        {
            string? name = null;
            foreach (string link in Directory.EnumerateFileSystemEntries(folder + "/fd"))
            {
                OwnedKind? kind = new FileInfo(link).LinkTarget switch
                {
                    "anon_inode:bpf-prog" => OwnedKind.Program,
                    "anon_inode:bpf-map" => OwnedKind.Map,
                    "anon_inode:bpf_link" or "anon_inode:bpf-link" => OwnedKind.Link,
                    "anon_inode:btf" => OwnedKind.Btf,
                    _ => null,
                };
                if (kind is not { } k || ReadId($"{folder}/fdinfo/{Path.GetFileName(link)}", k) is not { } id) continue;
                name ??= File.ReadAllText(folder + "/comm").TrimEnd('\n');
                if (!_holders.TryGetValue((k, id), out var holders)) _holders[(k, id)] = holders = [];
                holders[pid] = name;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended, or belongs to somebody else.
        }
    }

    private static uint? ReadId(string path, OwnedKind kind)
    {
        string key = kind switch { OwnedKind.Program => "prog_id:", OwnedKind.Map => "map_id:", OwnedKind.Link => "link_id:", _ => "btf_id:" };
        foreach (string line in File.ReadLines(path))
        {
            if (line.StartsWith(key, StringComparison.Ordinal) && uint.TryParse(line.AsSpan(key.Length).Trim(), out uint id)) return id;
        }
        return null;
    }
}
