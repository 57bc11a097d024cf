using System.Runtime.CompilerServices;

namespace Hornet.Buffers;

/// <summary>
/// A turn at reading: the records there are, each as bytes in the kernel's memory (a copy of ours when the ring overwrites), valid
/// until the next or the end of the loop. Room is given back to the programs in large steps and at the end. Made by <see cref="RingBufferReader.Lease"/>.
/// </summary>
public unsafe ref struct RingBufferLease : IDisposable
{
    private readonly RingBufferReader _reader;
    private readonly long _turn;
    private int _index;
    private RingBufferMemory? _ring;
    private byte* _data;
    private ulong _mask;
    private ulong _consumer;
    private ulong _producer;
    private ulong _end;
    private ulong _committed;
    private byte* _record;
    private int _length;
    private int _taken;

    internal RingBufferLease(RingBufferReader reader, long turn)
    {
        _reader = reader;
        _turn = turn;
        _index = -1;
    }

    /// <summary>The record.</summary>
    public readonly ReadOnlySpan<byte> Current => new(_record, _length);

    /// <summary>For <c>foreach</c>.</summary>
    public readonly RingBufferLease GetEnumerator() => this;

    /// <summary>Goes on to the next record.</summary>
    /// <returns>False when there is none now.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        ulong consumer = _consumer;
        if (consumer < _producer)
        {
            byte* header = _data + (consumer & _mask);
            uint length = Volatile.Read(ref *(uint*)header);
            // Neither of the two highest bits is set: the record is there, and is one to deliver.
            if (length < RingBufferMemory.Discard && consumer - _committed <= _mask >> 2)
            {
                _consumer = consumer + RingBufferMemory.Span(length);
                _record = header + RingBufferMemory.HeaderSize;
                _length = (int)length;
                _taken++;
                return true;
            }
        }
        return MoveOn();
    }

    /// <summary>Everything that does not happen at each record: giving room back, discarded records, the end of a ring.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MoveOn()
    {
        while (true)
        {
            if (_ring is { Overwrites: true } ? MoveByCopy(_ring) : _ring is not null && MoveInPlace(_ring)) return true;
            if (NextRing()) continue;
            _record = null;
            _length = 0;
            return false;
        }
    }

    private bool MoveByCopy(RingBufferMemory ring)
    {
        if (!ring.TryCopyOldest(_end, out _record, out _length, out ulong next)) return false;
        ring.Take(next);
        _reader.Count(1);
        return true;
    }

    private bool MoveInPlace(RingBufferMemory ring)
    {
        while (true)
        {
            while (_consumer < _producer)
            {
                byte* header = _data + (_consumer & _mask);
                uint bits = Volatile.Read(ref *(uint*)header);
                if ((int)bits < 0) break;
                // The record before this one is done with; this one is not, so its room stays taken.
                if (_consumer - _committed > _mask >> 2) Commit();
                _consumer += RingBufferMemory.Span(bits & ~RingBufferMemory.Discard);
                if ((bits & RingBufferMemory.Discard) != 0) continue;
                _record = header + RingBufferMemory.HeaderSize;
                _length = (int)bits;
                _taken++;
                return true;
            }
            Commit();
            ulong producer = Math.Min(Volatile.Read(ref *ring.Producer), _end);
            if (producer <= _producer) return false;
            _producer = producer;
        }
    }

    private bool NextRing()
    {
        if (_reader.Ring(_turn, _index + 1) is not { } ring) return false;
        _index++;
        _ring = ring;
        _data = ring.Data;
        _mask = ring.Mask;
        _end = ring.Oldest + ring.Size;
        if (ring.Overwrites)
        {
            // Nothing is read in place.
            _consumer = _producer = 0;
            return true;
        }
        _consumer = _committed = *ring.Consumer;
        _producer = Math.Min(Volatile.Read(ref *ring.Producer), _end);
        return true;
    }

    /// <summary>
    /// Gives the room of the records seen so far back to the programs. The current record is gone with it. A ring that overwrites
    /// takes its room itself; there is nothing to give.
    /// </summary>
    public void Commit()
    {
        if (_ring is null or { Overwrites: true } || !_reader.HasTurn(_turn)) return;
        Volatile.Write(ref *_ring.Consumer, _consumer);
        _committed = _consumer;
        _reader.Count(_taken);
        _taken = 0;
    }

    /// <summary>Gives back the room and ends the turn.</summary>
    public void Dispose()
    {
        if (!_reader.HasTurn(_turn)) return;
        Commit();
        _reader.EndTurn();
    }
}

public sealed partial class RingBufferReader
{
    private long _turn;

    /// <summary>
    /// Takes a turn at reading without copies: <c>foreach (ReadOnlySpan&lt;byte&gt; record in reader.Lease())</c>. Other
    /// threads wait until the loop ends.
    /// </summary>
    public RingBufferLease Lease()
    {
        _gate.Enter();
        try
        {
            Enter();
        }
        catch
        {
            _gate.Exit();
            throw;
        }
        return new RingBufferLease(this, _turn);
    }

    internal bool HasTurn(long turn) => _draining && _turn == turn && _gate.IsHeldByCurrentThread;

    internal RingBufferMemory? Ring(long turn, int index) => HasTurn(turn) && index < _rings.Length ? _rings[index] : null;

    internal void Count(int taken) => Delivered += taken;

    internal void EndTurn()
    {
        _turn++;
        Leave();
        _gate.Exit();
    }
}
