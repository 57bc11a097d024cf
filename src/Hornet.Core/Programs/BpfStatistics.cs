using Hornet.Interop;

namespace Hornet.Programs;

/// <summary>
/// Has the kernel count runs and time of all programs while it lives (<c>BPF_ENABLE_STATS</c>, 5.8). Costs every
/// program run some 20 to 30 ns. Needs CAP_SYS_ADMIN.
/// </summary>
public sealed class BpfStatistics : IDisposable
{
    private const string Sysctl = "/proc/sys/kernel/bpf_stats_enabled";

    private readonly FileDescriptor? _descriptor;
    private string? _before;

    private BpfStatistics(FileDescriptor? descriptor, string? before)
    {
        _descriptor = descriptor;
        _before = before;
    }

    /// <summary>
    /// Whether the counting goes on when the process dies without disposing: true where the kernel (before 5.8) knows
    /// only the switch for the whole system, <c>kernel.bpf_stats_enabled</c>.
    /// </summary>
    public bool SurvivesProcess => _descriptor is null;

    /// <summary>Starts counting; disposing stops it, unless somebody else asked for it too.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static BpfStatistics Enable()
    {
        EnableStatsAttr attr = new() { Type = 0 }; // BPF_STATS_RUN_TIME
        if (Bpf.TryOpen(BpfCommand.EnableStats, ref attr, "program statistics") is { } descriptor) return new(descriptor, null);

        var errno = Libc.LastError;
        if (errno != Errno.EINVAL) throw new BpfSyscallException("count the runs of BPF programs", errno, errno == Errno.EPERM ? "It needs CAP_SYS_ADMIN." : null);
        try
        {
            string before = File.ReadAllText(Sysctl).Trim();
            File.WriteAllText(Sysctl, "1\n");
            return new(null, before);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BpfSyscallException("count the runs of BPF programs", errno, $"This kernel counts from 5.8 on, or by {Sysctl} (5.1), which cannot be written.", e);
        }
    }

    /// <summary>Stops counting.</summary>
    public void Dispose()
    {
        _descriptor?.Dispose();
        if (Interlocked.Exchange(ref _before, null) is { } before) File.WriteAllText(Sysctl, before + "\n");
    }
}
