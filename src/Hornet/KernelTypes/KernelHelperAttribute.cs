using Hornet.Isa;

namespace Hornet.KernelTypes;

/// <summary>
/// Marks a static method as a helper of the kernel, for those that Hornet has no member for. Kernel code that calls the
/// method calls the helper; the method's own body is never compiled and only has to throw.
/// </summary>
/// <remarks>
/// <code>
/// [KernelHelper(BpfHelper.SkcToTcpTimewaitSock)]
/// static TcpTimewaitSock? ToTimewait(Sock socket) => throw new NotSupportedException();
/// </code>
/// The parameters are the helper's, from the left: a number, a map, a context, a view of a kernel type, a reference; a span
/// stands for a pointer and its size. A helper that the program's type or the kernel does not have is an error before
/// anything is loaded; what the arguments must be is checked by the verifier.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelHelperAttribute : Attribute
{
    /// <summary>Names the helper.</summary>
    public KernelHelperAttribute(BpfHelper helper) => Helper = helper;

    /// <summary>The helper.</summary>
    public BpfHelper Helper { get; }

    /// <summary>Whether the helper is given the program's context before the parameters.</summary>
    public bool PassesContext { get; init; }
}
