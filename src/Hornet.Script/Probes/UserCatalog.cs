using System.Globalization;
using System.IO.Enumeration;
using Hornet.Elf;
using Hornet.Links;

namespace Hornet.Script.Probes;

/// <summary>Programs and libraries: where they are, and what of them can be probed. Files are read once.</summary>
internal sealed class UserCatalog(int? process, bool isUnsafe)
{
    private readonly Dictionary<string, IReadOnlyList<ElfFunction>> _functions = [];
    private readonly Dictionary<string, IReadOnlyList<UsdtProbe>> _static = [];

    /// <summary>The files that a target means: itself, or what PATH has, or a library, or all that match.</summary>
    public IReadOnlyList<string> Paths(string target)
    {
        if (target == "*") return process is { } pid ? MappedFiles(pid) : [.. RunningProcesses().SelectMany(MappedFiles).Distinct().Order(StringComparer.Ordinal)];
        bool isPattern = target.Contains('*');
        if (!isPattern && target.StartsWith("lib", StringComparison.Ordinal) && !target.Contains('/'))
        {
            try
            {
                return [UserBinary.Find(target, process)];
            }
            catch (BpfException)
            {
                // Then it is a file of that name.
            }
        }
        List<string> candidates = [target];
        if (!target.Contains('/') && Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path) candidates.AddRange(path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(p => $"{p}/{target}"));
        return [.. (isPattern ? candidates.SelectMany(Expand) : candidates).Select(InProcess).Where(p => IsProgram(p, isPattern))];
    }

    /// <summary>The functions of a file; empty when it has no symbols or is none.</summary>
    public IReadOnlyList<ElfFunction> Functions(string path)
    {
        if (_functions.TryGetValue(path, out var known)) return known;
        try
        {
            using var file = ElfFile.Open(path);
            return _functions[path] = [.. file.Functions()];
        }
        catch (BpfException)
        {
            return _functions[path] = [];
        }
    }

    /// <summary>The static probes of a file.</summary>
    public IReadOnlyList<UsdtProbe> StaticProbes(string path)
    {
        if (_static.TryGetValue(path, out var known)) return known;
        try
        {
            return _static[path] = UsdtProbe.List(path);
        }
        catch (BpfException)
        {
            return _static[path] = [];
        }
    }

    /// <summary>The files a process has mapped as code.</summary>
    public static IReadOnlyList<string> MappedFiles(int process)
    {
        SortedSet<string> files = new(StringComparer.Ordinal);
        try
        {
            bool isElsewhere = IsElsewhere(process);
            foreach (string line in File.ReadLines($"/proc/{process}/maps"))
            {
                int slash = line.IndexOf('/');
                if (slash < 0 || !line.Contains(" r-x", StringComparison.Ordinal) || line.EndsWith("(deleted)", StringComparison.Ordinal)) continue;
                files.Add(isElsewhere ? $"/proc/{process}/root{line[slash..]}" : line[slash..]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile.
        }
        return [.. files];
    }

    /// <summary>The file a process runs, as this process can open it.</summary>
    public static string? ProgramOf(int process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/exe").LinkTarget is { } path ? $"/proc/{process}/root{path}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<int> RunningProcesses() => Directory.EnumerateDirectories("/proc")
        .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0).Where(pid => pid > 0);

    private string InProcess(string path) => process is { } pid && IsElsewhere(pid) && !path.StartsWith($"/proc/{pid}/root", StringComparison.Ordinal)
        ? $"/proc/{pid}/root{(path.StartsWith('/') ? "" : "/")}{path}"
        : path;

    private static bool IsElsewhere(int process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/mnt").LinkTarget is { } theirs && theirs != new FileInfo("/proc/self/ns/mnt").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private bool IsProgram(string path, bool isPattern)
    {
        if (isUnsafe && !isPattern && File.Exists(path)) return true;
        if (ZipEntry.TrySplit(path, out _, out _)) return true;
        try
        {
            if (!File.Exists(path)) return false;
            using var handle = File.OpenHandle(path);
            Span<byte> head = stackalloc byte[20];
            if (RandomAccess.Read(handle, head, 0) < head.Length || !head.StartsWith("\u007fELF"u8)) return false;
            // Executables at a fixed place need the permission; shared objects and movable executables are probed as they are.
            return head[16] == 3 || (head[16] == 2 && (File.GetUnixFileMode(handle) & UnixFileMode.UserExecute) != 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // A star within each part of a path.
    private static IEnumerable<string> Expand(string pattern)
    {
        string[] parts = pattern.Split('/');
        IEnumerable<string> found = [parts[0].Length == 0 && pattern.StartsWith('/') ? "/" : ""];
        foreach (string part in pattern.StartsWith('/') ? parts.AsEnumerable().Skip(1) : parts)
        {
            found = part.Contains('*')
                ? found.SelectMany(folder => Children(folder, part))
                : found.Select(folder => folder.Length == 0 || folder.EndsWith('/') ? folder + part : $"{folder}/{part}");
        }
        return found.Where(Path.Exists);
    }

    private static IEnumerable<string> Children(string folder, string part)
    {
        try
        {
            return [.. new DirectoryInfo(folder.Length == 0 ? "." : folder).EnumerateFileSystemInfos()
                .Where(e => (part.StartsWith('.') || !e.Name.StartsWith('.')) && FileSystemName.MatchesSimpleExpression(part, e.Name, ignoreCase: false))
                .Select(e => folder.Length == 0 || folder.EndsWith('/') ? folder + e.Name : $"{folder}/{e.Name}").Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
