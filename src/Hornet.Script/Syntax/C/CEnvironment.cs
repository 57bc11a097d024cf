using System.Runtime.InteropServices;

namespace Hornet.Script.Syntax.C;

/// <summary>Where headers are looked for, and what the compiler and the kernel would have defined.</summary>
internal sealed class CEnvironment
{
    private const long MaxHeaderBytes = 16 << 20;

    private readonly Dictionary<string, string?> _files = [];

    /// <summary>Directories in the order of their use: those of <c>-I</c>, then the system's.</summary>
    public List<string> Directories { get; } = [];

    /// <summary>Headers included in front of the script (<c>--include</c>).</summary>
    public List<string> Includes { get; } = [];

    /// <summary>Macros, each <c>name</c> or <c>name=value</c>.</summary>
    public List<string> Defines { get; } = [];

    /// <summary>The machine whose layouts and macros are used.</summary>
    public Architecture Architecture { get; init; } = RuntimeInformation.ProcessArchitecture;

    /// <summary>
    /// What bpftrace has on this system: the directories and headers asked for, the compiler's and the C library's headers,
    /// and the kernel's when their sources are installed (or <c>BPFTRACE_KERNEL_SOURCE</c> names them).
    /// </summary>
    public static CEnvironment ForSystem(IEnumerable<string> directories, IEnumerable<string> includes, bool hasBtf)
    {
        CEnvironment environment = new();
        environment.Directories.AddRange(directories);
        environment.Includes.AddRange(includes);
        if (hasBtf) environment.Defines.Add("BPFTRACE_HAVE_BTF");
        environment.AddKernel();
        environment.AddSystem();
        return environment;
    }

    /// <summary>The text of a file; null when it is not there or cannot be read.</summary>
    public string? Read(string path)
    {
        if (_files.TryGetValue(path, out var known)) return known;
        string? text = null;
        try
        {
            FileInfo file = new(path);
            if (file.Exists && file.Length is >= 0 and < MaxHeaderBytes) text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // As if it were not there: the message names the header.
        }
        return _files[path] = text ?? (BuiltinHeaders.TryGet(path, out var own) ? own : null);
    }

    /// <summary>The headers that were read.</summary>
    public IEnumerable<(string Path, string Text)> Files => from file in _files where file.Value is not null select (file.Key, file.Value);

    /// <summary>Headers as they were elsewhere, instead of this system's.</summary>
    public void TakeFrom(IEnumerable<string> directories, IReadOnlyDictionary<string, string> files)
    {
        Directories.Clear();
        Directories.AddRange(directories);
        foreach (var (path, text) in files) _files[path] = text;
    }

    /// <summary>Gives a file a text, as tests do.</summary>
    public void AddFile(string path, string text) => _files[path] = text;

    private void AddSystem()
    {
        string triplet = Architecture switch { Architecture.Arm64 => "aarch64-linux-gnu", _ => "x86_64-linux-gnu" };
        foreach (string compiler in CompilerDirectories(triplet)) AddExisting(compiler);
        AddExisting("/usr/local/include");
        AddExisting("/usr/include/" + triplet);
        AddExisting("/usr/include");
        Directories.Add(BuiltinHeaders.Directory);
    }

    private static IEnumerable<string> CompilerDirectories(string triplet)
    {
        foreach (string root in new[] { "/usr/lib/gcc/" + triplet, "/usr/lib/clang", "/usr/lib64/clang", "/usr/lib/gcc/" + triplet.Replace("-linux-gnu", "-redhat-linux", StringComparison.Ordinal) })
        {
            string? newest = null;
            try
            {
                if (System.IO.Directory.Exists(root))
                    newest = System.IO.Directory.GetDirectories(root).Select(d => Path.Combine(d, "include")).Where(d => File.Exists(Path.Combine(d, "stddef.h"))).Max(StringComparer.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // No compiler, then: this library has the few headers that matter.
            }
            if (newest is null) continue;
            yield return newest;
            yield break;
        }
    }

    private void AddKernel()
    {
        string release;
        try
        {
            release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
        string? asked = Environment.GetEnvironmentVariable("BPFTRACE_KERNEL_SOURCE");
        string source = asked is { Length: > 0 } ? asked : $"/lib/modules/{release}/source";
        string build = Environment.GetEnvironmentVariable("BPFTRACE_KERNEL_BUILD") is { Length: > 0 } askedBuild ? askedBuild
            : asked is { Length: > 0 } ? asked : $"/lib/modules/{release}/build";
        if (!System.IO.Directory.Exists(source)) source = build;
        if (!File.Exists(Path.Combine(source, "include/linux/types.h"))) return;
        string arch = Architecture switch { Architecture.Arm64 => "arm64", _ => "x86" };
        string[] directories =
        [
            $"{source}/arch/{arch}/include", $"{build}/arch/{arch}/include/generated", $"{source}/include", $"{build}/include",
            $"{source}/arch/{arch}/include/uapi", $"{build}/arch/{arch}/include/generated/uapi", $"{source}/include/uapi", $"{build}/include/generated/uapi",
        ];
        foreach (string directory in directories) AddExisting(directory);
        if (File.Exists($"{source}/include/linux/kconfig.h")) Includes.Insert(0, $"{source}/include/linux/kconfig.h");
        Defines.AddRange(["__KERNEL__", "__BPF_TRACING__", "__HAVE_BUILTIN_BSWAP16__", "__HAVE_BUILTIN_BSWAP32__", "__HAVE_BUILTIN_BSWAP64__",
            "KBUILD_MODNAME=\"bpftrace\"", "__TARGET_ARCH_" + arch]);
    }

    private void AddExisting(string directory)
    {
        if (System.IO.Directory.Exists(directory) && !Directories.Contains(directory)) Directories.Add(directory);
    }
}
