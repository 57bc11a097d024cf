using System.Runtime.CompilerServices;

namespace Hornet.KernelTypes;

/// <summary>The name of a thread, with a zero at its end.</summary>
[InlineArray(16)]
public struct TaskName
{
    private byte _first;

    /// <summary>The name as text. Bytes that are not UTF-8 become U+FFFD.</summary>
    public override readonly string ToString()
    {
        ReadOnlySpan<byte> bytes = this;
        int end = bytes.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}

/// <summary>A CPU goes from one thread to another.</summary>
[TracepointRecord("sched:sched_switch")]
public struct SchedSwitch
{
    /// <summary>The name of the thread that stops.</summary>
    public TaskName PrevComm;
    /// <summary>The thread that stops.</summary>
    public int PrevPid;
    /// <summary>Its priority.</summary>
    public int PrevPrio;
    /// <summary>What it waits for; 0 when it would rather run on.</summary>
    public long PrevState;
    /// <summary>The name of the thread that goes on.</summary>
    public TaskName NextComm;
    /// <summary>The thread that goes on.</summary>
    public int NextPid;
    /// <summary>Its priority.</summary>
    public int NextPrio;
}

/// <summary>A thread is made ready to run.</summary>
[TracepointRecord("sched:sched_wakeup")]
public struct SchedWakeup
{
    /// <summary>The thread's name.</summary>
    public TaskName Comm;
    /// <summary>The thread.</summary>
    public int Pid;
    /// <summary>Its priority.</summary>
    public int Prio;
    /// <summary>The CPU it is to run on.</summary>
    public int TargetCpu;
}

/// <summary>A program was executed.</summary>
[TracepointRecord("sched:sched_process_exec")]
public struct SchedProcessExec
{
    /// <summary>The path of the program.</summary>
    public KernelString Filename;
    /// <summary>The process.</summary>
    public int Pid;
    /// <summary>The thread of the process that called execve(2).</summary>
    public int OldPid;
}

/// <summary>A system call begins: any of them.</summary>
[TracepointRecord("raw_syscalls:sys_enter")]
public struct SysEnter
{
    /// <summary>The number of the system call.</summary>
    public long Id;
}

/// <summary>A system call ends: any of them.</summary>
[TracepointRecord("raw_syscalls:sys_exit")]
public struct SysExit
{
    /// <summary>The number of the system call.</summary>
    public long Id;
    /// <summary>Its result, or a negative error number.</summary>
    public long Ret;
}

/// <summary>openat(2) begins.</summary>
[TracepointRecord("syscalls:sys_enter_openat")]
public struct SysEnterOpenat
{
    /// <summary>The folder that a relative path begins at; -100 for the working folder.</summary>
    public int Dfd;
    /// <summary>The path.</summary>
    public UserString Filename;
    /// <summary>How the file is opened (<c>O_*</c>).</summary>
    public int Flags;
    /// <summary>The permissions of a new file.</summary>
    public ushort Mode;
}
