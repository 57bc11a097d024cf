using System.Runtime.InteropServices;

namespace Hornet.Buffers;

// A ring that overwrites (BPF_F_RB_OVERWRITE, 6.19). A program that needs room moves the position of the oldest record on before
// it writes, and announces the new record after that. A reader therefore copies a record first and asks then whether it was
// still the oldest or a younger one: if so, nothing of the copy was written meanwhile.
internal sealed unsafe partial class RingBufferMemory
{
    private byte* _copy;
    private uint _copySize;

    /// <summary>Bytes of records, headers included, that were overwritten before they were read; discarded ones are among them.</summary>
    public long OverwrittenBytes { get; private set; }

    /// <summary>Where the oldest record begins that nothing has overwritten; the kernel has it behind the producer's two positions.</summary>
    private ulong OverwritePosition => Volatile.Read(ref Producer[2]);

    /// <summary>The position of the oldest record that is not read.</summary>
    public ulong Oldest
    {
        get
        {
            ulong consumer = Volatile.Read(ref *Consumer);
            return Overwrites ? Math.Max(consumer, OverwritePosition) : consumer;
        }
    }

    /// <summary>Copies the oldest record, passing over discarded and overwritten ones.</summary>
    /// <param name="end">Records from this position on are left for the next turn.</param>
    /// <param name="record">The copy, good until the next.</param>
    /// <param name="length">The record's length.</param>
    /// <param name="next">The position after it, to be given to <see cref="Take"/>.</param>
    /// <returns>False when there is none, or it is not submitted yet.</returns>
    public bool TryCopyOldest(ulong end, out byte* record, out int length, out ulong next)
    {
        record = null;
        length = 0;
        next = 0;
        while (true)
        {
            // The producer's position before the oldest one: the kernel's own order the other way round.
            ulong producer = Math.Min(Volatile.Read(ref *Producer), end);
            ulong oldest = Skip();
            if (oldest >= producer) return false;
            byte* header = Data + (oldest & Mask);
            uint bits = Volatile.Read(ref *(uint*)header);
            if (IsOverwritten(oldest)) continue;
            if ((bits & Busy) != 0) return false;
            uint size = bits & ~Discard;
            if ((bits & Discard) == 0)
            {
                Reserve(size);
                Buffer.MemoryCopy(header + HeaderSize, _copy, _copySize, size);
                if (IsOverwritten(oldest)) continue;
                record = _copy;
                length = (int)size;
                next = oldest + Span(size);
                return true;
            }
            Take(oldest + Span(size));
        }
    }

    /// <summary>A record is read: the next one is at this position.</summary>
    public void Take(ulong next) => Volatile.Write(ref *Consumer, next);

    /// <summary>
    /// How many records wait to be read: submitted, not discarded. Exact while no program writes; otherwise some of them may
    /// be gone before they can be read.
    /// </summary>
    public long CountWaiting()
    {
        for (int attempt = 0; ; attempt++)
        {
            ulong producer = Volatile.Read(ref *Producer);
            ulong at = Oldest;
            long count = 0;
            while (at < producer)
            {
                uint bits = Volatile.Read(ref *(uint*)(Data + (at & Mask)));
                // What was just read may be the middle of a younger record: not a length to go on by.
                if (IsOverwritten(at)) break;
                if (bits < Discard) count++;
                at += Span(bits & ~(Busy | Discard));
            }
            if (at >= producer || attempt == 16) return count;
        }
    }

    // Moves the consumer's position behind what was overwritten and counts that.
    private ulong Skip()
    {
        ulong consumer = *Consumer, overwritten = OverwritePosition;
        if (overwritten <= consumer) return consumer;
        OverwrittenBytes += (long)(overwritten - consumer);
        Take(overwritten);
        return overwritten;
    }

    private bool IsOverwritten(ulong position)
    {
        // What was read so far was read before the position is.
        Volatile.ReadBarrier();
        return OverwritePosition > position;
    }

    private void Reserve(uint size)
    {
        if (size <= _copySize) return;
        FreeCopy();
        uint room = Math.Max(256, System.Numerics.BitOperations.RoundUpToPowerOf2(size));
        _copy = (byte*)NativeMemory.Alloc(room);
        _copySize = room;
    }

    private void FreeCopy()
    {
        NativeMemory.Free(_copy);
        _copy = null;
        _copySize = 0;
    }
}
