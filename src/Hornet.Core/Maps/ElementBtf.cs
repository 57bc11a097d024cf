using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Btf;

namespace Hornet.Maps;

/// <summary>
/// BTF of the keys and values of a map, made of their C# types. The kernel insists on it for local storages, and finds
/// locks, timers, lists and trees in values by it.
/// </summary>
internal sealed class ElementBtf
{
    private readonly BtfBuilder _builder;
    private readonly Dictionary<Type, uint> _types = [];
    private readonly Dictionary<Type, uint> _objects = [];

    public ElementBtf(BtfBuilder builder) => _builder = builder;

    /// <summary>The objects that lists and trees among the types hold.</summary>
    public IReadOnlyDictionary<Type, uint> Objects => _objects;

    /// <summary>Whether a value has fields that the kernel must know of.</summary>
    public static bool IsNeeded<[DynamicallyAccessedMembers(ElementLayout.Fields)] TValue>() where TValue : unmanaged => Needed<TValue>.Value;

    /// <summary>Creates a map, with BTF when a value has fields that the kernel must know of.</summary>
    public static BpfMap Create<[DynamicallyAccessedMembers(ElementLayout.Fields)] TKey, [DynamicallyAccessedMembers(ElementLayout.Fields)] TValue>(MapOptions? options, MapSpec spec)
        where TKey : unmanaged where TValue : unmanaged
    {
        if (!IsNeeded<TValue>()) return MapOptions.Create(options, spec);
        if (HoldsObjects(typeof(TValue), 0)) return CreateShared(options, spec, typeof(TKey), typeof(TValue));
        return CreateDescribed<TKey, TValue>(options, spec);
    }

    /// <summary>Creates a map with BTF of its key and value.</summary>
    public static BpfMap CreateDescribed<[DynamicallyAccessedMembers(ElementLayout.Fields)] TKey, [DynamicallyAccessedMembers(ElementLayout.Fields)] TValue>(MapOptions? options, MapSpec spec)
        where TKey : unmanaged where TValue : unmanaged
    {
        if (MapDeclarationScope.IsOpen)
        {
            spec.DescribeTypes = static builder =>
            {
                ElementBtf types = new(builder);
                return (types.Add(typeof(TKey)), types.Add(typeof(TValue)));
            };
            return MapOptions.Create(options, spec);
        }
        using var btf = Load(typeof(TKey), typeof(TValue), out uint key, out uint value);
        (spec.KeyTypeId, spec.ValueTypeId) = (key, value);
        return MapOptions.Create(options, spec, new() { Btf = btf.Descriptor, NeedsTypes = IsNeeded<TValue>() });
    }

    // Programs have to be loaded with the very types that the map has.
    private static BpfMap CreateShared(MapOptions? options, MapSpec spec, [DynamicallyAccessedMembers(ElementLayout.Fields)] Type key, [DynamicallyAccessedMembers(ElementLayout.Fields)] Type value)
    {
        var types = MapDeclarationScope.IsOpen ? SharedTypes.Describe(key, value, new BtfBuilder()) : SharedTypes.Load(key, value);
        try
        {
            (spec.KeyTypeId, spec.ValueTypeId) = (types.KeyTypeId, types.ValueTypeId);
            var map = MapOptions.Create(options, spec, new() { Btf = types.Descriptor, NeedsTypes = true });
            map.Types = types;
            return map;
        }
        catch
        {
            types.Dispose();
            throw;
        }
    }

    /// <summary>Loads the BTF of a key and a value.</summary>
    public static BpfBtf Load([DynamicallyAccessedMembers(ElementLayout.Fields)] Type keyType, [DynamicallyAccessedMembers(ElementLayout.Fields)] Type valueType, out uint key, out uint value)
    {
        ElementBtf types = new(new BtfBuilder());
        key = types.Add(keyType);
        value = types.Add(valueType);
        return BpfBtf.Load(types._builder.ToArray());
    }

    private static class Needed<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> where T : unmanaged
    {
        public static readonly bool Value = HasKernelFields(typeof(T), 0);
    }

    private static bool HasKernelFields([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type, int depth)
    {
        if (KernelName(type) is not null) return true;
        if (type.IsPrimitive || type.IsEnum || type.IsPointer || depth > 8) return false;
        foreach (var field in Fields(type))
        {
            if (HasKernelFields(TypeOf(field), depth + 1)) return true;
        }
        return false;
    }

    private static bool HoldsObjects([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type, int depth)
    {
        if (KernelName(type) is { } name) return name is ListHead or TreeRoot;
        if (type.IsPrimitive || type.IsEnum || type.IsPointer || depth > 8) return false;
        return Fields(type).Any(field => HoldsObjects(TypeOf(field), depth + 1));
    }

    private const string ListHead = "bpf_list_head", TreeRoot = "bpf_rb_root", ListNode = "bpf_list_node", TreeNode = "bpf_rb_node";

    private static string? KernelName(Type type)
    {
        if (type.IsGenericType)
        {
            var definition = type.GetGenericTypeDefinition();
            return definition == typeof(BpfKptr<>) ? "kptr" : definition == typeof(BpfList<>) ? ListHead : definition == typeof(BpfTree<>) ? TreeRoot : null;
        }
        return type == typeof(BpfSpinLock) ? "bpf_spin_lock" : type == typeof(BpfResilientLock) ? "bpf_res_spin_lock" : type == typeof(BpfTimer) ? "bpf_timer" : type == typeof(BpfListNode) ? ListNode
            : type == typeof(BpfWork) ? "bpf_wq" : type == typeof(BpfTaskWork) ? "bpf_task_work"
            : type == typeof(BpfTreeNode) ? TreeNode : type == typeof(BpfReferenceCount) ? "bpf_refcount" : null;
    }

    // The views of kernel types and their attribute belong to a room above this one.
    private static string KernelTypeOf(Type view)
    {
        foreach (var type in (IEnumerable<Type>)[view, .. Interfaces(view)])
        {
            foreach (var attribute in type.GetCustomAttributesData())
            {
                if (attribute.AttributeType.FullName == "Hornet.KernelTypes.KernelTypeAttribute" && attribute.ConstructorArguments is [{ Value: string name }]) return name;
            }
        }
        throw new BpfException($"BpfKptr<{view.Name}> refers to no type of the kernel: {view.Name} is no interface with [KernelType(\"…\")].");
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A view that is used keeps the interfaces whose fields it shows.")]
    private static Type[] Interfaces(Type view) => view.GetInterfaces();

    public uint Add([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type)
    {
        if (type.IsEnum) return Add(EnumNumber(type));
        if (type.IsPointer) return Add(typeof(ulong));
        if (_types.TryGetValue(type, out uint known)) return known;
        uint id = KernelName(type) switch
        {
            "bpf_spin_lock" or "bpf_res_spin_lock" => _builder.AddStruct(KernelName(type)!, 4, new BtfMemberDefinition("val", Add(typeof(uint)), 0)),
            "bpf_timer" => _builder.AddStruct("bpf_timer", 16, new BtfMemberDefinition("__opaque", _builder.AddArray(Add(typeof(ulong)), Add(typeof(uint)), 2), 0)),
            ListHead or TreeRoot or ListNode or TreeNode or "bpf_wq" or "bpf_task_work" => Opaque(KernelName(type)!, Size(type)),
            "bpf_refcount" => _builder.AddStruct("bpf_refcount", 4, new BtfMemberDefinition("__opaque", _builder.AddArray(Add(typeof(uint)), Add(typeof(uint)), 1), 0)),
            "kptr" => _builder.AddPointer(_builder.AddTypeTag("kptr", _builder.AddStruct(KernelTypeOf(type.GetGenericArguments()[0]), 0))),
            _ => Number(type) ?? AddStruct(type),
        };
        return _types[type] = id;
    }

    [return: DynamicallyAccessedMembers(ElementLayout.Fields)]
    private static Type EnumNumber(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => typeof(byte),
        TypeCode.SByte => typeof(sbyte),
        TypeCode.Int16 => typeof(short),
        TypeCode.UInt16 => typeof(ushort),
        TypeCode.UInt32 => typeof(uint),
        TypeCode.Int64 => typeof(long),
        TypeCode.UInt64 => typeof(ulong),
        _ => typeof(int),
    };

    private uint? Number(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.SByte => _builder.AddInt("signed char", 1, BtfIntEncoding.Signed),
        TypeCode.Byte or TypeCode.Boolean => _builder.AddInt("unsigned char", 1),
        TypeCode.Int16 => _builder.AddInt("short", 2, BtfIntEncoding.Signed),
        TypeCode.UInt16 or TypeCode.Char => _builder.AddInt("unsigned short", 2),
        TypeCode.Int32 => _builder.AddInt("int", 4, BtfIntEncoding.Signed),
        TypeCode.UInt32 => _builder.AddInt("unsigned int", 4),
        TypeCode.Int64 => _builder.AddInt("long long", 8, BtfIntEncoding.Signed),
        TypeCode.UInt64 => _builder.AddInt("unsigned long long", 8),
        // Kernels before 5.13 have no BTF for floating-point numbers.
        TypeCode.Single => _builder.AddInt("float_bits", 4),
        TypeCode.Double => _builder.AddInt("double_bits", 8),
        _ => type == typeof(nint) ? _builder.AddInt("long", 8, BtfIntEncoding.Signed) : type == typeof(nuint) ? _builder.AddInt("unsigned long", 8) : null,
    };

    private uint Opaque(string name, int size) =>
        _builder.AddStruct(name, (uint)size, new BtfMemberDefinition("__opaque", _builder.AddArray(Add(typeof(ulong)), Add(typeof(uint)), (uint)size / 8), 0));

    private uint AddStruct([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type)
    {
        int size = Size(type);
        var members = new List<BtfMemberDefinition>();
        if (type.GetCustomAttribute<InlineArrayAttribute>() is { Length: var length } && Fields(type) is [var first])
            members.Add(new("items", _builder.AddArray(Add(TypeOf(first)), Add(typeof(uint)), (uint)length), 0));
        else if (!AddMembers(type, size, members))
            members = [new("bytes", _builder.AddArray(Add(typeof(byte)), Add(typeof(uint)), (uint)size), 0)];
        uint id = _builder.AddStruct(Identifier(type.Name), (uint)size, [.. members]);
        Tag(type, id, field => members.FindIndex(m => m.Name == Identifier(field.Name)));
        return id;
    }

    // Says of each list and tree what it holds: objects of which type, linked by which field.
    private void Tag([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type, uint id, Func<FieldInfo, int> indexOf)
    {
        foreach (var field in Fields(type))
        {
            if (KernelName(TypeOf(field)) is not (ListHead or TreeRoot)) continue;
            var held = HeldBy(TypeOf(field));
            var node = NodeOf(held, KernelName(TypeOf(field))!);
            if (!_objects.ContainsKey(held)) AddObject(held);
            _builder.AddDeclTag($"contains:{ObjectName(held)}:{Identifier(node.Name)}", id, indexOf(field));
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2063", Justification = "The parameter of a list or tree keeps its fields.")]
    [return: DynamicallyAccessedMembers(ElementLayout.Fields)]
    private static Type HeldBy(Type root) => root.GetGenericArguments()[0];

    /// <summary>The field that an object is linked into a list or tree by.</summary>
    /// <param name="held">The object.</param>
    /// <param name="root">The kernel's name of the list or tree.</param>
    /// <exception cref="BpfException">It has none, or several.</exception>
    private static FieldInfo NodeOf([DynamicallyAccessedMembers(ElementLayout.Fields)] Type held, string root)
    {
        var wanted = root == ListHead ? typeof(BpfListNode) : typeof(BpfTreeNode);
        var nodes = Array.FindAll(Fields(held), field => field.FieldType == wanted);
        return nodes is [var only] ? only
            : throw new BpfException($"{held.Name} has {(nodes.Length == 0 ? "no" : "several")} {wanted.Name}: what is in a {(root == ListHead ? "list" : "tree")} is linked by exactly one. Add or remove a field.");
    }

    // Objects of one name are told apart by numbers.
    private string ObjectName(Type type)
    {
        string name = Identifier(type.Name);
        int same = _objects.Keys.TakeWhile(known => known != type).Count(known => known.Name == type.Name);
        return same == 0 ? name : $"{name}_{same}";
    }

    // The kernel lets programs reach everything between its own fields, but no access go from one member into the next. Compiled code
    // copies several at once, so what lies between is one member.
    private void AddObject([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type)
    {
        _objects.Add(type, 0);
        int size = Size(type), covered = 0;
        List<BtfMemberDefinition> members = [];
        Dictionary<FieldInfo, int> places = [];
        void Plain(int end)
        {
            if (end > covered) members.Add(new($"bytes_{covered}", _builder.AddArray(Add(typeof(byte)), Add(typeof(uint)), (uint)(end - covered)), (uint)covered * 8));
            covered = Math.Max(covered, end);
        }

        foreach (var (field, offset) in Places(type))
        {
            var fieldType = TypeOf(field);
            if (!HasKernelFields(fieldType, 0)) continue;
            Plain(offset);
            places.Add(field, members.Count);
            members.Add(new(Identifier(field.Name), Add(fieldType), (uint)offset * 8));
            covered = offset + Size(fieldType);
        }
        Plain(size);
        uint id = _builder.AddStruct(ObjectName(type), (uint)size, [.. members]);
        _objects[type] = id;
        Tag(type, id, field => places[field]);
    }

    private static List<(FieldInfo Field, int Offset)> Places([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type)
    {
        if (!type.IsLayoutSequential) throw new BpfException($"{type.Name} is an object with fields of the kernel, whose places have to be known: use [StructLayout(LayoutKind.Sequential)].");
        int pack = type.StructLayoutAttribute is { Pack: > 0 } layout ? layout.Pack : 8, at = 0;
        List<(FieldInfo, int)> places = [];
        foreach (var field in Fields(type))
        {
            int alignment = Math.Min(pack, Alignment(TypeOf(field)));
            at = (at + alignment - 1) / alignment * alignment;
            places.Add((field, at));
            at += Size(TypeOf(field));
        }
        return places;
    }

    // False when the fields are not simply one after the other, so that bytes say as much.
    private bool AddMembers([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type, int size, List<BtfMemberDefinition> members)
    {
        int pack = type.StructLayoutAttribute is { Pack: > 0 } layout ? layout.Pack : 8, at = 0;
        foreach (var field in Fields(type))
        {
            var fieldType = TypeOf(field);
            int alignment = Math.Min(pack, Alignment(fieldType)), length = Size(fieldType);
            at = (at + alignment - 1) / alignment * alignment;
            if (type.IsExplicitLayout)
            {
                if (field.GetCustomAttribute<FieldOffsetAttribute>() is not { Value: var offset } || offset < at && members.Count > 0) return Fail(type);
                at = offset;
            }
            uint id = field.GetCustomAttribute<FixedBufferAttribute>() is { } buffer
                ? _builder.AddArray(Add(BufferElement(buffer)), Add(typeof(uint)), (uint)buffer.Length)
                : Add(fieldType);
            members.Add(new(Identifier(field.Name), id, (uint)at * 8));
            at += length;
        }
        return (at <= size && size - at < 8) || type.StructLayoutAttribute is { Size: > 0 } || Fail(type);
    }

    private static bool Fail([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type) => HasKernelFields(type, 0)
        ? throw new BpfException($"{type.Name} has fields of the kernel, and its other fields overlap: the kernel could not be told where they are. Use a struct with [StructLayout(LayoutKind.Sequential)].")
        : false;

    [UnconditionalSuppressMessage("Trimming", "IL2073", Justification = "The elements of fixed buffers are primitive types.")]
    [return: DynamicallyAccessedMembers(ElementLayout.Fields)]
    private static Type BufferElement(FixedBufferAttribute buffer) => buffer.ElementType;

    private static int Alignment([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type.IsPointer) return Math.Min(8, Size(type));
        int alignment = 1;
        foreach (var field in Fields(type)) alignment = Math.Max(alignment, Alignment(TypeOf(field)));
        return Math.Min(alignment, type.StructLayoutAttribute is { Pack: > 0 } layout ? layout.Pack : 8);
    }

    private static FieldInfo[] Fields([DynamicallyAccessedMembers(ElementLayout.Fields)] Type type) =>
        [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(field => field.MetadataToken)];

    [UnconditionalSuppressMessage("Trimming", "IL2073", Justification = "A nested type without field descriptions becomes bytes.")]
    [return: DynamicallyAccessedMembers(ElementLayout.Fields)]
    private static Type TypeOf(FieldInfo field) => field.FieldType;

    private static int Size(Type type) => type.IsPointer ? IntPtr.Size : RuntimeHelpers.SizeOf(type.TypeHandle);

    // The kernel takes C's identifiers only. An automatic property's field is named <Name>k__BackingField.
    private static string Identifier(string name)
    {
        if (name.StartsWith('<') && name.IndexOf('>') is var end and > 1) name = name[1..end];
        var safe = name.ToCharArray();
        for (int i = 0; i < safe.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(safe[i])) safe[i] = '_';
        }
        return char.IsAsciiDigit(safe[0]) ? $"_{new string(safe)}" : new string(safe);
    }
}
