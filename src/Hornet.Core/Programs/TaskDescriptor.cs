using System.Globalization;
using System.Text;
using Hornet.Interop;

namespace Hornet.Programs;

/// <summary>What a process's descriptor of an event is (<c>enum bpf_task_fd_type</c>).</summary>
public enum TaskDescriptorKind
{
    /// <summary>A raw tracepoint.</summary>
    RawTracepoint = 0,
    /// <summary>A tracepoint by perf event.</summary>
    Tracepoint = 1,
    /// <summary>A kprobe by perf event.</summary>
    Kprobe = 2,
    /// <summary>A kretprobe by perf event.</summary>
    Kretprobe = 3,
    /// <summary>A uprobe by perf event.</summary>
    Uprobe = 4,
    /// <summary>A uretprobe by perf event.</summary>
    Uretprobe = 5,
}

/// <summary>
/// A program attached through a descriptor that some process holds: the one way to see the attachments that are no
/// links (<c>BPF_TASK_FD_QUERY</c>, 4.18).
/// </summary>
/// <param name="Pid">The process.</param>
/// <param name="Descriptor">Its descriptor's number.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="Kind">What the descriptor is.</param>
/// <param name="Name">The tracepoint, the kernel function or the file; empty when the probe is by address.</param>
/// <param name="Offset">The offset in the function or file.</param>
/// <param name="Address">The address of a probe without a name.</param>
public sealed record TaskDescriptor(int Pid, int Descriptor, uint ProgramId, TaskDescriptorKind Kind, string Name, ulong Offset, ulong Address)
{
    private const int NameCapacity = 4096;

    /// <summary>Asks about one descriptor of a process. Needs CAP_SYS_ADMIN.</summary>
    /// <returns>Null when it is no event with a program, or does not exist (any more).</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static unsafe TaskDescriptor? Query(int pid, int descriptor)
    {
        byte* name = stackalloc byte[NameCapacity];
        TaskFdQueryAttr attr = new() { Pid = (uint)pid, Fd = (uint)descriptor, Buf = Bpf.Pointer(name), BufLen = NameCapacity };
        if (Bpf.Call(BpfCommand.TaskFdQuery, ref attr) >= 0)
        {
            return new(pid, descriptor, attr.ProgId, (TaskDescriptorKind)attr.FdType,
                Encoding.UTF8.GetString(name, (int)Math.Min(attr.BufLen, NameCapacity - 1)), attr.ProbeOffset, attr.ProbeAddr);
        }
        return Libc.LastError switch
        {
            // No program (ENOENT), no such descriptor (EBADF), no event (ENOTSUPP) or another kind of event (EOPNOTSUPP); no such process (ENOENT, ESRCH).
            Errno.ENOENT or Errno.EBADF or Errno.ENOTSUPP or Errno.EOPNOTSUPP or Errno.ESRCH or Errno.EINVAL => null,
            Errno.EPERM => throw new BpfSyscallException($"ask about descriptor {descriptor} of process {pid}", Errno.EPERM, "It needs CAP_SYS_ADMIN."),
            var errno => throw new BpfSyscallException($"ask about descriptor {descriptor} of process {pid}", errno),
        };
    }

    /// <summary>All such descriptors of all processes, found through <c>/proc</c>. Processes that end meanwhile are left out.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IEnumerable<TaskDescriptor> QueryAll()
    {
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) continue;
            foreach (string link in Descriptors(process))
            {
                if (!IsEvent(link) || !int.TryParse(Path.GetFileName(link), NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor)) continue;
                if (Query(pid, descriptor) is { } found) yield return found;
            }
        }
    }

    private static string[] Descriptors(string process)
    {
        try
        {
            return Directory.GetFileSystemEntries(process + "/fd");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsEvent(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget is "anon_inode:[perf_event]" or "anon_inode:bpf-raw-tracepoint" or "anon_inode:bpf_link";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
