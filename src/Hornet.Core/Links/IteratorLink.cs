using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>The order in which control groups are visited (<c>enum bpf_cgroup_iter_order</c>).</summary>
public enum CgroupOrder : uint
{
    /// <summary>Only the group itself.</summary>
    SelfOnly = 1,
    /// <summary>The group and everything below, parents first.</summary>
    DescendantsPreOrder = 2,
    /// <summary>The group and everything below, children first.</summary>
    DescendantsPostOrder = 3,
    /// <summary>The group and everything above, up to the root.</summary>
    AncestorsUp = 4,
    /// <summary>The group's direct children (6.16).</summary>
    Children = 5,
}

/// <summary>What an iterator goes over; nothing for those that go over everything of their kind.</summary>
public sealed record IteratorOptions
{
    /// <summary>The map, for iterators over elements (<c>bpf_map_elem</c>, <c>bpf_sk_storage_map</c>, <c>sockmap</c>; 5.9).</summary>
    public BpfMap? Map { get; init; }

    /// <summary>The folder of a control group, for <c>cgroup</c> iterators (6.1).</summary>
    public string? Cgroup { get; init; }

    /// <summary>The order to visit control groups in.</summary>
    public CgroupOrder CgroupOrder { get; init; } = CgroupOrder.DescendantsPreOrder;

    /// <summary>The thread, for iterators over tasks, their files and mappings (6.1).</summary>
    public int? Thread { get; init; }

    /// <summary>The process, all its threads, for the same iterators (6.1).</summary>
    public int? Process { get; init; }
}

/// <summary>
/// A program that the kernel runs for each of its objects (tasks, maps, sockets…) whenever somebody reads, and whose output
/// is what is read (5.8). Pin the link to make a file of it that any program can read.
/// </summary>
public sealed unsafe class IteratorLink : BpfFdLink
{
    private static readonly AttachNeeds s_needs = new("iterator", FirstKernel.Iterator);
    private static readonly AttachNeeds s_parameterNeeds = new("iterator over one process or cgroup", new Version(6, 1));

    private const int ParametersSize = 16; // union bpf_iter_link_info

    private IteratorLink(FileDescriptor descriptor, string description) : base(descriptor, description) { }

    /// <summary>Makes a program of type <see cref="ProgramType.Tracing"/> and attach type <see cref="AttachType.TraceIter"/> readable.</summary>
    /// <exception cref="BpfException">The parameters do not fit the iterator, or the kernel refused.</exception>
    public static IteratorLink Attach(BpfProgram program, IteratorOptions? options = null)
    {
        Require.Type(program, ProgramType.Tracing, "an iterator");
        Require.AttachType(program, [AttachType.TraceIter], "an iterator");
        options ??= new();
        int parameters = (options.Map is null ? 0 : 1) + (options.Cgroup is null ? 0 : 1) + (options.Thread is null && options.Process is null ? 0 : 1);
        if (parameters > 1 || options is { Thread: not null, Process: not null })
            throw new ArgumentException("An iterator goes over one map, one cgroup, one thread or one process.", nameof(options));
        string description = $"iterator '{program.Name}'";

        using FileDescriptor? cgroup = options.Cgroup is null ? null
            : new(Libc.Check(Libc.Open(options.Cgroup, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC), $"open cgroup '{options.Cgroup}'"), options.Cgroup);
        uint* info = stackalloc uint[ParametersSize / sizeof(uint)];
        new Span<uint>(info, ParametersSize / sizeof(uint)).Clear();
        if (options.Map is { } map) info[0] = (uint)map.Descriptor.Value;
        else if (cgroup is not null) (info[0], info[1]) = ((uint)options.CgroupOrder, (uint)cgroup.Value);
        else (info[0], info[1]) = ((uint)(options.Thread ?? 0), (uint)(options.Process ?? 0));

        LinkCreateAttr attr = new()
        {
            ProgFd = (uint)program.Descriptor.Value,
            AttachType = (uint)AttachType.TraceIter,
            IterInfo = parameters == 0 ? 0 : Bpf.Pointer(info),
            // Kernels before 6.1 know only the map, four bytes; they refuse a longer union unless the rest is zero.
            IterInfoLen = parameters == 0 ? 0 : options.Map is not null ? sizeof(uint) : (uint)ParametersSize,
        };
        if (Bpf.TryOpen(BpfCommand.LinkCreate, ref attr, $"link {description}") is { } descriptor) return new IteratorLink(descriptor, description);
        var errno = Libc.LastError;
        bool special = cgroup is not null || options.Thread is not null || options.Process is not null;
        throw AttachError.Create($"attach {description}", errno, special && KernelFacts.Version < s_parameterNeeds.Since ? s_parameterNeeds : s_needs, errno switch
        {
            Errno.EBADF when options.Map is null => "This iterator goes over the elements of a map: give it in IteratorOptions.Map.",
            Errno.EINVAL when special && KernelFacts.Version >= s_parameterNeeds.Since => "The parameters do not fit this kind of iterator.",
            Errno.EINVAL when options.Map is not null => $"The iterator does not go over maps, or not over maps of type {options.Map.Type}.",
            Errno.EACCES when options.Map is not null => "The program reads or writes more of the key or value than the map's have.",
            Errno.ESRCH => "There is no such process.",
            _ => null,
        });
    }

    /// <summary>
    /// Begins an iteration: the program runs as the stream is read. Reading to the end goes over everything once. The
    /// kernel holds references while the stream is open.
    /// </summary>
    public Stream OpenRead()
    {
        IterCreateAttr attr = new() { LinkFd = (uint)RequireDescriptor("be read").Value };
        return new IteratorStream(Bpf.TryOpen(BpfCommand.IterCreate, ref attr, $"iteration of {Description}")
            ?? throw new BpfSyscallException($"read {Description}", Libc.LastError), Description);
    }

    /// <summary>The lines of a whole iteration. Bytes that are not UTF-8 become U+FFFD.</summary>
    public IEnumerable<string> ReadLines()
    {
        using StreamReader reader = new(OpenRead());
        while (reader.ReadLine() is { } line) yield return line;
    }
}
