using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Hornet.KernelTests;

/// <summary>
/// C source that clang compiles to a BPF object when a test asks for it. Declare it as a static readonly field: the
/// run on the host compiles every declared source into a cache that the virtual machines read, where compiling would
/// take many seconds.
/// </summary>
/// <param name="code">The source. <c>vmlinux.h</c> and libbpf's headers are on the include path.</param>
/// <param name="options">More options for clang, after <c>-target bpf -O2 -g -mcpu=v3</c>.</param>
public sealed class ClangSource(string code, params string[] options)
{
    private static readonly ConcurrentDictionary<string, object> s_locks = new();
    private readonly string _hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', [.. options, code]))))[..32];
    private byte[]? _object;

    /// <summary>The object file's bytes, compiled at most once per machine.</summary>
    public byte[] Object => _object ??= File.ReadAllBytes(Path);

    /// <summary>The object file's path.</summary>
    public string Path
    {
        get
        {
            string name = _hash + ".o";
            if (Caches.Select(c => System.IO.Path.Combine(c, name)).FirstOrDefault(File.Exists) is { } cached) return cached;
            lock (s_locks.GetOrAdd(_hash, _ => new object())) return Compile(name);
        }
    }

    /// <summary>Compiles source that is made up on the spot.</summary>
    public static byte[] Compile(string code, params string[] options) => new ClangSource(code, options).Object;

    /// <summary>A header with the types of the machine the tests were built on; programs adapt by CO-RE.</summary>
    private static string VmlinuxHeaderFolder
    {
        get
        {
            if (Caches.FirstOrDefault(c => File.Exists(System.IO.Path.Combine(c, "vmlinux.h"))) is { } folder) return folder;
            string target = System.IO.Path.Combine(WritableCache, "vmlinux.h");
            string bpftool = TestFiles.FindTool("bpftool") ?? throw new InvalidOperationException("bpftool is needed to make vmlinux.h");
            Install(target, temporary => Run("/bin/sh", "-c", $"{bpftool} btf dump file /sys/kernel/btf/vmlinux format c > {temporary}"));
            return WritableCache;
        }
    }

    // The first is shared with the virtual machines, which see it read-only; the second is for them alone.
    private static string[] Caches { get; } =
    [
        System.IO.Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/.cache",
            "hornet/objects"),
        System.IO.Path.Combine(System.IO.Path.GetTempPath(), "hornet-objects"),
    ];

    private static string WritableCache
    {
        get
        {
            foreach (string folder in Caches)
            {
                try
                {
                    Directory.CreateDirectory(folder);
                    string probe = System.IO.Path.Combine(folder, $".probe-{Environment.ProcessId}");
                    File.WriteAllText(probe, "");
                    File.Delete(probe);
                    return folder;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                }
            }
            throw new IOException($"no folder for compiled objects can be written: {string.Join(", ", Caches)}");
        }
    }

    private string Compile(string name)
    {
        string target = System.IO.Path.Combine(WritableCache, name), source = target + $".{Environment.ProcessId}.c";
        File.WriteAllText(source, code);
        try
        {
            string[] include = code.Contains("vmlinux.h", StringComparison.Ordinal) ? ["-I", VmlinuxHeaderFolder] : [];
            Install(target, temporary => Run(
                TestFiles.FindTool("clang") ?? throw new InvalidOperationException("clang is needed"),
                ["-target", "bpf", "-O2", "-g", "-mcpu=v3", "-Wall", "-Wno-unused-function", "-D__TARGET_ARCH_x86", "-I/usr/include/x86_64-linux-gnu", .. include, .. options, "-c", source, "-o", temporary]));
        }
        finally
        {
            File.Delete(source);
        }
        return target;
    }

    /// <summary>Makes a file under another name and renames it, so that a concurrent reader sees all of it or nothing.</summary>
    private static void Install(string target, Action<string> make)
    {
        string temporary = $"{target}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        make(temporary);
        File.Move(temporary, target, overwrite: true);
    }

    private static void Run(string file, params IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{file} failed:\n{error}");
    }
}
