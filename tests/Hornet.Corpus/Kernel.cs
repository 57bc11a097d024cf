namespace Hornet.Corpus;

/// <summary>Marks a pure method that must give the same result in the kernel as here.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelAttribute : KernelCodeAttribute
{
    /// <summary>The first kernel of the matrix whose verifier takes it; null for all. Why stands at the method.</summary>
    public string? MinKernel { get; init; }
}
