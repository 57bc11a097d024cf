using System.Globalization;
using Hornet.Kernel;

namespace Hornet.KernelTests;

/// <summary>A folder in the BPF file system for one test's pins. Disposing removes it and every pin in it.</summary>
public sealed class TestPins : IDisposable
{
    internal const string Prefix = "hornet-test-";
    private static int s_number;

    public TestPins()
    {
        Path = $"{Mounts.Ensure("bpf")}/{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}";
        Directory.CreateDirectory(Path);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>A path in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Removes what earlier, killed runs left: their names carry the process id.</summary>
internal static class Leftovers
{
    public static void Sweep()
    {
        Sweep(Mounts.Bpffs, path => Directory.Delete(path, recursive: true));
        Sweep(Mounts.Cgroup2, TestCgroup.Remove);
    }

    /// <summary>What this process left behind now.</summary>
    public static IEnumerable<string> OfThisProcess() =>
        new[] { Mounts.Bpffs, Mounts.Cgroup2 }.Where(Directory.Exists)
            .SelectMany(root => Directory.GetDirectories(root!, $"{TestPins.Prefix}{Environment.ProcessId}-*"));

    private static void Sweep(string? root, Action<string> remove)
    {
        if (root is null) return;
        foreach (string path in Directory.GetDirectories(root, TestPins.Prefix + "*"))
        {
            string owner = Path.GetFileName(path)[TestPins.Prefix.Length..].Split('-')[0];
            if (int.TryParse(owner, CultureInfo.InvariantCulture, out int pid) && !Directory.Exists($"/proc/{pid}")) remove(path);
        }
    }
}
