using System.Runtime.InteropServices;

namespace Hornet.Btf;

public sealed partial class BtfBuilder
{
    /// <summary>Adds all types of another set, which may be of either byte order, as a linker does.</summary>
    /// <param name="other">A whole set, or one over this builder's own base.</param>
    /// <returns>By how much the ids of the other set's own types grew.</returns>
    public uint AddAll(BtfSpec other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Base is not null && other.Base != Base) throw new ArgumentException("The set lies over another base.", nameof(other));
        uint shift = NextId - other.FirstId;
        for (uint id = other.FirstId; id < other.TypeCount; id++)
        {
            uint[] record = other.ReadRecord(id);
            BtfRecord.MapStrings(record, offset => _strings.Add(other.GetStringBytes(offset)));
            BtfRecord.MapTypes(record, type => type < other.FirstId ? type : type < other.TypeCount ? type + shift : throw other.Malformed($"there is no type {type}"));
            AddRaw(record);
        }
        return shift;
    }

    /// <summary>
    /// The set with every type once: equal types of several compilation units become one, also when they refer to each other in
    /// circles, and a forward declaration becomes the struct it announces. What the base of split BTF has is used from there.
    /// Variables and data sections stay as they are.
    /// </summary>
    /// <param name="newIds">For each own type, in order, its id in the result.</param>
    /// <exception cref="BpfFormatException">The types are malformed.</exception>
    public BtfBuilder Deduplicate(out uint[] newIds)
    {
        // Equal strings must have equal offsets, which they have in a table made anew.
        BtfBuilder copy = new(Base);
        for (uint id = FirstId; id < NextId; id++)
        {
            uint[] record = Record(id).ToArray();
            BtfRecord.MapStrings(record, offset => copy._strings.Add(_strings.Get(offset)));
            copy.AddRaw(record);
        }
        var map = new BtfDeduplicator(copy).Run();

        newIds = new uint[map.Length];
        uint next = FirstId;
        for (int i = 0; i < map.Length; i++)
        {
            if (map[i] == FirstId + (uint)i) newIds[i] = next++;
        }
        for (int i = 0; i < map.Length; i++)
        {
            if (map[i] != FirstId + (uint)i) newIds[i] = map[i] < FirstId ? map[i] : newIds[map[i] - FirstId];
        }
        BtfBuilder result = new(Base);
        uint[] ids = newIds;
        for (uint id = FirstId; id < copy.NextId; id++)
        {
            if (map[id - FirstId] != id) continue;
            uint[] record = copy.Record(id).ToArray();
            BtfRecord.MapStrings(record, offset => result._strings.Add(copy._strings.Get(offset)));
            BtfRecord.MapTypes(record, type => type < FirstId ? type : ids[type - FirstId]);
            result.AddRaw(record);
        }
        return result;
    }

    /// <summary>All words of one of the own types.</summary>
    internal Span<uint> Record(uint id)
    {
        int index = (int)(id - FirstId);
        int start = _starts[index], end = index + 1 < _starts.Count ? _starts[index + 1] : _words.Count;
        return CollectionsMarshal.AsSpan(_words)[start..end];
    }
}
