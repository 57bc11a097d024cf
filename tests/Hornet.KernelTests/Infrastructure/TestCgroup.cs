using System.Globalization;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.KernelTests;

/// <summary>A control group (unified hierarchy) of one test. Disposing moves its processes out and removes it.</summary>
public sealed class TestCgroup : IDisposable
{
    internal const string Prefix = "hornet-test-";
    private static int s_number;

    public TestCgroup(TestCgroup? parent = null)
    {
        string root = Mounts.Cgroup2 ?? throw new BpfException("no cgroup2 is mounted");
        Path = $"{parent?.Path ?? root}/{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}";
        Directory.CreateDirectory(Path);
    }

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>Its id, as <c>bpf_get_current_cgroup_id</c> gives it: the folder's inode number.</summary>
    public ulong Id => TestFiles.InodeOf(Path);

    /// <summary>Opens its folder, as attachments want it.</summary>
    public FileDescriptor Open() =>
        new(Libc.Check(Libc.Open(Path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC), $"open {Path}"), "test cgroup");

    /// <summary>Moves a process in; 0 for this one.</summary>
    public void Add(int processId = 0) => File.WriteAllText(Path + "/cgroup.procs", processId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Runs something with this whole process inside, and moves it out again.</summary>
    public void Run(Action action)
    {
        string before = File.ReadLines("/proc/self/cgroup").First(l => l.StartsWith("0::", StringComparison.Ordinal))[3..];
        Add();
        try
        {
            action();
        }
        finally
        {
            File.WriteAllText(Mounts.Cgroup2 + before + "/cgroup.procs", "0");
        }
    }

    public void Dispose() => Remove(Path);

    internal static void Remove(string path)
    {
        foreach (string child in Directory.GetDirectories(path)) Remove(child);
        string root = Mounts.Cgroup2!;
        // A process that is just exiting keeps the group busy for a moment.
        for (int attempt = 0; ; attempt++)
        {
            foreach (string pid in File.ReadAllLines(path + "/cgroup.procs"))
            {
                try
                {
                    File.WriteAllText(root + "/cgroup.procs", pid);
                }
                catch (IOException)
                {
                }
            }
            try
            {
                Directory.Delete(path);
                return;
            }
            catch (IOException) when (attempt < 50)
            {
                Thread.Sleep(20);
            }
        }
    }
}
