using System.Buffers;
using System.Text;
using Hornet.Kernel;

namespace Hornet.Tracing;

/// <summary>A tracepoint whose record tracefs describes.</summary>
public sealed class TracepointProbe : Probe
{
    private readonly string _mount;
    private TracepointFormat? _format;
    private IReadOnlyList<ProbeArgument>? _arguments;

    private TracepointProbe(string mount, string group, string eventName) : base(ProbeKind.Tracepoint, $"{group}:{eventName}") =>
        (_mount, Group, EventName) = (mount, group, eventName);

    /// <summary>The group (subsystem): <c>sched</c>.</summary>
    public string Group { get; }

    /// <summary>The event's name in its group: <c>sched_switch</c>.</summary>
    public string EventName { get; }

    /// <summary>The layout of the record. Read at the first use.</summary>
    /// <exception cref="BpfException">It could not be read: the module was unloaded, or this user may not.</exception>
    public TracepointFormat Format
    {
        get
        {
            if (_format is { } known) return known;
            try
            {
                return _format = TracepointFormat.Parse(ReadSmall($"{_mount}/events/{Group}/{EventName}/format"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Tracefs tells which of the many reasons it was.
                return _format = Tracefs.Format(Group, EventName);
            }
        }
    }

    /// <summary>The fields of the record, without those that every event has.</summary>
    public override IReadOnlyList<ProbeArgument> Arguments =>
        _arguments ??= [.. ArgumentsWhere(_ => true)];

    internal IEnumerable<ProbeArgument> ArgumentsWhere(Func<TracepointField, bool> wanted) =>
        Format.Fields.Where(f => !f.IsCommon && wanted(f)).Select(f => new ProbeArgument(f.Name, TypeOf(f)));

    /// <summary>The tracepoints that match a pattern <c>group:event</c>, sorted.</summary>
    /// <exception cref="BpfException">tracefs is not mounted, or this user may not enter.</exception>
    public static IEnumerable<TracepointProbe> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        // perf and the kernel write a colon, tracefs a slash; a name without a group is looked for in all of them.
        int colon = pattern.AsSpan().IndexOfAny(':', '/');
        NamePattern group = new(colon < 0 ? "*" : pattern[..colon]), name = new(colon < 0 ? pattern : pattern[(colon + 1)..]);
        string mount = Tracefs.Mount;
        return Matching(mount, group, name);
    }

    /// <summary>The names <c>group:event</c> that match as a whole, sorted.</summary>
    internal static List<string> Names(NamePattern whole)
    {
        List<string> found = [];
        foreach (var line in KernelText.Lines(KernelText.Read($"{Tracefs.Mount}/available_events") ?? []))
        {
            if (whole.Matches(line)) found.Add(Encoding.UTF8.GetString(line));
        }
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static IEnumerable<TracepointProbe> Matching(string mount, NamePattern group, NamePattern name)
    {
        if (!group.IsExact)
        {
            // One read instead of a walk through all groups.
            foreach (var (owner, entry) in Available(mount, group, name)) yield return new TracepointProbe(mount, owner, entry);
            yield break;
        }
        foreach (string folder in Folders($"{mount}/events", group))
        {
            // The records of the tracers themselves: nothing can be attached to them.
            if (folder is "ftrace") continue;
            foreach (string entry in Folders($"{mount}/events/{folder}", name)) yield return new TracepointProbe(mount, folder, entry);
        }
    }

    private static List<(string Group, string Event)> Available(string mount, NamePattern group, NamePattern name)
    {
        List<(string Group, string Event)> found = [];
        foreach (var line in KernelText.Lines(KernelText.Read($"{mount}/available_events") ?? []))
        {
            int colon = line.IndexOf((byte)':');
            if (colon < 0 || !group.Matches(line[..colon]) || !name.Matches(line[(colon + 1)..]) || line[..colon].SequenceEqual("ftrace"u8)) continue;
            found.Add((Encoding.UTF8.GetString(line[..colon]), Encoding.UTF8.GetString(line[(colon + 1)..])));
        }
        found.Sort(static (a, b) => string.CompareOrdinal(a.Group, b.Group) is var order and not 0 ? order : string.CompareOrdinal(a.Event, b.Event));
        return found;
    }

    private static IEnumerable<string> Folders(string path, NamePattern pattern)
    {
        if (pattern.IsExact) return !IsPlainName(pattern.ToString()) || !Directory.Exists($"{path}/{pattern}") ? [] : [pattern.ToString()];
        return Directory.EnumerateDirectories(path).Select(p => Path.GetFileName(p)).Where(n => pattern.Matches(n.AsSpan())).Order(StringComparer.Ordinal);
    }

    private static bool IsPlainName(string name) => name.Length > 0 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '\0');

    // tracefs makes the text anew at every read: whole in one read is much cheaper than in pieces.
    private static string ReadSmall(string path)
    {
        using var handle = File.OpenHandle(path);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int length = 0;
            while (length < buffer.Length && RandomAccess.Read(handle, buffer.AsSpan(length), length) is > 0 and var read) length += read;
            return length < buffer.Length ? Encoding.UTF8.GetString(buffer.AsSpan(0, length)) : File.ReadAllText(path);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string TypeOf(TracepointField field) => field switch
    {
        { ArrayLength: null, Kind: not TracepointFieldKind.Plain } => field.TypeName + "[]",
        { ArrayLength: > 0 and var length } => $"{field.TypeName}[{length}]",
        { ArrayLength: null } => $"{field.TypeName}[{field.Size}]",
        _ => field.TypeName,
    };
}
