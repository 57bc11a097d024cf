namespace Hornet.KernelTypes;

/// <summary>A thread (<c>struct task_struct</c>). What is missing here is added by an interface that extends it.</summary>
[KernelType("task_struct")]
public interface TaskStruct
{
    /// <summary>The thread's id, in the initial PID namespace.</summary>
    int Pid { get; }

    /// <summary>The process' id, in the initial PID namespace.</summary>
    int Tgid { get; }

    /// <summary>The thread's name: at most 15 bytes.</summary>
    KernelString Comm { get; }

    /// <summary>What it waits for: 0 when it runs or wants to (<c>TASK_RUNNING</c>).</summary>
    [KernelField("__state", "state")]
    uint State { get; }

    /// <summary>Flags (<c>PF_*</c>).</summary>
    uint Flags { get; }

    /// <summary>The value it ended with.</summary>
    int ExitCode { get; }

    /// <summary>The priority that counts: 100 to 139 for ordinary threads.</summary>
    int Prio { get; }

    /// <summary>When it was started: nanoseconds of CLOCK_MONOTONIC.</summary>
    ulong StartTime { get; }

    /// <summary>The process that made it.</summary>
    TaskStruct RealParent { get; }

    /// <summary>The process that hears of its end: <see cref="RealParent"/>, or a debugger.</summary>
    TaskStruct Parent { get; }

    /// <summary>The main thread of its process.</summary>
    TaskStruct GroupLeader { get; }

    /// <summary>Its memory; null for kernel threads.</summary>
    MmStruct? Mm { get; }

    /// <summary>Who it acts as.</summary>
    Cred Cred { get; }
}

/// <summary>The memory of a process (<c>struct mm_struct</c>).</summary>
[KernelType("mm_struct")]
public interface MmStruct
{
    /// <summary>Where the arguments lie.</summary>
    ulong ArgStart { get; }

    /// <summary>Where the arguments end.</summary>
    ulong ArgEnd { get; }

    /// <summary>Mapped pages.</summary>
    ulong TotalVm { get; }

    /// <summary>The executable.</summary>
    KernelFile? ExeFile { get; }
}

/// <summary>Who a thread acts as (<c>struct cred</c>). Ids are those of the initial user namespace.</summary>
[KernelType("cred")]
public interface Cred
{
    /// <summary>The real user id.</summary>
    [KernelField("uid.val")]
    uint Uid { get; }

    /// <summary>The real group id.</summary>
    [KernelField("gid.val")]
    uint Gid { get; }

    /// <summary>The effective user id.</summary>
    [KernelField("euid.val")]
    uint Euid { get; }

    /// <summary>The effective group id.</summary>
    [KernelField("egid.val")]
    uint Egid { get; }
}
