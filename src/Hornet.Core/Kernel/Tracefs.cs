using Hornet.Interop;

namespace Hornet.Kernel;

/// <summary>The tracing file system: where it is mounted, which events there are, and their ids.</summary>
public static class Tracefs
{
    /// <summary>Where tracefs is mounted; null when it is not, or when this user may not look there.</summary>
    public static string? FindMount() => Mounts.Tracefs is { } path && Directory.Exists(Path.Combine(path, "events")) ? path : null;

    /// <summary>Where tracefs is mounted.</summary>
    /// <exception cref="BpfException">It is not mounted, or not readable for this user; the message says what to do.</exception>
    public static string Mount => FindMount() ?? throw NotMounted();

    /// <summary>The groups (subsystems) of events: <c>sched</c>, <c>syscalls</c>…</summary>
    public static IEnumerable<string> Groups() => Names(Path.Combine(Mount, "events"));

    /// <summary>The events of a group; empty when there is no such group.</summary>
    public static IEnumerable<string> Events(string group)
    {
        string folder = Path.Combine(Mount, "events", Checked(group, nameof(group)));
        return Directory.Exists(folder) ? Names(folder) : [];
    }

    /// <summary>Whether there is such a tracepoint. Which system calls have one depends on the architecture and version.</summary>
    public static bool Exists(string group, string name) =>
        Directory.Exists(Path.Combine(Mount, "events", Checked(group, nameof(group)), Checked(name, nameof(name))));

    /// <summary>The number that stands for a tracepoint in perf events.</summary>
    /// <exception cref="BpfException">There is no such tracepoint; the message suggests close names.</exception>
    public static uint EventId(string group, string name)
    {
        string text = ReadEventFile(group, name, "id").Trim();
        return uint.TryParse(text, out uint id) ? id : throw new BpfFormatException($"The id of tracepoint {group}/{name} is '{text}', not a number.");
    }

    /// <summary>The fields of a tracepoint's record.</summary>
    /// <exception cref="BpfException">There is no such tracepoint; the message suggests close names.</exception>
    public static TracepointFormat Format(string group, string name) => TracepointFormat.Parse(ReadEventFile(group, name, "format"));

    private static string ReadEventFile(string group, string name, string file)
    {
        string path = Path.Combine(Mount, "events", Checked(group, nameof(group)), Checked(name, nameof(name)), file);
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BpfSyscallException($"find tracepoint {group}/{name}", Errno.ENOENT, Suggest(group, name), e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new BpfSyscallException($"read '{path}'", Errno.EACCES,
                "Reading tracefs needs CAP_DAC_READ_SEARCH, or tracefs mounted with a group and mode that let this user in. Raw tracepoints need no tracefs.", e);
        }
    }

    private static string? Suggest(string group, string name)
    {
        if (Directory.Exists(Path.Combine(Mount, "events", group)))
            return CloseNames.Suggest(name, Events(group)) ?? Elsewhere(name);
        return CloseNames.Suggest(group, Groups()) ?? Elsewhere(name);
    }

    /// <summary>The same event name in another group is the commonest mistake.</summary>
    private static string? Elsewhere(string name)
    {
        string? other = Groups().FirstOrDefault(g => Directory.Exists(Path.Combine(Mount, "events", g, name)));
        return other is null ? null : $"Did you mean '{other}/{name}'?";
    }

    private static string Checked(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (name.AsSpan().ContainsAny('/', '\0') || name is "." or "..") throw new ArgumentException($"'{name}' is not the name of an event.", parameter);
        return name;
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateDirectories(folder).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal);

    // A mounted tracefs that this user may not enter looks like an empty folder (its mode is 0700 by default).
    private static BpfSyscallException NotMounted() => Mounts.Tracefs is { } path
        ? new BpfSyscallException("read tracefs", Errno.EACCES, $"It is mounted, but this user may not enter: run as root, or remount it with a group and mode (mount -o remount,gid=…,mode=750 {path}).")
        : new BpfSyscallException("find tracefs", Errno.ENOENT, Directory.Exists("/sys/kernel/tracing")
            ? "Mount it: mount -t tracefs tracefs /sys/kernel/tracing."
            : "This kernel has no tracefs (CONFIG_TRACING), or /sys is not mounted.");
}
