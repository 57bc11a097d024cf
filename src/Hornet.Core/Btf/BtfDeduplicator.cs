namespace Hornet.Btf;

/// <summary>
/// Finds which types of a set are the same, with the result that libbpf's deduplication has: first what refers to nothing, then
/// structs and unions by comparing the whole graphs behind them, then forward declarations, then everything that refers.
/// <para>Two structs are the same when, assuming they are, everything they lead to is the same. The assumptions made on the way
/// are kept aside and become facts only when the whole comparison succeeds.</para>
/// </summary>
internal sealed class BtfDeduplicator
{
    private const uint Unknown = uint.MaxValue, Busy = uint.MaxValue - 1;

    // Each comparison is bounded by the graph; hostile types can make every pair of them worth comparing.
    private const long MaxSteps = 1L << 26;

    private static readonly uint[] s_void = [0, 0, 0];
    private static readonly List<uint> s_none = [];

    private readonly BtfBuilder _types;
    private readonly uint _first;
    private readonly uint _count;
    private readonly uint[] _map;
    private readonly uint[][] _base;
    private readonly Dictionary<ulong, List<uint>> _canonical = [];
    private readonly Dictionary<uint, uint> _assumed = [];
    private readonly Stack<(uint Candidate, uint Canonical)> _pairs = new();
    private long _steps;

    /// <param name="types">The types; equal strings have equal offsets.</param>
    public BtfDeduplicator(BtfBuilder types)
    {
        _types = types;
        _first = types.FirstId;
        _count = types.NextId;
        _map = new uint[_count];
        Array.Fill(_map, Unknown);
        _map[0] = 0;
        _base = new uint[_first][];
        for (uint id = 1; id < _first; id++)
        {
            BtfType type = types.Base![id];
            var record = new uint[type.Spec.RecordLength(id) / 4];
            for (int i = 0; i < record.Length; i++) record[i] = type.Spec.U32(type.Spec.RecordOffset(id) + 4 * i);
            _base[id] = record;
            _map[id] = id;
        }
        for (uint id = 1; id < _first; id++)
        {
            if (KindOf(id) is not (BtfKind.Variable or BtfKind.DataSection)) Remember(Hash(id), id);
        }
        for (uint id = _first; id < _count; id++)
            BtfRecord.MapTypes(types.Record(id).ToArray(), t => t < _count ? t : throw new BpfFormatException($"malformed BTF: type {id} refers to type {t} (only {_count})"));
    }

    /// <summary>For each own type, the id of the one that stands for it.</summary>
    public uint[] Run()
    {
        for (uint id = _first; id < _count; id++) DeduplicatePlain(id);
        for (uint id = _first; id < _count; id++) DeduplicateComposite(id);
        ResolveForwards();
        for (uint id = _first; id < _count; id++) DeduplicateReference(id);
        var result = new uint[_count - _first];
        for (uint id = _first; id < _count; id++) result[id - _first] = Resolve(id);
        return result;
    }

    private ReadOnlySpan<uint> Record(uint id) => id == 0 ? s_void : id < _first ? _base[id] : _types.Record(id);

    private BtfKind KindOf(uint id) => BtfRecord.Kind(Record(id));

    private uint Resolve(uint id)
    {
        while (_map[id] < Busy && _map[id] != id) id = _map[id];
        return id;
    }

    private static bool IsComposite(BtfKind kind) => kind is BtfKind.Struct or BtfKind.Union;

    private void DeduplicatePlain(uint id)
    {
        ReadOnlySpan<uint> record = Record(id);
        switch (BtfRecord.Kind(record))
        {
            case BtfKind.Variable or BtfKind.DataSection:
                _map[id] = id;
                return;
            case BtfKind.Int or BtfKind.Float or BtfKind.Forward:
                foreach (uint candidate in Known(Hash(id)))
                {
                    if (!Record(candidate).SequenceEqual(record)) continue;
                    _map[id] = candidate;
                    return;
                }
                break;
            case BtfKind.Enum or BtfKind.Enum64:
                foreach (uint candidate in Known(Hash(id)))
                {
                    if (!EnumsAgree(Record(candidate), record)) continue;
                    // An enum without values announces the one that has them.
                    if (BtfRecord.Count(Record(candidate)) == 0 && BtfRecord.Count(record) != 0)
                    {
                        if (candidate < _first) continue;
                        _map[candidate] = id;
                        break;
                    }
                    _map[id] = candidate;
                    return;
                }
                break;
            default:
                return;
        }
        _map[id] = id;
        Remember(Hash(id), id);
    }

    private static bool EnumsAgree(ReadOnlySpan<uint> one, ReadOnlySpan<uint> other)
    {
        if (BtfRecord.Count(one) != 0 && BtfRecord.Count(other) != 0) return one.SequenceEqual(other);
        // A declaration has neither size nor width: it may announce an enum of 64 bits too.
        return one[0] == other[0];
    }

    private void DeduplicateComposite(uint id)
    {
        if (_map[id] != Unknown || !IsComposite(KindOf(id))) return;
        ulong hash = Hash(id);
        foreach (uint candidate in Known(hash))
        {
            if (!Shallow(Record(id), Record(candidate)) || !AreEquivalent(id, candidate)) continue;
            AcceptAssumptions();
            _map[id] = candidate;
            return;
        }
        _map[id] = id;
        Remember(hash, id);
    }

    /// <summary>Name, info, size, and of each member name and offset.</summary>
    private static bool Shallow(ReadOnlySpan<uint> one, ReadOnlySpan<uint> other)
    {
        if (one[0] != other[0] || one[1] != other[1] || one[2] != other[2]) return false;
        for (int i = 3; i < one.Length; i += 3)
        {
            if (one[i] != other[i] || one[i + 2] != other[i + 2]) return false;
        }
        return true;
    }

    private bool AreEquivalent(uint candidate, uint canonical)
    {
        _assumed.Clear();
        _pairs.Clear();
        _pairs.Push((candidate, canonical));
        while (_pairs.TryPop(out var pair))
        {
            if (++_steps > MaxSteps) throw new BpfFormatException("malformed BTF: the types take too long to compare");
            if (!AgreeInThemselves(pair.Candidate, pair.Canonical)) return false;
        }
        return true;
    }

    /// <summary>Compares two types without what they refer to, which is left on the stack.</summary>
    private bool AgreeInThemselves(uint candidate, uint canonical)
    {
        if (Resolve(candidate) == Resolve(canonical)) return true;
        // A forward declaration that was found to announce a struct stands for it.
        if (KindOf(canonical) == BtfKind.Forward) canonical = Resolve(canonical);
        if (_assumed.TryGetValue(canonical, out uint assumed))
        {
            // Compilers put the same array or struct into one unit twice.
            return assumed == candidate || AreIdentical(assumed, candidate, 16);
        }
        _assumed.Add(canonical, candidate);

        ReadOnlySpan<uint> one = Record(candidate), other = Record(canonical);
        if (one[0] != other[0]) return false;
        BtfKind kind = BtfRecord.Kind(one), otherKind = BtfRecord.Kind(other);
        if (kind is (BtfKind.Enum or BtfKind.Enum64) && otherKind is (BtfKind.Enum or BtfKind.Enum64)) return EnumsAgree(one, other);
        if (kind != otherKind)
        {
            if (kind == BtfKind.Forward) return otherKind == Announced(one);
            // The base's declarations cannot be changed, so they do not become the struct.
            return otherKind == BtfKind.Forward && kind == Announced(other) && canonical >= _first;
        }
        switch (kind)
        {
            case BtfKind.Int or BtfKind.Float or BtfKind.Forward:
                return one.SequenceEqual(other);
            case BtfKind.Struct or BtfKind.Union:
                if (!Shallow(one, other)) return false;
                for (int i = 4; i < one.Length; i += 3) _pairs.Push((one[i], other[i]));
                return true;
            case BtfKind.Array:
                _pairs.Push((one[3], other[3]));
                _pairs.Push((one[4], other[4]));
                return one[5] == other[5];
            case BtfKind.FunctionPrototype:
                if (one[1] != other[1]) return false;
                for (int i = 3; i < one.Length; i += 2)
                {
                    if (one[i] != other[i]) return false;
                    _pairs.Push((one[i + 1], other[i + 1]));
                }
                _pairs.Push((one[2], other[2]));
                return true;
            case var _ when kind.RefersToType():
                _pairs.Push((one[2], other[2]));
                return one[1] == other[1] && (one.Length == 3 || one[3] == other[3]);
            default:
                return false;
        }
    }

    private bool AreIdentical(uint one, uint other, int depth)
    {
        if (one == other) return true;
        if (depth == 0 || ++_steps > MaxSteps) return false;
        ReadOnlySpan<uint> a = Record(one), b = Record(other);
        if (a.Length != b.Length || a[0] != b[0] || a[1] != b[1]) return false;
        BtfKind kind = BtfRecord.Kind(a);
        (int first, int stride) = BtfRecord.Types(kind);
        for (int i = 2; i < a.Length; i++)
        {
            bool type = (i == 2 && kind.RefersToType()) || (kind == BtfKind.Array && i is 3 or 4) || (stride != 0 && i >= first && (i - first) % stride == 0);
            if (type ? !AreIdentical(a[i], b[i], depth - 1) : a[i] != b[i]) return false;
        }
        return true;
    }

    private static BtfKind Announced(ReadOnlySpan<uint> forward) => forward[1] >> 31 != 0 ? BtfKind.Union : BtfKind.Struct;

    private void AcceptAssumptions()
    {
        foreach (var (canonicalId, candidateId) in _assumed)
        {
            uint candidate = Resolve(candidateId), canonical = Resolve(canonicalId);
            if (candidate == canonical) continue;
            BtfKind kind = KindOf(candidate), canonicalKind = KindOf(canonical);
            if (canonicalKind == BtfKind.Forward && IsComposite(kind))
            {
                if (canonical >= _first) _map[canonical] = candidate;
            }
            else if (IsComposite(canonicalKind) && (kind == BtfKind.Forward || (IsComposite(kind) && _map[candidate] == Unknown)))
            {
                if (candidate >= _first) _map[candidate] = canonical;
            }
        }
    }

    /// <summary>A forward declaration that was part of no comparison is resolved when only one struct has its name.</summary>
    private void ResolveForwards()
    {
        Dictionary<uint, uint> unique = [];
        for (uint id = 1; id < _count; id++)
        {
            if (!IsComposite(KindOf(id)) || _map[id] != id || Record(id)[0] == 0) continue;
            if (!unique.TryAdd(Record(id)[0], id)) unique[Record(id)[0]] = 0;
        }
        for (uint id = _first; id < _count; id++)
        {
            ReadOnlySpan<uint> record = Record(id);
            if (BtfRecord.Kind(record) != BtfKind.Forward || _map[id] != id) continue;
            if (unique.TryGetValue(record[0], out uint target) && target != 0 && KindOf(target) == Announced(record)) _map[id] = target;
        }
    }

    /// <summary>Depth first with a stack of our own: what a type refers to is settled before it.</summary>
    private void DeduplicateReference(uint root)
    {
        if (_map[root] != Unknown) return;
        Stack<uint> path = new();
        path.Push(root);
        while (path.TryPeek(out uint id))
        {
            if (_map[id] is not (Unknown or Busy))
            {
                path.Pop();
                continue;
            }
            bool first = _map[id] == Unknown;
            _map[id] = Busy;
            bool ready = true;
            foreach (uint reference in References(id))
            {
                uint target = Resolve(reference);
                if (_map[target] == Busy) throw new BpfFormatException($"malformed BTF: type {target} refers to itself without a struct between");
                if (_map[target] != Unknown) continue;
                ready = false;
                path.Push(target);
            }
            if (!ready)
            {
                // Seen twice without getting on: only a circle does that.
                if (!first) throw new BpfFormatException($"malformed BTF: type {id} is part of a circle");
                continue;
            }
            path.Pop();
            Settle(id);
        }
    }

    private uint[] References(uint id)
    {
        List<uint> list = [];
        BtfRecord.MapTypes(Record(id).ToArray(), t =>
        {
            list.Add(t);
            return t;
        });
        return [.. list];
    }

    private void Settle(uint id)
    {
        BtfRecord.MapTypes(_types.Record(id), Resolve);
        ulong hash = Hash(id);
        ReadOnlySpan<uint> record = Record(id);
        foreach (uint candidate in Known(hash))
        {
            if (!Record(candidate).SequenceEqual(record)) continue;
            _map[id] = candidate;
            return;
        }
        _map[id] = id;
        Remember(hash, id);
    }

    private List<uint> Known(ulong hash) => _canonical.TryGetValue(hash, out var list) ? list : s_none;

    private void Remember(ulong hash, uint id)
    {
        if (!_canonical.TryGetValue(hash, out var list)) _canonical.Add(hash, list = []);
        list.Add(id);
    }

    /// <summary>Of what must be equal: for structs all but the members' types, for enums only the name.</summary>
    private ulong Hash(uint id)
    {
        ReadOnlySpan<uint> record = Record(id);
        BtfKind kind = BtfRecord.Kind(record);
        if (kind is BtfKind.Enum or BtfKind.Enum64) return Mix((ulong)BtfKind.Enum, record[0]);
        ulong hash = Mix((ulong)kind, record[0]);
        bool composite = IsComposite(kind);
        for (int i = 1; i < record.Length; i++)
        {
            if (composite && i >= 3 && (i - 3) % 3 == 1) continue;
            hash = Mix(hash, record[i]);
        }
        return hash;

        static ulong Mix(ulong hash, uint word)
        {
            hash = (hash ^ word) * 0x9E3779B97F4A7C15;
            return hash ^ hash >> 29;
        }
    }
}
