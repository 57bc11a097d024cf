using Hornet.Isa;

namespace Hornet;

/// <summary>A setting under /proc/sys that a process of a control group reads or writes (<c>struct bpf_sysctl</c>, 5.2). Exists in kernel code only.</summary>
[KernelContext]
public readonly ref struct SysctlContext
{
    /// <summary>Whether it is written.</summary>
    [ContextField(0, Width = 4)]
    public bool IsWrite { get => throw KernelOnly.Error(); }

    /// <summary>Where in its text is read or written, in bytes.</summary>
    [ContextField(4)]
    public uint Position { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The setting's name: <c>net/ipv4/tcp_mem</c>.</summary>
    /// <param name="name">Where to; its length must be constant.</param>
    /// <param name="lastPart">Only what is behind the last slash.</param>
    /// <returns>The number of bytes without the zero at the end, or a negative error number.</returns>
    [Helper(BpfHelper.SysctlGetName)]
    public int GetName(Span<byte> name, bool lastPart = false) => throw KernelOnly.Error();

    /// <summary>The setting's text.</summary>
    /// <returns>The number of bytes without the zero at the end, or a negative error number.</returns>
    [Helper(BpfHelper.SysctlGetCurrentValue)]
    public int GetCurrentValue(Span<byte> value) => throw KernelOnly.Error();

    /// <summary>The text that is being written.</summary>
    /// <returns>The number of bytes without the zero at the end, or a negative error number.</returns>
    [Helper(BpfHelper.SysctlGetNewValue)]
    public int GetNewValue(Span<byte> value) => throw KernelOnly.Error();

    /// <summary>Lets another text be written.</summary>
    /// <returns>Whether it is written, and the text fits.</returns>
    [Helper(BpfHelper.SysctlSetNewValue)]
    public bool SetNewValue(ReadOnlySpan<byte> value) => throw KernelOnly.Error();
}

/// <summary>A device file that a process of a control group makes or opens (<c>struct bpf_cgroup_dev_ctx</c>, 4.15). Exists in kernel code only.</summary>
[KernelContext]
public readonly ref struct DeviceContext
{
    /// <summary>The kind of device.</summary>
    [ContextField(0, Width = 2)]
    public DeviceType Type { get => throw KernelOnly.Error(); }

    /// <summary>What is to be done with it.</summary>
    [ContextField(0, Width = 4, Shift = 16)]
    public DeviceAccess Access { get => throw KernelOnly.Error(); }

    /// <summary>The major number.</summary>
    [ContextField(4)]
    public uint Major { get => throw KernelOnly.Error(); }

    /// <summary>The minor number.</summary>
    [ContextField(8)]
    public uint Minor { get => throw KernelOnly.Error(); }
}

/// <summary>A kind of device (<c>BPF_DEVCG_DEV_*</c>).</summary>
public enum DeviceType : ushort
{
    /// <summary>A block device.</summary>
    Block = 1,
    /// <summary>A character device.</summary>
    Character = 2,
}

/// <summary>What is done with a device (<c>BPF_DEVCG_ACC_*</c>).</summary>
[Flags]
public enum DeviceAccess : ushort
{
    /// <summary>Its file is made.</summary>
    MakeNode = 1,
    /// <summary>It is read.</summary>
    Read = 2,
    /// <summary>It is written.</summary>
    Write = 4,
}

/// <summary>
/// A socket option that a process of a control group reads or sets (<c>struct bpf_sockopt</c>, 5.3): its value may be read
/// and changed. Exists in kernel code only.
/// </summary>
[KernelContext]
public readonly ref struct SockOptContext
{
    /// <summary>The option's value: what is set, or what the kernel answered.</summary>
    public Span<byte> Data { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Copies a value out of the option's value.</summary>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="value">The value; zero when there are not as many bytes.</param>
    /// <returns>Whether there are as many bytes.</returns>
    [KernelOnly]
    public bool TryRead<T>(int offset, out T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Writes a value into the option's value.</summary>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether there are as many bytes; if not, nothing is written.</returns>
    [KernelOnly]
    public bool TryWrite<T>(int offset, in T value) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>The socket.</summary>
    [ContextField(0)]
    public BpfSocket Socket { get => throw KernelOnly.Error(); }

    /// <summary>The level: 1 is SOL_SOCKET, 6 is TCP. Written when it is set.</summary>
    [ContextField(24)]
    public int Level { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The option. Written when it is set.</summary>
    [ContextField(28)]
    public int Option { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>The length of the value. When it is set, -1 leaves the kernel out: nothing is set, and the call succeeds.</summary>
    [ContextField(32)]
    public int Length { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }

    /// <summary>What the kernel answered, 0 or a negative error number; written to 0 it succeeds. When it is read.</summary>
    [ContextField(36)]
    public int Result { get => throw KernelOnly.Error(); set => throw KernelOnly.Error(); }
}
