using Hornet.Interop;

namespace Hornet.Maps;

// BPF_MAP_*_BATCH (5.6; per-CPU arrays and LPM tries 5.13). Kinds and kernels without them are served element by element.
public sealed unsafe partial class BpfMap
{
    /// <summary>Creates or replaces many elements.</summary>
    /// <param name="keys">The keys, one after the other.</param>
    /// <param name="values">The values, <see cref="ValueBufferSize"/> bytes each.</param>
    /// <param name="flags">How existing elements are treated; <see cref="MapUpdateFlags.Any"/> or <see cref="MapUpdateFlags.Lock"/>.</param>
    /// <exception cref="BpfSyscallException">The kernel refused an element, which the message names; those before it are in.</exception>
    public void UpdateBatch(ReadOnlySpan<byte> keys, ReadOnlySpan<byte> values, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        int count = CountOf(keys.Length, values.Length);
        fixed (byte* k = keys)
        fixed (byte* v = values)
        {
            int done = 0;
            while (done < count)
            {
                int n = count - done;
                var errno = Batch(BpfCommand.MapUpdateBatch, null, null, k + (long)done * KeySize, v + (long)done * ValueBufferSize, ref n, (ulong)flags);
                if (IsMissing(errno))
                {
                    n = 0;
                    errno = UpdateRaw(k + (long)done * KeySize, v + (long)done * ValueBufferSize, (ulong)flags);
                    if (errno == Errno.None) n = 1;
                }
                done += n;
                if (errno is not (Errno.None or Errno.EINTR or Errno.EAGAIN))
                    throw MapErrors.Refused(this, MapErrors.Update, keys.Slice(Math.Min(done, count - 1) * KeySize, KeySize), errno, flags);
            }
        }
    }

    /// <summary>Removes many elements. Keys that are not there are passed over.</summary>
    /// <param name="keys">The keys, one after the other.</param>
    /// <returns>How many were there.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public int RemoveBatch(ReadOnlySpan<byte> keys)
    {
        int count = CountOf(keys.Length, -1), removed = 0, done = 0;
        fixed (byte* k = keys)
        {
            while (done < count)
            {
                int n = count - done;
                var errno = Batch(BpfCommand.MapDeleteBatch, null, null, k + (long)done * KeySize, null, ref n, 0);
                if (IsMissing(errno))
                {
                    errno = DeleteRaw(k + (long)done * KeySize);
                    n = errno == Errno.None ? 1 : 0;
                }
                removed += n;
                done += n;
                // The kernel stops at the first key that is not there.
                if (errno == Errno.ENOENT) done++;
                else if (errno is not (Errno.None or Errno.EINTR or Errno.EAGAIN))
                    throw MapErrors.Refused(this, MapErrors.Delete, keys.Slice(Math.Min(done, count - 1) * KeySize, KeySize), errno);
            }
        }
        return removed;
    }

    /// <summary>
    /// All elements, read in batches where the kernel has them. An element that is there during the whole enumeration comes
    /// exactly once; one that is added or removed meanwhile may or may not.
    /// </summary>
    /// <exception cref="BpfSyscallException">The kind cannot be iterated, or the kernel refused.</exception>
    public IEnumerable<(byte[] Key, byte[] Value)> ReadAll()
    {
        var chunks = new MapChunks(this);
        while (chunks.Next())
        {
            for (int i = 0; i < chunks.Count; i++) yield return (chunks.Key(i).ToArray(), chunks.Value(i).ToArray());
        }
    }

    /// <summary>Removes all elements that are there now, in batches where the kernel has them.</summary>
    /// <returns>How many were removed.</returns>
    /// <exception cref="BpfSyscallException">Elements of this kind cannot be removed, or the kernel refused.</exception>
    public long Clear()
    {
        var chunks = new MapChunks(this, remove: true);
        long removed = 0;
        while (chunks.Next()) removed += chunks.Count;
        return removed;
    }

    internal Errno Batch(BpfCommand command, void* inBatch, void* outBatch, void* keys, void* values, ref int count, ulong flags)
    {
        if (Backend is not null)
        {
            count = 0;
            return Errno.EOPNOTSUPP;
        }
        MapBatchAttr attr = new()
        {
            InBatch = (ulong)inBatch,
            OutBatch = (ulong)outBatch,
            Keys = (ulong)keys,
            Values = (ulong)values,
            Count = (uint)count,
            MapFd = (uint)Descriptor.Value,
            ElemFlags = flags,
        };
        var errno = Bpf.Call(command, ref attr) >= 0 ? Errno.None : Libc.LastError;
        // What the kernel refuses at the door it does not count.
        count = IsMissing(errno) || errno is Errno.EPERM or Errno.EFAULT or Errno.EBADF || attr.Count > (uint)count ? 0 : (int)attr.Count;
        return errno;
    }

    /// <summary>Whether the answer means that there is no such batch operation for this kind on this kernel.</summary>
    internal static bool IsMissing(Errno errno) => errno is Errno.ENOTSUPP or Errno.EOPNOTSUPP;

    private int CountOf(int keyBytes, int valueBytes)
    {
        if (KeySize == 0 || keyBytes % KeySize != 0) throw new ArgumentException($"{keyBytes} bytes are no whole number of keys of {this}, which have {KeySize}.");
        int count = keyBytes / KeySize;
        if (valueBytes >= 0 && valueBytes != (long)count * ValueBufferSize)
            throw new ArgumentException($"{count} values of {this} take {(long)count * ValueBufferSize} bytes; {valueBytes} were given.");
        return count;
    }
}
