using Hornet.Btf;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Objects;

/// <summary>How an object is loaded.</summary>
public sealed record LoadOptions
{
    /// <summary>
    /// Maps to use instead of creating those of the same name. They must be compatible. The caller keeps them: the loaded
    /// object has descriptors of its own.
    /// </summary>
    public IReadOnlyDictionary<string, BpfMap> MapReplacements { get; init; } = new Dictionary<string, BpfMap>();

    /// <summary>
    /// The folder of maps pinned by name. When it is missing it is made (mode 0700), inside a BPF file system only; a load that
    /// fails removes what it made.
    /// </summary>
    public string PinFolder { get; init; } = "/sys/fs/bpf";

    /// <summary>The kernel's types to adjust programs to; null for those the running kernel tells.</summary>
    public BtfSpec? KernelTypes { get; init; }

    /// <summary>
    /// More types to adjust programs to, where the kernel's do not have them, such as those of other modules or of other
    /// BPF programs.
    /// </summary>
    public IReadOnlyList<BtfSpec> ExtraTypes { get; init; } = [];

    /// <summary>The configuration that <c>__kconfig</c> variables are read from; null for the running kernel's.</summary>
    public Kconfig? Kconfig { get; init; }

    /// <summary>
    /// The loaded BPF programs that programs attach to or replace (<c>freplace</c>, and <c>fentry</c>, <c>fexit</c> on a
    /// BPF program), by the name of the attaching program.
    /// </summary>
    public IReadOnlyDictionary<string, BpfProgram> TargetPrograms { get; init; } = new Dictionary<string, BpfProgram>();

    /// <summary>Which verifier log to keep of programs that load.</summary>
    public VerifierLogLevel LogLevel { get; init; }

    /// <summary>The BPF token that stands in for capabilities (6.9); null for the process's own rights.</summary>
    public BpfToken? Token { get; init; }
}
