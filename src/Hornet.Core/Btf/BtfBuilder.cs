using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Hornet.Btf;

/// <summary>
/// Builds a set of types: from nothing, on top of a base (split BTF), or from an existing set whose ids and string offsets
/// stay as they are. Types get consecutive ids, so that a type can refer to one that is added later: <see cref="NextId"/> tells.
/// </summary>
public sealed partial class BtfBuilder
{
    // Every word of a type record is a 32-bit number, whatever the kind, so one list of words serves both byte orders.
    private readonly List<uint> _words = [];
    private readonly List<int> _starts = [];
    private readonly BtfStringTable _strings;

    /// <summary>An empty set.</summary>
    /// <param name="baseSpec">The base of split BTF.</param>
    public BtfBuilder(BtfSpec? baseSpec = null)
    {
        Base = baseSpec;
        _strings = new BtfStringTable(baseSpec);
        FirstId = baseSpec?.TypeCount ?? 1;
    }

    private BtfBuilder(BtfSpec from, BtfStringTable strings)
    {
        Base = from.Base;
        FirstId = from.FirstId;
        _strings = strings;
        _words.EnsureCapacity(from.RawData.Length / 4);
        for (uint id = from.FirstId; id < from.TypeCount; id++)
        {
            _starts.Add(_words.Count);
            int offset = from.RecordOffset(id), length = from.RecordLength(id);
            if (length % 4 != 0) throw from.Malformed($"type {id} is {length} bytes long");
            for (int i = 0; i < length; i += 4) _words.Add(from.U32(offset + i));
        }
    }

    /// <summary>A copy of a set that can be changed and added to. Ids and string offsets are the same.</summary>
    public static BtfBuilder CopyOf(BtfSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new BtfBuilder(spec, BtfStringTable.CopyOf(spec));
    }

    /// <summary>The base of split BTF; null for a whole set.</summary>
    public BtfSpec? Base { get; }

    /// <summary>The id of the first type that is this set's own.</summary>
    public uint FirstId { get; }

    /// <summary>The id that the next type gets.</summary>
    public uint NextId => FirstId + (uint)_starts.Count;

    /// <summary>Adds a string, or finds it, and returns its offset.</summary>
    public uint AddString(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _strings.Add(value);
    }

    internal uint AddString(ReadOnlySpan<byte> value) => _strings.Add(value);

    internal ReadOnlySpan<byte> GetString(uint offset) => _strings.Get(offset);

    /// <summary>Adds an integer.</summary>
    /// <param name="name">The name, as <c>unsigned int</c>.</param>
    /// <param name="size">1, 2, 4, 8 or 16 bytes.</param>
    /// <param name="encoding">Signed, char or bool.</param>
    /// <param name="bits">The width; 0 for all bits of the size.</param>
    public uint AddInt(string name, uint size, BtfIntEncoding encoding = BtfIntEncoding.None, int bits = 0)
    {
        if (size is not (1 or 2 or 4 or 8 or 16)) throw new ArgumentOutOfRangeException(nameof(size), size, "An integer has 1, 2, 4, 8 or 16 bytes.");
        if (bits < 0 || bits > size * 8) throw new ArgumentOutOfRangeException(nameof(bits), bits, "More bits than the size holds.");
        return Add(BtfKind.Int, name, 0, size, (uint)encoding << 24 | (bits == 0 ? size * 8 : (uint)bits));
    }

    /// <summary>Adds a floating point number of 2, 4, 8, 12 or 16 bytes.</summary>
    public uint AddFloat(string name, uint size) => size is 2 or 4 or 8 or 12 or 16
        ? Add(BtfKind.Float, name, 0, size)
        : throw new ArgumentOutOfRangeException(nameof(size), size, "A float has 2, 4, 8, 12 or 16 bytes.");

    /// <summary>Adds a pointer; to <c>void</c> when the target is 0.</summary>
    public uint AddPointer(uint target) => Add(BtfKind.Pointer, "", 0, target);

    /// <summary>Adds an array.</summary>
    /// <param name="element">The element's type.</param>
    /// <param name="index">The index's type, an integer.</param>
    /// <param name="length">The number of elements.</param>
    public uint AddArray(uint element, uint index, uint length) => Add(BtfKind.Array, "", 0, 0, element, index, length);

    /// <summary>Adds a struct. A bitfield among the members makes all offsets of the struct 24 bits.</summary>
    public uint AddStruct(string name, uint size, params ReadOnlySpan<BtfMemberDefinition> members) => AddComposite(BtfKind.Struct, name, size, members);

    /// <summary>Adds a union.</summary>
    public uint AddUnion(string name, uint size, params ReadOnlySpan<BtfMemberDefinition> members) => AddComposite(BtfKind.Union, name, size, members);

    /// <summary>Adds an enumeration of 1, 2, 4 or 8 bytes whose values fit 32 bits.</summary>
    public uint AddEnum(string name, uint size, bool signed, params ReadOnlySpan<(string Name, int Value)> values)
    {
        CheckCount(values.Length);
        Span<uint> extra = values.Length <= 64 ? stackalloc uint[values.Length * 2] : new uint[values.Length * 2];
        for (int i = 0; i < values.Length; i++)
        {
            extra[2 * i] = _strings.Add(values[i].Name);
            extra[2 * i + 1] = (uint)values[i].Value;
        }
        return Add(BtfKind.Enum, name, Flag(signed) | (uint)values.Length, size, extra);
    }

    /// <summary>Adds an enumeration with 64-bit values.</summary>
    public uint AddEnum64(string name, uint size, bool signed, params ReadOnlySpan<(string Name, long Value)> values)
    {
        CheckCount(values.Length);
        Span<uint> extra = values.Length <= 64 ? stackalloc uint[values.Length * 3] : new uint[values.Length * 3];
        for (int i = 0; i < values.Length; i++)
        {
            extra[3 * i] = _strings.Add(values[i].Name);
            extra[3 * i + 1] = (uint)values[i].Value;
            extra[3 * i + 2] = (uint)(values[i].Value >> 32);
        }
        return Add(BtfKind.Enum64, name, Flag(signed) | (uint)values.Length, size, extra);
    }

    /// <summary>Adds a forward declaration of a struct or union.</summary>
    public uint AddForward(string name, bool union = false) => Add(BtfKind.Forward, name, Flag(union), 0);

    /// <summary>Adds a typedef.</summary>
    public uint AddTypedef(string name, uint target) => Add(BtfKind.Typedef, name, 0, target);

    /// <summary>Adds <c>const</c>, <c>volatile</c> or <c>restrict</c>.</summary>
    public uint AddQualifier(BtfKind qualifier, uint target) => qualifier is BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict
        ? Add(qualifier, "", 0, target)
        : throw new ArgumentOutOfRangeException(nameof(qualifier), qualifier, "const, volatile or restrict is meant.");

    /// <summary>Adds a function prototype. A last parameter without name and type is <c>...</c>.</summary>
    public uint AddPrototype(uint returnType, params ReadOnlySpan<(string Name, uint Type)> parameters)
    {
        CheckCount(parameters.Length);
        Span<uint> extra = parameters.Length <= 64 ? stackalloc uint[parameters.Length * 2] : new uint[parameters.Length * 2];
        for (int i = 0; i < parameters.Length; i++)
        {
            extra[2 * i] = _strings.Add(parameters[i].Name);
            extra[2 * i + 1] = parameters[i].Type;
        }
        return Add(BtfKind.FunctionPrototype, "", (uint)parameters.Length, returnType, extra);
    }

    /// <summary>Adds a function.</summary>
    public uint AddFunction(string name, uint prototype, BtfLinkage linkage = BtfLinkage.Static) => Add(BtfKind.Function, name, (uint)linkage, prototype);

    /// <summary>Adds a global variable.</summary>
    public uint AddVariable(string name, uint type, BtfLinkage linkage = BtfLinkage.Global) => Add(BtfKind.Variable, name, 0, type, (uint)linkage);

    /// <summary>Adds a data section. The kernel wants the variables in order of their offsets.</summary>
    public uint AddDataSection(string name, uint size, params ReadOnlySpan<(uint Variable, uint Offset, uint Size)> variables)
    {
        CheckCount(variables.Length);
        Span<uint> extra = variables.Length <= 64 ? stackalloc uint[variables.Length * 3] : new uint[variables.Length * 3];
        for (int i = 0; i < variables.Length; i++) (extra[3 * i], extra[3 * i + 1], extra[3 * i + 2]) = variables[i];
        return Add(BtfKind.DataSection, name, (uint)variables.Length, size, extra);
    }

    /// <summary>Adds a declaration tag on a type, or on one of its members or parameters.</summary>
    /// <param name="value">The tag's text.</param>
    /// <param name="target">What it is on: a struct, union, variable, function or typedef.</param>
    /// <param name="component">The member's or parameter's index; -1 for the whole.</param>
    /// <param name="attribute">Whether it stands for a compiler attribute rather than a tag (6.15).</param>
    public uint AddDeclTag(string value, uint target, int component = -1, bool attribute = false) =>
        Add(BtfKind.DeclTag, value, Flag(attribute), target, (uint)component);

    /// <summary>Adds a type tag, which qualifies a type as <c>const</c> does.</summary>
    public uint AddTypeTag(string value, uint target, bool attribute = false) => Add(BtfKind.TypeTag, value, Flag(attribute), target);

    /// <summary>Changes what a pointer, typedef, qualifier, function, variable or tag refers to.</summary>
    public void SetTarget(uint id, uint target)
    {
        BtfKind kind = KindOf(id);
        if (kind == BtfKind.Array) Word(id, 3) = target;
        else if (kind.RefersToType()) Word(id, 2) = target;
        else throw new ArgumentException($"A {kind.Describe()} refers to no type.", nameof(id));
    }

    /// <summary>Changes the size of a struct, union, enumeration, float, integer or data section.</summary>
    public void SetSize(uint id, uint size)
    {
        BtfKind kind = KindOf(id);
        if (kind.RefersToType() || kind is BtfKind.Array or BtfKind.Forward) throw new ArgumentException($"A {kind.Describe()} has no size.", nameof(id));
        Word(id, 2) = size;
    }

    /// <summary>Changes the name of a type.</summary>
    public void SetName(uint id, string name) => Word(id, 0) = _strings.Add(name);

    /// <summary>Changes the linkage of a function or variable.</summary>
    public void SetLinkage(uint id, BtfLinkage linkage)
    {
        switch (KindOf(id))
        {
            case BtfKind.Function: Word(id, 1) = (uint)BtfKind.Function << 24 | (uint)linkage; break;
            case BtfKind.Variable: Word(id, 3) = (uint)linkage; break;
            default: throw new ArgumentException("Only functions and variables have a linkage.", nameof(id));
        }
    }

    /// <summary>Replaces the variables of a data section with as many others, as after the ELF symbols were consulted.</summary>
    public void SetDataSectionVariables(uint id, ReadOnlySpan<(uint Variable, uint Offset, uint Size)> variables)
    {
        if (KindOf(id) != BtfKind.DataSection) throw new ArgumentException("Not a data section.", nameof(id));
        if (variables.Length != (int)(Word(id, 1) & 0xffffff)) throw new ArgumentException("The number of variables cannot change.", nameof(variables));
        for (int i = 0; i < variables.Length; i++)
            (Word(id, 3 + 3 * i), Word(id, 4 + 3 * i), Word(id, 5 + 3 * i)) = variables[i];
    }

    /// <summary>The raw BTF.</summary>
    /// <param name="bigEndian">The byte order.</param>
    public byte[] ToArray(bool bigEndian = false)
    {
        if (NextId - 1 > BtfSpec.MaxTypeId) throw new BpfFormatException($"{NextId - 1} types are more than the kernel's limit of {BtfSpec.MaxTypeId}");
        ReadOnlySpan<byte> strings = _strings.Bytes;
        int typeLength = _words.Count * 4;
        var data = new byte[24 + typeLength + strings.Length];
        Write16(data, 0xEB9F);
        data[2] = 1;
        uint[] header = [24, 0, (uint)typeLength, (uint)typeLength, (uint)strings.Length];
        for (int i = 0; i < header.Length; i++) Write32(data.AsSpan(4 + 4 * i), header[i]);
        Span<byte> types = data.AsSpan(24, typeLength);
        ReadOnlySpan<uint> words = CollectionsMarshal.AsSpan(_words);
        if (bigEndian == BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(words, MemoryMarshal.Cast<byte, uint>(types));
        else MemoryMarshal.AsBytes(words).CopyTo(types);
        strings.CopyTo(data.AsSpan(24 + typeLength));
        return data;

        void Write16(Span<byte> target, ushort value)
        {
            if (bigEndian) BinaryPrimitives.WriteUInt16BigEndian(target, value);
            else BinaryPrimitives.WriteUInt16LittleEndian(target, value);
        }

        void Write32(Span<byte> target, uint value)
        {
            if (bigEndian) BinaryPrimitives.WriteUInt32BigEndian(target, value);
            else BinaryPrimitives.WriteUInt32LittleEndian(target, value);
        }
    }

    /// <summary>The set as it would be read back.</summary>
    public BtfSpec Build(string name = "BTF") => BtfSpec.Parse(ToArray(), Base, name);

    internal BtfKind KindOf(uint id) => (BtfKind)(Word(id, 1) >> 24 & 0x7f);

    /// <summary>A word of the record: name, info, size or type, then what the kind adds.</summary>
    internal ref uint Word(uint id, int word)
    {
        if (id < FirstId || id >= NextId) throw new ArgumentOutOfRangeException(nameof(id), id, "The set has no type of its own with this id.");
        return ref CollectionsMarshal.AsSpan(_words)[_starts[(int)(id - FirstId)] + word];
    }

    internal uint AddRaw(ReadOnlySpan<uint> record)
    {
        uint id = NextId;
        _starts.Add(_words.Count);
        _words.AddRange(record);
        return id;
    }

    private uint AddComposite(BtfKind kind, string name, uint size, ReadOnlySpan<BtfMemberDefinition> members)
    {
        CheckCount(members.Length);
        bool bitfields = false;
        foreach (var member in members) bitfields |= member.BitfieldSize != 0;
        Span<uint> extra = members.Length <= 64 ? stackalloc uint[members.Length * 3] : new uint[members.Length * 3];
        for (int i = 0; i < members.Length; i++)
        {
            var member = members[i];
            if (bitfields && (member.BitOffset > 0xffffff || member.BitfieldSize > 0xff))
                throw new ArgumentOutOfRangeException(nameof(members), $"Member '{member.Name}': a struct with bitfields has offsets of 24 bits and widths of 8.");
            extra[3 * i] = _strings.Add(member.Name);
            extra[3 * i + 1] = member.Type;
            extra[3 * i + 2] = member.BitOffset | (bitfields ? member.BitfieldSize << 24 : 0);
        }
        return Add(kind, name, Flag(bitfields) | (uint)members.Length, size, extra);
    }

    private uint Add(BtfKind kind, string name, uint info, uint third, params ReadOnlySpan<uint> extra)
    {
        uint id = NextId;
        _starts.Add(_words.Count);
        _words.Add(_strings.Add(name));
        _words.Add((uint)kind << 24 | info);
        _words.Add(third);
        _words.AddRange(extra);
        return id;
    }

    private static uint Flag(bool value) => value ? 1u << 31 : 0;

    private static void CheckCount(int count)
    {
        // 16 bits until 7.0; a newer kernel takes 24, which nobody needs yet.
        if (count > 0xffff) throw new ArgumentOutOfRangeException(nameof(count), count, "A type has at most 65535 elements.");
    }
}

/// <summary>A member to build.</summary>
/// <param name="Name">The name; empty for an anonymous struct or union.</param>
/// <param name="Type">The type's id.</param>
/// <param name="BitOffset">Bits from the beginning of the struct.</param>
/// <param name="BitfieldSize">The width of a bitfield in bits; 0 for an ordinary member.</param>
public readonly record struct BtfMemberDefinition(string Name, uint Type, uint BitOffset, uint BitfieldSize = 0);
