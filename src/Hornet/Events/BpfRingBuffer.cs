using Hornet.Buffers;
using Hornet.Maps;

namespace Hornet;

/// <summary>
/// A ring buffer for records of one type (5.8): kernel code submits them, this process reads them in order, as a stream, by
/// a callback, or in place. What finds no room is counted: submitted = delivered + lost.
/// </summary>
/// <typeparam name="T">The record: a struct without references.</typeparam>
public sealed class BpfRingBuffer<T> : IEventBuffer, IAsyncEnumerable<T>, IDisposable where T : unmanaged
{
    private readonly BpfMap _map;
    private readonly LossCounter _loss;

    private readonly RingBufferReader? _reader;

    private BpfRingBuffer(BpfMap map, LossCounter loss, RingBufferReader? reader)
    {
        _map = map;
        _loss = loss;
        _reader = reader;
    }

    /// <summary>Creates a ring buffer.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="size">Its size in bytes: a power of two and a multiple of the page size. Each record takes 8 bytes more than its own, rounded up to 8.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static BpfRingBuffer<T> Create(string name, int size = 256 * 1024)
    {
        List<IDisposable> made = [];
        try
        {
            var map = BpfMap.Create(new MapSpec { Name = name, Type = MapType.RingBuf, MaxEntries = (uint)size });
            made.Add(map);
            var loss = LossCounter.Create($"{name[..Math.Min(name.Length, 10)]}_lost");
            made.Add(loss);
            return new BpfRingBuffer<T>(map, loss, map.IsDeclaration ? null : new RingBufferReader(map, new RingBufferOptions { Loss = loss }));
        }
        catch
        {
            for (int i = made.Count - 1; i >= 0; i--) made[i].Dispose();
            throw;
        }
    }

    /// <summary>The reader, with all its ways to read.</summary>
    /// <exception cref="InvalidOperationException">The ring buffer is a <see cref="VmSession"/>'s.</exception>
    public RingBufferReader Reader => _reader ?? throw new InvalidOperationException($"The {_map} is a machine's in user space: VmSession.Take gives its records.");

    /// <summary>How many records were read.</summary>
    public long Delivered => _reader?.Delivered ?? 0;

    /// <summary>How many records found no room.</summary>
    public long Lost => _loss.Total;

    BpfMap IEventBuffer.Map => _map;

    LossCounter IEventBuffer.Loss => _loss;

    /// <summary>Sends a copy of a record. In kernel code only.</summary>
    /// <param name="record">The record.</param>
    /// <returns>False when there was no room; then it is counted as lost.</returns>
    [KernelOnly]
    public bool Submit(in T record) => throw KernelOnly.Error();

    /// <summary>Makes room for a record, to be filled in place. In kernel code only.</summary>
    /// <param name="record">The room; to be submitted or discarded on every way.</param>
    /// <returns>False when there was no room; then a record is counted as lost.</returns>
    [KernelOnly]
    public bool TryReserve(out BpfReservation<T> record) => throw KernelOnly.Error();

    /// <summary>
    /// Makes room for a record whose length is known only when the program runs (<c>bpf_ringbuf_reserve_dynptr</c>, 5.19), to be written
    /// through the dynptr. In kernel code only. The readers of such records take bytes: <see cref="Lease"/>, <see cref="Reader"/>.
    /// </summary>
    /// <param name="size">How many bytes.</param>
    /// <param name="record">The room; to be submitted or discarded on every way (HRN3004), also when there was none.</param>
    /// <returns>False when there was no room; then a record is counted as lost.</returns>
    [KernelOnly]
    public bool ReserveBytes(uint size, out BpfDynptr record) => throw KernelOnly.Error();

    /// <summary>The records as a stream, until cancelled. See <see cref="RingBufferReader.ReadAllAsync{T}(CancellationToken)"/>.</summary>
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => Reader.ReadAllAsync<T>(cancellationToken).GetAsyncEnumerator(CancellationToken.None);

    /// <summary>Hands the records to a callback on a thread of its own until cancelled; what is in the ring then is still delivered.</summary>
    /// <returns>How many were delivered.</returns>
    public Task<long> RunAsync(RecordCallback<T> callback, CancellationToken cancellation) => Reader.RunAsync(callback, cancellation);

    /// <summary>Hands the records that are there to a callback.</summary>
    /// <returns>How many there were.</returns>
    public int Drain(RecordCallback<T> callback) => Reader.Drain(callback);

    /// <summary>Waits for records and hands them to a callback.</summary>
    /// <returns>How many there were.</returns>
    public int Poll(RecordCallback<T> callback, TimeSpan timeout, CancellationToken cancellation = default) => Reader.Poll(callback, timeout, cancellation);

    /// <summary>Takes a turn at reading in place, without copies: <c>foreach (ReadOnlySpan&lt;byte&gt; record in events.Lease())</c>.</summary>
    public RingBufferLease Lease() => Reader.Lease();

    /// <summary>Ends reading and closes the maps.</summary>
    public void Dispose()
    {
        _reader?.Dispose();
        _loss.Dispose();
        _map.Dispose();
    }
}
