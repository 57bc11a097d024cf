namespace Hornet.Corpus;

/// <summary>Marks a pure method that must give the same result in the kernel as here.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelAttribute : KernelCodeAttribute;
