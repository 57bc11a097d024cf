using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>What the descriptor of an opened map may be used for (<c>BPF_F_RDONLY</c>, <c>BPF_F_WRONLY</c>).</summary>
public enum MapAccess
{
    /// <summary>Reading and writing, as far as the map and its pin allow.</summary>
    ReadWrite = 0,
    /// <summary>Lookups and iteration only; enough on a pin without write permission.</summary>
    ReadOnly = (int)MapFlags.ReadOnly,
    /// <summary>Updates and removals only.</summary>
    WriteOnly = (int)MapFlags.WriteOnly,
}

public sealed partial class BpfMap
{
    /// <summary>Opens the map with a number.</summary>
    /// <param name="id">The kernel's number, as <c>hornet map list</c> shows it.</param>
    /// <param name="access">What the descriptor may be used for.</param>
    /// <exception cref="BpfSyscallException">There is no such map (ENOENT), or the process lacks CAP_SYS_ADMIN or CAP_BPF (EPERM).</exception>
    public static BpfMap OpenById(uint id, MapAccess access = MapAccess.ReadWrite)
    {
        IdAttr attr = new() { MapId = id, OpenFlags = (uint)access };
        var descriptor = Bpf.TryOpen(BpfCommand.MapGetFdById, ref attr, $"map id {id}");
        if (descriptor is null)
        {
            var errno = Libc.LastError;
            throw new BpfSyscallException($"open map {id}", errno, errno switch
            {
                Errno.ENOENT => "No map has this id (any more)",
                Errno.EPERM => "Opening by id needs CAP_SYS_ADMIN (CAP_BPF since 6.13 for some), or the map is not for that access",
                _ => null,
            });
        }
        return FromDescriptor(descriptor);
    }

    /// <summary>Makes a map of a descriptor that came from elsewhere, and takes ownership of it.</summary>
    /// <exception cref="BpfSyscallException">It is not the descriptor of a map. The descriptor is closed.</exception>
    public static BpfMap FromDescriptor(FileDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        try
        {
            var info = GetInfo(descriptor, "?");
            return new BpfMap(descriptor, Describe(info)) { _id = info.Id };
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Opens a pinned map.</summary>
    /// <param name="path">A path in a BPF file system.</param>
    /// <param name="access">What the descriptor may be used for.</param>
    /// <exception cref="BpfSyscallException">Nothing is pinned there, or the process may not open it.</exception>
    /// <exception cref="BpfException">Something other than a map is pinned there.</exception>
    public static BpfMap OpenPinned(string path, MapAccess access = MapAccess.ReadWrite)
    {
        var descriptor = Pinning.Open(path, "map", (uint)access);
        try
        {
            var map = FromDescriptor(descriptor);
            map.PinnedPath = path;
            return map;
        }
        catch (BpfSyscallException e) when (e.Errno == Errno.EINVAL)
        {
            throw new BpfException($"open pinned map {path}: what is pinned there is not a map", e);
        }
    }

    /// <summary>
    /// Opens the map pinned at the path when there is one, and creates and pins it otherwise. Two processes may do so at
    /// the same time: the second uses the first's.
    /// </summary>
    /// <param name="path">A path in a BPF file system; missing folders are made, as <see cref="Pin"/> does.</param>
    /// <param name="spec">What the map must be.</param>
    /// <param name="options">What a creation refers to.</param>
    /// <exception cref="BpfException">The map there is a different one; the message names every difference.</exception>
    public static BpfMap OpenOrCreatePinned(string path, MapSpec spec, MapCreateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        for (int attempt = 0; ; attempt++)
        {
            BpfMap? existing = null;
            try
            {
                existing = OpenPinned(path);
                existing.CheckCompatible(spec);
                return existing;
            }
            catch (BpfSyscallException e) when (e.Errno == Errno.ENOENT)
            {
            }
            catch
            {
                existing?.Dispose();
                throw;
            }
            var created = Create(spec, options);
            try
            {
                created.Pin(path);
                return created;
            }
            catch (BpfSyscallException e) when (e.Errno == Errno.EEXIST && attempt < 8)
            {
                created.Dispose();
            }
            catch
            {
                created.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Where the map is pinned, as far as this object knows: it was opened from there or pinned through it. Null otherwise.
    /// </summary>
    public string? PinnedPath { get; private set; }

    /// <summary>Folders that were made for the pin, outermost first.</summary>
    internal IReadOnlyList<string> PinFolders { get; private set; } = [];

    /// <summary>Pins the map, so that it outlives the process.</summary>
    /// <param name="path">
    /// A path in a BPF file system that does not exist yet. Folders that are missing are made (mode 0700), inside the BPF
    /// file system only, and stay when the pin is removed.
    /// </param>
    /// <exception cref="BpfSyscallException">The path exists (EEXIST), is not in a BPF file system, or may not be written.</exception>
    public void Pin(string path)
    {
        PinFolders = Pinning.Pin(Descriptor, path, ToString());
        PinnedPath = path;
    }

    /// <summary>Removes the pin at <see cref="PinnedPath"/>. The map itself lives on while it is open or in use.</summary>
    /// <exception cref="InvalidOperationException">The map is not known to be pinned.</exception>
    public void Unpin()
    {
        string path = PinnedPath ?? throw new InvalidOperationException($"{this} is not known to be pinned.");
        Pinning.Unpin(path);
        PinnedPath = null;
    }

    /// <summary>Throws unless the map is what a spec asks for.</summary>
    /// <param name="wanted">What the map must be.</param>
    /// <exception cref="BpfException">It is not; the message names every difference.</exception>
    public void CheckCompatible(MapSpec wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var want = Normalise(wanted);
        List<string> differences = [];
        void Compare<T>(string what, T there, T asked)
        {
            if (!EqualityComparer<T>.Default.Equals(there, asked)) differences.Add($"{what} is {there}, not {asked}");
        }
        Compare("the kind", MapKind.Name(Spec.Type), MapKind.Name(want.Type));
        Compare("the key size", Spec.KeySize, want.KeySize);
        Compare("the value size", Spec.ValueSize, want.ValueSize);
        Compare("max_entries", Spec.MaxEntries, want.MaxEntries);
        // The kernel adds these itself or takes them for the descriptor, not the map.
        const MapFlags Ignored = MapFlags.TokenFd | MapFlags.ValueTypeBtfObjectFd | MapFlags.PathFd;
        var there = Spec.Flags & ~Ignored;
        if (want.Type is MapType.DevMap or MapType.DevMapHash) there &= ~MapFlags.ReadOnlyProgram | (want.Flags & MapFlags.ReadOnlyProgram);
        Compare("flags are", there, want.Flags & ~Ignored);
        if (want.Extra != 0) Compare("map_extra", Spec.Extra, want.Extra);
        if (differences.Count > 0)
            throw new BpfException($"{this}{(PinnedPath is null ? "" : $" at {PinnedPath}")} is not the map asked for: {string.Join("; ", differences)}. Remove it or change the definition.");
    }

    private static MapSpec Describe(MapInfo info) => new()
    {
        Name = info.Name,
        Type = info.Type,
        KeySize = info.KeySize,
        ValueSize = info.ValueSize,
        MaxEntries = info.MaxEntries,
        Flags = info.Flags,
        Extra = info.Extra,
        InterfaceIndex = info.InterfaceIndex,
        KeyTypeId = info.KeyTypeId,
        ValueTypeId = info.ValueTypeId,
    };
}
