namespace Hornet;

internal static class KernelOnly
{
    /// <summary>What a kernel-only member throws.</summary>
    public static InvalidOperationException Error([System.Runtime.CompilerServices.CallerMemberName] string member = "") =>
        new($"{member} means something only in kernel code: in a lambda or method handed to BpfSession.Attach… or Load….");
}
