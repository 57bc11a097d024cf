using System.Globalization;

namespace Hornet.Kernel;

/// <summary>Sets of CPUs as the kernel writes them: <c>0-63,72-127</c>. Numbers may have gaps, and may exceed the count.</summary>
public static class CpuList
{
    private static readonly Lazy<IReadOnlyList<int>> s_possible = new(() =>
        // Elsewhere there are machines in user space only.
        OperatingSystem.IsLinux() ? Read("/sys/devices/system/cpu/possible") : [.. Enumerable.Range(0, Environment.ProcessorCount)]);

    /// <summary>
    /// The CPUs that could ever be there. Fixed at boot. A per-CPU map's value has one slot for each number up to the
    /// highest, which is <see cref="PossibleCount"/>.
    /// </summary>
    public static IReadOnlyList<int> Possible => s_possible.Value;

    /// <summary>
    /// The number of slots a per-CPU value has. The kernel copies one per possible CPU (<c>num_possible_cpus()</c>), in
    /// the order of their numbers.
    /// </summary>
    public static int PossibleCount => Possible.Count;

    /// <summary>The CPUs that run now; changes with hotplug, so it is read each time.</summary>
    public static IReadOnlyList<int> Online => Read("/sys/devices/system/cpu/online");

    /// <summary>Reads such a list.</summary>
    /// <exception cref="BpfFormatException">The text is none, or names a CPU above 65535.</exception>
    public static IReadOnlyList<int> Parse(ReadOnlySpan<char> text)
    {
        List<int> cpus = [];
        text = text.Trim();
        foreach (Range part in text.Split(','))
        {
            ReadOnlySpan<char> range = text[part].Trim();
            if (range.IsEmpty) continue;
            int dash = range.IndexOf('-');
            ReadOnlySpan<char> from = dash < 0 ? range : range[..dash], to = dash < 0 ? range : range[(dash + 1)..];
            if (!int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out int last)
                || last < first || last > ushort.MaxValue)
            {
                throw new BpfFormatException($"'{text}' is not a list of CPUs such as 0-3,8");
            }
            for (int cpu = first; cpu <= last; cpu++) cpus.Add(cpu);
        }
        return cpus;
    }

    private static IReadOnlyList<int> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BpfException($"The CPUs of this machine cannot be read from {path}: is sysfs mounted at /sys?", e);
        }
    }
}
