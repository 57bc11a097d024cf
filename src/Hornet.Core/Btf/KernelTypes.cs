using Hornet.Interop;

namespace Hornet.Btf;

/// <summary>Where a kernel type was found: its set of types and, for a module's, the kernel's descriptor of it.</summary>
internal readonly record struct KernelType(BtfType Type, FileDescriptor? Module);

/// <summary>The kernel's types while something is loaded: vmlinux first, then modules, opened when they are needed.</summary>
internal sealed class KernelTypes(BtfSpec? given) : IDisposable
{
    private readonly Dictionary<string, BpfBtf?> _descriptors = [];
    private Dictionary<string, uint>? _ids;

    /// <summary>vmlinux's types, or those given instead.</summary>
    public BtfSpec Vmlinux => given ?? KernelBtf.Vmlinux;

    /// <summary>The modules' types.</summary>
    public IEnumerable<BtfSpec> Modules()
    {
        if (given is not null) yield break;
        foreach (string name in KernelBtf.Modules)
        {
            if (KernelBtf.TryGetModule(name, out var spec)) yield return spec!;
        }
    }

    /// <summary>Finds a type by name, in vmlinux or else in a module.</summary>
    /// <param name="name">The name; <c>module:name</c> to look in one module only.</param>
    /// <param name="kind">The kind.</param>
    public KernelType? Find(string name, BtfKind kind)
    {
        int colon = name.IndexOf(':');
        if (colon > 0)
        {
            string module = name[..colon], rest = name[(colon + 1)..];
            if (module == "vmlinux") return Vmlinux.TryFind(rest, kind, out var own) ? new KernelType(own, null) : null;
            return KernelBtf.TryGetModule(module, out var spec) && FindOwn(spec!, rest, kind) is { } type ? new KernelType(type, Descriptor(module)) : null;
        }
        if (Vmlinux.TryFind(name, kind, out var found)) return new KernelType(found, null);
        foreach (var module in Modules())
        {
            if (FindOwn(module, name, kind) is { } type) return new KernelType(type, Descriptor(module.Name));
        }
        return null;
    }

    public void Dispose()
    {
        foreach (var btf in _descriptors.Values) btf?.Dispose();
    }

    private static BtfType? FindOwn(BtfSpec module, string name, BtfKind kind)
    {
        foreach (var type in module.FindAll(name))
        {
            if (type.Id >= module.FirstId && type.Kind == kind) return type;
        }
        return null;
    }

    private FileDescriptor? Descriptor(string module)
    {
        if (_descriptors.TryGetValue(module, out var open)) return open?.Descriptor;
        _ids ??= BpfBtf.Enumerate().Where(b => b.IsKernel).DistinctBy(b => b.Name).ToDictionary(b => b.Name, b => b.Id);
        var btf = _ids.TryGetValue(module, out uint id) ? BpfBtf.Open(id) : null;
        _descriptors.Add(module, btf);
        return btf?.Descriptor;
    }
}
