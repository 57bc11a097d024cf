using Hornet.Interop;
using Hornet.Maps;

namespace Hornet.Objects;

internal sealed partial class ObjectLoader
{
    /// <summary>Maps of this load that hold first contents; replaced and shared ones keep what they have.</summary>
    private readonly HashSet<string> _created = [];

    private void CreateMaps()
    {
        foreach (var map in _object.Maps)
        {
            if (_maps.ContainsKey(map.Name)) throw new BpfException($"load {_object.Name}: two maps are named '{map.Name}'");
            if (!map.AutoCreate) continue;
            if (_options.MapReplacements.TryGetValue(map.Name, out var replacement))
            {
                replacement.CheckCompatible(map);
                var duplicate = BpfMap.FromDescriptor(replacement.Descriptor.Duplicate($"map {map.Name}"));
                _maps.Add(map.Name, duplicate);
                if (map.Type == MapType.Arena) duplicate.ShareArena(replacement);
                continue;
            }
            if (map.LegacyExtra.AsSpan().ContainsAnyExcept((byte)0))
                throw new BpfException($"load {_object.Name}: the definition of map '{map.Name}' ends in {map.LegacyExtra.Length} bytes that belong to another loader (iproute2, say). Read their meaning from MapSpec.LegacyExtra, then set it to empty");
            _maps.Add(map.Name, CreateMap(map));
        }
        foreach (string name in _options.MapReplacements.Keys)
        {
            if (!_object.Maps.Contains(name)) throw new BpfException($"load {_object.Name}: there is no map '{name}' to replace; there are {string.Join(", ", _object.Maps.Select(m => m.Name))}");
        }
    }

    private BpfMap CreateMap(MapSpec map)
    {
        if (map.Type == MapType.StructOps)
        {
            _created.Add(map.Name);
            return CreateStructOps(map);
        }
        var spec = map.Clone();
        spec.Name = KernelName(map);
        spec.ValueTypeId = _movedTypes.GetValueOrDefault(map.ValueTypeId, map.ValueTypeId);
        if (map.Name == ObjectReader.KconfigMap) spec.Contents.Add((new byte[4], _kconfig));
        // Kernels before 5.5 cannot map arrays into user space; the programs do not care.
        if (IsData(map) && _kernelVersion < new Kernel.KernelVersion(5, 5)) spec.Flags &= ~MapFlags.Mmapable;
        using var inner = CreateInnerMap(spec);
        MapCreateOptions options = new() { Btf = _btf?.Descriptor, Token = _options.Token, DeferContents = true, InnerMap = inner };
        string? path = map.PinPath ?? map.Pinning switch
        {
            PinType.None => null,
            PinType.ByName => Path.Combine(_options.PinFolder, map.Name),
            var other => throw new BpfException($"load {_object.Name}: map '{map.Name}' asks for pinning {(int)other}, which only its own loader understands. Set MapSpec.Pinning"),
        };
        if (path is null)
        {
            _created.Add(map.Name);
            return BpfMap.Create(spec, options);
        }
        return CreatePinned(map.Name, path, spec, options);
    }

    private BpfMap CreatePinned(string name, string path, MapSpec spec, MapCreateOptions options)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                var existing = BpfMap.OpenPinned(path);
                try
                {
                    existing.CheckCompatible(spec);
                    return existing;
                }
                catch
                {
                    existing.Dispose();
                    throw;
                }
            }
            catch (BpfSyscallException e) when (e.Errno == Errno.ENOENT)
            {
            }
            var created = BpfMap.Create(spec, options);
            try
            {
                created.Pin(path);
                _pinned.Add(created);
                _created.Add(name);
                return created;
            }
            catch (BpfSyscallException e) when (e.Errno == Errno.EEXIST && attempt < 8)
            {
                // Another process was faster; its map is as good.
                created.Dispose();
            }
            catch
            {
                created.Dispose();
                throw;
            }
        }
    }

    /// <summary>The kernel notes the properties of an example, types included, which a lock in its values needs.</summary>
    private BpfMap? CreateInnerMap(MapSpec map)
    {
        if (map.Type is not (MapType.ArrayOfMaps or MapType.HashOfMaps)) return null;
        if (map.InnerMap is null) throw new BpfException($"load {_object.Name}: the object does not say what the maps in '{map.Name}' look like. Set MapSpec.InnerMap");
        return BpfMap.Create(map.InnerMap, new MapCreateOptions { Btf = _btf?.Descriptor, Token = _options.Token, DeferContents = true });
    }

    private static bool IsData(MapSpec map) => map is { Type: MapType.Array, KeySize: 4, MaxEntries: 1 } && map.Name.StartsWith('.');

    /// <summary>
    /// Data sections are called the same in every object, so the kernel is given a part of the object's name before it.
    /// </summary>
    private string KernelName(MapSpec map)
    {
        if (!IsData(map)) return map.Name;
        int room = Math.Max(7, Bpf.ObjectNameLength - 1 - map.Name.Length);
        return (_object.Name.Length > room ? _object.Name[..room] : _object.Name) + map.Name;
    }

    private void WriteMaps()
    {
        foreach (var map in _object.Maps)
        {
            if (!_created.Contains(map.Name) || map.Type is MapType.ProgramArray or MapType.StructOps) continue;
            _maps[map.Name].WriteContents(name => _maps.TryGetValue(name, out var named) ? named.Descriptor : throw new BpfException($"load {_object.Name}: the first contents of map '{map.Name}' name the map '{name}', which is not created"));
        }
        WriteArena();
    }

    private void WriteProgramArrays()
    {
        foreach (var map in _object.Maps)
        {
            if (!_maps.TryGetValue(map.Name, out var live) || map.Type != MapType.ProgramArray) continue;
            foreach (var (key, value) in map.Contents)
            {
                var program = value is string name
                    ? _programs.GetValueOrDefault(name) ?? throw new BpfException($"load {_object.Name}: the program array '{map.Name}' names the program '{name}', which is not loaded. Switch its AutoLoad on, or remove the element")
                    : throw new BpfException($"load {_object.Name}: the program array '{map.Name}' holds something that is not the name of a program");
                live.Update(key, BitConverter.GetBytes(program.Descriptor.Value));
            }
        }
    }

    /// <summary>
    /// The arena's variables lie in its last pages, which leaves the first ones, where a null pointer would point to, empty.
    /// </summary>
    private unsafe void WriteArena()
    {
        // Every arena is mapped: the programs that use it are translated by its address, so it needs one before they load.
        foreach (var map in _maps.Values)
        {
            if (map.Type == MapType.Arena) _ = map.MapArena();
        }
        if (_object.Arena is not { } arena || !_maps.TryGetValue(arena.Map, out var home)) return;
        int offset = ArenaOffset(arena);
        _dataOffsets[arena.Map] = offset;
        byte* variables = home.MapArena().Address + offset;
        if (_created.Contains(arena.Map)) arena.Bytes.CopyTo(new Span<byte>(variables, arena.Bytes.Length));
        // In an arena of somebody else's what is there stays. But a page nobody has touched is none: programs' stores would be lost
        // without a word, and our reading makes the page.
        else for (int at = 0; at < arena.Bytes.Length; at += Environment.SystemPageSize) _ = Volatile.Read(ref variables[at]);
    }

    private int ArenaOffset(ArenaData arena)
    {
        int page = Environment.SystemPageSize;
        long size = (long)_object.Maps[arena.Map].MaxEntries * page;
        long offset = size - (arena.Bytes.Length + page - 1L) / page * page;
        if (offset < 0) throw new BpfException($"load {_object.Name}: the arena's variables have {arena.Bytes.Length} bytes, more than the {size} of map '{arena.Map}'");
        return checked((int)offset);
    }
}
