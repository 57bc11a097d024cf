namespace Hornet.Programs;

/// <summary>
/// What the kernel tells about a loaded program (<c>BPF_OBJ_GET_INFO_BY_FD</c>, 4.13). Fields a kernel does not know yet
/// are zero or empty.
/// </summary>
public sealed record ProgramInfo
{
    /// <summary>The program's number; unique until the next boot.</summary>
    public required uint Id { get; init; }

    /// <summary>The kind of program.</summary>
    public required ProgramType Type { get; init; }

    /// <summary>The name as the kernel keeps it: at most 15 bytes (4.15).</summary>
    public required string Name { get; init; }

    /// <summary>A hash of the instructions, 16 hexadecimal digits. Not comparable between kernels: 6.18 changed how it is computed.</summary>
    public required string Tag { get; init; }

    /// <summary>When the program was loaded, in nanoseconds since boot (CLOCK_BOOTTIME; 4.15).</summary>
    public ulong LoadTimeNanoseconds { get; init; }

    /// <summary>When the program was loaded (4.15).</summary>
    public DateTimeOffset LoadTime { get; init; }

    /// <summary>The user that loaded it (4.15).</summary>
    public uint CreatedByUid { get; init; }

    /// <summary>The maps it uses (4.15).</summary>
    public IReadOnlyList<uint> MapIds { get; init; } = [];

    /// <summary>Whether its license is compatible with the GPL (4.18).</summary>
    public bool IsGplCompatible { get; init; }

    /// <summary>Bytes of translated instructions: what the verifier made of it; 8 per slot.</summary>
    public uint TranslatedSize { get; init; }

    /// <summary>Bytes of machine code; 0 when it is interpreted.</summary>
    public uint JitedSize { get; init; }

    /// <summary>The number of functions it was compiled to; 1 without subprograms (4.18).</summary>
    public uint FunctionCount { get; init; }

    /// <summary>The BTF of its functions and types; 0 for none (5.0).</summary>
    public uint BtfId { get; init; }

    /// <summary>The BTF object of what it attaches to; 0 for none (5.17).</summary>
    public uint AttachBtfObjectId { get; init; }

    /// <summary>The BTF type of what it attaches to; 0 for none (5.17).</summary>
    public uint AttachBtfId { get; init; }

    /// <summary>The network interface it is bound to; 0 for none (4.16).</summary>
    public uint InterfaceIndex { get; init; }

    /// <summary>Nanoseconds spent in it while statistics were on (5.1): see <see cref="BpfStatistics"/>.</summary>
    public ulong RunTimeNanoseconds { get; init; }

    /// <summary>How often it ran while statistics were on (5.1).</summary>
    public ulong RunCount { get; init; }

    /// <summary>How often it was not run because it was running already on that CPU (5.12).</summary>
    public ulong RecursionMisses { get; init; }

    /// <summary>How many instructions the verifier walked (5.16): of at most a million.</summary>
    public uint VerifiedInstructions { get; init; }

    /// <summary>Bytes of kernel memory charged for it, from <c>/proc/self/fdinfo</c>; 0 when the kernel does not tell.</summary>
    public ulong MemoryBytes { get; init; }
}
