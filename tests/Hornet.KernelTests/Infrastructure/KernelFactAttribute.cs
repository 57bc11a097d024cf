using System.Runtime.CompilerServices;
using Hornet.Kernel;

namespace Hornet.KernelTests;

/// <summary>
/// A test that needs something of the kernel: <c>[KernelFact(Needs.Kprobes)]</c>,
/// <c>[KernelFact(Needs.Fentry, Needs.Clang, MinKernel = "6.6")]</c>. Where a need is not met the test is skipped, with
/// the reason.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute(
        Needs first = Needs.None, Needs second = Needs.None, Needs third = Needs.None, Needs fourth = Needs.None,
        [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Skip = Requirements.SkipReason(first, second, third, fourth);

    /// <summary>The first kernel the test can pass on, beyond what the needs say.</summary>
    public string? MinKernel { get; set => Skip ??= Requirements.VersionSkipReason(field = value); }
}

/// <summary>A theory that needs something of the kernel. See <see cref="KernelFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute(
        Needs first = Needs.None, Needs second = Needs.None, Needs third = Needs.None, Needs fourth = Needs.None,
        [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Skip = Requirements.SkipReason(first, second, third, fourth);

    /// <summary>The first kernel the test can pass on, beyond what the needs say.</summary>
    public string? MinKernel { get; set => Skip ??= Requirements.VersionSkipReason(field = value); }
}

internal static class Requirements
{
    /// <summary>Every kernel test needs root, said or not.</summary>
    public static string? SkipReason(params ReadOnlySpan<Needs> needs)
    {
        if (NeedCatalog.Get(Needs.Root).SkipReason is { } notRoot) return notRoot;
        foreach (Needs need in needs)
        {
            if (need != Needs.None && NeedCatalog.Get(need).SkipReason is { } reason) return reason;
        }
        return null;
    }

    public static string? VersionSkipReason(string? minimum) =>
        minimum is not null && KernelVersion.Running < KernelVersion.Parse(minimum) ? $"needs Linux {minimum}; this is {KernelVersion.Running}" : null;
}
