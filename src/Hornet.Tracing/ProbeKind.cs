namespace Hornet.Tracing;

/// <summary>The kinds of places where a program can be attached, as they are written before the colon of a pattern.</summary>
public enum ProbeKind
{
    /// <summary>A system call, entry and exit: <c>syscall:openat</c>.</summary>
    Syscall,

    /// <summary>A tracepoint with a record described by tracefs: <c>tracepoint:sched:sched_switch</c>.</summary>
    Tracepoint,

    /// <summary>A tracepoint with the kernel's own arguments, described by BTF: <c>rawtracepoint:sched_switch</c>.</summary>
    RawTracepoint,

    /// <summary>A kernel function whose prototype BTF tells (fentry, fexit): <c>function:vfs_read</c>.</summary>
    Function,

    /// <summary>A kernel function by symbol, with or without a known prototype: <c>kprobe:vfs_read</c>.</summary>
    Kprobe,

    /// <summary>A function of an executable or library: <c>uprobe:/bin/bash:readline</c>.</summary>
    Uprobe,

    /// <summary>A static probe that a program's author put there: <c>usdt:libc.so.6:libc:setjmp</c>.</summary>
    Usdt,

    /// <summary>Every so many events of a counter of the kernel's: <c>software:page-faults</c>.</summary>
    Software,

    /// <summary>Every so many events of a counter of the processor's: <c>hardware:cache-misses</c>.</summary>
    Hardware,

    /// <summary>Every object of a kind, once: <c>iter:task</c>.</summary>
    Iterator,

    /// <summary>A question to the kernel's security modules: <c>lsm:file_open</c>.</summary>
    Lsm,
}
