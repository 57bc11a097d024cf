using System.Numerics;
using System.Runtime.InteropServices;

namespace Hornet.Tracing.Dwarf;

/// <summary>
/// Where the functions and types of a name are: one pass over all entries, and then 8 bytes for each. Names are not kept;
/// what is found is compared with the name in the file.
/// </summary>
internal sealed class DwarfNameIndex
{
    private const int NumberBits = 40;
    private const int ParallelFrom = 4 << 20;

    private readonly DwarfImage _image;
    private readonly Table _functions, _types;

    private DwarfNameIndex(DwarfImage image, List<ulong> functions, List<ulong> types) =>
        (_image, _functions, _types) = (image, new Table(functions), new Table(types));

    public int Count => _functions.Count + _types.Count;

    public static DwarfNameIndex Build(DwarfImage image)
    {
        List<ulong> functions = [], types = [];
        var units = image.Units;
        // Read before threads want them.
        foreach (var unit in units) _ = unit.Abbreviations;
        _ = image.Sections.Strings;
        _ = image.Sections.LineStrings;
        _ = image.Sections.StringOffsets;
        _ = image.Alternate?.Sections.Strings;
        if (image.Data(false).Length < ParallelFrom || Environment.ProcessorCount == 1)
        {
            foreach (var unit in units) new Scan(unit, functions, types).Run();
            return new DwarfNameIndex(image, functions, types);
        }
        try
        {
            Parallel.For(0, units.Length, () => (Functions: new List<ulong>(), Types: new List<ulong>()), (i, _, found) =>
            {
                new Scan(units[i], found.Functions, found.Types).Run();
                return found;
            }, found =>
            {
                lock (functions)
                {
                    functions.AddRange(found.Functions);
                    types.AddRange(found.Types);
                }
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.All(i => i is BpfFormatException))
        {
            throw new BpfFormatException(e.InnerExceptions[0].Message, e);
        }
        return new DwarfNameIndex(image, functions, types);
    }

    /// <summary>Entries of functions that may have the name (their own, or by linkage), in the order of the file.</summary>
    public List<DwarfDie> Functions(ReadOnlySpan<byte> name) => Dies(_functions, name);

    /// <summary>Entries of types that may have the name, in the order of the file.</summary>
    public List<DwarfDie> Types(ReadOnlySpan<byte> name) => Dies(_types, name);

    /// <summary>All entries of functions, in the order of the file; one that has two names is there once.</summary>
    public IEnumerable<DwarfDie> AllFunctions => _functions.All().Distinct().Order().Select(n => _image.DieAt((long)n));

    /// <summary>All entries of types that have a name, in the order of the file.</summary>
    public IEnumerable<DwarfDie> AllTypes => _types.All().Distinct().Order().Select(n => _image.DieAt((long)n));

    private List<DwarfDie> Dies(Table table, ReadOnlySpan<byte> name)
    {
        List<ulong> numbers = [];
        table.Find(Hash(name), numbers);
        numbers.Sort();
        List<DwarfDie> dies = new(numbers.Count);
        ulong last = ulong.MaxValue;
        foreach (ulong number in numbers)
        {
            if (number != last) dies.Add(_image.DieAt((long)number));
            last = number;
        }
        return dies;
    }

    internal static ulong Hash(ReadOnlySpan<byte> name)
    {
        ulong hash = (ulong)name.Length * 0x9e3779b97f4a7c15;
        while (name.Length >= 8)
        {
            hash = BitOperations.RotateLeft((hash ^ MemoryMarshal.Read<ulong>(name)) * 0xff51afd7ed558ccd, 29);
            name = name[8..];
        }
        ulong rest = 0;
        foreach (byte b in name) rest = rest << 8 | b;
        hash = (hash ^ rest) * 0xc4ceb9fe1a85ec53;
        return (hash ^ hash >> 32) * 0x9e3779b97f4a7c15 >> NumberBits;
    }

    /// <summary>Numbers of entries by the hash of a name, in buckets of one array.</summary>
    private sealed class Table
    {
        private readonly ulong[] _entries;
        private readonly int[] _starts;
        private readonly int _shift;

        public Table(List<ulong> entries)
        {
            int bits = Math.Clamp(BitOperations.Log2((uint)entries.Count | 1), 1, 64 - NumberBits);
            _shift = 64 - bits;
            _starts = new int[(1 << bits) + 1];
            var source = CollectionsMarshal.AsSpan(entries);
            foreach (ulong entry in source) _starts[(int)(entry >> _shift) + 1]++;
            for (int i = 1; i < _starts.Length; i++) _starts[i] += _starts[i - 1];
            _entries = new ulong[source.Length];
            int[] next = _starts[..^1];
            foreach (ulong entry in source) _entries[next[(int)(entry >> _shift)]++] = entry;
        }

        public int Count => _entries.Length;

        public void Find(ulong hash, List<ulong> numbers)
        {
            int bucket = (int)(hash << NumberBits >> _shift);
            foreach (ulong entry in _entries.AsSpan(_starts[bucket].._starts[bucket + 1]))
            {
                if (entry >> NumberBits == hash) numbers.Add(entry & (1UL << NumberBits) - 1);
            }
        }

        public IEnumerable<ulong> All() => _entries.Select(e => e & (1UL << NumberBits) - 1);
    }

    /// <summary>The pass over one unit.</summary>
    private readonly ref struct Scan(DwarfUnit unit, List<ulong> functions, List<ulong> types)
    {
        public void Run()
        {
            var abbreviations = unit.Abbreviations;
            DwarfCursor cursor = new(unit.Data.Span[..unit.End], unit.FirstDie, unit.Image.Sections.LittleEndian, unit.Image.Sections.Name);
            // What is inside a function is not looked at: the depth at which the function began.
            int depth = 0, body = int.MaxValue;
            while (!cursor.AtEnd)
            {
                int start = cursor.Position;
                ulong code = cursor.Uleb();
                if (code == 0)
                {
                    if (--depth <= 0) return;
                    if (depth <= body) body = int.MaxValue;
                    continue;
                }
                var shape = abbreviations.Find(code) ?? throw new BpfFormatException($"{unit}: the entry at {start} has the abbreviation {code}, which is not declared");
                var kind = body != int.MaxValue ? Interest.None : Of(shape.Tag);
                if (kind == Interest.None && !shape.HasChildren)
                {
                    if (shape.FixedSize >= 0) cursor.Skip((uint)shape.FixedSize);
                    else Skip(ref cursor, shape);
                    continue;
                }
                int sibling = Visit(ref cursor, shape, start, kind);
                if (!shape.HasChildren) continue;
                bool descend = kind is Interest.Type or Interest.Scope || shape.Tag is Tag.CompileUnit or Tag.PartialUnit or Tag.TypeUnit or Tag.SkeletonUnit;
                if (!descend && sibling > cursor.Position && sibling <= unit.End)
                {
                    cursor.Position = sibling;
                    continue;
                }
                if (!descend && body == int.MaxValue) body = depth;
                depth++;
            }
        }

        private enum Interest
        {
            None,
            Function,
            Type,
            Scope,
        }

        private static Interest Of(Tag tag) => tag switch
        {
            Tag.Subprogram => Interest.Function,
            Tag.StructureType or Tag.ClassType or Tag.UnionType or Tag.EnumerationType or Tag.Typedef or Tag.BaseType or Tag.InterfaceType
                or Tag.TemplateAlias or Tag.UnspecifiedType => Interest.Type,
            Tag.Namespace or Tag.Module => Interest.Scope,
            _ => Interest.None,
        };

        private void Skip(ref DwarfCursor cursor, Abbreviation shape)
        {
            foreach (ref readonly var attribute in shape.Attributes.AsSpan()) DwarfValue.Skip(ref cursor, unit, attribute);
        }

        /// <summary>Notes the entry under its names; returns where its sibling begins, or -1.</summary>
        private int Visit(ref DwarfCursor cursor, Abbreviation shape, int start, Interest kind)
        {
            int sibling = -1;
            DwarfValue name = default, linkage = default;
            bool hasCode = false, isDeclaration = false, hasOrigin = false;
            bool wanted = kind is Interest.Function or Interest.Type;
            foreach (ref readonly var attribute in shape.Attributes.AsSpan())
            {
                switch (attribute.Name)
                {
                    case At.Sibling when shape.HasChildren:
                        var value = DwarfValue.Read(ref cursor, unit, attribute);
                        if (value.IsReference && value.Raw < (ulong)(unit.End - unit.HeaderOffset)) sibling = unit.HeaderOffset + (int)value.Raw;
                        break;
                    case At.Name when wanted:
                        name = DwarfValue.Read(ref cursor, unit, attribute);
                        break;
                    case At.LinkageName or At.MipsLinkageName when wanted:
                        linkage = DwarfValue.Read(ref cursor, unit, attribute);
                        break;
                    case At.Declaration when wanted:
                        isDeclaration = DwarfValue.Read(ref cursor, unit, attribute).Flag;
                        break;
                    case At.Inline when wanted:
                        // 1 and 3 say that it is inlined somewhere.
                        hasCode |= DwarfValue.Read(ref cursor, unit, attribute).Raw is 1 or 3;
                        break;
                    case At.LowPc or At.Ranges or At.EntryPc:
                        hasCode = true;
                        DwarfValue.Skip(ref cursor, unit, attribute);
                        break;
                    case At.Specification or At.AbstractOrigin:
                        hasOrigin = true;
                        DwarfValue.Skip(ref cursor, unit, attribute);
                        break;
                    default:
                        DwarfValue.Skip(ref cursor, unit, attribute);
                        break;
                }
            }
            if (!wanted || isDeclaration || (kind == Interest.Function && !hasCode)) return sibling;
            DwarfDie die = new(unit, start);
            if (hasOrigin)
            {
                if (name.Unit is null) die.TryGetInherited(At.Name, out name);
                if (kind == Interest.Function && linkage.Unit is null && !die.TryGetInherited(At.LinkageName, out linkage)) die.TryGetInherited(At.MipsLinkageName, out linkage);
            }
            var list = kind == Interest.Function ? functions : types;
            ulong number = (ulong)die.Number;
            Add(list, name, number);
            if (kind == Interest.Function) Add(list, linkage, number);
            return sibling;
        }

        private static void Add(List<ulong> list, in DwarfValue name, ulong number)
        {
            if (name.Unit is null) return;
            var bytes = name.TextBytes;
            if (!bytes.IsEmpty) list.Add(Hash(bytes) << NumberBits | number);
        }
    }
}
