using Hornet.Interop;
using Hornet.Kernel;
using Hornet.Maps;

namespace Hornet.Programs;

/// <summary>
/// What a program needs from the running system to be loaded: the descriptors of what it refers to, and how much the
/// verifier shall tell. Everything is optional.
/// </summary>
public sealed record ProgramLoadOptions
{
    /// <summary>The options of a program that refers to nothing.</summary>
    public static ProgramLoadOptions Default { get; } = new();

    /// <summary>The maps by the name instructions refer to them with.</summary>
    public IReadOnlyDictionary<string, BpfMap>? Maps { get; init; }

    /// <summary>Finds a map that <see cref="Maps"/> does not have; returns null when it does not know the name either.</summary>
    public Func<string, BpfMap?>? ResolveMap { get; init; }

    /// <summary>The loaded BTF the types of <see cref="FunctionInfo"/> and <see cref="LineInfo"/> are in (4.18).</summary>
    public FileDescriptor? Btf { get; init; }

    /// <summary>The <c>struct bpf_func_info</c> records of the program: one per function, offsets in instruction slots (5.0).</summary>
    public ReadOnlyMemory<byte> FunctionInfo { get; init; }

    /// <summary>Bytes per record of <see cref="FunctionInfo"/>.</summary>
    public int FunctionInfoRecordSize { get; init; } = 8;

    /// <summary>The <c>struct bpf_line_info</c> records of the program, offsets in instruction slots (5.0).</summary>
    public ReadOnlyMemory<byte> LineInfo { get; init; }

    /// <summary>Bytes per record of <see cref="LineInfo"/>.</summary>
    public int LineInfoRecordSize { get; init; } = 16;

    /// <summary>The BTF type to attach to: a function, a tracepoint's typedef, a struct_ops type (5.5).</summary>
    public uint AttachBtfId { get; init; }

    /// <summary>The BTF object <see cref="AttachBtfId"/> is in; null for the kernel itself, else a module's (5.11).</summary>
    public FileDescriptor? AttachBtfObject { get; init; }

    /// <summary>The loaded BPF program whose function is attached to or replaced (5.5).</summary>
    public FileDescriptor? AttachProgram { get; init; }

    /// <summary>
    /// Descriptors that instructions refer to by index: module BTF for kernel functions (5.16), maps by
    /// <c>BPF_PSEUDO_MAP_IDX</c> (5.14). An entry is null where an index is not used.
    /// </summary>
    public IReadOnlyList<FileDescriptor?> DescriptorArray { get; init; } = [];

    /// <summary>
    /// Says to the kernel how long <see cref="DescriptorArray"/> is (6.14). The maps and BTF in it are then bound to the
    /// program even where no instruction uses them, and entries may not be null.
    /// </summary>
    public bool BindDescriptorArray { get; init; }

    /// <summary>Which log to keep of a program that loads. A rejected program always comes with its log.</summary>
    public VerifierLogLevel LogLevel { get; init; }

    /// <summary>The BPF token that stands in for capabilities (<c>BPF_F_TOKEN_FD</c>, 6.9).</summary>
    public BpfToken? Token { get; init; }

    /// <summary>The interface to offload or bind to, when it is not the one in the spec; 0 for none.</summary>
    public uint InterfaceIndex { get; init; }
}

/// <summary>What the verifier writes down (<c>log_level</c> of BPF_PROG_LOAD).</summary>
[Flags]
public enum VerifierLogLevel : uint
{
    /// <summary>Nothing for a program that loads; the path to the error for one that does not.</summary>
    None = 0,
    /// <summary>The instructions of the paths that were walked (<c>BPF_LOG_LEVEL1</c>).</summary>
    Paths = 1,
    /// <summary>Every instruction with the state of every register (<c>BPF_LOG_LEVEL2</c>): easily hundreds of megabytes.</summary>
    States = 2,
    /// <summary>The counts of instructions, states and time at the end (<c>BPF_LOG_STATS</c>, 5.2).</summary>
    Statistics = 4,
}
