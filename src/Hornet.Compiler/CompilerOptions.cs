using Hornet.Btf;
using Hornet.Isa;

namespace Hornet.Compiler;

/// <summary>What a program is compiled for.</summary>
public sealed record CompilerOptions
{
    /// <summary>The generation of the instruction set that may be used.</summary>
    public IsaLevel IsaLevel { get; init; } = IsaLevel.V3;

    /// <summary>Whether atomic operations may give the old value, and there are others than addition (kernel 5.12).</summary>
    public bool FetchingAtomics { get; init; } = true;

    /// <summary>The kernel's version, for messages about helpers that it does not have; null when it is not known.</summary>
    public Version? Kernel { get; init; }

    /// <summary>The license; some helpers want a GPL-compatible one.</summary>
    public string License { get; init; } = "GPL";

    /// <summary>The kernel's types, for fields by name; null for the running kernel's.</summary>
    public BtfSpec? KernelTypes { get; init; }

    /// <summary>
    /// Whether the places of kernel fields are left to whoever loads the object (CO-RE), so that it fits kernels that lay
    /// out their types otherwise; else they are those of <see cref="KernelTypes"/>.
    /// </summary>
    public bool Relocatable { get; init; }

    /// <summary>Whether the IR is kept as text after every pass.</summary>
    public bool KeepStages { get; init; }

    /// <summary>Whether the IR is checked after every pass: for tests of the passes.</summary>
    internal bool VerifyPasses { get; init; }

    /// <summary>What the user knows the program as, for messages: <c>kernel tracepoint:sched:sched_switch</c>.</summary>
    public string? DisplayName { get; init; }
}
