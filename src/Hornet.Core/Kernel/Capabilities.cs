using System.Globalization;

namespace Hornet.Kernel;

/// <summary>What a process may do beyond an ordinary user's rights (<c>capabilities(7)</c>). The numbers are the kernel's.</summary>
public enum Capability
{
    /// <summary><c>CAP_CHOWN</c>.</summary>
    Chown = 0,
    /// <summary><c>CAP_DAC_OVERRIDE</c>.</summary>
    DacOverride = 1,
    /// <summary><c>CAP_DAC_READ_SEARCH</c>: read tracefs whatever its modes.</summary>
    DacReadSearch = 2,
    /// <summary><c>CAP_FOWNER</c>.</summary>
    FOwner = 3,
    /// <summary><c>CAP_FSETID</c>.</summary>
    FSetId = 4,
    /// <summary><c>CAP_KILL</c>.</summary>
    Kill = 5,
    /// <summary><c>CAP_SETGID</c>.</summary>
    SetGid = 6,
    /// <summary><c>CAP_SETUID</c>.</summary>
    SetUid = 7,
    /// <summary><c>CAP_SETPCAP</c>.</summary>
    SetPCap = 8,
    /// <summary><c>CAP_LINUX_IMMUTABLE</c>.</summary>
    LinuxImmutable = 9,
    /// <summary><c>CAP_NET_BIND_SERVICE</c>.</summary>
    NetBindService = 10,
    /// <summary><c>CAP_NET_BROADCAST</c>.</summary>
    NetBroadcast = 11,
    /// <summary><c>CAP_NET_ADMIN</c>: network program types, and attaching them.</summary>
    NetAdmin = 12,
    /// <summary><c>CAP_NET_RAW</c>.</summary>
    NetRaw = 13,
    /// <summary><c>CAP_IPC_LOCK</c>.</summary>
    IpcLock = 14,
    /// <summary><c>CAP_IPC_OWNER</c>.</summary>
    IpcOwner = 15,
    /// <summary><c>CAP_SYS_MODULE</c>.</summary>
    SysModule = 16,
    /// <summary><c>CAP_SYS_RAWIO</c>.</summary>
    SysRawIo = 17,
    /// <summary><c>CAP_SYS_CHROOT</c>.</summary>
    SysChroot = 18,
    /// <summary><c>CAP_SYS_PTRACE</c>.</summary>
    SysPtrace = 19,
    /// <summary><c>CAP_SYS_PACCT</c>.</summary>
    SysPacct = 20,
    /// <summary><c>CAP_SYS_ADMIN</c>: contains BPF and PERFMON; needed for descriptors by id, and for most of BPF before 5.8.</summary>
    SysAdmin = 21,
    /// <summary><c>CAP_SYS_BOOT</c>.</summary>
    SysBoot = 22,
    /// <summary><c>CAP_SYS_NICE</c>.</summary>
    SysNice = 23,
    /// <summary><c>CAP_SYS_RESOURCE</c>: raise the memlock limit (needed before 5.11 only).</summary>
    SysResource = 24,
    /// <summary><c>CAP_SYS_TIME</c>.</summary>
    SysTime = 25,
    /// <summary><c>CAP_SYS_TTY_CONFIG</c>.</summary>
    SysTtyConfig = 26,
    /// <summary><c>CAP_MKNOD</c>.</summary>
    MkNod = 27,
    /// <summary><c>CAP_LEASE</c>.</summary>
    Lease = 28,
    /// <summary><c>CAP_AUDIT_WRITE</c>.</summary>
    AuditWrite = 29,
    /// <summary><c>CAP_AUDIT_CONTROL</c>.</summary>
    AuditControl = 30,
    /// <summary><c>CAP_SETFCAP</c>.</summary>
    SetFCap = 31,
    /// <summary><c>CAP_MAC_OVERRIDE</c>.</summary>
    MacOverride = 32,
    /// <summary><c>CAP_MAC_ADMIN</c>.</summary>
    MacAdmin = 33,
    /// <summary><c>CAP_SYSLOG</c>: see kernel addresses.</summary>
    Syslog = 34,
    /// <summary><c>CAP_WAKE_ALARM</c>.</summary>
    WakeAlarm = 35,
    /// <summary><c>CAP_BLOCK_SUSPEND</c>.</summary>
    BlockSuspend = 36,
    /// <summary><c>CAP_AUDIT_READ</c>.</summary>
    AuditRead = 37,
    /// <summary><c>CAP_PERFMON</c> (5.8): tracing program types and perf events.</summary>
    PerfMon = 38,
    /// <summary><c>CAP_BPF</c> (5.8): create maps and load programs.</summary>
    Bpf = 39,
    /// <summary><c>CAP_CHECKPOINT_RESTORE</c> (5.9).</summary>
    CheckpointRestore = 40,
}

/// <summary>A set of capabilities.</summary>
/// <param name="Bits">One bit per capability number, as in <c>/proc/PID/status</c>.</param>
public readonly record struct Capabilities(ulong Bits)
{
    /// <summary>The effective set of this process, as it is now.</summary>
    public static Capabilities Effective => Read("/proc/self/status", "CapEff:") ?? default;

    /// <summary>The capabilities this process could ever regain through an executable (its bounding set).</summary>
    public static Capabilities Bounding => Read("/proc/self/status", "CapBnd:") ?? default;

    /// <summary>
    /// Whether the set allows what a capability allows: since 5.8 <c>CAP_SYS_ADMIN</c> also stands for
    /// <c>CAP_BPF</c> and <c>CAP_PERFMON</c>, before that only it does.
    /// </summary>
    public bool Has(Capability capability) =>
        ((Bits >> (int)capability) & 1) != 0
        || (capability is Capability.Bpf or Capability.PerfMon && ((Bits >> (int)Capability.SysAdmin) & 1) != 0);

    /// <summary>The kernel's name: <c>CAP_SYS_ADMIN</c>.</summary>
    public static string NameOf(Capability capability) => "CAP_" + capability switch
    {
        Capability.Chown => "CHOWN",
        Capability.DacOverride => "DAC_OVERRIDE",
        Capability.DacReadSearch => "DAC_READ_SEARCH",
        Capability.FOwner => "FOWNER",
        Capability.FSetId => "FSETID",
        Capability.Kill => "KILL",
        Capability.SetGid => "SETGID",
        Capability.SetUid => "SETUID",
        Capability.SetPCap => "SETPCAP",
        Capability.LinuxImmutable => "LINUX_IMMUTABLE",
        Capability.NetBindService => "NET_BIND_SERVICE",
        Capability.NetBroadcast => "NET_BROADCAST",
        Capability.NetAdmin => "NET_ADMIN",
        Capability.NetRaw => "NET_RAW",
        Capability.IpcLock => "IPC_LOCK",
        Capability.IpcOwner => "IPC_OWNER",
        Capability.SysModule => "SYS_MODULE",
        Capability.SysRawIo => "SYS_RAWIO",
        Capability.SysChroot => "SYS_CHROOT",
        Capability.SysPtrace => "SYS_PTRACE",
        Capability.SysPacct => "SYS_PACCT",
        Capability.SysAdmin => "SYS_ADMIN",
        Capability.SysBoot => "SYS_BOOT",
        Capability.SysNice => "SYS_NICE",
        Capability.SysResource => "SYS_RESOURCE",
        Capability.SysTime => "SYS_TIME",
        Capability.SysTtyConfig => "SYS_TTY_CONFIG",
        Capability.MkNod => "MKNOD",
        Capability.Lease => "LEASE",
        Capability.AuditWrite => "AUDIT_WRITE",
        Capability.AuditControl => "AUDIT_CONTROL",
        Capability.SetFCap => "SETFCAP",
        Capability.MacOverride => "MAC_OVERRIDE",
        Capability.MacAdmin => "MAC_ADMIN",
        Capability.Syslog => "SYSLOG",
        Capability.WakeAlarm => "WAKE_ALARM",
        Capability.BlockSuspend => "BLOCK_SUSPEND",
        Capability.AuditRead => "AUDIT_READ",
        Capability.PerfMon => "PERFMON",
        Capability.Bpf => "BPF",
        Capability.CheckpointRestore => "CHECKPOINT_RESTORE",
        _ => ((int)capability).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The names in the set, in the kernel's order.</summary>
    public override string ToString()
    {
        ulong bits = Bits;
        return string.Join(' ', Enumerable.Range(0, 64).Where(n => ((bits >> n) & 1) != 0).Select(n => NameOf((Capability)n)));
    }

    internal static Capabilities? Read(string path, string field)
    {
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                if (line.StartsWith(field, StringComparison.Ordinal)
                    && ulong.TryParse(line.AsSpan(field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong bits))
                {
                    return new Capabilities(bits);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
        return null;
    }
}
