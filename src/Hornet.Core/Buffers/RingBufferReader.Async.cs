using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Hornet.Buffers;

public sealed partial class RingBufferReader
{
    /// <summary>
    /// Reads on a thread of its own until cancelled. What is in the ring at that moment is still delivered; then the task
    /// completes. An exception of the handler ends the reading and is the task's.
    /// </summary>
    /// <param name="handler">Takes the records, on the reader's thread.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The number of records delivered.</returns>
    public Task<long> RunAsync<THandler>(THandler handler, CancellationToken cancellation) where THandler : struct, IRecordHandler
    {
        // A thread of its own: a starved thread pool must not overflow the ring.
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(Run(ref handler, cancellation));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "hornet ring" };
        thread.Start();
        return done.Task;
    }

    /// <inheritdoc cref="RunAsync{THandler}(THandler, CancellationToken)"/>
    /// <param name="callback">Takes the records, on the reader's thread.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public Task<long> RunAsync(RecordCallback callback, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return RunAsync(new CallbackHandler(callback), cancellation);
    }

    /// <inheritdoc cref="RunAsync{THandler}(THandler, CancellationToken)"/>
    /// <param name="callback">Takes the records by their type, on the reader's thread.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public Task<long> RunAsync<T>(RecordCallback<T> callback, CancellationToken cancellation) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(callback);
        return RunAsync(new TypedHandler<T>(callback), cancellation);
    }

    /// <summary>
    /// The records as an asynchronous stream, read ahead on a thread of its own and handed over in batches. When the
    /// consumer falls behind by two batches the thread stops reading, and the ring fills.
    /// </summary>
    /// <typeparam name="T">The record as the program writes it.</typeparam>
    /// <param name="cancellation">Ends the stream after what is in the ring at that moment.</param>
    /// <exception cref="BpfException">A record is shorter than <typeparamref name="T"/>.</exception>
    public IAsyncEnumerable<T> ReadAllAsync<T>(CancellationToken cancellation = default) where T : unmanaged =>
        ReadAllAsync(static record => record.Length >= Unsafe.SizeOf<T>() ? MemoryMarshal.Read<T>(record) : throw TooShort<T>(record.Length), cancellation);

    /// <summary>The records as an asynchronous stream, each converted by a function on the reader's thread.</summary>
    /// <inheritdoc cref="ReadAllAsync{T}(CancellationToken)"/>
    /// <param name="convert">Makes what is streamed of a record's bytes, which are gone when it returns.</param>
    /// <param name="cancellation">Ends the stream after what is in the ring at that moment.</param>
    public async IAsyncEnumerable<T> ReadAllAsync<T>(RecordConverter<T> convert, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(convert);
        var batches = Channel.CreateBounded<ArraySegment<T>>(new BoundedChannelOptions(2) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = RunBatchesAsync(convert, batches.Writer, stop.Token);
        try
        {
            // Not the caller's token: after cancellation the stream still delivers what the thread has read.
            await foreach (var batch in batches.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                try
                {
                    for (int i = 0; i < batch.Count; i++) yield return batch.Array![i];
                }
                finally
                {
                    ArrayPool<T>.Shared.Return(batch.Array!, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
                }
            }
        }
        finally
        {
            // A consumer that leaves the loop early: the thread must not wait for room it will never get.
            await stop.CancelAsync().ConfigureAwait(false);
            while (batches.Reader.TryRead(out _))
            {
            }
            await reading.ConfigureAwait(false);
        }
    }

    private Task RunBatchesAsync<T>(RecordConverter<T> convert, ChannelWriter<ArraySegment<T>> batches, CancellationToken stop)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            var handler = new BatchHandler<T>(convert);
            // After the end is asked for, what the rings hold is still delivered, but not what programs go on producing.
            long left = Size / RingBufferMemory.HeaderSize;
            try
            {
                while (true)
                {
                    bool ending = !WaitQuietly(stop);
                    int taken = Drain(ref handler, BatchHandler<T>.Size);
                    if (taken > 0 && !Hand(batches, handler.Take(), stop)) break;
                    if (ending && (taken < BatchHandler<T>.Size || (left -= taken) <= 0)) break;
                }
                batches.Complete();
            }
            catch (ObjectDisposedException) when (_disposed)
            {
                batches.Complete();
            }
            catch (Exception e)
            {
                // The exception reaches the consumer after the records before it.
                if (handler.Count > 0) Hand(batches, handler.Take(), stop);
                batches.Complete(e);
            }
            done.SetResult();
        })
        { IsBackground = true, Name = "hornet ring" };
        thread.Start();
        return done.Task;
    }

    // After cancellation the consumer may still be reading; it gets a moment for each batch, but cannot hold the thread.
    private static bool Hand<T>(ChannelWriter<ArraySegment<T>> batches, ArraySegment<T> batch, CancellationToken stop)
    {
        while (!batches.TryWrite(batch))
        {
            try
            {
                if (!batches.WaitToWriteAsync(stop).AsTask().GetAwaiter().GetResult()) return false;
            }
            catch (OperationCanceledException)
            {
                for (int i = 0; i < 1000 && !batches.TryWrite(batch); i++)
                {
                    if (i == 999) return false;
                    Thread.Sleep(1);
                }
                return true;
            }
        }
        return true;
    }

    private long Run<THandler>(ref THandler handler, CancellationToken cancellation) where THandler : struct, IRecordHandler
    {
        long before = Delivered;
        try
        {
            while (WaitQuietly(cancellation)) Drain(ref handler);
            Drain(ref handler);
        }
        catch (ObjectDisposedException) when (_disposed)
        {
            // Disposed while reading: the end, like a cancellation.
        }
        return Delivered - before;
    }

    private bool WaitQuietly(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (Wait(Timeout.InfiniteTimeSpan, cancellation)) return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
        return false;
    }

    private struct BatchHandler<T>(RecordConverter<T> convert) : IRecordHandler
    {
        public const int Size = 1024;

        private T[]? _items;
        private int _count;

        public readonly int Count => _count;

        public bool Handle(ReadOnlySpan<byte> record)
        {
            _items ??= ArrayPool<T>.Shared.Rent(Size);
            var item = convert(record);
            _items[_count++] = item;
            return true;
        }

        public ArraySegment<T> Take()
        {
            var batch = new ArraySegment<T>(_items!, 0, _count);
            (_items, _count) = (null, 0);
            return batch;
        }
    }
}

/// <summary>Makes a value of a record's bytes, which are in the kernel's memory and gone when it returns.</summary>
/// <param name="record">The bytes.</param>
public delegate T RecordConverter<out T>(ReadOnlySpan<byte> record);
