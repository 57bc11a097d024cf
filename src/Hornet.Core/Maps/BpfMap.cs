using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Maps;

/// <summary>
/// A map in the kernel, by its bytes. Owns its descriptor: the map lives until this, every program that uses it and
/// every pin are gone. The typed kinds (<c>BpfHashMap&lt;TKey, TValue&gt;</c> and so on) are views of one of these.
/// All members may be called from any thread.
/// </summary>
public sealed partial class BpfMap : IDisposable
{
    private uint _id;

    private readonly FileDescriptor? _descriptor;
    private SharedTypes? _types;

    internal BpfMap(FileDescriptor? descriptor, MapSpec spec, IMapBackend? backend = null)
    {
        _descriptor = descriptor;
        Backend = backend;
        Spec = spec;
        KeySize = (int)spec.KeySize;
        ValueSize = (int)spec.ValueSize;
        ValueBufferSize = MapKind.IsPerCpu(spec.Type) ? PerCpuStride * CpuList.PossibleCount : ValueSize;
    }

    /// <summary>The kernel's descriptor.</summary>
    /// <exception cref="InvalidOperationException">The map is only described (<see cref="MapDeclarationScope"/>).</exception>
    public FileDescriptor Descriptor => _descriptor
        ?? throw new InvalidOperationException($"The {this} is only described, for a compiler: it does not exist in the kernel.");

    /// <summary>Whether the map was made in a <see cref="MapDeclarationScope"/> and does not exist in the kernel.</summary>
    public bool IsDeclaration => _descriptor is null;

    /// <summary>What the map is when it is not the kernel's; null when it is, and when it is only described.</summary>
    internal IMapBackend? Backend { get; }

    /// <summary>The map as it was created or, for one that was opened, as the kernel describes it.</summary>
    internal MapSpec Spec { get; }

    /// <summary>The types that programs which use the map must be loaded with; null for any.</summary>
    internal SharedTypes? Types { get => _types; set => _types = value; }

    /// <summary>The map's name; of an opened map the first 15 bytes, which is what the kernel keeps.</summary>
    public string Name => Spec.Name;

    /// <summary>The map's kind.</summary>
    public MapType Type => Spec.Type;

    /// <summary>Bytes per key; 0 for kinds without keys.</summary>
    public int KeySize { get; }

    /// <summary>Bytes per value; for per-CPU kinds, of one CPU's value.</summary>
    public int ValueSize { get; }

    /// <summary>
    /// Bytes a value takes in <see cref="TryLookup"/> and <see cref="Update"/>: <see cref="ValueSize"/>, or for per-CPU
    /// kinds <see cref="PerCpuStride"/> for every possible CPU.
    /// </summary>
    public int ValueBufferSize { get; }

    /// <summary>Whether a value is one block per possible CPU.</summary>
    public bool IsPerCpu => MapKind.IsPerCpu(Type);

    /// <summary>Bytes from one CPU's value to the next: <see cref="ValueSize"/> rounded up to 8.</summary>
    public int PerCpuStride => (ValueSize + 7) & ~7;

    /// <summary>The largest number of entries; of ring buffers their size in bytes, of arenas in pages.</summary>
    public uint MaxEntries => Spec.MaxEntries;

    /// <summary>The flags the map was created with.</summary>
    public MapFlags Flags => Spec.Flags;

    /// <summary>What the inner maps of a map of maps are like; null for other kinds, and for a map that was opened.</summary>
    public MapSpec? InnerMap => Spec.InnerMap;

    /// <summary>The kernel's number of the map, unique until the next boot's end.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused to describe the map.</exception>
    public uint Id => _id != 0 ? _id : _id = GetInfo().Id;

    /// <summary>Closes the descriptor. Programs and pins keep the map in the kernel.</summary>
    public void Dispose()
    {
        UnmapArena();
        _descriptor?.Dispose();
        Interlocked.Exchange(ref _types, null)?.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{MapKind.Name(Type)} map '{Name}'";
}
