using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Isa;
using Hornet.KernelTypes;

namespace Hornet;

/// <summary>
/// A pointer to memory whose length only the kernel knows (dynptr, 5.19), in kernel code: a part of a map's value, a packet with all
/// its fragments (6.4), a record of a ring buffer. Every access says where, and fails when that lies outside. It is used
/// where it was made: a copy is the error HRN2113.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe partial struct BpfDynptr
{
    private fixed ulong _state[2];

    /// <summary>How many bytes there are (<c>bpf_dynptr_size</c>, 6.5).</summary>
    public uint Size => (uint)SizeOf(ref this);

    /// <summary>Whether it points to nothing (<c>bpf_dynptr_is_null</c>, 6.5).</summary>
    public bool IsNull => IsNullOf(ref this);

    /// <summary>Whether the memory may only be read (<c>bpf_dynptr_is_rdonly</c>, 6.5).</summary>
    public bool IsReadOnly => IsReadOnlyOf(ref this);

    /// <summary>Of a map's value, or a part of one (<c>bpf_dynptr_from_mem</c>, 5.19).</summary>
    /// <returns>False when the memory is too large (16 MiB).</returns>
    public static bool TryFrom(Span<byte> memory, out BpfDynptr dynptr)
    {
        Unsafe.SkipInit(out dynptr);
        return FromMemory(memory, 0, ref dynptr) == 0;
    }

    /// <summary>Of a map's value, or a field of one (<c>bpf_dynptr_from_mem</c>, 5.19).</summary>
    /// <returns>False when the memory is too large (16 MiB).</returns>
    public static bool TryFrom<T>(ref T value, out BpfDynptr dynptr) where T : unmanaged =>
        TryFrom(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref value, 1)), out dynptr);

    /// <summary>Of a whole packet in an XDP program (<c>bpf_dynptr_from_xdp</c>, 6.4).</summary>
    /// <returns>False when the kernel refuses; then it points to nothing.</returns>
    public static bool TryFrom(XdpContext packet, out BpfDynptr dynptr)
    {
        Unsafe.SkipInit(out dynptr);
        return FromXdp(packet, 0, ref dynptr) == 0;
    }

    /// <summary>Of a whole packet in a tc, socket filter, cgroup or similar program (<c>bpf_dynptr_from_skb</c>, 6.4). Not all of these may write.</summary>
    /// <returns>False when the kernel refuses; then it points to nothing.</returns>
    public static bool TryFrom(SkbContext packet, out BpfDynptr dynptr)
    {
        Unsafe.SkipInit(out dynptr);
        return FromSkb(packet, 0, ref dynptr) == 0;
    }

    /// <summary>Copies bytes out (<c>bpf_dynptr_read</c>, 5.19).</summary>
    /// <param name="offset">Where they begin.</param>
    /// <param name="destination">Where they go; so many are copied.</param>
    /// <returns>False when there are not so many.</returns>
    public bool TryRead(uint offset, Span<byte> destination) => Read(destination, ref this, offset, 0) == 0;

    /// <summary>Copies a value out (<c>bpf_dynptr_read</c>, 5.19).</summary>
    /// <returns>False when the bytes are not there; then the value is zero.</returns>
    public bool TryRead<T>(uint offset, out T value) where T : unmanaged
    {
        value = default;
        return TryRead(offset, MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref value, 1)));
    }

    /// <summary>Copies bytes in (<c>bpf_dynptr_write</c>, 5.19).</summary>
    /// <param name="offset">Where they begin.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>False when there is no room for them, or the memory may only be read.</returns>
    public bool TryWrite(uint offset, ReadOnlySpan<byte> source) => Write(ref this, offset, source, 0) == 0;

    /// <summary>Copies a value in (<c>bpf_dynptr_write</c>, 5.19).</summary>
    /// <returns>False when there is no room for it, or the memory may only be read.</returns>
    public bool TryWrite<T>(uint offset, in T value) where T : unmanaged =>
        TryWrite(offset, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in value, 1)));

    /// <summary>
    /// A value in place (<c>bpf_dynptr_data</c>, 5.19); a null reference when it is not there, to be tested with <c>Unsafe.IsNullRef</c>.
    /// Not of packets: see <see cref="Slice"/>.
    /// </summary>
    /// <param name="offset">Where it begins: a constant.</param>
    public ref T Find<T>(uint offset) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>
    /// A value for reading, in place where its bytes lie together and copied into a buffer where they do not (<c>bpf_dynptr_slice</c>, 6.4);
    /// a null reference when it is not there, to be tested with <c>Unsafe.IsNullRef</c>.
    /// </summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="buffer">Room for a copy.</param>
    public ref readonly T Slice<T>(uint offset, ref T buffer) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Leaves bytes out at the beginning and the end (<c>bpf_dynptr_adjust</c>, 6.5).</summary>
    /// <param name="start">The first byte that stays.</param>
    /// <param name="end">The first that does not.</param>
    /// <returns>False when there are not so many.</returns>
    public bool TryNarrow(uint start, uint end) => Adjust(ref this, start, end) == 0;

    /// <summary>Another one to the same memory (<c>bpf_dynptr_clone</c>, 6.5).</summary>
    /// <returns>False when this one points to nothing.</returns>
    public bool TryClone(out BpfDynptr clone)
    {
        Unsafe.SkipInit(out clone);
        return Clone(ref this, ref clone) == 0;
    }

    /// <summary>Copies bytes to another one (<c>bpf_dynptr_copy</c>, 6.16).</summary>
    /// <returns>False when they are not there, or find no room.</returns>
    public bool TryCopyTo(uint offset, ref BpfDynptr destination, uint destinationOffset, uint size) => Copy(ref destination, destinationOffset, ref this, offset, size) == 0;

    /// <summary>Fills bytes with a value (<c>bpf_dynptr_memset</c>, 6.17).</summary>
    /// <returns>False when there are not so many, or the memory may only be read.</returns>
    public bool TryFill(uint offset, uint size, byte value) => Fill(ref this, offset, size, value) == 0;

    /// <summary>Sends a record that was reserved in a ring buffer (<c>bpf_ringbuf_submit_dynptr</c>, 5.19), whether or not there was room for it.</summary>
    public void Submit() => SubmitRecord(ref this, 0);

    /// <summary>Gives up a record that was reserved in a ring buffer (<c>bpf_ringbuf_discard_dynptr</c>, 5.19), whether or not there was room for it.</summary>
    public void Discard() => DiscardRecord(ref this, 0);

    [KernelHelper(BpfHelper.DynptrFromMem)]
    private static long FromMemory(Span<byte> memory, ulong flags, ref BpfDynptr dynptr) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_from_xdp")]
    private static int FromXdp(XdpContext packet, ulong flags, ref BpfDynptr dynptr) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_from_skb")]
    private static int FromSkb(SkbContext packet, ulong flags, ref BpfDynptr dynptr) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.DynptrRead)]
    private static long Read(Span<byte> destination, ref BpfDynptr dynptr, uint offset, ulong flags) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.DynptrWrite)]
    private static long Write(ref BpfDynptr dynptr, uint offset, ReadOnlySpan<byte> source, ulong flags) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_size")]
    private static ulong SizeOf(ref BpfDynptr dynptr) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_is_null")]
    private static bool IsNullOf(ref BpfDynptr dynptr) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_is_rdonly")]
    private static bool IsReadOnlyOf(ref BpfDynptr dynptr) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_adjust")]
    private static int Adjust(ref BpfDynptr dynptr, uint start, uint end) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_clone")]
    private static int Clone(ref BpfDynptr dynptr, ref BpfDynptr clone) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_copy")]
    private static int Copy(ref BpfDynptr destination, uint destinationOffset, ref BpfDynptr source, uint offset, uint size) => throw KernelOnly.Error();

    [KernelFunction("bpf_dynptr_memset")]
    private static int Fill(ref BpfDynptr dynptr, uint offset, uint size, byte value) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.RingbufSubmitDynptr)]
    private static void SubmitRecord(ref BpfDynptr dynptr, ulong flags) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.RingbufDiscardDynptr)]
    private static void DiscardRecord(ref BpfDynptr dynptr, ulong flags) => throw KernelOnly.Error();
}
