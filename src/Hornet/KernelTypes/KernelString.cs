namespace Hornet.KernelTypes;

/// <summary>
/// Text in the kernel, with a zero at its end: a <c>char *</c>, or a <c>char[]</c> inside an object. Read with
/// <c>bpf_probe_read_kernel_str</c> (5.5; the program must be under the GPL). It is an address: 8 bytes of data.
/// </summary>
/// <param name="Address">Where it begins; 0 is null.</param>
public readonly record struct KernelString(ulong Address)
{
    /// <summary>Whether the address is 0.</summary>
    public bool IsNull => Address == 0;

    /// <summary>Copies the text and a zero at its end, cut to what fits.</summary>
    /// <param name="destination">Where to. Its length must be constant. What is behind the zero stays as it is.</param>
    /// <returns>The number of bytes without the zero; a negative error number when it cannot be read.</returns>
    [KernelOnly]
    public int CopyTo(Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Whether the text is this one, as in <c>name.SequenceEqual("cat"u8)</c>.</summary>
    /// <param name="text">A literal or constant of at most 256 bytes.</param>
    [KernelOnly]
    public bool SequenceEqual(ReadOnlySpan<byte> text) => throw KernelOnly.Error();

    /// <summary>Whether the text begins so.</summary>
    /// <param name="text">A literal or constant of at most 256 bytes.</param>
    [KernelOnly]
    public bool StartsWith(ReadOnlySpan<byte> text) => throw KernelOnly.Error();
}

/// <summary>
/// Text in the memory of the current process, with a zero at its end. Read with <c>bpf_probe_read_user_str</c> (5.5; the
/// program must be under the GPL); a page that is not in memory cannot be read. It is an address: 8 bytes of data.
/// </summary>
/// <param name="Address">Where it begins; 0 is null.</param>
public readonly record struct UserString(ulong Address)
{
    /// <summary>Whether the address is 0.</summary>
    public bool IsNull => Address == 0;

    /// <inheritdoc cref="KernelString.CopyTo"/>
    [KernelOnly]
    public int CopyTo(Span<byte> destination) => throw KernelOnly.Error();

    /// <inheritdoc cref="KernelString.SequenceEqual"/>
    [KernelOnly]
    public bool SequenceEqual(ReadOnlySpan<byte> text) => throw KernelOnly.Error();

    /// <inheritdoc cref="KernelString.StartsWith"/>
    [KernelOnly]
    public bool StartsWith(ReadOnlySpan<byte> text) => throw KernelOnly.Error();
}
