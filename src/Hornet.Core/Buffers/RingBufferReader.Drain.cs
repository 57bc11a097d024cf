using System.Runtime.CompilerServices;

namespace Hornet.Buffers;

public sealed unsafe partial class RingBufferReader
{
    /// <summary>Hands every record that is there to a handler.</summary>
    /// <typeparam name="THandler">A struct, so that the call is inlined.</typeparam>
    /// <param name="handler">Takes the records. An exception it throws passes through; its record counts as taken.</param>
    /// <param name="most">How many records to take at most.</param>
    /// <returns>How many records were taken.</returns>
    public int Drain<THandler>(ref THandler handler, int most = int.MaxValue) where THandler : struct, IRecordHandler, allows ref struct
    {
        lock (_gate)
        {
            Enter();
            try
            {
                int taken = 0;
                foreach (var ring in _rings)
                {
                    if (taken < most) taken += DrainRing(ring, ref handler, most - taken);
                }
                return taken;
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <summary>Hands every record that is there to a callback.</summary>
    /// <returns>How many records were taken.</returns>
    public int Drain(RecordCallback callback, int most = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var handler = new CallbackHandler(callback);
        return Drain(ref handler, most);
    }

    /// <summary>Hands every record that is there to a callback, by its type.</summary>
    /// <exception cref="BpfException">A record is shorter than <typeparamref name="T"/>.</exception>
    /// <returns>How many records were taken.</returns>
    public int Drain<T>(RecordCallback<T> callback, int most = int.MaxValue) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(callback);
        var handler = new TypedHandler<T>(callback);
        return Drain(ref handler, most);
    }

    /// <summary>Copies the oldest record and takes it off the ring.</summary>
    /// <param name="destination">Where the record goes.</param>
    /// <param name="length">The record's length; when it is larger than the destination, the record stays where it is.</param>
    /// <returns>True when a record was copied.</returns>
    public bool TryRead(Span<byte> destination, out int length)
    {
        lock (_gate)
        {
            Enter();
            try
            {
                foreach (var ring in _rings)
                {
                    if (TryCopy(ring, destination, out length)) return true;
                    if (length != 0) return false;
                }
                length = 0;
                return false;
            }
            finally
            {
                Leave();
            }
        }
    }

    private bool TryCopy(RingBufferMemory ring, Span<byte> destination, out int length)
    {
        if (ring.Overwrites)
        {
            if (!ring.TryCopyOldest(ulong.MaxValue, out byte* copy, out length, out ulong next) || length > destination.Length) return false;
            new ReadOnlySpan<byte>(copy, length).CopyTo(destination);
            ring.Take(next);
            Delivered++;
            return true;
        }
        ulong consumer = *ring.Consumer;
        while (consumer < Volatile.Read(ref *ring.Producer))
        {
            byte* header = ring.Data + (consumer & ring.Mask);
            uint bits = Volatile.Read(ref *(uint*)header);
            if ((bits & RingBufferMemory.Busy) != 0) break;
            length = (int)(bits & ~RingBufferMemory.Discard);
            consumer += RingBufferMemory.Span((uint)length);
            bool discarded = (bits & RingBufferMemory.Discard) != 0;
            if (!discarded && length > destination.Length) return false;
            if (!discarded) new ReadOnlySpan<byte>(header + RingBufferMemory.HeaderSize, length).CopyTo(destination);
            Volatile.Write(ref *ring.Consumer, consumer);
            if (discarded) continue;
            Delivered++;
            return true;
        }
        length = 0;
        return false;
    }

    private int DrainRing<THandler>(RingBufferMemory ring, ref THandler handler, int most) where THandler : struct, IRecordHandler, allows ref struct
    {
        if (ring.Overwrites) return DrainOverwriting(ring, ref handler, most);
        byte* data = ring.Data;
        ulong mask = ring.Mask;
        ulong* producerPosition = ring.Producer;
        ulong* consumerPosition = ring.Consumer;
        ulong consumer = *consumerPosition;
        ulong committed = consumer;
        // A producer faster than the handler must not keep this ring's turn from ending.
        ulong end = consumer + ring.Size;
        // Room is given back in steps: each write of the position takes the cache line away from the producers.
        ulong step = ring.Size / 4;
        int taken = 0;
        try
        {
            while (taken < most)
            {
                ulong producer = Volatile.Read(ref *producerPosition);
                if (producer > end) producer = end;
                if (consumer >= producer) break;
                do
                {
                    byte* header = data + (consumer & mask);
                    uint length = Volatile.Read(ref *(uint*)header);
                    // Neither of the two highest bits is set: the record is there, and is one to deliver.
                    if (length < RingBufferMemory.Discard)
                    {
                        consumer += RingBufferMemory.Span(length);
                        taken++;
                        if (!handler.Handle(new ReadOnlySpan<byte>(header + RingBufferMemory.HeaderSize, (int)length)) || _disposed || taken == most)
                            return taken;
                    }
                    else
                    {
                        if ((length & RingBufferMemory.Busy) != 0) return taken;
                        consumer += RingBufferMemory.Span(length & ~RingBufferMemory.Discard);
                    }
                    if (consumer - committed >= step)
                    {
                        Volatile.Write(ref *consumerPosition, consumer);
                        committed = consumer;
                    }
                }
                while (consumer < producer);
                Volatile.Write(ref *consumerPosition, consumer);
                committed = consumer;
            }
            return taken;
        }
        finally
        {
            Volatile.Write(ref *consumerPosition, consumer);
            Delivered += taken;
        }
    }

    private int DrainOverwriting<THandler>(RingBufferMemory ring, ref THandler handler, int most) where THandler : struct, IRecordHandler, allows ref struct
    {
        ulong end = ring.Oldest + ring.Size;
        int taken = 0;
        while (taken < most && ring.TryCopyOldest(end, out byte* record, out int length, out ulong next))
        {
            // Before the handler: a record whose handler throws counts as taken.
            ring.Take(next);
            taken++;
            Delivered++;
            if (!handler.Handle(new ReadOnlySpan<byte>(record, length)) || _disposed) break;
        }
        return taken;
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_draining) throw new InvalidOperationException("A handler must not drain the ring it is called from.");
        _draining = true;
    }

    private void Leave()
    {
        _draining = false;
        if (_disposed && _waiting == 0) Release();
    }

    private readonly struct CallbackHandler(RecordCallback callback) : IRecordHandler
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Handle(ReadOnlySpan<byte> record)
        {
            callback(record);
            return true;
        }
    }

    private readonly struct TypedHandler<T>(RecordCallback<T> callback) : IRecordHandler where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Handle(ReadOnlySpan<byte> record)
        {
            if (record.Length < sizeof(T)) throw TooShort<T>(record.Length);
            callback(in Unsafe.As<byte, T>(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(record)));
            return true;
        }
    }

    internal static BpfException TooShort<T>(int length) where T : unmanaged =>
        new($"A record of {length} bytes cannot be a {typeof(T).Name}, which has {sizeof(T)}: the program and this type do not agree.");
}
