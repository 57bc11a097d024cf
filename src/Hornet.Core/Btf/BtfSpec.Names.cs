using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Hornet.Btf;

// The index of names. One chain per hash bucket, in order of id; the hash is of the essential name (without a
// ___flavor), so that one index serves both exact lookups and CO-RE's search for candidates.
public sealed partial class BtfSpec
{
    private NameIndex? _index;

    /// <summary>Finds a type by name and kind: in this set first, then in its base.</summary>
    /// <param name="name">The exact name, without <c>struct</c> or <c>enum</c>.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="type">The type with the lowest id.</param>
    public bool TryFind(string name, BtfKind kind, out BtfType type)
    {
        foreach (var candidate in FindAll(name))
        {
            if (candidate.Kind != kind) continue;
            type = candidate;
            return true;
        }
        type = default;
        return false;
    }

    /// <summary>Finds a type by name, whatever its kind: in this set first, then in its base, the lowest id first.</summary>
    public bool TryFind(string name, out BtfType type)
    {
        foreach (var candidate in FindAll(name))
        {
            type = candidate;
            return true;
        }
        type = default;
        return false;
    }

    /// <summary>Finds a type by name and kind, or says that there is none.</summary>
    /// <exception cref="BpfException">There is no such type.</exception>
    public BtfType Find(string name, BtfKind kind) => TryFind(name, kind, out var type)
        ? type
        : throw new BpfException($"{Name} has no {kind.Describe()} named '{name}'");

    /// <summary>All types with a name, of any kind: this set's in order of id, then the base's. Does not allocate.</summary>
    public NameMatches FindAll(string name) => new(this, name, essential: false);

    /// <summary>
    /// All types whose name is this one up to a flavor: <c>task_struct</c> finds <c>task_struct</c> and <c>task_struct___old</c>,
    /// and so does <c>task_struct___mine</c>.
    /// </summary>
    public NameMatches FindAllByEssentialName(string name) => new(this, name, essential: true);

    /// <summary>Builds the index of names now rather than at the first lookup.</summary>
    public void EnsureNameIndex()
    {
        _ = Index;
        Base?.EnsureNameIndex();
    }

    /// <summary>The length of a name without its CO-RE flavor: everything from the last <c>___</c> that has a character on both sides.</summary>
    public static int EssentialNameLength(ReadOnlySpan<byte> name)
    {
        if (name.Length < 5 || name.IndexOf("___"u8) < 0) return name.Length;
        for (int i = name.Length - 5; i >= 0; i--)
        {
            if (name[i] != '_' && name[i + 1] == '_' && name[i + 2] == '_' && name[i + 3] == '_' && name[i + 4] != '_') return i + 1;
        }
        return name.Length;
    }

    private NameIndex Index
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // Two threads may both build it; either result is the same.
            return _index ??= BuildIndex();
        }
    }

    private unsafe NameIndex BuildIndex()
    {
        int count = _offsets.Length;
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2 / 3));
        var buckets = new int[size];
        var next = GC.AllocateUninitializedArray<int>(count);
        uint mask = (uint)size - 1;
        var hasher = BtfNameHash.Shared;
        ReadOnlySpan<byte> all = Data;
        // Offsets into the set's own strings that have a whole window of bytes after them.
        uint windows = (uint)Math.Max(0, Math.Min(_stringLength, all.Length - _stringStart - BtfNameHash.Window));
        fixed (byte* data = all)
        {
            byte* strings = data + _stringStart;
            // From the last id to the first, so that each chain ends up in order of id.
            for (int i = count - 1; i >= 0; i--)
            {
                uint offset = *(uint*)(data + _offsets[i]);
                if (_swap) offset = BinaryPrimitives.ReverseEndianness(offset);
                if (offset == 0)
                {
                    next[i] = 0;
                    continue;
                }
                if (offset - _stringBase >= windows || !hasher.TryTerminated(strings + (offset - _stringBase), out ulong hash))
                {
                    ReadOnlySpan<byte> name = GetStringBytes(offset);
                    hash = hasher.Of(name[..EssentialNameLength(name)]);
                }
                uint bucket = (uint)hash & mask;
                next[i] = buckets[bucket];
                buckets[bucket] = i + 1;
            }
        }
        return new NameIndex(buckets, next);
    }

    /// <summary>Heads of the chains and links, as index + 1 into the set's own types; 0 ends a chain.</summary>
    private sealed record NameIndex(int[] Buckets, int[] Next);

    /// <summary>The types that a name stands for. Enumerate it with <c>foreach</c>.</summary>
    public readonly struct NameMatches
    {
        private readonly BtfSpec _spec;
        private readonly string _name;
        private readonly bool _essential;

        internal NameMatches(BtfSpec spec, string name, bool essential)
        {
            ArgumentNullException.ThrowIfNull(name);
            _spec = spec;
            _name = name;
            _essential = essential;
        }

        /// <summary>Starts the enumeration.</summary>
        public NameEnumerator GetEnumerator() => new(_spec, _name, _essential);

        /// <summary>The matches as a list.</summary>
        public List<BtfType> ToList()
        {
            List<BtfType> list = [];
            foreach (var type in this) list.Add(type);
            return list;
        }
    }

    /// <summary>Walks the types that a name stands for.</summary>
    public ref struct NameEnumerator
    {
        private readonly bool _essential;
        private readonly int _length;
        private readonly int _compared;
        private readonly ulong _hash;
        private readonly byte[]? _long;
        private InlineName _short;
        private BtfSpec? _spec;
        private int _next;
        private BtfType _current;

        internal NameEnumerator(BtfSpec spec, string name, bool essential)
        {
            _essential = essential;
            _spec = spec;
            int bytes = Encoding.UTF8.GetByteCount(name);
            if (bytes > InlineName.Size) _long = new byte[bytes];
            Span<byte> buffer = _long ?? (Span<byte>)_short;
            _length = Encoding.UTF8.GetBytes(name, buffer);
            int essentialLength = EssentialNameLength(buffer[.._length]);
            _compared = essential ? essentialLength : _length;
            _hash = BtfNameHash.Shared.Of(buffer[..essentialLength]);
            // No type is called "": nameless ones are not in the index.
            if (_length == 0) _spec = null;
            else Enter(spec);
        }

        /// <summary>The type found.</summary>
        public readonly BtfType Current => _current;

        /// <summary>Goes to the next match.</summary>
        public bool MoveNext()
        {
            while (_spec is not null)
            {
                while (_next != 0)
                {
                    int index = _next - 1;
                    _next = _spec.Index.Next[index];
                    var type = new BtfType(_spec, _spec.FirstId + (uint)index);
                    if (!Matches(type.NameBytes)) continue;
                    _current = type;
                    return true;
                }
                if (_spec.Base is { } lower) Enter(lower);
                else _spec = null;
            }
            return false;
        }

        private void Enter(BtfSpec spec)
        {
            _spec = spec;
            int[] buckets = spec.Index.Buckets;
            _next = buckets[(uint)_hash & (uint)(buckets.Length - 1)];
        }

        private readonly bool Matches(ReadOnlySpan<byte> candidate)
        {
            ReadOnlySpan<byte> wanted = _long ?? (ReadOnlySpan<byte>)_short;
            if (_essential) candidate = candidate[..EssentialNameLength(candidate)];
            return candidate.SequenceEqual(wanted[.._compared]);
        }
    }

    [InlineArray(Size)]
    private struct InlineName
    {
        public const int Size = 128;
        private byte _first;
    }
}
