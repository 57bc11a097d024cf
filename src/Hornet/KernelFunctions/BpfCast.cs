using Hornet.KernelTypes;

namespace Hornet;

/// <summary>What the kernel has behind the contexts of programs, and objects at addresses, for reading (6.2).</summary>
public static class BpfCast
{
    /// <summary>The packet as the kernel keeps it (<c>bpf_cast_to_kern_ctx</c>, 6.2).</summary>
    [KernelFunction("bpf_cast_to_kern_ctx")]
    public static SkBuff ToKernel(this SkbContext packet) => throw KernelOnly.Error();

    /// <inheritdoc cref="ToKernel(SkbContext)"/>
    [KernelFunction("bpf_cast_to_kern_ctx")]
    public static XdpBuff ToKernel(this XdpContext packet) => throw KernelOnly.Error();

    /// <summary>What happened to the connection, as the kernel keeps it (<c>bpf_cast_to_kern_ctx</c>, 6.2).</summary>
    [KernelFunction("bpf_cast_to_kern_ctx")]
    public static SockOpsKernel ToKernel(this SockOpsContext happened) => throw KernelOnly.Error();

    /// <summary>The address as the kernel keeps it (<c>bpf_cast_to_kern_ctx</c>, 6.2).</summary>
    [KernelFunction("bpf_cast_to_kern_ctx")]
    public static SockAddrKernel ToKernel(this SocketAddressContext address) => throw KernelOnly.Error();

    /// <summary>
    /// An object of the kernel at an address (<c>bpf_rdonly_cast</c>, 6.2), for reading its fields by loads instead of probe reads. What is at a wrong address is read as zeros. Not
    /// ahead of time: the type's number is the running kernel's.
    /// </summary>
    /// <typeparam name="T">A view of the type.</typeparam>
    /// <param name="address">Where it is.</param>
    [KernelOnly]
    public static T ReadOnly<T>(ulong address) where T : class => throw KernelOnly.Error();
}
