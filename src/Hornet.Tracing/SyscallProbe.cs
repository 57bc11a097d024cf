using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Tracing;

/// <summary>
/// A system call: its two tracepoints, and its arguments as the kernel's source names them (the <c>SYSCALL_DEFINE</c>
/// macros record names and types with the tracepoints).
/// </summary>
public sealed class SyscallProbe : Probe
{
    private const string Group = "syscalls", EnterPrefix = "sys_enter_", ExitPrefix = "sys_exit_";

    // What a program calls, and what the kernel's source calls it. The tracepoints have the source's names.
    private static readonly (string Call, string Source)[] s_aliases =
    [
        ("stat", "newstat"), ("fstat", "newfstat"), ("lstat", "newlstat"), ("fstatat", "newfstatat"), ("uname", "newuname"),
        ("sendfile", "sendfile64"), ("umount2", "umount"), ("_sysctl", "sysctl"),
    ];

    private readonly TracepointProbe _enter, _exit;
    private IReadOnlyList<ProbeArgument>? _arguments;

    private SyscallProbe(string name, TracepointProbe enter, TracepointProbe exit) : base(ProbeKind.Syscall, name) => (_enter, _exit) = (enter, exit);

    /// <summary>The tracepoint before the call: fields <c>__syscall_nr</c> and the arguments, 8 bytes each.</summary>
    public TracepointProbe Enter => _enter;

    /// <summary>The tracepoint after it: <c>ret</c>, negative for an error number.</summary>
    public TracepointProbe Exit => _exit;

    /// <summary>The number that stands for the call on this architecture; null when this build does not know.</summary>
    public int? Number => SyscallTable.TryGetNumber(Name, out int number) ? number : null;

    /// <inheritdoc/>
    public override IReadOnlyList<ProbeArgument> Arguments => _arguments ??=
        // An argument's field is a register wide. The number of the call is not, nor are the texts that newer kernels (7.2)
        // add behind the arguments.
        [.. _enter.ArgumentsWhere(f => f.Size == sizeof(ulong))];

    /// <inheritdoc/>
    public override string ReturnTypeName => "long";

    /// <summary>
    /// Whether the call never comes back to its caller, so that its exit tracepoint never fires: <c>exit</c>,
    /// <c>exit_group</c>, <c>rt_sigreturn</c> (which returns to where a signal had interrupted).
    /// </summary>
    public bool NeverReturns => Name is "exit" or "exit_group" or "rt_sigreturn";

    /// <summary>The system calls that match a pattern and have tracepoints, sorted. A name that only the kernel's source uses (<c>newstat</c>) is found too.</summary>
    /// <exception cref="BpfException">tracefs is not mounted, or this user may not enter.</exception>
    public static IReadOnlyList<SyscallProbe> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        NamePattern wanted = new(pattern);
        // A pattern may match the call's name and not the source's, so a pattern looks at all of them.
        List<SyscallProbe> found = [];
        if (wanted.IsExact)
        {
            string source = SourceName(pattern);
            if (Make(source) is { } one) found.Add(one);
            return found;
        }
        var exits = TracepointProbe.Find($"{Group}:{ExitPrefix}*").ToDictionary(p => p.EventName[ExitPrefix.Length..], StringComparer.Ordinal);
        foreach (var enter in TracepointProbe.Find($"{Group}:{EnterPrefix}*"))
        {
            string source = enter.EventName[EnterPrefix.Length..];
            string call = CallName(source);
            if ((wanted.Matches(call.AsSpan()) || wanted.Matches(source.AsSpan())) && exits.TryGetValue(source, out var exit)) found.Add(new SyscallProbe(call, enter, exit));
        }
        found.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return found;
    }

    /// <summary>One system call by its name.</summary>
    /// <exception cref="BpfException">There is no such call, or no tracepoint for it; the message says which, with close names.</exception>
    public static SyscallProbe Get(string name)
    {
        if (Find(name) is [var one]) return one;
        string[] all = [.. Find("*").Select(p => p.Name)];
        if (all.Length == 0)
            throw new BpfSyscallException($"find system call '{name}'", Errno.ENOENT, "This kernel has no tracepoints for system calls (CONFIG_FTRACE_SYSCALLS); use a kprobe or a kernel function instead.");
        throw new BpfSyscallException($"find system call '{name}'", Errno.ENOENT, SyscallTable.TryGetNumber(name, out _)
            ? "The call exists on this architecture, but this kernel has no tracepoint for it: it was built without the call, or the call is older than such tracepoints. Use a kprobe or a kernel function."
            : CloseNames.Suggest(name, all));
    }

    private static SyscallProbe? Make(string source) =>
        TracepointProbe.Find($"{Group}:{EnterPrefix}{source}").FirstOrDefault() is { } enter
        && TracepointProbe.Find($"{Group}:{ExitPrefix}{source}").FirstOrDefault() is { } exit
            ? new SyscallProbe(CallName(source), enter, exit)
            : null;

    private static string SourceName(string call)
    {
        foreach (var alias in s_aliases) if (alias.Call == call) return alias.Source;
        return call;
    }

    private static string CallName(string source)
    {
        // newfstatat is the call's own name on x86-64 and fstatat's on arm64; the table of this architecture decides.
        if (SyscallTable.TryGetNumber(source, out _)) return source;
        foreach (var alias in s_aliases) if (alias.Source == source) return alias.Call;
        return source;
    }
}
