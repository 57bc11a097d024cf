using System.Globalization;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Links;

/// <summary>
/// A kprobe event defined in tracefs (<c>kprobe_events</c>): for what the PMU cannot do. The definition is global to the
/// machine and has no owner, so its name carries our process id, and definitions of dead processes are swept away.
/// </summary>
internal sealed class TracefsKprobe : IDisposable
{
    private const string Group = "hornet";
    private static int s_sequence;

    private readonly string _name;

    private TracefsKprobe(string name, uint id)
    {
        _name = name;
        Id = id;
    }

    /// <summary>The number of the event.</summary>
    public uint Id { get; }

    public static TracefsKprobe Define(bool isReturn, int maxActive, string target)
    {
        Sweep();
        string name = $"k{Environment.ProcessId}_{Interlocked.Increment(ref s_sequence)}";
        string kind = !isReturn ? "p" : maxActive == 0 ? "r" : string.Create(CultureInfo.InvariantCulture, $"r{maxActive}");
        Write($"{kind}:{Group}/{name} {target}");
        try
        {
            return new TracefsKprobe(name, Tracefs.EventId(Group, name));
        }
        catch
        {
            Write($"-:{Group}/{name}");
            throw;
        }
    }

    /// <summary>Removes the definition. The perf event must be closed before: it keeps the definition busy.</summary>
    public void Dispose() => Write($"-:{Group}/{_name}");

    /// <summary>Removes what processes that are gone have left.</summary>
    internal static void Sweep()
    {
        foreach (string name in Tracefs.Events(Group))
        {
            int underscore = name.IndexOf('_');
            if (name[0] != 'k' || underscore < 2 || !int.TryParse(name.AsSpan(1, underscore - 1), out int process) || Directory.Exists($"/proc/{process}")) continue;
            try
            {
                Write($"-:{Group}/{name}");
            }
            catch (BpfSyscallException)
            {
                // Somebody else was faster, or looks at it right now: the next sweep finds it.
            }
        }
    }

    private static unsafe void Write(string command)
    {
        // Appending: a write that truncates would remove every event of everybody.
        string path = Path.Combine(Tracefs.Mount, "kprobe_events");
        const int append = 0x400;
        using FileDescriptor file = new(Libc.Check(Libc.Open(path, Libc.O_WRONLY | append | Libc.O_CLOEXEC), $"open '{path}'",
            File.Exists(path) ? null : "This kernel was built without CONFIG_KPROBE_EVENTS."), path);
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(command);
        fixed (byte* p = bytes) Libc.Check(Libc.Write(file.Value, p, bytes.Length), $"define '{command}'");
    }
}
