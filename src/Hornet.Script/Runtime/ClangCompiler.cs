using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Script.Types;

namespace Hornet.Script.Runtime;

/// <summary>What clang made of a program in C.</summary>
/// <param name="Object">The object file; null when there is none.</param>
/// <param name="Messages">What it said, without an empty line at the end.</param>
internal sealed record ClangResult(byte[]? Object, string Messages)
{
    /// <summary>Whether there is no clang on this machine.</summary>
    public bool IsMissing { get; init; }

    /// <summary>What it was made from: files, and the folder of the program when a header may be missing in it.</summary>
    public IReadOnlyList<string> Read { get; init; } = [];
}

/// <summary>Has clang compile programs in C that scripts import. Nothing else of the language needs it.</summary>
internal static class ClangCompiler
{
    /// <summary>Compiles a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="includeFolders">Where headers are looked for, besides the file's own folder.</param>
    /// <param name="end">Ends clang early.</param>
    public static ClangResult Compile(string path, IReadOnlyList<string> includeFolders, CancellationToken end = default)
    {
        if (Find() is not { } clang) return new ClangResult(null, "") { IsMissing = true };
        var folder = Directory.CreateTempSubdirectory("hornet-");
        try
        {
            string output = Path.Combine(folder.FullName, "object.o"), sources = Path.Combine(folder.FullName, "object.d");
            if (WantsKernelHeader(path, includeFolders)) WriteKernelHeader(Path.Combine(folder.FullName, "vmlinux.h"));
            var result = Run(clang, [
                "-target", BitConverter.IsLittleEndian ? "bpfel" : "bpfeb", "-O2", "-g", "-mcpu=v3", "-fno-color-diagnostics",
                $"-D__TARGET_ARCH_{Architecture}", .. includeFolders.Select(i => "-I" + i), "-I" + folder.FullName,
                // <linux/types.h> wants <asm/types.h>, which is the machine's.
                .. Directory.Exists(MachineHeaders) ? (string[])["-idirafter", MachineHeaders] : [], "-MD", "-MF", sources, "-c", path, "-o", output], output, end);
            var read = Sources(sources).Where(f => !f.StartsWith(folder.FullName, StringComparison.Ordinal));
            return result with { Read = result.Object is null ? [path, Path.GetDirectoryName(Path.GetFullPath(path))!, .. read] : [.. read] };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // A rule of make: "object.o: a.c b.h \", lines below it with more, blanks in names behind backslashes.
    private static IEnumerable<string> Sources(string rule)
    {
        if (!File.Exists(rule)) return [];
        string text = File.ReadAllText(rule).Replace("\\\n", " ", StringComparison.Ordinal).Replace("\\ ", "\0", StringComparison.Ordinal);
        return text[(text.IndexOf(": ", StringComparison.Ordinal) + 1)..].Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(f => f.Replace('\0', ' '));
    }

    private static ClangResult Run(string clang, IReadOnlyList<string> arguments, string output, CancellationToken end)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(clang, arguments) { RedirectStandardError = true, RedirectStandardInput = true })!;
            using var ending = end.Register(static p => End((Process)p!), process);
            process.StandardInput.Close();
            string messages = process.StandardError.ReadToEnd().TrimEnd();
            process.WaitForExit();
            // Clang counts what it said.
            messages = string.Join('\n', messages.Split('\n').Where(l => !l.EndsWith(" generated.", StringComparison.Ordinal)));
            return new ClangResult(process.ExitCode == 0 ? File.ReadAllBytes(output) : null, messages);
        }
        catch (Win32Exception)
        {
            return new ClangResult(null, "") { IsMissing = true };
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It is over already.
        }
    }

    // CLANG says which, as in the makefiles of BPF programs; else the first on the path, the newest of those with a number.
    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CLANG") is { Length: > 0 } said) return said;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(f => Path.Combine(f, "clang")).FirstOrDefault(File.Exists)
            ?? folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "clang-*"))
                .Select(f => (File: f, Number: int.TryParse(Path.GetFileName(f)["clang-".Length..], out int number) ? number : 0))
                .Where(f => f.Number > 0).OrderByDescending(f => f.Number).Select(f => f.File).FirstOrDefault();
    }

    // Writing the kernel's types takes a while, and few programs want them.
    private static bool WantsKernelHeader(string path, IReadOnlyList<string> includeFolders)
    {
        string own = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (BtfTypes.Kernel is null || includeFolders.Prepend(own).Any(f => File.Exists(Path.Combine(f, "vmlinux.h")))) return false;
        return Directory.EnumerateFiles(own, "*.h").Prepend(path).Any(f => File.ReadAllText(f).Contains("vmlinux.h", StringComparison.Ordinal));
    }

    private static void WriteKernelHeader(string path)
    {
        using StreamWriter writer = new(path);
        BtfCFormatter.WriteHeader(BtfTypes.Kernel!.Spec, writer);
    }

    private static string Architecture => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "x86",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static string MachineHeaders => $"/usr/include/{(RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64")}-linux-gnu";
}
