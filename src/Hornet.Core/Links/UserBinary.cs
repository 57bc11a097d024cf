using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Links;

/// <summary>
/// Finds executables and libraries as a person names them: by path, by name (<c>bash</c>), as a library (<c>libc.so.6</c>,
/// <c>libc</c>, <c>c</c>), and in the file system that another process sees (a container).
/// </summary>
public static class UserBinary
{
    private const int MostSymbolicLinks = 40;

    private static readonly string[] s_programFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    private static string[] LibraryFolders
    {
        get
        {
            string triplet = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
            return [$"/lib/{triplet}", $"/usr/lib/{triplet}", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"];
        }
    }

    /// <summary>The path to open for a binary.</summary>
    /// <param name="binary">A path, or the name of an executable or of a library.</param>
    /// <param name="process">
    /// A process in whose mount namespace to look; null for our own. The result then begins with
    /// <c>/proc/PID/root</c> where that process sees another file system than we do.
    /// </param>
    /// <exception cref="BpfException">There is no such file; the message says where was looked.</exception>
    public static string Find(string binary, int? process = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(binary);
        if (binary.Contains('\0')) throw new ArgumentException("A path cannot contain a zero byte.", nameof(binary));
        string root = process is { } pid ? RootOf(pid) : "";
        if (binary.Contains('/'))
        {
            string path = root.Length == 0 ? Path.GetFullPath(binary) : binary;
            return InRoot(root, path) ?? throw new BpfSyscallException($"find '{binary}'", Errno.ENOENT, root.Length == 0 ? null : $"It was looked for as process {process} sees it ({root}).");
        }
        if (process is { } mapped && MappedPath(mapped, binary) is { } path2 && InRoot(root, path2) is { } found) return found;
        foreach (string candidate in Candidates(binary, root))
        {
            if (InRoot(root, candidate) is { } path) return path;
        }
        throw new BpfSyscallException($"find '{binary}'", Errno.ENOENT,
            "There is no executable of that name in PATH and no library of that name in LD_LIBRARY_PATH, the linker's cache or the usual folders. Give the whole path.");
    }

    /// <summary>
    /// <c>/proc/PID/root</c> when the process lives in another mount namespace or root folder; empty when it sees the
    /// same files as we do.
    /// </summary>
    private static string RootOf(int process)
    {
        string folder = $"/proc/{process}";
        if (!Directory.Exists(folder)) throw new BpfSyscallException($"look at process {process}", Errno.ESRCH, "There is no such process.");
        string? theirs = LinkOf($"{folder}/ns/mnt"), ours = LinkOf("/proc/self/ns/mnt");
        string? root = LinkOf($"{folder}/root");
        // Not permitted to look (null): the attachment itself will say so, with the reason.
        bool same = theirs is null || (theirs == ours && root == LinkOf("/proc/self/root"));
        return same ? "" : $"{folder}/root";
    }

    /// <summary>Follows symbolic links as inside the root: an absolute link in a container means the container's file.</summary>
    private static string? InRoot(string root, string path)
    {
        if (root.Length == 0) return File.Exists(path) ? path : null;
        Stack<string> pending = new(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        List<string> resolved = [];
        for (int links = 0; pending.TryPop(out string? part);)
        {
            if (part == ".") continue;
            if (part == "..")
            {
                if (resolved.Count > 0) resolved.RemoveAt(resolved.Count - 1);
                continue;
            }
            string here = $"{root}/{string.Join('/', resolved.Append(part))}";
            if (LinkOf(here) is not { } target)
            {
                resolved.Add(part);
                continue;
            }
            if (++links > MostSymbolicLinks) return null;
            if (target.StartsWith('/')) resolved.Clear();
            foreach (string next in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse()) pending.Push(next);
        }
        string result = $"{root}/{string.Join('/', resolved)}";
        return File.Exists(result) ? result : null;
    }

    private static IEnumerable<string> Candidates(string name, string root)
    {
        bool library = name.Contains(".so", StringComparison.Ordinal) || name.StartsWith("lib", StringComparison.Ordinal);
        if (!library)
        {
            string[] folders = root.Length == 0 && Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path.Split(':', StringSplitOptions.RemoveEmptyEntries) : [];
            foreach (string folder in folders.Concat(s_programFolders)) yield return Path.Combine(folder, name);
        }
        if (root.Length == 0 && Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") is { Length: > 0 } extra)
        {
            foreach (string folder in extra.Split(':', StringSplitOptions.RemoveEmptyEntries)) yield return Path.Combine(folder, name);
        }
        var cached = Cached(root);
        // The exact name first, then libNAME.so*, as -lNAME means it.
        foreach (var (file, path) in cached)
        {
            if (file == name) yield return path;
        }
        string[] stems = name.StartsWith("lib", StringComparison.Ordinal) ? [$"{name}.so"] : [$"{name}.so", $"lib{name}.so"];
        foreach (var (file, path) in cached)
        {
            if (stems.Any(stem => file == stem || file.StartsWith($"{stem}.", StringComparison.Ordinal))) yield return path;
        }
        foreach (string folder in LibraryFolders)
        {
            yield return Path.Combine(folder, name);
            foreach (string file in LibrariesIn($"{root}{folder}", stems)) yield return Path.Combine(folder, file);
        }
    }

    /// <summary>Where there is no cache (musl, small images): versioned names first, since libNAME.so may be a text for the linker.</summary>
    private static IEnumerable<string> LibrariesIn(string folder, string[] stems)
    {
        if (!Directory.Exists(folder)) return [];
        EnumerationOptions inaccessible = new() { IgnoreInaccessible = true };
        return stems.SelectMany(stem => Directory.EnumerateFiles(folder, $"{stem}*", inaccessible).Select(path => Path.GetFileName(path)!)
            .Where(file => file == stem || file.StartsWith($"{stem}.", StringComparison.Ordinal)).OrderByDescending(file => file.Length > stem.Length).ThenBy(file => file, StringComparer.Ordinal));
    }

    private static List<(string Name, string Path)> Cached(string root)
    {
        try
        {
            return LdSoCache.Parse(File.ReadAllBytes($"{root}/etc/ld.so.cache"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BpfFormatException)
        {
            return []; // musl systems have no cache; the usual folders remain.
        }
    }

    /// <summary>A file that the process has mapped under this name: what it really runs, whatever is on the disk.</summary>
    private static string? MappedPath(int process, string name)
    {
        string[] prefixes = name.StartsWith("lib", StringComparison.Ordinal) ? [$"{name}.so", $"{name}-"] : [$"{name}.so", $"lib{name}.so", $"lib{name}-"];
        try
        {
            foreach (string line in File.ReadLines($"/proc/{process}/maps"))
            {
                int slash = line.IndexOf('/');
                if (slash < 0) continue;
                string file = Path.GetFileName(line[slash..]);
                if (file == name || prefixes.Any(p => file.StartsWith(p, StringComparison.Ordinal))) return line[slash..];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        return null;
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The functions of a binary whose name is near to one that is not there.</summary>
    internal static string? SuggestFunction(Elf.ElfFile file, string name)
    {
        var names = file.Functions().Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        return names.Count == 0
            ? "The binary has no symbols (it is stripped): attach to an offset, or to a file with symbols."
            : CloseNames.Suggest(name, names);
    }
}
