using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>
/// Reads (or takes out) a whole map piece by piece while programs and others change it.
/// <para>
/// Batches first: a hash is read bucket by bucket under the bucket's lock, so nothing comes twice. Where there are no
/// batches the keys are walked one by one. There, a hash starts again from the beginning when the key to go on from
/// has been removed; the keys seen so far are therefore remembered and passed over.
/// </para>
/// </summary>
internal sealed unsafe class MapChunks
{
    private const int Target = 256 * 1024;

    private readonly BpfMap _map;
    private readonly bool _remove;
    private readonly ulong _flags;
    private readonly byte[][] _cursors;
    private byte[] _keys = [];
    private byte[] _values = [];
    private int _capacity;
    private bool _began;
    private bool _done;
    private bool _walking;
    private HashSet<byte[]>? _seen;
    private long _steps;

    public MapChunks(BpfMap map, bool remove = false, int capacity = 0, MapLookupFlags flags = MapLookupFlags.None)
    {
        _map = map;
        _remove = remove;
        _flags = (ulong)flags;
        // The cursor is a bucket number for hashes and a key for everything else.
        int cursor = Math.Max(map.KeySize, 8);
        _cursors = [new byte[cursor], new byte[cursor]];
        int fitting = Target / Math.Max(1, map.KeySize + map.ValueBufferSize);
        Allocate(capacity > 0 ? capacity : (int)Math.Clamp(Math.Min((long)fitting, map.MaxEntries), 16, 65_536));
    }

    /// <summary>How many elements this piece has.</summary>
    public int Count { get; private set; }

    /// <summary>The keys of this piece.</summary>
    public ReadOnlySpan<byte> Keys => _keys.AsSpan(0, Count * _map.KeySize);

    /// <summary>The values of this piece.</summary>
    public ReadOnlySpan<byte> Values => _values.AsSpan(0, Count * _map.ValueBufferSize);

    public ReadOnlySpan<byte> Key(int index) => _keys.AsSpan(index * _map.KeySize, _map.KeySize);

    public ReadOnlySpan<byte> Value(int index) => _values.AsSpan(index * _map.ValueBufferSize, _map.ValueBufferSize);

    /// <summary>Goes on to the next piece.</summary>
    /// <returns>False at the end.</returns>
    public bool Next()
    {
        Count = 0;
        while (!_done && Count == 0)
        {
            if (_walking) Walk();
            else ReadBatch();
        }
        return Count > 0;
    }

    private void ReadBatch()
    {
        fixed (byte* from = _cursors[0])
        fixed (byte* to = _cursors[1])
        fixed (byte* keys = _keys)
        fixed (byte* values = _values)
        {
            int count = _capacity;
            var errno = _map.Batch(_remove ? BpfCommand.MapLookupAndDeleteBatch : BpfCommand.MapLookupBatch,
                _began ? from : null, to, keys, values, ref count, _flags);
            switch (errno)
            {
                case Errno.None or Errno.EINTR or Errno.EAGAIN:
                    Count = count;
                    // An interruption before the first element leaves the cursor unwritten.
                    if (errno == Errno.None || count > 0)
                    {
                        (_cursors[0], _cursors[1]) = (_cursors[1], _cursors[0]);
                        _began = true;
                    }
                    break;
                case Errno.ENOENT:
                    Count = count;
                    _done = true;
                    break;
                case Errno.ENOSPC:
                    // One bucket holds more than there is room for.
                    Allocate(checked(_capacity * 2));
                    break;
                case var missing when BpfMap.IsMissing(missing) && !_began:
                    _walking = true;
                    if (!MapKind.IsArray(_map.Type)) _seen = new(ByteComparer.Instance);
                    break;
                default:
                    throw MapErrors.Refused(_map, MapErrors.Batch, default, errno);
            }
        }
    }

    private void Walk()
    {
        byte[] current = _cursors[0], next = _cursors[1];
        fixed (byte* keys = _keys)
        fixed (byte* values = _values)
        fixed (byte* c = current)
        fixed (byte* n = next)
        {
            while (Count < _capacity)
            {
                var errno = _map.NextKeyRaw(_began ? c : null, n);
                if (errno == Errno.ENOENT)
                {
                    _done = true;
                    return;
                }
                if (errno != Errno.None) throw MapErrors.Refused(_map, MapErrors.NextKey, default, errno);
                if (++_steps > 64L * Math.Max(_map.MaxEntries, 1024))
                    throw new BpfException($"The {_map} changes faster than it can be read: after {_steps} steps the end is not reached.");
                var key = next.AsSpan(0, _map.KeySize);
                // When removing, the walk always goes on from the first key that is left.
                if (!_remove)
                {
                    key.CopyTo(current);
                    _began = true;
                    if (_seen is not null && !_seen.Add(key.ToArray())) continue;
                }
                byte* value = values + (long)Count * _map.ValueBufferSize;
                errno = _map.LookupRaw(n, value, _flags);
                if (errno == Errno.None && _remove) errno = _map.DeleteRaw(n);
                // Gone in between.
                if (errno == Errno.ENOENT) continue;
                if (errno != Errno.None) throw MapErrors.Refused(_map, _remove ? MapErrors.Delete : MapErrors.Lookup, key, errno);
                key.CopyTo(_keys.AsSpan(Count * _map.KeySize));
                Count++;
            }
        }
    }

    private void Allocate(int capacity)
    {
        _capacity = capacity;
        _keys = new byte[checked(capacity * Math.Max(1, _map.KeySize))];
        _values = new byte[checked(capacity * Math.Max(1, _map.ValueBufferSize))];
    }

    private sealed class ByteComparer : IEqualityComparer<byte[]>
    {
        public static readonly ByteComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes)
        {
            var hash = new HashCode();
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }
    }
}
