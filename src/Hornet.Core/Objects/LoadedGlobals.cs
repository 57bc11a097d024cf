using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Objects;

/// <summary>
/// The global variables of loaded programs. Data sections are mapped into this process (5.5), so that reading and writing
/// is a memory access; where that is not possible a whole section is read or written at a time.
/// </summary>
public sealed unsafe class LoadedGlobals : IDisposable
{
    private readonly BpfObject _spec;
    private readonly Dictionary<string, BpfMap> _maps;
    private readonly IReadOnlyDictionary<string, int> _offsets;
    private readonly Dictionary<BpfMap, Mapping> _mappings = [];
    private readonly Lock _lock = new();

    internal LoadedGlobals(BpfObject spec, Dictionary<string, BpfMap> maps, IReadOnlyDictionary<string, int> offsets)
    {
        _spec = spec;
        _maps = maps;
        _offsets = offsets;
    }

    private sealed record Mapping(nint Address, nuint Length, bool Writable);

    /// <summary>The names.</summary>
    public IEnumerable<string> Names => _spec.GlobalNames;

    /// <summary>Reads a variable.</summary>
    /// <exception cref="BpfException">There is no such variable, or it is of another type.</exception>
    public T Get<T>(string name) where T : unmanaged
    {
        var (map, offset, size, btfId) = Find(name);
        GlobalAccess.Check<T>(_spec.Btf, name, btfId, size);
        if (Map(map) is { } mapping) return Unsafe.ReadUnaligned<T>((byte*)mapping.Address + offset);
        return MemoryMarshal.Read<T>(Section(map).AsSpan((int)offset));
    }

    /// <summary>Writes a variable. Programs see it at once.</summary>
    /// <exception cref="BpfException">There is no such variable, it is of another type, or it is a constant.</exception>
    public void Set<T>(string name, T value) where T : unmanaged
    {
        var (map, offset, size, btfId) = Find(name);
        GlobalAccess.Check<T>(_spec.Btf, name, btfId, size);
        ThrowIfConstant(name, map);
        if (Map(map) is { Writable: true } mapping)
        {
            Unsafe.WriteUnaligned((byte*)mapping.Address + offset, value);
            return;
        }
        byte[] section = Section(map);
        MemoryMarshal.Write(section.AsSpan((int)offset), in value);
        map.Update(new byte[4], section);
    }

    /// <summary>
    /// The bytes of a variable, as the programs see them now and later. Valid until the object is disposed.
    /// </summary>
    /// <exception cref="BpfException">There is no such variable, or its section cannot be mapped.</exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        var (map, offset, size, _) = Find(name);
        return Map(map) is { } mapping
            ? new ReadOnlySpan<byte>((byte*)mapping.Address + offset, (int)size)
            : throw new BpfException($"the section of '{name}' cannot be mapped into this process; use Get");
    }

    /// <summary>
    /// A reference to a variable in the kernel's memory, for counters read in a loop. Valid until the object is disposed.
    /// </summary>
    /// <exception cref="BpfException">There is no such variable, it is a constant, or its section cannot be mapped.</exception>
    public ref T Reference<T>(string name) where T : unmanaged
    {
        var (map, offset, size, btfId) = Find(name);
        GlobalAccess.Check<T>(_spec.Btf, name, btfId, size);
        ThrowIfConstant(name, map);
        if (Map(map) is not { Writable: true } mapping) throw new BpfException($"the section of '{name}' cannot be mapped into this process; use Get and Set");
        return ref Unsafe.AsRef<T>((byte*)mapping.Address + offset);
    }

    /// <summary>Unmaps the sections.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var mapping in _mappings.Values) _ = Libc.Munmap((void*)mapping.Address, mapping.Length);
            _mappings.Clear();
        }
    }

    private (BpfMap Map, uint Offset, uint Size, uint BtfId) Find(string name)
    {
        GlobalVariable? variable = null;
        foreach (var candidate in _spec.Variables)
        {
            if (candidate.Name == name && (variable is null || variable.Binding == Elf.ElfSymbolBinding.Local)) variable = candidate;
        }
        if (variable is not null && _maps.TryGetValue(variable.Map, out var map))
            return (map, variable.Offset + (uint)_offsets.GetValueOrDefault(variable.Map), variable.Size, variable.BtfId);
        if (_spec.Externs.TryGet(name, out var external) && external.Kind == ExternKind.Kconfig && _maps.TryGetValue(ObjectReader.KconfigMap, out map))
            return (map, external.Offset, external.Size, external.BtfId);
        throw new BpfException($"{_spec.Name} has no global variable '{name}'; there are {string.Join(", ", Names.Take(20))}");
    }

    private static void ThrowIfConstant(string name, BpfMap map)
    {
        if ((map.Flags & MapFlags.ReadOnlyProgram) != 0)
            throw new BpfException($"'{name}' is a constant: the verifier relied on its value. Set it on the object before it is loaded");
    }

    private static byte[] Section(BpfMap map) => map.Lookup(new byte[4]) ?? throw new BpfException($"{map} is empty");

    private Mapping? Map(BpfMap map)
    {
        lock (_lock)
        {
            if (_mappings.TryGetValue(map, out var mapping)) return mapping;
            if (map.Type == MapType.Arena) return new Mapping((nint)map.MapArena().Address, map.MapArena().Length, true);
            if ((map.Flags & MapFlags.Mmapable) == 0) return null;
            nuint length = ((nuint)map.ValueSize + 7) & ~(nuint)7;
            // Frozen maps may be mapped for reading only (EPERM), those of a read-only descriptor too (EACCES).
            bool writable = (map.Flags & MapFlags.ReadOnlyProgram) == 0;
            void* address = Libc.Mmap(null, length, writable ? Libc.PROT_READ | Libc.PROT_WRITE : Libc.PROT_READ, Libc.MAP_SHARED, map.Descriptor.Value, 0);
            if (address == (void*)-1) return null;
            _mappings.Add(map, mapping = new Mapping((nint)address, length, writable));
            return mapping;
        }
    }
}
