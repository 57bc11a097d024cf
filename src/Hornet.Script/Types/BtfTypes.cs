using Hornet.Btf;

namespace Hornet.Script.Types;

/// <summary>
/// The kernel's types as types of the language: one set over vmlinux and, behind it, its modules. A struct or union is made
/// once, so that comparing by identity works, and its members are read when they are first wanted. Not for several threads.
/// </summary>
internal sealed partial class BtfTypes
{
    private static BtfTypes? s_kernel;

    private readonly Func<IEnumerable<BtfSpec>> _modules;
    private readonly Dictionary<BtfType, ScriptType> _types = [];
    private readonly Dictionary<BtfType, CompositeTypeInfo> _composites = [];
    private readonly Dictionary<BtfType, EnumTypeInfo> _enums = [];

    /// <param name="kernel">The types looked into first.</param>
    /// <param name="modules">Further sets, read only when a name is not in the first.</param>
    public BtfTypes(BtfSpec kernel, Func<IEnumerable<BtfSpec>>? modules = null) => (Spec, _modules) = (kernel, modules ?? (() => []));

    /// <summary>The running kernel's types; null without BTF. The file in <c>BPFTRACE_BTF</c> is used instead when that is set.</summary>
    /// <exception cref="BpfException">The file is not there or is no BTF.</exception>
    public static BtfTypes? Kernel => s_kernel ??= Open();

    public BtfSpec Spec { get; }

    /// <summary>The kernel's own and the modules' sets.</summary>
    public IEnumerable<BtfSpec> Specs => _modules().Prepend(Spec);

    /// <summary>
    /// The type of the language for one of BTF: an array of 1-byte integers is text (a C string as a rule, as bpftrace has it), a
    /// function is void (what points to one can still be a symbol), pointers know <c>__user</c> only (others inherit where they
    /// were found), typedefs and qualifiers are seen through.
    /// </summary>
    public ScriptType Get(BtfType type)
    {
        if (type.Id == 0) return VoidType.Instance;
        if (_types.TryGetValue(type, out var known)) return known;
        var made = Make(type);
        _types[type] = made;
        return made;
    }

    private ScriptType Make(BtfType type)
    {
        switch (type.Kind)
        {
            case BtfKind.Int:
                return (type.IntEncoding & BtfIntEncoding.Bool) != 0 && type.Size == 1
                    ? BooleanType.Instance
                    : type.Size > 8 ? new OpaqueType((int)type.Size, (int)type.Size) : new IntegerType((int)type.Size * 8, type.IsSigned);
            case BtfKind.Float:
                return new OpaqueType((int)type.Size, (int)Math.Min(type.Size, 16));
            case BtfKind.Enum or BtfKind.Enum64:
                return new EnumType(Enum(type, null));
            case BtfKind.Pointer:
                return new PointerType(Get(type.Target), IsUser(type.Target) ? AddressSpace.User : AddressSpace.None);
            case BtfKind.Array:
                var element = Get(type.Target);
                int count = checked((int)Math.Min(type.ArrayLength, int.MaxValue / Math.Max(1, element.Size)));
                return element is IntegerType { Size: 1 } ? new StringType(count) : new ArrayType(element, count);
            case BtfKind.Struct or BtfKind.Union:
                return new CompositeType(Composite(type, null));
            case BtfKind.Forward:
                // Another set may have all of it.
                return Find(type.Name, type.IsForwardUnion ? BtfKind.Union : BtfKind.Struct) is { } whole
                    ? new CompositeType(Composite(whole, null))
                    : new CompositeType(Composite(type, null));
            case BtfKind.Typedef:
                // What has no name of its own is called as the typedef that leads to it.
                var target = type.Target.SkipModifiers();
                if (target.IsAnonymous && target.IsComposite) return new CompositeType(Composite(target, type.Name));
                return target.IsAnonymous && target.IsEnum ? new EnumType(Enum(target, type.Name)) : Get(target);
            case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag or BtfKind.Variable or BtfKind.DeclTag:
                return Get(type.Target);
            default:
                return VoidType.Instance;
        }
    }

    // struct x __user *p: the tag stands between the pointer and its target, among the qualifiers.
    private static bool IsUser(BtfType target)
    {
        for (int depth = 0; depth < 32 && target.IsModifier; depth++, target = target.Target)
        {
            if (target.Kind == BtfKind.TypeTag && target.NameBytes.SequenceEqual("user"u8)) return true;
        }
        return false;
    }

    private EnumTypeInfo Enum(BtfType type, string? alias)
    {
        if (_enums.TryGetValue(type, out var known)) return known;
        List<(string, long)> values = new(type.Count);
        foreach (var value in type.Values) values.Add((value.Name, value.Value));
        string name = type.IsAnonymous ? alias ?? "enum <anonymous>" : "enum " + type.Name;
        return _enums[type] = new EnumTypeInfo(name, (int)type.Size * 8, type.IsSigned, values);
    }

    private CompositeTypeInfo Composite(BtfType type, string? alias)
    {
        if (_composites.TryGetValue(type, out var known)) return known;
        bool isUnion = type.Kind == BtfKind.Union || type.IsForwardUnion;
        string keyword = isUnion ? "union " : "struct ";
        string name = type.IsAnonymous ? alias ?? keyword + "<anonymous>" : keyword + type.Name;
        bool isIncomplete = type.Kind == BtfKind.Forward;
        return _composites[type] = new CompositeTypeInfo(name, isUnion, isIncomplete ? 0 : checked((int)type.Size), () => isIncomplete ? [] : Fields(type))
        {
            Alignment = isIncomplete ? 1 : Math.Max(1, type.Alignment),
            KernelName = type.IsAnonymous ? null : type.Name,
            IsIncomplete = isIncomplete,
        };
    }

    private IReadOnlyList<CompositeField> Fields(BtfType type)
    {
        var fields = new CompositeField[type.Count];
        int i = 0;
        foreach (var member in type.Members)
        {
            var fieldType = Get(member.Type);
            int bits = member.BitfieldSize, at = checked((int)member.BitOffset);
            // Compilers of long ago gave an integer type of an odd width instead.
            if (bits == 0 && member.Type.Resolve() is { Kind: BtfKind.Int } old && old.IntBits != old.Size * 8)
            {
                bits = old.IntBits;
                at += old.IntBitOffset;
            }
            fields[i++] = bits == 0
                ? new CompositeField(member.Name, fieldType, at / 8) { Space = fieldType is PointerType pointer ? pointer.Space : AddressSpace.None }
                : Bitfield(member.Name, fieldType, at, bits);
        }
        return fields;
    }

    // Of the unit as wide as the declared type: reading that never leaves the struct. A packed one may lie across two.
    private static CompositeField Bitfield(string name, ScriptType type, int bit, int bits)
    {
        int unit = Math.Max(1, type.Size) * 8;
        int start = bit / unit * unit;
        if (bit - start + bits > unit) start = bit / 8 * 8;
        return new CompositeField(name, type, start / 8, bit - start, bits);
    }

    private static BtfTypes? Open()
    {
        if (Environment.GetEnvironmentVariable("BPFTRACE_BTF") is { Length: > 0 } path)
        {
            try
            {
                var spec = BtfSpec.Parse(File.ReadAllBytes(path), null, "vmlinux");
                spec.Validate();
                return new BtfTypes(spec);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new BpfException($"BPFTRACE_BTF: {e.Message}", e);
            }
        }
        return KernelBtf.IsAvailable ? new BtfTypes(KernelBtf.Vmlinux, KernelBtf.ReadModules) : null;
    }
}
