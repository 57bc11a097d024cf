using Hornet.Kernel;

namespace Hornet;

/// <summary>What the kernel says of the scheduler in use (<c>/sys/kernel/sched_ext</c>).</summary>
internal static class RunningScheduler
{
    private const string Folder = "/sys/kernel/sched_ext";

    /// <summary>The error when this kernel takes no schedulers.</summary>
    /// <exception cref="BpfNotSupportedException">It does not.</exception>
    public static void Require()
    {
        if (Directory.Exists(Folder)) return;
        Version since = new(6, 12);
        if (KernelVersion.Running < new KernelVersion(6, 12))
            throw new BpfNotSupportedException("sched_ext", UnsupportedCause.Version, $"Schedulers (sched_ext) need Linux 6.12; this is {KernelVersion.Running}.", since);
        throw new BpfNotSupportedException("sched_ext", UnsupportedCause.Config, "This kernel takes no schedulers: it was built without CONFIG_SCHED_CLASS_EXT.", since);
    }

    /// <summary>The name of the one in use; null when there is none.</summary>
    public static string? Name()
    {
        try
        {
            return File.ReadAllText($"{Folder}/state").Trim() == "disabled" ? null : File.ReadAllText($"{Folder}/root/ops").Trim();
        }
        catch (IOException)
        {
            // It went away meanwhile.
            return null;
        }
    }
}
