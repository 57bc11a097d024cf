using System.Buffers.Binary;

namespace Hornet.Btf;

/// <summary>
/// The contents of <c>.BTF.ext</c>: for each code section which function begins where, which source line an instruction
/// comes from, and what must be relocated (CO-RE).
/// </summary>
public sealed class BtfExt
{
    private const ushort Magic = 0xEB9F;

    private BtfExt(IReadOnlyList<BtfExtSection> sections) => Sections = sections;

    /// <summary>The code sections, in the order they first appear.</summary>
    public IReadOnlyList<BtfExtSection> Sections { get; }

    /// <summary>Nothing about any section.</summary>
    public static BtfExt Empty { get; } = new([]);

    /// <summary>What is known of a code section; null when nothing is.</summary>
    public BtfExtSection? Find(string sectionName) => Sections.FirstOrDefault(s => s.Name == sectionName);

    /// <summary>Reads <c>.BTF.ext</c>, in either byte order. Records larger than known are read as far as known.</summary>
    /// <param name="data">The section's bytes.</param>
    /// <param name="btf">The types of the same file, which hold the strings.</param>
    /// <exception cref="BpfFormatException">The bytes are malformed.</exception>
    public static BtfExt Parse(ReadOnlySpan<byte> data, BtfSpec btf)
    {
        ArgumentNullException.ThrowIfNull(btf);
        if (data.Length < 24) throw Malformed(btf, $"{data.Length} bytes are too few for a header");
        ushort magic = BinaryPrimitives.ReadUInt16LittleEndian(data);
        bool bigEndian = magic == BinaryPrimitives.ReverseEndianness(Magic);
        if (!bigEndian && magic != Magic) throw Malformed(btf, $"wrong magic 0x{magic:x4}");
        if (data[2] != 1 || data[3] != 0) throw Malformed(btf, $"version {data[2]} with flags 0x{data[3]:x} is unknown");
        Reader reader = new(data, bigEndian);
        uint header = reader.U32(4);
        if (header < 24 || header > data.Length) throw Malformed(btf, $"header length {header} is impossible");

        Dictionary<string, BtfExtSection> found = [];
        List<BtfExtSection> order = [];
        reader.Part(btf, "func_info", header, 8, 8, (section, r, at) => Section(section).FunctionList.Add(new(r.U32(at), r.U32(at + 4))));
        reader.Part(btf, "line_info", header, 16, 16, (section, r, at) =>
        {
            uint lineColumn = r.U32(at + 12);
            Section(section).LineList.Add(new(r.U32(at), r.U32(at + 4), r.U32(at + 8), lineColumn >> 10, lineColumn & 0x3ff));
        });
        if (header >= 32)
        {
            reader.Part(btf, "core_relo", header, 24, 16, (section, r, at) => Section(section).RelocationList.Add(
                new(r.U32(at), r.U32(at + 4), btf.GetString(r.U32(at + 8)), (CoreRelocationKind)r.U32(at + 12))));
        }
        return new BtfExt(order);

        BtfExtSection Section(string name)
        {
            if (found.TryGetValue(name, out var section)) return section;
            section = new BtfExtSection(name);
            found.Add(name, section);
            order.Add(section);
            return section;
        }
    }

    /// <summary>Writes <c>.BTF.ext</c>.</summary>
    /// <param name="sections">What to write.</param>
    /// <param name="source">The set that the string offsets of line infos refer to.</param>
    /// <param name="target">The set that the file will hold; strings are added to it as needed.</param>
    /// <param name="bigEndian">The byte order.</param>
    public static byte[] Write(IReadOnlyList<BtfExtSection> sections, BtfSpec source, BtfBuilder target, bool bigEndian = false)
    {
        ArgumentNullException.ThrowIfNull(sections);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        List<uint> functions = [], lines = [], relocations = [];
        foreach (var section in sections)
        {
            uint name = target.AddString(section.Name);
            if (section.Functions.Count != 0)
            {
                Begin(functions, 8, name, section.Functions.Count);
                foreach (var info in section.Functions) functions.AddRange([info.InstructionOffset, info.TypeId]);
            }
            if (section.Lines.Count != 0)
            {
                Begin(lines, 16, name, section.Lines.Count);
                foreach (var info in section.Lines)
                    lines.AddRange([info.InstructionOffset, Move(info.FileNameOffset), Move(info.TextOffset), info.Line << 10 | info.Column & 0x3ff]);
            }
            if (section.Relocations.Count != 0)
            {
                Begin(relocations, 16, name, section.Relocations.Count);
                foreach (var relocation in section.Relocations)
                    relocations.AddRange([relocation.InstructionOffset, relocation.TypeId, target.AddString(relocation.Access), (uint)relocation.Kind]);
            }
        }
        var data = new byte[32 + 4 * (functions.Count + lines.Count + relocations.Count)];
        if (bigEndian) BinaryPrimitives.WriteUInt16BigEndian(data, Magic);
        else BinaryPrimitives.WriteUInt16LittleEndian(data, Magic);
        data[2] = 1;
        int position = 4;
        uint offset = 0;
        Put(32);
        foreach (var part in (ReadOnlySpan<List<uint>>)[functions, lines, relocations])
        {
            Put(offset);
            Put((uint)part.Count * 4);
            offset += (uint)part.Count * 4;
        }
        foreach (var part in (ReadOnlySpan<List<uint>>)[functions, lines, relocations])
        {
            foreach (uint word in part) Put(word);
        }
        return data;

        uint Move(uint stringOffset) => target.AddString(source.GetStringBytes(stringOffset));

        void Put(uint word)
        {
            if (bigEndian) BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(position), word);
            else BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(position), word);
            position += 4;
        }

        static void Begin(List<uint> part, uint recordSize, uint name, int count)
        {
            if (part.Count == 0) part.Add(recordSize);
            part.Add(name);
            part.Add((uint)count);
        }
    }

    private static BpfFormatException Malformed(BtfSpec btf, string what) => new($"{btf.Name}: malformed .BTF.ext: {what}");

    private delegate void RecordAction(string section, Reader reader, int at);

    private readonly ref struct Reader(ReadOnlySpan<byte> data, bool bigEndian)
    {
        private readonly ReadOnlySpan<byte> _data = data;
        private readonly bool _bigEndian = bigEndian;

        public uint U32(int at) => _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(_data[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(_data[at..]);

        public void Part(BtfSpec btf, string what, uint header, int field, uint minimum, RecordAction action)
        {
            uint offset = U32(field), length = U32(field + 4);
            if (length == 0) return;
            ulong start = (ulong)header + offset;
            if (start + length > (ulong)_data.Length || length < 4) throw Malformed(btf, $"{what} ({length} bytes at {offset}) is outside the data");
            uint recordSize = U32((int)start);
            if (recordSize < minimum || recordSize % 4 != 0) throw Malformed(btf, $"{what} has records of {recordSize} bytes");
            long position = (long)start + 4, end = (long)(start + length);
            while (position < end)
            {
                if (end - position < 8) throw Malformed(btf, $"{what} ends inside a section's head");
                uint nameOffset = U32((int)position), count = U32((int)position + 4);
                position += 8;
                if ((ulong)count * recordSize > (ulong)(end - position)) throw Malformed(btf, $"{what} has {count} records, which is more than it holds");
                string name = btf.GetString(nameOffset);
                for (uint i = 0; i < count; i++, position += recordSize) action(name, this, (int)position);
            }
        }
    }
}

/// <summary>What <c>.BTF.ext</c> says of one code section. Offsets are in bytes from the section's beginning.</summary>
public sealed class BtfExtSection
{
    internal readonly List<BtfFunctionInfo> FunctionList = [];
    internal readonly List<BtfLineInfo> LineList = [];
    internal readonly List<CoreRelocation> RelocationList = [];

    internal BtfExtSection(string name) => Name = name;

    /// <summary>Puts a section together, to be written.</summary>
    public BtfExtSection(string name, IEnumerable<BtfFunctionInfo> functions, IEnumerable<BtfLineInfo> lines, IEnumerable<CoreRelocation> relocations) : this(name)
    {
        FunctionList.AddRange(functions);
        LineList.AddRange(lines);
        RelocationList.AddRange(relocations);
    }

    /// <summary>The code section's name.</summary>
    public string Name { get; }

    /// <summary>Which function begins where.</summary>
    public IReadOnlyList<BtfFunctionInfo> Functions => FunctionList;

    /// <summary>Which line an instruction comes from; each holds until the next.</summary>
    public IReadOnlyList<BtfLineInfo> Lines => LineList;

    /// <summary>What is to be relocated.</summary>
    public IReadOnlyList<CoreRelocation> Relocations => RelocationList;
}

/// <summary>A function's beginning (<c>struct bpf_func_info</c>).</summary>
/// <param name="InstructionOffset">Bytes from the section's beginning in a file; slots from the program's in the kernel.</param>
/// <param name="TypeId">The function's type.</param>
public readonly record struct BtfFunctionInfo(uint InstructionOffset, uint TypeId);

/// <summary>The source of the instructions from here on (<c>struct bpf_line_info</c>).</summary>
/// <param name="InstructionOffset">Bytes from the section's beginning in a file; slots from the program's in the kernel.</param>
/// <param name="FileNameOffset">The file's name, in the types' string section.</param>
/// <param name="TextOffset">The line's text, in the types' string section.</param>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Column">The column, counted from 1; at most 1023.</param>
public readonly record struct BtfLineInfo(uint InstructionOffset, uint FileNameOffset, uint TextOffset, uint Line, uint Column);
