using Hornet.Links;

namespace Hornet;

/// <summary>What a netfilter program makes of a packet.</summary>
public enum NetfilterVerdict
{
    /// <summary>Drop it. Also what a program returns that a failed check ended.</summary>
    Drop = 0,
    /// <summary>It goes on to the next hook.</summary>
    Accept = 1,
}

/// <summary>A packet at a netfilter hook (<c>struct bpf_nf_ctx</c>, 6.4), from its IP header on. Exists in kernel code only.</summary>
[KernelContext]
public readonly ref struct NetfilterContext : IPacket
{
    /// <summary>The hook the packet is at.</summary>
    public NetfilterHook Hook { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The packet's protocol.</summary>
    public NetfilterProtocol Protocol { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The index of the interface the packet came in by; 0 for one that this host sends.</summary>
    public uint IngressInterfaceIndex { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The index of the interface the packet leaves by; 0 where that is not known yet.</summary>
    public uint EgressInterfaceIndex { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The length of the packet in bytes.</summary>
    public uint Length { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The mark, which routing rules know.</summary>
    public uint Mark { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <inheritdoc/>
    [KernelOnly]
    public bool TryRead<T>(int offset, out T value) where T : unmanaged => throw KernelOnly.Error();
}
