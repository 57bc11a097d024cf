using Hornet.Btf;
using Hornet.Compiler;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.Script.Lowering;

/// <summary>The kernel that a script is compiled for.</summary>
internal sealed record LoweringOptions
{
    /// <summary>Its version: helpers that it does not have are not called, or named in an error.</summary>
    public Version Kernel { get; init; } = new(KernelVersion.Running.Major, KernelVersion.Running.Minor, KernelVersion.Running.Patch);

    /// <summary>Its types; null for the running kernel's. Asked for kernel functions only.</summary>
    public BtfSpec? KernelTypes { get; init; }

    /// <summary>How many slots a per-CPU value has.</summary>
    public int CpuCount { get; init; } = CpuList.PossibleCount;

    /// <summary>Device and number of the process id namespace that <c>pid</c> is counted in; null for the running process's.</summary>
    public (ulong Device, ulong Inode)? PidNamespace { get; init; }

    /// <summary>How many places a map of stacks has; null for what is usual.</summary>
    public uint? StackEntries { get; init; }

    /// <summary>
    /// A map (<c>@now</c>) without a key whose number is taken for the time wherever a program asks for it; null for the kernel's clocks.
    /// What depends on the time is tested with it.
    /// </summary>
    public string? ClockMap { get; init; }

    /// <summary>Whether the kernel attaches one program to calls and returns of functions; asked when a script could use it.</summary>
    public Func<bool> HasKprobeSessions { get; init; } = static () => false;

    /// <summary>Whether the IR is kept as text after every pass.</summary>
    public bool KeepStages { get; init; }

    public bool Has(int major, int minor) => Kernel >= new Version(major, minor);

    public bool Has(BpfHelper helper) => HelperTable.FirstKernel(helper) is not { } first || Kernel >= first;

    public CompilerOptions Compiler(string license) => new()
    {
        IsaLevel = Has(6, 6) ? IsaLevel.V4 : IsaLevel.V3,
        FetchingAtomics = Has(5, 12),
        Kernel = Kernel,
        KernelTypes = KernelTypes,
        License = license,
        KeepStages = KeepStages,
    };
}
