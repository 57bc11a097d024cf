namespace Hornet;

/// <summary>What an XDP program makes of a packet.</summary>
public enum XdpAction
{
    /// <summary>Drop it, and count an error (tracepoint <c>xdp:xdp_exception</c>). Also what a program returns that a failed check ended.</summary>
    Aborted = 0,
    /// <summary>Drop it.</summary>
    Drop = 1,
    /// <summary>Give it to the network stack.</summary>
    Pass = 2,
    /// <summary>Send it back out of the interface it came from.</summary>
    Transmit = 3,
    /// <summary>Send it where a redirect helper said.</summary>
    Redirect = 4,
}

/// <summary>The packet of an XDP program (4.8), from its Ethernet header on. Exists in kernel code only.</summary>
[KernelContext]
public readonly ref struct XdpContext
{
    /// <summary>
    /// The packet's bytes. Reading beyond the end ends the program with <see cref="XdpAction.Aborted"/>; compare the length
    /// first, or use <see cref="TryRead"/>.
    /// </summary>
    public Span<byte> Data { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The index of the interface the packet came in by.</summary>
    public uint InterfaceIndex { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The receive queue the packet came in by.</summary>
    public uint QueueIndex { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Copies a value out of the packet.</summary>
    /// <param name="offset">Where it begins, in bytes from the packet's beginning.</param>
    /// <param name="value">The value; zero when the packet ends before.</param>
    /// <returns>Whether it lies within the packet.</returns>
    [KernelOnly]
    public bool TryRead<T>(int offset, out T value) where T : unmanaged => throw KernelOnly.Error();
}

/// <summary>Marks a struct that stands for the kernel's context of a program.</summary>
[AttributeUsage(AttributeTargets.Struct)]
internal sealed class KernelContextAttribute : Attribute;
