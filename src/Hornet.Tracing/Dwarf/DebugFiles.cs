using System.Text;
using Hornet.Elf;

namespace Hornet.Tracing.Dwarf;

/// <summary>Finds the files that debug information was put apart in.</summary>
internal static class DebugFiles
{
    private const string SystemFolder = "/usr/lib/debug";

    /// <summary>The file with the debug information of a binary, opened: the binary's own, or the one its build id or link names.</summary>
    /// <param name="binary">The binary.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="folders">Where to look besides the usual places.</param>
    /// <param name="looked">Gets the places that were looked at in vain.</param>
    public static ElfFile? Find(ElfFile binary, string path, IReadOnlyList<string> folders, List<string> looked) =>
        HasInfo(binary) ? binary : FindApart(binary, path, folders, looked, HasInfo);

    /// <summary>The file with the symbol table of a stripped binary, opened.</summary>
    public static ElfFile? FindSymbols(ElfFile binary, string path, IReadOnlyList<string> folders) =>
        FindApart(binary, path, folders, [], file => file.Symbols.Count > 0);

    private static ElfFile? FindApart(ElfFile binary, string path, IReadOnlyList<string> folders, List<string> looked, Func<ElfFile, bool> serves)
    {
        byte[] id = binary.BuildId is { } buildId ? buildId.ToArray() : [];
        var link = binary.DebugLink;
        foreach (string candidate in Candidates(path, id, link?.FileName, folders))
        {
            if (TryOpen(candidate) is not { } file)
            {
                looked.Add(candidate);
                continue;
            }
            // By the same build id, or by the checksum of the link where there is no id.
            bool same = id.Length > 0 && file.BuildId is { } other ? other.Span.SequenceEqual(id) : link is { } named && Crc32.OfFile(candidate) == named.Crc32;
            if (same && serves(file)) return file;
            looked.Add(same ? $"{candidate} (has none either)" : $"{candidate} (of another build)");
            file.Dispose();
        }
        return null;
    }

    /// <summary>The file with what several debug files share (dwz); null when the file names none.</summary>
    /// <exception cref="BpfFormatException">The section that names it is malformed.</exception>
    public static ElfFile? FindAlternate(ElfFile file, string path, IReadOnlyList<string> folders, List<string> looked)
    {
        if (file.FindSection(".gnu_debugaltlink") is not { } section) return null;
        var contents = file.Read(section).Span;
        int end = contents.IndexOf((byte)0);
        if (end < 0) throw new BpfFormatException($"{file.Name}: the name in .gnu_debugaltlink has no end");
        string name = Encoding.UTF8.GetString(contents[..end]);
        byte[] id = contents[(end + 1)..].ToArray();
        List<string> candidates = [Path.IsPathRooted(name) ? name : Path.Combine(FolderOf(path), name)];
        foreach (string folder in (string[])[.. folders, Root(path) + SystemFolder])
        {
            if (id.Length > 1) candidates.Add(ByBuildId(folder, id));
            candidates.Add(Path.Combine(folder, ".dwz", Path.GetFileName(name)));
            candidates.Add(Path.Combine(folder, Path.GetFileName(name)));
        }
        foreach (string candidate in candidates)
        {
            if (TryOpen(candidate) is not { } found)
            {
                looked.Add(candidate);
                continue;
            }
            if (HasInfo(found) && (id.Length == 0 || (found.BuildId is { } other && other.Span.SequenceEqual(id)))) return found;
            looked.Add($"{candidate} (of another build)");
            found.Dispose();
        }
        return null;
    }

    /// <summary>A split unit's file: where the compiler put it, beside the binary, in the given folders.</summary>
    public static ElfFile? FindSplit(string binary, string name, string folder, IReadOnlyList<string> folders, List<string> looked)
    {
        string file = Path.GetFileName(name);
        List<string> candidates = [Path.IsPathRooted(name) || folder.Length == 0 ? name : Path.Combine(folder, name), Path.Combine(FolderOf(binary), name), Path.Combine(FolderOf(binary), file)];
        foreach (string extra in folders)
        {
            candidates.Add(Path.Combine(extra, name.TrimStart('/')));
            candidates.Add(Path.Combine(extra, file));
        }
        return FirstThatOpens(candidates, looked);
    }

    /// <summary>The package of a binary's split units (<c>BINARY.dwp</c>).</summary>
    public static ElfFile? FindPackage(string binary, string debugFile, IReadOnlyList<string> folders)
    {
        List<string> candidates = [binary + ".dwp", debugFile + ".dwp"];
        foreach (string extra in folders) candidates.Add(Path.Combine(extra, Path.GetFileName(binary) + ".dwp"));
        return FirstThatOpens(candidates, []);
    }

    private static ElfFile? FirstThatOpens(List<string> candidates, List<string> looked)
    {
        foreach (string candidate in candidates.Distinct())
        {
            if (TryOpen(candidate) is { } found) return found;
            looked.Add(candidate);
        }
        return null;
    }

    private static IEnumerable<string> Candidates(string path, byte[] id, string? link, IReadOnlyList<string> folders)
    {
        string root = Root(path), folder = FolderOf(path), system = root + SystemFolder;
        // A folder that is not given from the root on may be meant from here or from where the binary is.
        folders = [.. folders.SelectMany(f => Path.IsPathRooted(f) ? (IEnumerable<string>)[f] : [f, Path.Combine(folder, f)])];
        if (id.Length > 1)
        {
            foreach (string extra in folders) yield return ByBuildId(extra, id);
            yield return ByBuildId(system, id);
        }
        // Without a link, a build id still tells whether the file that is usually called so is its.
        link ??= id.Length > 0 ? Path.GetFileName(path) + ".debug" : null;
        if (link is null || link.Contains('/')) yield break;
        if (Path.GetFileName(path) != link) yield return Path.Combine(folder, link);
        yield return Path.Combine(folder, ".debug", link);
        string inside = folder[root.Length..].TrimStart('/');
        foreach (string extra in folders)
        {
            yield return Path.Combine(extra, inside, link);
            yield return Path.Combine(extra, link);
        }
        yield return Path.Combine(system, inside, link);
    }

    private static string ByBuildId(string folder, byte[] id)
    {
        string hex = Convert.ToHexStringLower(id);
        return Path.Combine(folder, ".build-id", hex[..2], hex[2..] + ".debug");
    }

    private static string FolderOf(string path)
    {
        try
        {
            // The link is relative to the file itself, not to a symbolic link that leads to it.
            string real = Root(path).Length > 0 ? path : new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
            return Path.GetDirectoryName(real) ?? "/";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        }
    }

    /// <summary><c>/proc/PID/root</c> when the path leads through it: that process' debug files belong to its binaries.</summary>
    private static string Root(string path)
    {
        const string proc = "/proc/";
        if (!path.StartsWith(proc, StringComparison.Ordinal)) return "";
        int root = path.IndexOf("/root/", proc.Length, StringComparison.Ordinal);
        return root < 0 || path.AsSpan(proc.Length, root - proc.Length).Contains('/') ? "" : path[..(root + "/root".Length)];
    }

    private static bool HasInfo(ElfFile file) => file.FindSection(".debug_info") is { Type: not ElfSectionType.NoBits, Size: > 0 };

    private static ElfFile? TryOpen(string path)
    {
        try
        {
            return File.Exists(path) ? ElfFile.Open(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BpfFormatException)
        {
            return null;
        }
    }
}
