using System.Globalization;

namespace Hornet.KernelTests;

/// <summary>
/// The descriptors of this process that the library can have opened: programs, maps, links, BTF, perf events, and what is
/// waited on. The runtime and the test platform open files, pipes and sockets whenever they like; those say nothing.
/// </summary>
internal static class KernelDescriptors
{
    /// <summary>How many there are, once what earlier tests dropped has been closed: what to compare a later count with.</summary>
    public static int Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Count();
    }

    /// <summary>How many there are.</summary>
    public static int Count() => Open().Count();

    public static IEnumerable<(int Number, string Target)> Open()
    {
        foreach (string link in Directory.GetFiles("/proc/self/fd"))
        {
            string? target;
            try
            {
                target = new FileInfo(link).LinkTarget;
            }
            catch (IOException)
            {
                continue;
            }
            if (target is not null && (IsOnlyOurs(target) || target is "anon_inode:[eventpoll]" or "anon_inode:[eventfd]"))
            {
                yield return (int.Parse(Path.GetFileName(link), CultureInfo.InvariantCulture), target);
            }
        }
    }

    /// <summary>Whether nobody else in the process makes descriptors of the kind.</summary>
    public static bool IsOnlyOurs(string target) => target.Contains(":bpf", StringComparison.Ordinal) || target is "anon_inode:btf" or "anon_inode:[perf_event]";
}
