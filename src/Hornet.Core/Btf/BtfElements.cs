using System.Collections;
using System.ComponentModel;
using System.Text;

namespace Hornet.Btf;

/// <summary>An element of a type's list, read from the type's record. Implemented by this library's elements only.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IBtfElement<TSelf> where TSelf : struct, IBtfElement<TSelf>
{
    /// <summary>Reads the element at an index that was checked.</summary>
    static abstract TSelf Read(BtfType owner, int index);
}

/// <summary>The members, values, parameters or variables of a type, read one by one when asked for.</summary>
public readonly struct BtfList<T> : IReadOnlyList<T> where T : struct, IBtfElement<T>
{
    private readonly BtfType _owner;

    internal BtfList(BtfType owner, int count)
    {
        _owner = owner;
        Count = count;
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return T.Read(_owner, index);
        }
    }

    /// <summary>Walks the elements without allocating.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Walks the elements of a list.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly BtfList<T> _list;
        private int _index;

        internal Enumerator(BtfList<T> list)
        {
            _list = list;
            _index = -1;
        }

        /// <inheritdoc/>
        public readonly T Current => _list[_index];

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => ++_index < _list.Count;

        /// <inheritdoc/>
        public void Reset() => _index = -1;

        /// <inheritdoc/>
        public readonly void Dispose() { }
    }
}

/// <summary>A member of a struct or union.</summary>
public readonly struct BtfMember : IBtfElement<BtfMember>
{
    private readonly BtfType _owner;

    private BtfMember(BtfType owner, int index)
    {
        _owner = owner;
        Index = index;
    }

    /// <summary>The struct or union.</summary>
    public BtfType Owner => _owner;

    /// <summary>Its place among the members.</summary>
    public int Index { get; }

    /// <summary>The name; empty for an anonymous struct or union, and for unnamed bitfields.</summary>
    public string Name => Encoding.UTF8.GetString(NameBytes);

    /// <summary>The name as bytes.</summary>
    public ReadOnlySpan<byte> NameBytes => _owner.Spec.GetStringBytes(NameOffset);

    /// <summary>The type.</summary>
    public BtfType Type => _owner.Spec[TypeId];

    /// <summary>The type's id.</summary>
    public uint TypeId => _owner.Extra(3 * Index + 1);

    /// <summary>Bits from the beginning of the struct.</summary>
    public uint BitOffset => _owner.KindFlag ? RawOffset & 0xffffff : RawOffset;

    /// <summary>The width of a bitfield in bits; 0 for an ordinary member.</summary>
    public int BitfieldSize => _owner.KindFlag ? (int)(RawOffset >> 24) : 0;

    /// <summary>Bytes from the beginning of the struct; for a bitfield, of the byte that holds its first bit.</summary>
    public uint ByteOffset => BitOffset / 8;

    internal uint NameOffset => _owner.Extra(3 * Index);

    internal uint RawOffset => _owner.Extra(3 * Index + 2);

    static BtfMember IBtfElement<BtfMember>.Read(BtfType owner, int index) => new(owner, index);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} @ {BitOffset / 8}{(BitOffset % 8 == 0 ? "" : $":{BitOffset % 8}")}";
}

/// <summary>A value of an enumeration.</summary>
public readonly struct BtfEnumValue : IBtfElement<BtfEnumValue>
{
    private readonly BtfType _owner;

    private BtfEnumValue(BtfType owner, int index)
    {
        _owner = owner;
        Index = index;
    }

    /// <summary>Its place among the values.</summary>
    public int Index { get; }

    /// <summary>The name.</summary>
    public string Name => Encoding.UTF8.GetString(NameBytes);

    /// <summary>The name as bytes.</summary>
    public ReadOnlySpan<byte> NameBytes => _owner.Spec.GetStringBytes(_owner.Extra(Words * Index));

    /// <summary>The number, as signed as the enumeration is. For an unsigned 64-bit one, cast it to <c>ulong</c>.</summary>
    public long Value => _owner.Kind == BtfKind.Enum64
        ? (long)((ulong)_owner.Extra(3 * Index + 2) << 32 | _owner.Extra(3 * Index + 1))
        : _owner.KindFlag ? (int)_owner.Extra(2 * Index + 1) : _owner.Extra(2 * Index + 1);

    private int Words => _owner.Kind == BtfKind.Enum64 ? 3 : 2;

    static BtfEnumValue IBtfElement<BtfEnumValue>.Read(BtfType owner, int index) => new(owner, index);

    /// <inheritdoc/>
    public override string ToString() => _owner.KindFlag ? $"{Name} = {Value}" : $"{Name} = {(ulong)Value}";
}

/// <summary>A parameter of a function prototype.</summary>
public readonly struct BtfParameter : IBtfElement<BtfParameter>
{
    private readonly BtfType _owner;

    private BtfParameter(BtfType owner, int index)
    {
        _owner = owner;
        Index = index;
    }

    /// <summary>Its place among the parameters.</summary>
    public int Index { get; }

    /// <summary>The name; empty when it was not recorded.</summary>
    public string Name => Encoding.UTF8.GetString(NameBytes);

    /// <summary>The name as bytes.</summary>
    public ReadOnlySpan<byte> NameBytes => _owner.Spec.GetStringBytes(_owner.Extra(2 * Index));

    /// <summary>The type; <c>void</c> for the <c>...</c> of a variadic function.</summary>
    public BtfType Type => _owner.Spec[TypeId];

    /// <summary>The type's id.</summary>
    public uint TypeId => _owner.Extra(2 * Index + 1);

    /// <summary>Whether this is the <c>...</c> of a variadic function.</summary>
    public bool IsVariadic => TypeId == 0 && Index == _owner.Count - 1;

    static BtfParameter IBtfElement<BtfParameter>.Read(BtfType owner, int index) => new(owner, index);

    /// <inheritdoc/>
    public override string ToString() => IsVariadic ? "..." : $"{Name}: {Type}";
}

/// <summary>Where a variable (or an extern function) lies in a data section.</summary>
public readonly struct BtfSectionVariable : IBtfElement<BtfSectionVariable>
{
    private readonly BtfType _owner;

    private BtfSectionVariable(BtfType owner, int index)
    {
        _owner = owner;
        Index = index;
    }

    /// <summary>Its place in the list.</summary>
    public int Index { get; }

    /// <summary>The variable; for extern functions in <c>.ksyms</c>, the function.</summary>
    public BtfType Variable => _owner.Spec[VariableId];

    /// <summary>The id of <see cref="Variable"/>.</summary>
    public uint VariableId => _owner.Extra(3 * Index);

    /// <summary>Bytes from the beginning of the section. In an object file of clang it is 0 until the ELF symbols were consulted.</summary>
    public uint Offset => _owner.Extra(3 * Index + 1);

    /// <summary>Bytes it takes.</summary>
    public uint Size => _owner.Extra(3 * Index + 2);

    static BtfSectionVariable IBtfElement<BtfSectionVariable>.Read(BtfType owner, int index) => new(owner, index);

    /// <inheritdoc/>
    public override string ToString() => $"{Variable.Name} @ {Offset} ({Size} bytes)";
}
