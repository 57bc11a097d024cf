using System.Reflection;
using Hornet.IL;

namespace Hornet;

/// <summary>A program that runs at a tracepoint, given the arguments of its function by address (4.17).</summary>
public sealed class RawTracepointAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="name">The tracepoint, without its group: <c>sched_switch</c>.</param>
    public RawTracepointAttribute(string name) => Name = name;

    /// <summary>The tracepoint, without its group: <c>sched_switch</c>.</summary>
    public string Name { get; }

    internal override string Section => $"raw_tracepoint/{Name}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.RawTracepoint(Name, Delegate(method));
}

/// <summary>A program that runs at a tracepoint, given the arguments of its function with types that the verifier knows (5.5).</summary>
public sealed class TypedTracepointAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="name">The tracepoint, without its group: <c>sched_switch</c>.</param>
    public TypedTracepointAttribute(string name) => Name = name;

    /// <summary>The tracepoint, without its group: <c>sched_switch</c>.</summary>
    public string Name { get; }

    internal override string Section => $"tp_btf/{Name}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.TypedTracepoint(Name, Delegate(method));
}

/// <summary>A program that runs when a kernel function begins (fentry, 5.5), given its parameters.</summary>
public sealed class FunctionEntryAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="function">The function.</param>
    public FunctionEntryAttribute(string function) => Function = function;

    /// <summary>The function.</summary>
    public string Function { get; }

    /// <summary>Whether the program may sleep (5.10).</summary>
    public bool Sleepable { get; set; }

    internal override string Section => $"fentry{(Sleepable ? ".s" : "")}/{Function}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Trampoline(Function, AttachType.TraceFentry, Delegate(method), Sleepable);
}

/// <summary>A program that runs when a kernel function returns (fexit, 5.5), given its parameters and result.</summary>
public sealed class FunctionExitAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="function">The function.</param>
    public FunctionExitAttribute(string function) => Function = function;

    /// <summary>The function.</summary>
    public string Function { get; }

    /// <summary>Whether the program may sleep (5.10).</summary>
    public bool Sleepable { get; set; }

    internal override string Section => $"fexit{(Sleepable ? ".s" : "")}/{Function}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Trampoline(Function, AttachType.TraceFexit, Delegate(method), Sleepable);
}

/// <summary>A program that runs when a kernel function begins, at a breakpoint (4.1).</summary>
public sealed class KprobeAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="function">The function.</param>
    public KprobeAttribute(string function) => Function = function;

    /// <summary>The function.</summary>
    public string Function { get; }

    internal override string Section => $"kprobe/{Function}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Kprobe(Function, isReturn: false, Delegate(method));
}

/// <summary>A program that runs when a kernel function returns, at a breakpoint (4.1).</summary>
public sealed class KretprobeAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="function">The function.</param>
    public KretprobeAttribute(string function) => Function = function;

    /// <summary>The function.</summary>
    public string Function { get; }

    internal override string Section => $"kretprobe/{Function}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Kprobe(Function, isReturn: true, Delegate(method));
}

/// <summary>A program at a hook of the security modules (LSM, 5.7): what is not 0 refuses.</summary>
public sealed class SecurityHookAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="hook">The hook: <c>file_open</c>.</param>
    public SecurityHookAttribute(string hook) => Hook = hook;

    /// <summary>The hook: <c>file_open</c>.</summary>
    public string Hook { get; }

    /// <summary>Whether the program may sleep (5.10).</summary>
    public bool Sleepable { get; set; }

    internal override string Section => $"lsm{(Sleepable ? ".s" : "")}/{Hook}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.SecurityHook(Hook, Delegate(method), Sleepable);
}

/// <summary>A program that is run for each object of a kind (5.8).</summary>
public sealed class KernelIteratorAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="kind">The kind: <c>task</c>.</param>
    public KernelIteratorAttribute(string kind) => Kind = kind;

    /// <summary>The kind: <c>task</c>.</summary>
    public string Kind { get; }

    /// <summary>Whether the program may sleep (5.10).</summary>
    public bool Sleepable { get; set; }

    internal override string Section => $"iter{(Sleepable ? ".s" : "")}/{Kind}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Iterator(Kind, Delegate(method), Sleepable);
}

/// <summary>A program that runs when a function of a program or library begins (4.3).</summary>
public sealed class UprobeAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="binary">The program or library: a path, or <c>libc.so.6</c>.</param>
    /// <param name="function">The function.</param>
    public UprobeAttribute(string binary, string function) => (Binary, Function) = (binary, function);

    /// <summary>The program or library.</summary>
    public string Binary { get; }

    /// <summary>The function.</summary>
    public string Function { get; }

    internal override string Section => $"uprobe/{Binary}:{Function}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Uprobe(Binary, Function, isReturn: false, Delegate(method));
}

/// <summary>A program that runs when a function of a program or library returns (4.3).</summary>
public sealed class UretprobeAttribute : BpfProgramAttribute
{
    /// <summary>Says where.</summary>
    /// <param name="binary">The program or library: a path, or <c>libc.so.6</c>.</param>
    /// <param name="function">The function.</param>
    public UretprobeAttribute(string binary, string function) => (Binary, Function) = (binary, function);

    /// <summary>The program or library.</summary>
    public string Binary { get; }

    /// <summary>The function.</summary>
    public string Function { get; }

    internal override string Section => $"uretprobe/{Binary}:{Function}";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Uprobe(Binary, Function, isReturn: true, Delegate(method));
}

/// <summary>A program that a system call runs (5.14), with a struct of the caller's: <c>static int Method(ref Arguments arguments)</c>.</summary>
public sealed class SyscallProgramAttribute : BpfProgramAttribute
{
    internal override string Section => "syscall";

    internal override KernelCode Code(MethodInfo method) => KernelCode.Syscall(method.Name, Delegate(method));
}
