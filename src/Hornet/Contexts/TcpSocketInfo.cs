namespace Hornet;

/// <summary>What TCP knows of a connection (<c>struct bpf_tcp_sock</c>, 5.1). Test <see cref="IsNull"/> first. Exists in kernel code only.</summary>
[KernelContext("bpf_tcp_sock")]
public readonly ref struct TcpSocketInfo
{
    /// <summary>Whether there is none.</summary>
    [NullTest]
    public bool IsNull { get => throw KernelOnly.Error(); }

    /// <summary>The congestion window in packets.</summary>
    [ContextField(0)]
    public uint CongestionWindow { get => throw KernelOnly.Error(); }

    /// <summary>The smoothed round trip time in eighths of a microsecond.</summary>
    [ContextField(4)]
    public uint SmoothedRoundTrip { get => throw KernelOnly.Error(); }

    /// <summary>The smallest round trip time of late in microseconds.</summary>
    [ContextField(8)]
    public uint MinimumRoundTrip { get => throw KernelOnly.Error(); }

    /// <summary>The window at which slow start ends, in packets.</summary>
    [ContextField(12)]
    public uint SlowStartThreshold { get => throw KernelOnly.Error(); }

    /// <summary>The sequence number expected next.</summary>
    [ContextField(16)]
    public uint NextReceived { get => throw KernelOnly.Error(); }

    /// <summary>The sequence number sent next.</summary>
    [ContextField(20)]
    public uint NextSent { get => throw KernelOnly.Error(); }

    /// <summary>The first sequence number that is not acknowledged.</summary>
    [ContextField(24)]
    public uint FirstUnacknowledged { get => throw KernelOnly.Error(); }

    /// <summary>The size of a segment in bytes.</summary>
    [ContextField(28)]
    public uint MaximumSegment { get => throw KernelOnly.Error(); }

    /// <summary>Packets on their way.</summary>
    [ContextField(44)]
    public uint PacketsOut { get => throw KernelOnly.Error(); }

    /// <summary>Of these, sent again.</summary>
    [ContextField(48)]
    public uint RetransmitsOut { get => throw KernelOnly.Error(); }

    /// <summary>Packets sent again since the connection began.</summary>
    [ContextField(52)]
    public uint TotalRetransmits { get => throw KernelOnly.Error(); }

    /// <summary>Segments received.</summary>
    [ContextField(56)]
    public uint SegmentsIn { get => throw KernelOnly.Error(); }

    /// <summary>Segments with data received.</summary>
    [ContextField(60)]
    public uint DataSegmentsIn { get => throw KernelOnly.Error(); }

    /// <summary>Segments sent.</summary>
    [ContextField(64)]
    public uint SegmentsOut { get => throw KernelOnly.Error(); }

    /// <summary>Segments with data sent.</summary>
    [ContextField(68)]
    public uint DataSegmentsOut { get => throw KernelOnly.Error(); }

    /// <summary>Packets taken for lost.</summary>
    [ContextField(72)]
    public uint LostOut { get => throw KernelOnly.Error(); }

    /// <summary>Bytes received.</summary>
    [ContextField(80)]
    public ulong BytesReceived { get => throw KernelOnly.Error(); }

    /// <summary>Bytes sent and acknowledged.</summary>
    [ContextField(88)]
    public ulong BytesAcknowledged { get => throw KernelOnly.Error(); }
}
