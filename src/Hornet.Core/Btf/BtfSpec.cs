using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.Btf;

/// <summary>
/// A set of BTF types, read lazily: the bytes stay as they are, and beside them there is one offset per type and, once a
/// name is looked up, an index of names. A type is found by id or by name in constant time. Safe for concurrent use.
/// <para>Split BTF (a kernel module's) continues the ids and the strings of a base set, which is shared.</para>
/// <para>Whatever the bytes, the only exception is <see cref="BpfFormatException"/>: the outline is checked by
/// <see cref="Parse(ReadOnlyMemory{byte}, BtfSpec?, string)"/>, references when they are followed, everything by <see cref="Validate"/>.</para>
/// </summary>
public sealed partial class BtfSpec : IDisposable
{
    /// <summary>The largest type id the kernel accepts (<c>BTF_MAX_TYPE</c>).</summary>
    public const uint MaxTypeId = 0x000fffff;

    // Chains of typedefs and qualifiers are followed this far, as libbpf does; a longer one is a cycle or hostile.
    internal const int MaxDepth = 32;

    private const ushort Magic = 0xEB9F;
    private const int MinimumHeader = 24;

    private readonly BtfBlob _blob;
    private readonly bool _swap;
    private readonly int _stringStart;
    private readonly int _stringLength;
    private readonly int _layoutStart;
    private readonly int _layoutLength;
    private readonly uint _stringBase;
    private uint[] _offsets;
    private bool _disposed;
    private int _pointerSize;

    private BtfSpec(BtfBlob blob, BtfSpec? baseSpec, string name)
    {
        _blob = blob;
        Base = baseSpec;
        Name = name;
        _stringBase = baseSpec is null ? 0 : baseSpec._stringBase + (uint)baseSpec._stringLength;
        FirstId = baseSpec is null ? 1 : baseSpec.TypeCount;

        ReadOnlySpan<byte> data = blob.Span;
        if (data.Length < MinimumHeader) throw Malformed($"{data.Length} bytes are too few for a header");
        ushort magic = BinaryPrimitives.ReadUInt16LittleEndian(data);
        if (magic == BinaryPrimitives.ReverseEndianness(Magic)) IsBigEndian = true;
        else if (magic != Magic) throw Malformed($"wrong magic 0x{magic:x4}");
        _swap = IsBigEndian == BitConverter.IsLittleEndian;
        if (data[2] != 1) throw Malformed($"version {data[2]} is unknown");
        if (data[3] != 0) throw Malformed($"flags 0x{data[3]:x} are unknown");

        uint headerLength = U32(4);
        if (headerLength < MinimumHeader || headerLength > data.Length) throw Malformed($"header length {headerLength} is impossible");
        (int typeStart, int typeLength) = Section("type", headerLength, 8);
        (_stringStart, _stringLength) = Section("string", headerLength, 16);
        // Since 7.0 the encoder may say how long records of each kind are, for readers that do not know the kind.
        if (headerLength >= 32) (_layoutStart, _layoutLength) = Section("layout", headerLength, 24);

        if (typeStart % 4 != 0) throw Malformed("the type section is not aligned to 4 bytes");
        // A split set without strings of its own is legal; otherwise the section ends, and a base's begins, with a zero.
        if (_stringLength == 0 ? baseSpec is null : data[_stringStart + _stringLength - 1] != 0 || (baseSpec is null && data[_stringStart] != 0))
            throw Malformed("the string section does not begin and end with a zero byte");

        _offsets = ReadOffsets(data, typeStart, typeLength);
    }

    /// <summary>What the set was read from, for messages: <c>vmlinux</c>, a module's name, a file's.</summary>
    public string Name { get; }

    /// <summary>The set whose ids and strings this one continues; null for a whole one.</summary>
    public BtfSpec? Base { get; }

    /// <summary>Whether the bytes are big-endian.</summary>
    public bool IsBigEndian { get; }

    /// <summary>The first id that is this set's own: 1, or the base's <see cref="TypeCount"/>.</summary>
    public uint FirstId { get; }

    /// <summary>The number of ids, with <c>void</c> (0) and the base's: every id is below it.</summary>
    public uint TypeCount => FirstId + (uint)_offsets.Length;

    /// <summary>
    /// Bytes of a pointer: 8 for BPF objects and 64-bit kernels. Found from the size of <c>long</c>, as libbpf does; 8 when there is none.
    /// </summary>
    public int PointerSize => _pointerSize != 0 ? _pointerSize : _pointerSize = FindPointerSize();

    /// <summary>The raw bytes, in the byte order they came in.</summary>
    public ReadOnlySpan<byte> RawData => Data;

    internal ReadOnlySpan<byte> Data
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _blob.Span;
        }
    }

    internal int StringLength => _stringLength;

    internal uint StringBase => _stringBase;

    internal ReadOnlySpan<byte> OwnStrings => Data.Slice(_stringStart, _stringLength);

    internal bool HasLayout => _layoutLength != 0;

    /// <summary>Reads a set of types. The memory is kept, not copied, where it lies in an array: do not change it afterwards.</summary>
    /// <param name="data">The contents of <c>.BTF</c> or of a file under <c>/sys/kernel/btf</c>, either byte order.</param>
    /// <param name="baseSpec">The base of split BTF: vmlinux for a module.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="BpfFormatException">The bytes are not BTF.</exception>
    public static BtfSpec Parse(ReadOnlyMemory<byte> data, BtfSpec? baseSpec = null, string name = "BTF") =>
        MemoryMarshal.TryGetArray(data, out var segment) && segment.Array is { } array
            ? new BtfSpec(new BtfBlob(array, segment.Offset, segment.Count), baseSpec, name)
            : new BtfSpec(new BtfBlob(data.ToArray(), 0, data.Length), baseSpec, name);

    internal static BtfSpec Parse(BtfBlob blob, BtfSpec? baseSpec, string name, bool shared) => new(blob, baseSpec, name) { IsShared = shared };

    /// <summary>The type with this id; 0 is <c>void</c>.</summary>
    /// <exception cref="BpfFormatException">There is no such type: the reference that led here is malformed.</exception>
    public BtfType this[uint id] => id < TypeCount
        ? new BtfType(id >= FirstId || Base is null ? this : Base.Owner(id), id)
        : throw Malformed($"there is no type {id} (only {TypeCount})");

    /// <summary>The type with this id; 0 is <c>void</c>.</summary>
    public bool TryGetType(uint id, out BtfType type)
    {
        bool found = id < TypeCount;
        type = found ? this[id] : default;
        return found;
    }

    /// <summary>This set's own types, in order of id, without the base's.</summary>
    public IEnumerable<BtfType> OwnTypes
    {
        get
        {
            for (uint id = FirstId; id < TypeCount; id++) yield return new BtfType(this, id);
        }
    }

    /// <summary>All types in order of id, the base's first, without <c>void</c>.</summary>
    public IEnumerable<BtfType> Types => Base is null ? OwnTypes : Base.Types.Concat(OwnTypes);

    /// <summary>The string at an offset of the string section (the base's strings come first).</summary>
    /// <exception cref="BpfFormatException">The offset is outside.</exception>
    public string GetString(uint offset) => Encoding.UTF8.GetString(GetStringBytes(offset));

    /// <summary>The string at an offset, as the bytes without the terminating zero.</summary>
    /// <exception cref="BpfFormatException">The offset is outside.</exception>
    public ReadOnlySpan<byte> GetStringBytes(uint offset)
    {
        BtfSpec spec = this;
        while (offset < spec._stringBase) spec = spec.Base!;
        uint local = offset - spec._stringBase;
        if (local >= (uint)spec._stringLength)
            return offset == 0 ? [] : throw Malformed($"string offset {offset} is outside the string section");
        ReadOnlySpan<byte> rest = spec.Data.Slice(spec._stringStart + (int)local, spec._stringLength - (int)local);
        return rest[..rest.IndexOf((byte)0)];
    }

    /// <summary>
    /// Lets go of the bytes and the indexes; using the set or a type of it afterwards throws <see cref="ObjectDisposedException"/>.
    /// Not needed for correctness: nothing here outlives garbage collection. The shared set of
    /// <see cref="KernelBtf.Vmlinux"/> ignores it; see <see cref="KernelBtf.Release"/>.
    /// </summary>
    public void Dispose()
    {
        if (IsShared) return;
        _disposed = true;
        _offsets = [];
        _index = null;
    }

    internal bool IsShared { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {TypeCount - FirstId} types";

    internal uint U32(int position)
    {
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(_blob.Span[position..]);
        return IsBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    /// <summary>Where the record of one of this set's own types begins, in <see cref="Data"/>.</summary>
    internal int RecordOffset(uint id)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return (int)_offsets[id - FirstId];
    }

    internal int RecordLength(uint id)
    {
        int start = RecordOffset(id);
        (int head, int element) = Shape((int)(U32(start + 4) >> 24 & 0x7f));
        return 12 + head + element * (int)(U32(start + 4) & 0xffffff);
    }

    internal BpfFormatException Malformed(string what) => new($"{Name}: malformed BTF: {what}");

    private BtfSpec Owner(uint id)
    {
        BtfSpec spec = this;
        while (id < spec.FirstId && spec.Base is { } lower) spec = lower;
        return spec;
    }

    private (int Start, int Length) Section(string what, uint headerLength, int field)
    {
        uint offset = U32(field), length = U32(field + 4);
        ulong start = (ulong)headerLength + offset;
        if (start + length > (ulong)_blob.Length) throw Malformed($"the {what} section ({length} bytes at {offset}) is outside the data");
        return ((int)start, (int)length);
    }

    /// <summary>One walk over the records: their lengths are checked here, and never again.</summary>
    private unsafe uint[] ReadOffsets(ReadOnlySpan<byte> data, int start, int length)
    {
        // How many records there are is known only after the walk. The scratch is sized for the worst case; pages that
        // the walk does not reach are never backed by memory.
        uint* scratch = (uint*)NativeMemory.Alloc((nuint)(length / 12 + 1), sizeof(uint));
        try
        {
            int count = 0, position = start, end = start + length;
            fixed (byte* bytes = data)
            {
                while (position < end)
                {
                    if (end - position < 12) throw Malformed($"type {FirstId + count} is cut off");
                    uint info = *(uint*)(bytes + position + 4);
                    if (_swap) info = BinaryPrimitives.ReverseEndianness(info);
                    (int head, int element) = Shape((int)(info >> 24 & 0x7f));
                    long size = 12 + head + (long)element * (info & 0xffffff);
                    if (size > end - position) throw Malformed($"type {FirstId + count} is cut off");
                    scratch[count++] = (uint)position;
                    position += (int)size;
                }
            }
            if (FirstId + (ulong)count > MaxTypeId + 1UL) throw Malformed($"{count} types are more than the kernel's limit of {MaxTypeId}");
            return new ReadOnlySpan<uint>(scratch, count).ToArray();
        }
        finally
        {
            NativeMemory.Free(scratch);
        }
    }

    private (int Fixed, int Element) Shape(int kind)
    {
        var shape = BtfKindExtensions.RecordShape(kind);
        return shape.Fixed >= 0 ? shape : UnknownShape(kind);
    }

    private (int Fixed, int Element) UnknownShape(int kind)
    {
        BtfSpec source = _layoutLength == 0 && Base is not null ? Base : this;
        int entry = kind * 4;
        if (kind == 0 || entry + 4 > source._layoutLength) throw Malformed($"kind {kind} is unknown");
        ReadOnlySpan<byte> bytes = source._blob.Span[(source._layoutStart + entry)..];
        return (bytes[0], bytes[1]);
    }

    private int FindPointerSize()
    {
        foreach (string name in (ReadOnlySpan<string>)["long", "long int", "unsigned long", "long unsigned int", "int long", "int long unsigned"])
        {
            if (TryFind(name, BtfKind.Int, out var type) && type.Size is 4 or 8) return (int)type.Size;
        }
        return 8;
    }
}
