using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Programs;

public sealed partial class BpfProgram
{
    /// <summary>The numbers of all programs in the kernel, rising (4.13). Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IReadOnlyList<uint> ListIds() => ObjectIds.List(BpfCommand.ProgramGetNextId, "programs");

    /// <summary>
    /// Opens every program in the kernel, one after the other; the caller disposes each. Programs that go away meanwhile
    /// are left out.
    /// </summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static IEnumerable<BpfProgram> OpenAll()
    {
        foreach (uint id in ListIds())
        {
            if (TryOpenById(id) is { } program) yield return program;
        }
    }

    /// <summary>Opens a program by its number (<c>BPF_PROG_GET_FD_BY_ID</c>, 4.13). Needs CAP_SYS_ADMIN.</summary>
    /// <returns>The program; null when there is none (any more).</returns>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason.</exception>
    public static BpfProgram? TryOpenById(uint id) =>
        ObjectIds.TryOpen(BpfCommand.ProgramGetFdById, id, "program") is { } descriptor ? FromDescriptor(descriptor) : null;

    /// <summary>Opens a program by its number (<c>BPF_PROG_GET_FD_BY_ID</c>, 4.13). Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfSyscallException">There is none (any more), or the kernel refused.</exception>
    public static BpfProgram OpenById(uint id) =>
        TryOpenById(id) ?? throw new BpfSyscallException($"open program {id}", Errno.ENOENT, "There is no program with this number (any more).");

    /// <summary>Opens a program that is pinned in the BPF file system (<c>BPF_OBJ_GET</c>, 4.4).</summary>
    /// <param name="path">Where: <c>/sys/fs/bpf/…</c>.</param>
    /// <exception cref="BpfSyscallException">Nothing, or something that is no program, is pinned there.</exception>
    public static BpfProgram OpenPinned(string path)
    {
        var descriptor = Pinning.Open(path, "program");
        // The kernel gives out whatever is there; only its file knows the kind.
        if (File.ResolveLinkTarget($"/proc/self/fd/{descriptor.Value}", false)?.Name is { } kind && !kind.Contains("bpf-prog", StringComparison.Ordinal))
        {
            descriptor.Dispose();
            throw new BpfSyscallException($"open the program pinned at '{path}'", Errno.EINVAL, $"What is pinned there is no program but a {Kind(kind)}.");
        }
        return FromDescriptor(descriptor);
    }

    /// <summary>Takes over a descriptor of a program, asking the kernel for its name and kind.</summary>
    /// <exception cref="BpfSyscallException">It is no program. The descriptor is closed then.</exception>
    public static unsafe BpfProgram FromDescriptor(FileDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        ProgramInfoRaw raw = default;
        if (!Bpf.TryGetInfo(descriptor, ref raw))
        {
            var errno = Libc.LastError;
            descriptor.Dispose();
            throw new BpfSyscallException("ask for information on a program", errno);
        }
        return new BpfProgram(descriptor, Bpf.ReadName(raw.Name), (ProgramType)raw.Type);
    }

    /// <summary>
    /// Gives the program a name in the BPF file system (<c>BPF_OBJ_PIN</c>, 4.4): it then outlives this process, loaded
    /// but not attached, until the file is removed.
    /// </summary>
    /// <param name="path">A free name in a BPF file system. Folders that are missing there are made (mode 0700) and stay.</param>
    /// <exception cref="BpfSyscallException">The kernel refused; the message says what is wrong with the path.</exception>
    public void Pin(string path) => Pinning.Pin(Descriptor, path, $"program '{Name}'");

    /// <summary>
    /// Has the program hold a map that none of its instructions uses (<c>BPF_PROG_BIND_MAP</c>, 5.10), so that the map
    /// lives as long and is found through the program: how build information and the like are left with a program.
    /// </summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public void BindMap(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        ProgramBindMapAttr attr = new() { ProgFd = (uint)Descriptor.Value, MapFd = (uint)map.Descriptor.Value };
        Libc.Check(Bpf.Call(BpfCommand.ProgramBindMap, ref attr), $"bind map '{map.Name}' to program '{Name}'");
    }

    private static string Kind(string file) => file switch
    {
        _ when file.Contains("bpf-map", StringComparison.Ordinal) => "map",
        _ when file.Contains("bpf_link", StringComparison.Ordinal) || file.Contains("bpf-link", StringComparison.Ordinal) => "link",
        _ => file,
    };
}
