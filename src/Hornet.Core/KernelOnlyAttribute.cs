namespace Hornet;

/// <summary>
/// Marks a member that means something only in kernel code. Called in user space it throws. It has to throw: trimming
/// would put a constant in the place of a method that returns one, also in kernel code.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Constructor)]
public sealed class KernelOnlyAttribute : Attribute;

internal static class KernelOnlyMember
{
    /// <summary>What a kernel-only member throws.</summary>
    public static InvalidOperationException Error([System.Runtime.CompilerServices.CallerMemberName] string member = "") =>
        new($"{member} means something only in kernel code: in a lambda or method handed to BpfSession.Attach… or Load….");
}
