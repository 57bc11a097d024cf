namespace Hornet.KernelTypes;

/// <summary>A request to a block device (<c>struct request</c>).</summary>
[KernelType("request")]
public interface Request
{
    /// <summary>The operation in the lower 8 bits (0 reads, 1 writes, 2 flushes), flags above.</summary>
    uint CmdFlags { get; }

    /// <summary>Bytes that are still to do.</summary>
    [KernelField("__data_len")]
    uint DataLength { get; }

    /// <summary>The first sector, in units of 512 bytes.</summary>
    [KernelField("__sector")]
    ulong Sector { get; }

    /// <summary>When it was made: nanoseconds of CLOCK_MONOTONIC; 0 when nobody asked for statistics.</summary>
    ulong StartTimeNs { get; }

    /// <summary>When it was given to the device: nanoseconds of CLOCK_MONOTONIC; 0 when nobody asked for statistics.</summary>
    ulong IoStartTimeNs { get; }

    /// <summary>The disk's name (5.17; before, the disk is a member of the request).</summary>
    [KernelField("q.disk.disk_name", "rq_disk.disk_name")]
    KernelString DiskName { get; }
}

/// <summary>A control group (<c>struct cgroup</c>).</summary>
[KernelType("cgroup")]
public interface Cgroup
{
    /// <summary>The id: the inode number of its folder.</summary>
    [KernelField("kn.id")]
    ulong Id { get; }

    /// <summary>The name of its folder.</summary>
    [KernelField("kn.name")]
    KernelString Name { get; }

    /// <summary>How deep it is: 0 for the root.</summary>
    int Level { get; }

    /// <summary>The part of the group that iterators walk from.</summary>
    CgroupState Self { get; }
}

/// <summary>What a controller keeps for a control group (<c>struct cgroup_subsys_state</c>).</summary>
[KernelType("cgroup_subsys_state")]
public interface CgroupState
{
    /// <summary>The control group.</summary>
    Cgroup Cgroup { get; }
}
