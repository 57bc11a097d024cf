using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Hornet.Interop;
using Hornet.Kernel;
using Hornet.KernelTests;
using Xunit.v3;

// The kernel's state is shared: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(KernelSession))]
[assembly: LeakCheck]

namespace Hornet.KernelTests;

/// <summary>
/// Begins and ends a run: mounts what is missing, sweeps what killed runs left, and at the end fails the run when a
/// descriptor, pin or control group is left.
/// </summary>
public sealed partial class KernelSession : IDisposable
{
    private static readonly ConcurrentDictionary<DescriptorRegistry.Entry, string> s_suspects = new();

    private static readonly ConcurrentQueue<string> s_droppedLinks = new();

    public KernelSession()
    {
        DescriptorRegistry.Enabled = true;
        DescriptorRegistry.LinkDropped += s_droppedLinks.Enqueue;
        if (!Capabilities.Effective.Has(Capability.SysAdmin)) return;
        foreach (string type in new[] { "tracefs", "bpf", "securityfs" }) TryMount(type);
        if (Mounts.Cgroup2 is null) TryMount("cgroup2", Path.GetTempPath() + "hornet-cgroup2");
        RaiseMemlock();
        Leftovers.Sweep();
    }

    public void Dispose()
    {
        StringBuilder report = new();
        foreach (DescriptorRegistry.Entry entry in DescriptorRegistry.Live) Describe(report, "still open", entry);
        foreach (DescriptorRegistry.Entry entry in DescriptorRegistry.Abandoned) Describe(report, "closed by the garbage collector only", entry);
        HashSet<int> known = [.. DescriptorRegistry.Live.Select(e => e.Descriptor)];
        foreach ((int number, string target) in KernelDescriptors.Open())
        {
            if (KernelDescriptors.IsOnlyOurs(target) && !known.Contains(number)) report.AppendLine($"descriptor {number} -> {target} is still open and was never owned by a FileDescriptor");
        }
        foreach (string link in s_droppedLinks) report.AppendLine($"the link {link} was dropped without being disposed");
        foreach (string path in Leftovers.OfThisProcess()) report.AppendLine($"{path} was left behind");
        if (report.Length > 0) throw new LeakException($"The run leaves things behind:\n{report}");
    }

    /// <summary>
    /// Notes what a test left open. It is no leak yet: the test's class or a fixture may still dispose it.
    /// </summary>
    internal static void Suspect(DescriptorRegistry.Entry entry, string test) => s_suspects.TryAdd(entry, test);

    private static void Describe(StringBuilder report, string what, DescriptorRegistry.Entry entry)
    {
        string test = s_suspects.TryGetValue(entry, out string? name) ? name : "a fixture, a constructor or between tests";
        report.AppendLine($"descriptor {entry.Descriptor} ({entry.What}), made in {test}, {what}. Made by:");
        report.AppendLine(entry.Stack.ToString());
    }

    private static void TryMount(string type, string? path = null)
    {
        try
        {
            Mounts.Ensure(type, path);
        }
        catch (Exception e) when (e is BpfException or IOException or UnauthorizedAccessException)
        {
            // The needs find out that it is missing, and say so in the skip reason.
        }
    }

    /// <summary>Before 5.11 maps are charged to the memlock limit; the probes speak to the kernel without the library that handles it.</summary>
    private static unsafe void RaiseMemlock()
    {
        if (KernelVersion.Running >= new KernelVersion(5, 11)) return;
        ulong* limit = stackalloc ulong[2] { ulong.MaxValue, ulong.MaxValue };
        _ = SetLimit(8, limit);
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static unsafe partial int SetLimit(int resource, ulong* limit);
}

/// <summary>Something was left behind by the tests.</summary>
public sealed class LeakException(string message) : Exception(message);

/// <summary>Notes after each test which descriptors it left open, so that the final report can name it.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class LeakCheckAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        foreach (DescriptorRegistry.Entry entry in DescriptorRegistry.Live) KernelSession.Suspect(entry, test.TestDisplayName);
        foreach (DescriptorRegistry.Entry entry in DescriptorRegistry.Abandoned) KernelSession.Suspect(entry, test.TestDisplayName);
    }
}
