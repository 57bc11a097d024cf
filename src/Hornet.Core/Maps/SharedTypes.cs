using System.Diagnostics.CodeAnalysis;
using Hornet.Btf;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Maps;

/// <summary>
/// The types of a map whose values hold lists or trees. The kernel takes an object for one that belongs into a list only when the
/// type of both is the same in the same BTF, so programs that use such a map are loaded with the map's BTF; it has a description
/// for their functions too, with no names or lines of theirs.
/// </summary>
internal sealed class SharedTypes : IDisposable
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<(Type, Type), SharedTypes> s_loaded = [];

    private readonly (Type Key, Type Value) _of;
    private readonly Dictionary<Type, uint> _objects = [];
    private readonly byte[] _data;
    private BpfBtf? _btf;
    private int _users;

    private SharedTypes([DynamicallyAccessedMembers(ElementLayout.Fields)] Type key, [DynamicallyAccessedMembers(ElementLayout.Fields)] Type value, BtfBuilder builder)
    {
        _of = (key, value);
        ElementBtf types = new(builder);
        KeyTypeId = types.Add(key);
        ValueTypeId = types.Add(value);
        foreach (var (type, id) in types.Objects) _objects.Add(type, id);
        uint number = builder.AddInt("int", 4, BtfIntEncoding.Signed);
        ProgramId = builder.AddFunction("program", builder.AddPrototype(number, ("ctx", builder.AddPointer(0))), BtfLinkage.Global);
        FunctionId = builder.AddFunction("function", builder.AddPrototype(builder.AddInt("long", 8, BtfIntEncoding.Signed)));
        _data = builder.ToArray();
    }

    /// <summary>The type of keys.</summary>
    public uint KeyTypeId { get; }

    /// <summary>The type of values.</summary>
    public uint ValueTypeId { get; }

    /// <summary>What every program is described as.</summary>
    public uint ProgramId { get; }

    /// <summary>What every other function of a program is described as.</summary>
    public uint FunctionId { get; }

    /// <summary>The types in the kernel; null for those of a map that is only declared.</summary>
    public FileDescriptor? Descriptor => _btf?.Descriptor;

    /// <summary>The C# type of the keys.</summary>
    public Type KeyType => _of.Key;

    /// <summary>The C# type of the values.</summary>
    public Type ValueType => _of.Value;

    /// <summary>The id of an object's type; null when no list or tree of the values holds such objects.</summary>
    public uint? IdOf(Type type) => _objects.TryGetValue(type, out uint id) ? id : null;

    /// <summary>Loads the types of a map, or finds them: maps of the same types share them.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel has no lists and trees, or others.</exception>
    public static SharedTypes Load([DynamicallyAccessedMembers(ElementLayout.Fields)] Type key, [DynamicallyAccessedMembers(ElementLayout.Fields)] Type value)
    {
        CheckKernel();
        lock (s_lock)
        {
            if (!s_loaded.TryGetValue((key, value), out var types))
            {
                types = Describe(key, value, new BtfBuilder());
                types._btf = BpfBtf.Load(types._data);
                s_loaded.Add((key, value), types);
            }
            types._users++;
            return types;
        }
    }

    /// <summary>Describes the types of a map that is only declared. They begin a builder, so that they have the same ids in every object.</summary>
    public static SharedTypes Describe([DynamicallyAccessedMembers(ElementLayout.Fields)] Type key, [DynamicallyAccessedMembers(ElementLayout.Fields)] Type value, BtfBuilder builder) => new(key, value, builder);

    /// <summary>The types as an object's own begin with them.</summary>
    public BtfBuilder CopyTypes() => BtfBuilder.CopyOf(BtfSpec.Parse(_data));

    /// <summary>A map less uses the types; they are closed with the last one.</summary>
    public void Dispose()
    {
        lock (s_lock)
        {
            if (_btf is null || --_users > 0) return;
            s_loaded.Remove(_of);
            _btf.Dispose();
        }
    }

    // The nodes grew in 6.6; fields of another size would not be taken for nodes, and the program be refused for something else.
    private static void CheckKernel()
    {
        var first = FirstKernel.OwnObjects;
        if (KernelBtf.IsAvailable && KernelBtf.Vmlinux.TryFind("bpf_rb_node", BtfKind.Struct, out var node) && node.ByteSize == 32
            && KernelBtf.Vmlinux.TryFind("bpf_list_node", BtfKind.Struct, out node) && node.ByteSize == 24) return;
        throw new BpfNotSupportedException("lists and trees in map values", UnsupportedCause.Version,
            $"Lists and trees in map values need Linux {first}; this is {KernelVersion.Running}. Keep the objects in a hash, or in a queue.", first);
    }
}
