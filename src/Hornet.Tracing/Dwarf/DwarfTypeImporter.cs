using Hornet.Btf;

namespace Hornet.Tracing.Dwarf;

/// <summary>
/// Types of a program as BTF, so that one code reads fields of the kernel's types and of a program's. What a type needs comes
/// with it: members, and what pointers lead to. Each import is a set over the earlier ones, so a type that was imported once
/// keeps its identity.
/// <para>
/// Bases of a class are members without a name, C++ references are pointers, what C++ and Rust have beyond C is described where it
/// is made. Of a very large closure, what only pointers lead to stays a forward declaration; looking it up by name finds it.
/// </para>
/// </summary>
internal sealed class DwarfTypeImporter(int addressSize, Func<DwarfDie, DwarfDie?> definition)
{
    // The nearest this many types come whole; a program's whole type graph can hang on one pointer.
    private const int ClosureLimit = 20_000;
    private const int HardLimit = 400_000;
    private const int MostLayers = 64;
    private const uint LongId = 1, IndexId = 2;

    private readonly Dictionary<DwarfDie, uint> _ids = [];
    private readonly Dictionary<DwarfDie, uint> _forwards = [];
    private readonly Queue<Func<uint, uint>> _queue = [];
    private BtfSpec? _last;
    private BtfBuilder? _builder;
    private uint _nextId;
    private int _layers;

    /// <summary>The type, with all it needs; <c>void</c> for null.</summary>
    public BtfType Import(DwarfDie? die) => ImportAll([die])[0];

    /// <summary>Several types of one set.</summary>
    public BtfType[] ImportAll(IReadOnlyList<DwarfDie?> dies)
    {
        try
        {
            Begin();
            var ids = new uint[dies.Count];
            for (int i = 0; i < ids.Length; i++) ids[i] = dies[i] is { } die ? IdOf(die, false) : 0;
            Drain();
            var result = new BtfType[ids.Length];
            for (int i = 0; i < ids.Length; i++) result[i] = _last![ids[i]];
            return result;
        }
        catch (Exception e) when (e is BpfFormatException or ArgumentException or OverflowException)
        {
            // Half a layer must not be seen by the next import.
            Forget();
            throw e as BpfFormatException ?? new BpfFormatException($"a type cannot be represented: {e.Message}", e);
        }
        finally
        {
            _builder = null;
        }
    }

    /// <summary>A prototype with these parameters, and the types of the parameters and the result.</summary>
    public BtfType ImportPrototype(DwarfDie? result, IReadOnlyList<(string Name, DwarfDie? Type)> parameters, bool variadic)
    {
        BtfType[] types = ImportAll([result, .. parameters.Select(p => p.Type)]);
        BtfBuilder builder = new(_last);
        List<(string, uint)> list = [.. parameters.Select((p, i) => (p.Name, types[i + 1].Id))];
        if (variadic) list.Add(("", 0));
        if (list.Count > 0xffff) throw new BpfFormatException($"{list.Count} parameters are more than a prototype can have");
        uint id = builder.AddPrototype(types[0].Id, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list));
        // The prototype is a leaf: nothing is built over it, so it costs no layer.
        return builder.Build("DWARF")[id];
    }

    private void Forget()
    {
        _ids.Clear();
        _forwards.Clear();
        _queue.Clear();
        (_last, _layers) = (null, 0);
    }

    private void Begin()
    {
        if (_layers >= MostLayers || _last is { TypeCount: > BtfSpec.MaxTypeId / 2 }) Forget();
        _builder = new BtfBuilder(_last);
        if (_last is null)
        {
            // The size of a pointer is the size of long; arrays want a type for their index.
            _builder.AddInt("long int", (uint)addressSize, BtfIntEncoding.Signed);
            _builder.AddInt("__ARRAY_SIZE_TYPE__", 4);
        }
        _nextId = _builder.NextId;
    }

    private void Drain()
    {
        uint first = _builder!.NextId;
        bool any = false;
        while (_queue.TryDequeue(out var add))
        {
            uint id = _builder.NextId;
            if (id - first > HardLimit) throw new BpfFormatException($"a type needs more than {HardLimit} others");
            if (add(id) != id) throw new InvalidOperationException("a type was not added in its turn");
            any = true;
        }
        if (!any && _last is not null) return;
        _last = _builder.Build("DWARF");
        _layers++;
    }

    private uint Enqueue(Func<uint, uint> add)
    {
        _queue.Enqueue(add);
        return _nextId++;
    }

    private uint TypeOf(DwarfDie die, bool behindPointer = false) => die.TryType(out var target) ? IdOf(target, behindPointer) : 0;

    private uint IdOf(DwarfDie die, bool behindPointer)
    {
        // Wrappers that change nothing here are passed through.
        for (int i = 0; die.Tag is Tag.AtomicType or Tag.PackedType; i++)
        {
            if (i > 16) throw new BpfFormatException($"{die.Unit}: the type at {die.Offset} is wrapped without end");
            if (!die.TryType(out die)) return 0;
        }
        if (_ids.TryGetValue(die, out uint id)) return id;
        var tag = die.Tag;
        if (tag is Tag.StructureType or Tag.ClassType or Tag.UnionType or Tag.EnumerationType or Tag.InterfaceType)
        {
            die = die.Complete;
            if (_ids.TryGetValue(die, out id)) return id;
            if (die.IsDeclaration && definition(die) is { } found && found != die)
            {
                id = IdOf(found, behindPointer);
                // Also when that was put off: who asks for the declaration by value gets to the definition again.
                return id;
            }
            if (behindPointer && _nextId - _builder!.FirstId > ClosureLimit)
            {
                if (!_forwards.TryGetValue(die, out id)) _forwards.Add(die, id = Enqueue(_ => _builder!.AddForward(die.Name, tag == Tag.UnionType)));
                return id;
            }
        }
        id = Enqueue(_ => Add(die, tag));
        _ids.Add(die, id);
        return id;
    }

    private uint Add(DwarfDie die, Tag tag)
    {
        var builder = _builder!;
        switch (tag)
        {
            case Tag.BaseType: return AddBase(die);
            case Tag.PointerType or Tag.ReferenceType or Tag.RvalueReferenceType: return builder.AddPointer(TypeOf(die, behindPointer: true));
            case Tag.Typedef or Tag.TemplateAlias: return builder.AddTypedef(die.Name, TypeOf(die));
            case Tag.ConstType or Tag.ImmutableType: return builder.AddQualifier(BtfKind.Const, TypeOf(die));
            case Tag.VolatileType: return builder.AddQualifier(BtfKind.Volatile, TypeOf(die));
            case Tag.RestrictType: return builder.AddQualifier(BtfKind.Restrict, TypeOf(die));
            case Tag.StructureType or Tag.ClassType or Tag.UnionType or Tag.InterfaceType: return AddComposite(die, tag == Tag.UnionType);
            case Tag.EnumerationType: return AddEnumeration(die);
            case Tag.ArrayType or Tag.StringType: return AddArray(die);
            case Tag.SubroutineType: return AddPrototype(die);
            case Tag.PointerToMemberType: return AddMemberPointer(die);
            // decltype(nullptr) is a pointer to nothing.
            case Tag.UnspecifiedType: return builder.AddTypedef(die.Name, Enqueue(_ => _builder!.AddPointer(0)));
            default:
                // A set, a file, a range of Pascal or Ada: bytes of the size it says.
                return AddBytes(SizeOf(die));
        }
    }

    private uint AddBase(DwarfDie die)
    {
        uint size = SizeOf(die);
        string name = die.Name;
        ulong encoding = die.TryGet(At.Encoding, out var value) ? value.Unsigned : 0;
        const ulong boolean = 2, complex = 3, floating = 4, signed = 5, signedChar = 6, unsignedChar = 8, imaginary = 9, signedFixed = 0xd, utf = 0x10;
        if (encoding is floating or imaginary && size is 2 or 4 or 8 or 12 or 16) return _builder!.AddFloat(name, size);
        if (encoding == complex && size is 8 or 16 or 32)
        {
            uint part = Enqueue(_ => _builder!.AddFloat(size == 8 ? "float" : size == 16 ? "double" : "long double", size / 2));
            return _builder!.AddStruct(name, size, new BtfMemberDefinition("real", part, 0), new BtfMemberDefinition("imag", part, size * 4));
        }
        if (size is not (1 or 2 or 4 or 8 or 16)) return AddBytes(size);
        var how = encoding switch
        {
            boolean => BtfIntEncoding.Bool,
            signed or signedFixed => BtfIntEncoding.Signed,
            signedChar => BtfIntEncoding.Signed | BtfIntEncoding.Char,
            unsignedChar => BtfIntEncoding.Char,
            utf when size == 1 => BtfIntEncoding.Char,
            _ => BtfIntEncoding.None,
        };
        return _builder!.AddInt(name, size, how);
    }

    private uint AddBytes(uint size)
    {
        uint element = Enqueue(_ => _builder!.AddInt("unsigned char", 1));
        return _builder!.AddArray(element, IndexId, size);
    }

    private uint AddMemberPointer(DwarfDie die)
    {
        // To data: an offset. To a function: its address (or a place in the table) and what to add to this.
        if (!die.TryType(out var target) || target.Tag != Tag.SubroutineType) return _builder!.AddTypedef(die.Name, LongId);
        return _builder!.AddStruct(die.Name, (uint)addressSize * 2, new BtfMemberDefinition("__pfn", LongId, 0), new BtfMemberDefinition("__delta", LongId, (uint)addressSize * 8));
    }

    private uint AddPrototype(DwarfDie die)
    {
        uint result = TypeOf(die);
        List<(string, uint)> parameters = [];
        foreach (var child in die.Children)
        {
            if (child.Tag == Tag.FormalParameter) parameters.Add((child.Name, TypeOf(child)));
            else if (child.Tag == Tag.UnspecifiedParameters) parameters.Add(("", 0));
        }
        if (parameters.Count > 0xffff) throw new BpfFormatException($"{die.Unit}: the function type at {die.Offset} has {parameters.Count} parameters");
        return _builder!.AddPrototype(result, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(parameters));
    }

    private uint AddArray(DwarfDie die)
    {
        if (die.Tag == Tag.StringType) return AddBytes(SizeOf(die));
        List<uint> counts = [];
        foreach (var child in die.Children)
        {
            if (child.Tag is not (Tag.SubrangeType or Tag.EnumerationType)) continue;
            ulong count = 0;
            if (child.TryGet(At.Count, out var value) && value.IsConstant) count = value.Unsigned;
            // An upper bound of -1 is that of an array without elements.
            else if (child.TryGet(At.UpperBound, out value) && value.IsConstant && value.Raw is not (ulong.MaxValue or uint.MaxValue)) count = value.Unsigned + 1;
            if (count > uint.MaxValue) throw new BpfFormatException($"{die.Unit}: the array at {die.Offset} has {count} elements");
            counts.Add((uint)count);
            if (counts.Count > 32) throw new BpfFormatException($"{die.Unit}: the array at {die.Offset} has too many dimensions");
        }
        if (counts.Count == 0) counts.Add(0);
        uint element = TypeOf(die);
        for (int i = counts.Count - 1; i > 0; i--)
        {
            uint inner = element, count = counts[i];
            element = Enqueue(_ => _builder!.AddArray(inner, IndexId, count));
        }
        return _builder!.AddArray(element, IndexId, counts[0]);
    }

    private uint AddEnumeration(DwarfDie die)
    {
        bool hasBase = die.TryType(out var underlying);
        uint size = SizeOf(die);
        if (size == 0 && hasBase) size = SizeOf(underlying);
        if (die.IsDeclaration) return _builder!.AddEnum(die.Name, size == 0 ? 4 : size, false);
        List<(string Name, long Value)> values = [];
        bool negative = false, wide = false;
        foreach (var child in die.Children)
        {
            if (child.Tag != Tag.Enumerator) continue;
            long value = child.TryGet(At.ConstValue, out var constant) ? constant.Signed : 0;
            negative |= value < 0 && constant.Form is Form.Sdata or Form.ImplicitConst;
            wide |= value is < int.MinValue or > uint.MaxValue;
            values.Add((child.Name, value));
        }
        if (values.Count > 0xffff) throw new BpfFormatException($"{die.Unit}: the enumeration at {die.Offset} has {values.Count} values");
        bool signed = negative || (hasBase && BehindTypedefs(underlying) is { } number && number.TryGet(At.Encoding, out var encoding) && encoding.Raw is 5 or 6);
        wide |= signed && values.Any(v => v.Value > int.MaxValue);
        return wide
            ? _builder!.AddEnum64(die.Name, size, signed, values.ToArray())
            : _builder!.AddEnum(die.Name, size, signed, values.Select(v => (v.Name, (int)v.Value)).ToArray());
    }

    private static DwarfDie? BehindTypedefs(DwarfDie die)
    {
        for (int i = 0; i < 16; i++)
        {
            if (die.Tag is not (Tag.Typedef or Tag.ConstType or Tag.VolatileType)) return die;
            if (!die.TryType(out die)) return null;
        }
        return null;
    }

    private uint AddComposite(DwarfDie die, bool union)
    {
        if (die.IsDeclaration) return _builder!.AddForward(die.Name, union);
        List<BtfMemberDefinition> members = [];
        AddMembers(die, members, depth: 0);
        string name = die.NameBytes.IsEmpty && die.TryGetInherited(At.Name, out var inherited) ? inherited.Text : die.Name;
        return AddComposite(name, union, SizeOf(die), members, die);
    }

    private uint AddComposite(string name, bool union, uint size, List<BtfMemberDefinition> members, DwarfDie die)
    {
        if (members.Count > 0xffff) throw new BpfFormatException($"{die.Unit}: the type at {die.Offset} has {members.Count} members");
        if (members.Any(m => m.BitfieldSize != 0))
        {
            // BTF has 24 bits for offsets beside bitfields: beyond 2 MiB there is no way to say where a member is.
            members.RemoveAll(m => m.BitOffset > 0xffffff);
        }
        var span = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(members);
        return union ? _builder!.AddUnion(name, size, span) : _builder!.AddStruct(name, size, span);
    }

    private void AddMembers(DwarfDie die, List<BtfMemberDefinition> members, int depth)
    {
        foreach (var child in die.Children)
        {
            switch (child.Tag)
            {
                case Tag.Member: AddMember(child, members); break;
                case Tag.Inheritance:
                    // Where a virtual base is, only the object itself knows.
                    if (ByteOffset(child) is { } place && child.TryType(out var based)) members.Add(new BtfMemberDefinition("", IdOf(based, false), Bits(child, place)));
                    break;
                case Tag.VariantPart when depth < 4: AddVariants(child, members, depth); break;
            }
        }
    }

    /// <summary>A Rust enum: the number that says which variant it is, and all variants over one another, by their names.</summary>
    private void AddVariants(DwarfDie part, List<BtfMemberDefinition> members, int depth)
    {
        List<BtfMemberDefinition> variants = [];
        foreach (var child in part.Children)
        {
            if (child.Tag == Tag.Variant) AddMembers(child, variants, depth + 1);
            // The discriminant has no name; that of gdb serves.
            else if (child.Tag == Tag.Member && ByteOffset(child) is { } place) members.Add(new BtfMemberDefinition(child.NameBytes.IsEmpty ? "__discr" : child.Name, TypeOf(child), Bits(child, place)));
        }
        if (variants.Count == 0) return;
        uint size = 0;
        uint id = Enqueue(_ => AddComposite("", union: true, size, variants, part));
        members.Add(new BtfMemberDefinition("", id, 0));
    }

    private void AddMember(DwarfDie die, List<BtfMemberDefinition> members)
    {
        // A static member lies elsewhere.
        if (die.TryGet(At.External, out var external) && external.Flag) return;
        if (die.IsDeclaration) return;
        string name = die.Name;
        if (die.TryGet(At.BitSize, out var width) && width.IsConstant)
        {
            if (width.Raw > 255) return;
            if (BitfieldOffset(die, width.Raw) is { } bits) members.Add(new BtfMemberDefinition(name, TypeOf(die), bits, (uint)width.Raw));
            return;
        }
        if (die.TryGet(At.DataBitOffset, out var bitOffset) && bitOffset.IsConstant && bitOffset.Raw <= uint.MaxValue)
        {
            members.Add(new BtfMemberDefinition(name, TypeOf(die), (uint)bitOffset.Raw));
            return;
        }
        if (ByteOffset(die) is { } offset) members.Add(new BtfMemberDefinition(name, TypeOf(die), Bits(die, offset)));
    }

    private static uint? BitfieldOffset(DwarfDie die, ulong width)
    {
        if (die.TryGet(At.DataBitOffset, out var bits) && bits.IsConstant) return bits.Raw <= uint.MaxValue ? (uint)bits.Raw : null;
        if (ByteOffset(die) is not { } offset) return null;
        if (!die.TryGet(At.BitOffset, out bits) || !bits.IsConstant) return Bits(die, offset);
        // DWARF 2 and 3 count from the highest bit of the number the field is in.
        ulong storage = die.TryGet(At.ByteSize, out var size) && size.IsConstant ? size.Raw : die.TryType(out var type) && BehindTypedefs(type) is { } number ? SizeOf(number) : 0;
        if (!die.Unit.Image.Sections.LittleEndian) return Bits(die, offset) + (uint)Math.Min(bits.Raw, 0xffff);
        long at = (long)Bits(die, offset) + (long)Math.Min(storage, 64) * 8 - (long)Math.Min(bits.Raw, 0xffff) - (long)width;
        return at is >= 0 and <= uint.MaxValue ? (uint)at : null;
    }

    private static uint Bits(DwarfDie die, ulong bytes) => bytes <= uint.MaxValue / 8 ? (uint)bytes * 8 : throw new BpfFormatException($"{die.Unit}: the member at {die.Offset} lies {bytes} bytes into its type");

    /// <summary>Where a member is; null when that is computed when the program runs.</summary>
    private static ulong? ByteOffset(DwarfDie die)
    {
        if (!die.TryGet(At.DataMemberLocation, out var value)) return 0;
        if (value.IsConstant) return value.Unsigned;
        // DWARF 2 wrote "add this to the object's address".
        const byte plusConstant = 0x23;
        var block = value.Block;
        if (block.Length < 2 || block[0] != plusConstant) return null;
        DwarfCursor cursor = new(block, 1, true, die.Unit.Image.Sections.Name);
        ulong offset = cursor.Uleb();
        return cursor.AtEnd ? offset : null;
    }

    private static uint SizeOf(DwarfDie die)
    {
        if (die.TryGet(At.ByteSize, out var size) && size.IsConstant)
            return size.Raw <= uint.MaxValue ? (uint)size.Raw : throw new BpfFormatException($"{die.Unit}: the type at {die.Offset} has {size.Raw} bytes");
        return die.TryGet(At.BitSize, out size) && size.IsConstant && size.Raw < uint.MaxValue ? (uint)((size.Raw + 7) / 8) : 0;
    }
}
