using Hornet.Btf;

namespace Hornet.Compiler.KernelTypes;

/// <summary>
/// The prototypes of the kernel's functions: found by name, and written down in an object that is loaded later, whose loader compares
/// them with those of the kernel it finds.
/// </summary>
internal sealed class KernelPrototypes(BtfBuilder btf)
{
    private readonly Dictionary<(BtfSpec, uint), uint> _known = [];

    /// <summary>The prototype of a function of the kernel or of a module; null when there is none.</summary>
    /// <param name="types">The types a program is compiled with; null for those of the running kernel, with its modules.</param>
    /// <param name="name">The function.</param>
    public static BtfType? Find(BtfSpec? types, string name)
    {
        if (types is null && !KernelBtf.IsAvailable) return null;
        if ((types ?? KernelBtf.Vmlinux).TryFind(name, BtfKind.Function, out var function)) return function.Target;
        if (types is not null) return null;
        foreach (string module in KernelBtf.Modules)
        {
            if (KernelBtf.TryGetModule(module, out var spec) && spec.TryFind(name, BtfKind.Function, out function)) return function.Target;
        }
        return null;
    }

    /// <summary>Writes a function down as one that is defined elsewhere.</summary>
    public uint Declare(string name, BtfType prototype) => btf.AddFunction(name, TypeOf(prototype), BtfLinkage.Extern);

    // As much of a type as loaders compare: what kind it is, what it points to, how wide a number is. Structs are named and empty.
    private uint TypeOf(BtfType type)
    {
        type = type.Resolve();
        if (type.Kind == BtfKind.Void) return 0;
        if (_known.TryGetValue((type.Spec, type.Id), out uint id)) return id;
        id = type.Kind switch
        {
            BtfKind.Int => btf.AddInt(type.Name, (uint)type.ByteSize, type.IntEncoding),
            BtfKind.Pointer => btf.AddPointer(TypeOf(type.Target)),
            BtfKind.Struct => btf.AddStruct(type.Name, 0),
            BtfKind.Union => btf.AddUnion(type.Name, 0),
            BtfKind.Forward => btf.AddForward(type.Name, type.IsForwardUnion),
            BtfKind.Enum => btf.AddEnum(type.Name, (uint)type.ByteSize, type.IsSigned, (type.Name.Length > 0 ? $"{type.Name}_value" : "value", 0)),
            BtfKind.Enum64 => btf.AddEnum64(type.Name, (uint)type.ByteSize, type.IsSigned, ($"{type.Name}_value", 0)),
            BtfKind.FunctionPrototype => btf.AddPrototype(TypeOf(type.Target), [.. type.Parameters.Select(p => (p.Name, TypeOf(p.Type)))]),
            BtfKind.Array => btf.AddArray(TypeOf(type.Target), btf.AddInt("__ARRAY_SIZE_TYPE__", 4), type.ArrayLength),
            _ => throw new BpfException($"a kernel function takes or gives '{MemberPath.Describe(type)}', which an object cannot describe"),
        };
        return _known[(type.Spec, type.Id)] = id;
    }
}
