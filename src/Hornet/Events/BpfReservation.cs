namespace Hornet;

/// <summary>
/// Room for a record in a <see cref="BpfRingBuffer{T}"/>, to be filled in place. Every way through the kernel code has to
/// end it, by <see cref="Submit"/> or <see cref="Discard"/>. Exists in kernel code only.
/// </summary>
/// <typeparam name="T">The record.</typeparam>
[KernelContext]
public readonly ref struct BpfReservation<T> where T : unmanaged
{
    /// <summary>The record. What is not assigned holds what the ring held there before.</summary>
    public ref T Value { [KernelOnly] get => throw KernelOnly.Error(); }

    /// <summary>Sends the record.</summary>
    [KernelOnly]
    public void Submit() => throw KernelOnly.Error();

    /// <summary>Gives the room back.</summary>
    [KernelOnly]
    public void Discard() => throw KernelOnly.Error();
}
