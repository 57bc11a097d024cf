using System.Text;

namespace Hornet.Btf;

/// <summary>
/// One type of a <see cref="BtfSpec"/>: its id and where to read the rest. A value of 16 bytes, made freely. What it does not
/// have (the members of an integer, the target of a struct) is empty or throws, as each property says.
/// </summary>
public readonly struct BtfType : IEquatable<BtfType>
{
    private readonly BtfSpec? _spec;

    internal BtfType(BtfSpec spec, uint id)
    {
        _spec = spec;
        Id = id;
    }

    /// <summary>The set that holds the type; for a module, types of vmlinux belong to vmlinux's set.</summary>
    public BtfSpec Spec => _spec ?? throw new InvalidOperationException("This is no type: default(BtfType).");

    /// <summary>The id; 0 is <c>void</c>.</summary>
    public uint Id { get; }

    /// <summary>The kind. Kinds newer than this library have their number.</summary>
    public BtfKind Kind => Id == 0 ? BtfKind.Void : (BtfKind)(Info >> 24 & 0x7f);

    /// <summary>The number of members, values, parameters or variables.</summary>
    public int Count => Id == 0 ? 0 : (int)(Info & 0xffffff);

    /// <summary>The kind's flag: bitfields in a struct or union, signed for enums, union for a forward declaration, an attribute for tags.</summary>
    public bool KindFlag => Id != 0 && Info >> 31 != 0;

    /// <summary>The name; empty for the nameless.</summary>
    public string Name => Encoding.UTF8.GetString(NameBytes);

    /// <summary>The name as bytes; they are UTF-8 in any sane set, but nothing ensures it.</summary>
    public ReadOnlySpan<byte> NameBytes => Id == 0 ? [] : Spec.GetStringBytes(NameOffset);

    /// <summary>The name without a CO-RE flavor: <c>task_struct</c> for <c>task_struct___old</c>.</summary>
    public string EssentialName => Encoding.UTF8.GetString(EssentialNameBytes);

    /// <summary>Whether it has no name.</summary>
    public bool IsAnonymous => Id == 0 || NameOffset == 0 || NameBytes.IsEmpty;

    /// <summary>The size in bytes as recorded: for int, struct, union, enum, float and data section; 0 for others. See <see cref="ByteSize"/>.</summary>
    public uint Size => Id != 0 && !Kind.RefersToType() && Kind is not (BtfKind.Array or BtfKind.Forward) ? Third : 0;

    /// <summary>
    /// What the type refers to: a pointer's target, a typedef's or qualifier's type, an array's element, a function's
    /// prototype, a prototype's return type, a variable's type, what a tag is on. <c>void</c> for kinds that refer to nothing.
    /// </summary>
    /// <exception cref="BpfFormatException">The reference leads nowhere.</exception>
    public BtfType Target => Spec[TargetId];

    /// <summary>The id of <see cref="Target"/>; 0 when there is none.</summary>
    public uint TargetId => Id == 0 ? 0 : Kind == BtfKind.Array ? Extra(0) : Kind.RefersToType() ? Third : 0;

    /// <summary>An array's number of elements; 0 for others.</summary>
    public uint ArrayLength => Kind == BtfKind.Array ? Extra(2) : 0;

    /// <summary>The type of an array's index.</summary>
    public BtfType IndexType => Spec[Kind == BtfKind.Array ? Extra(1) : 0];

    /// <summary>How an integer is meant; none for others.</summary>
    public BtfIntEncoding IntEncoding => Kind == BtfKind.Int ? (BtfIntEncoding)(Extra(0) >> 24 & 0xf) : 0;

    /// <summary>An integer's width in bits; 0 for others.</summary>
    public int IntBits => Kind == BtfKind.Int ? (int)(Extra(0) & 0xff) : 0;

    /// <summary>An integer's offset in bits: a form of bitfield that compilers no longer emit.</summary>
    public int IntBitOffset => Kind == BtfKind.Int ? (int)(Extra(0) >> 16 & 0xff) : 0;

    /// <summary>Whether an integer or an enumeration is signed.</summary>
    public bool IsSigned => Kind switch
    {
        BtfKind.Int => (IntEncoding & BtfIntEncoding.Signed) != 0,
        BtfKind.Enum or BtfKind.Enum64 => KindFlag,
        _ => false,
    };

    /// <summary>Who can see a function or a variable.</summary>
    public BtfLinkage Linkage => Kind switch
    {
        BtfKind.Function => (BtfLinkage)Count,
        BtfKind.Variable => (BtfLinkage)Extra(0),
        _ => BtfLinkage.Static,
    };

    /// <summary>What a declaration tag is on: the index of a member or parameter, or -1 for the whole.</summary>
    public int ComponentIndex => Kind == BtfKind.DeclTag ? (int)Extra(0) : -1;

    /// <summary>Whether a forward declaration is of a union.</summary>
    public bool IsForwardUnion => Kind == BtfKind.Forward && KindFlag;

    /// <summary>Whether it is a struct or a union.</summary>
    public bool IsComposite => Kind is BtfKind.Struct or BtfKind.Union;

    /// <summary>Whether it is an enumeration of either width.</summary>
    public bool IsEnum => Kind is BtfKind.Enum or BtfKind.Enum64;

    /// <summary>Whether it is const, volatile, restrict or a type tag.</summary>
    public bool IsModifier => Kind is BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag;

    /// <summary>The members of a struct or union; empty for others.</summary>
    public BtfList<BtfMember> Members => new(this, IsComposite ? Count : 0);

    /// <summary>The values of an enumeration; empty for others.</summary>
    public BtfList<BtfEnumValue> Values => new(this, IsEnum ? Count : 0);

    /// <summary>The parameters of a prototype; empty for others. A last one of type <c>void</c> without a name is <c>...</c>.</summary>
    public BtfList<BtfParameter> Parameters => new(this, Kind == BtfKind.FunctionPrototype ? Count : 0);

    /// <summary>The variables of a data section; empty for others.</summary>
    public BtfList<BtfSectionVariable> Variables => new(this, Kind == BtfKind.DataSection ? Count : 0);

    /// <summary>The type behind typedefs, qualifiers and type tags.</summary>
    /// <exception cref="BpfFormatException">The chain does not end.</exception>
    public BtfType Resolve()
    {
        BtfType type = this;
        for (int depth = 0; depth < BtfSpec.MaxDepth; depth++)
        {
            if (!type.IsModifier && type.Kind != BtfKind.Typedef) return type;
            type = type.Target;
        }
        throw Spec.Malformed($"type {Id} is a chain of more than {BtfSpec.MaxDepth} typedefs and qualifiers");
    }

    /// <summary>The type behind qualifiers and type tags, but not behind typedefs.</summary>
    /// <exception cref="BpfFormatException">The chain does not end.</exception>
    public BtfType SkipModifiers()
    {
        BtfType type = this;
        for (int depth = 0; depth < BtfSpec.MaxDepth; depth++)
        {
            if (!type.IsModifier) return type;
            type = type.Target;
        }
        throw Spec.Malformed($"type {Id} is a chain of more than {BtfSpec.MaxDepth} qualifiers");
    }

    /// <summary>
    /// The size in bytes that a variable of this type takes: through typedefs and qualifiers, of whole arrays, of pointers.
    /// 0 for what has no size (void, functions, forward declarations).
    /// </summary>
    /// <exception cref="BpfFormatException">A reference is malformed, or the size exceeds 4 GiB.</exception>
    public long ByteSize
    {
        get
        {
            BtfType type = this;
            long count = 1;
            for (int depth = 0; depth < BtfSpec.MaxDepth; depth++)
            {
                switch (type.Kind)
                {
                    case BtfKind.Pointer:
                        return Times(count, (uint)Spec.PointerSize);
                    case BtfKind.Array:
                        count = Times(count, type.ArrayLength);
                        type = type.Target;
                        break;
                    case BtfKind.Typedef or BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag
                        or BtfKind.Variable or BtfKind.DeclTag:
                        type = type.Target;
                        break;
                    default:
                        return Times(count, type.Size);
                }
            }
            throw Spec.Malformed($"the size of type {Id} cannot be found in {BtfSpec.MaxDepth} steps");
        }
    }

    /// <summary>The alignment in bytes as a C compiler would see it; 1 for packed structs and what has no size.</summary>
    /// <exception cref="BpfFormatException">A reference is malformed.</exception>
    public int Alignment => new BtfLayout().AlignmentOf(this);

    /// <summary>Finds a member by name, also inside anonymous structs and unions.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="field">The member and where it lies from the beginning of this type.</param>
    public bool TryFindField(string name, out BtfField field) => BtfField.TryFind(Resolve(), Encoding.UTF8.GetBytes(name), out field);

    internal ReadOnlySpan<byte> EssentialNameBytes
    {
        get
        {
            ReadOnlySpan<byte> name = NameBytes;
            return name[..BtfSpec.EssentialNameLength(name)];
        }
    }

    internal uint NameOffset => Id == 0 ? 0 : Spec.U32(Spec.RecordOffset(Id));

    internal uint Info => Spec.U32(Spec.RecordOffset(Id) + 4);

    /// <summary>The word that is a size or a type id.</summary>
    internal uint Third => Spec.U32(Spec.RecordOffset(Id) + 8);

    /// <summary>A word after the head of the record.</summary>
    internal uint Extra(int word) => Spec.U32(Spec.RecordOffset(Id) + 12 + 4 * word);

    /// <inheritdoc/>
    public bool Equals(BtfType other) => Id == other.Id && ReferenceEquals(_spec, other._spec);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BtfType other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Id;

    /// <summary>Whether both are the same type of the same set.</summary>
    public static bool operator ==(BtfType left, BtfType right) => left.Equals(right);

    /// <summary>Whether they are different types.</summary>
    public static bool operator !=(BtfType left, BtfType right) => !left.Equals(right);

    /// <summary>As in messages: <c>[4] struct s</c>.</summary>
    public override string ToString() => _spec is null ? "no type" : $"[{Id}] {Kind.Describe()} {(IsAnonymous ? "<anon>" : Name)}";

    private long Times(long count, uint size)
    {
        long total = count * size;
        return total <= uint.MaxValue ? total : throw Spec.Malformed($"type {Id} is larger than 4 GiB");
    }
}
