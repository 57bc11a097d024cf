namespace Hornet.KernelTypes;

/// <summary>
/// An address in the kernel, of a value or the first of several. Kernel code reads there with
/// <c>bpf_probe_read_kernel</c> (5.5; the program must be under the GPL): a wrong address is an error, not a crash. It is 8
/// bytes of data, which can be stored in maps and records.
/// </summary>
/// <typeparam name="T">What is there: integers, or a struct laid out as the kernel's.</typeparam>
/// <param name="Address">The address; 0 is null.</param>
public readonly record struct KernelPtr<T>(ulong Address) where T : unmanaged
{
    /// <summary>Whether the address is 0.</summary>
    public bool IsNull => Address == 0;

    /// <summary>The value there; zeros when it cannot be read.</summary>
    public T Value { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The value so many places further; zeros when it cannot be read. C's array bounds are not known.</summary>
    public T this[int index] { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Reads the value there.</summary>
    /// <returns>Whether it could be read; <paramref name="value"/> is zeros if not.</returns>
    [KernelOnly]
    public bool TryRead(out T value) => throw KernelOnly.Error();

    /// <summary>Reads as many values as fit into a span of constant length.</summary>
    /// <returns>Whether all could be read; the span is zeros if not.</returns>
    [KernelOnly]
    public bool TryCopyTo(Span<T> destination) => throw KernelOnly.Error();

    /// <summary>An address so many values further.</summary>
    public unsafe KernelPtr<T> Add(int count) => new(Address + (ulong)(count * (long)sizeof(T)));
}

/// <summary>
/// An address in the memory of the current process. Kernel code reads there with <c>bpf_probe_read_user</c> (5.5; GPL):
/// a page that is not in memory cannot be read. It is 8 bytes of data, which can be stored in maps and records.
/// </summary>
/// <inheritdoc cref="KernelPtr{T}"/>
public readonly record struct UserPtr<T>(ulong Address) where T : unmanaged
{
    /// <summary>Whether the address is 0.</summary>
    public bool IsNull => Address == 0;

    /// <summary>The value there; zeros when it cannot be read.</summary>
    public T Value { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>The value so many places further; zeros when it cannot be read. C's array bounds are not known.</summary>
    public T this[int index] { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Reads the value there.</summary>
    /// <returns>Whether it could be read; <paramref name="value"/> is zeros if not.</returns>
    [KernelOnly]
    public bool TryRead(out T value) => throw KernelOnly.Error();

    /// <summary>Reads as many values as fit into a span of constant length.</summary>
    /// <returns>Whether all could be read; the span is zeros if not.</returns>
    [KernelOnly]
    public bool TryCopyTo(Span<T> destination) => throw KernelOnly.Error();

    /// <summary>
    /// Writes the value there (<c>bpf_probe_write_user</c>, 4.8; GPL; not under lockdown). The kernel logs that a program
    /// does so. Meant for experiments.
    /// </summary>
    /// <returns>Whether it could be written.</returns>
    [KernelOnly]
    public bool TryWrite(in T value) => throw KernelOnly.Error();

    /// <summary>An address so many values further.</summary>
    public unsafe UserPtr<T> Add(int count) => new(Address + (ulong)(count * (long)sizeof(T)));
}
