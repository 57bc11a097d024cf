namespace Hornet.Maps;

/// <summary>
/// Memory shared by programs and this process, with pointers that both understand (6.9). Mapped here from the start: the
/// kernel translates the pointers of programs by this address, so it must be known before a program that uses the arena is
/// loaded. Pages appear when either side first touches (here) or allocates (programs) them.
/// </summary>
public sealed unsafe class BpfArena : MapView
{
    private byte* _memory;

    /// <summary>Sees a map as an arena and maps it. All views of one <see cref="BpfMap"/> show the same memory.</summary>
    /// <exception cref="BpfException">It is another kind, or the memory cannot be mapped.</exception>
    public BpfArena(BpfMap map) : base(map, [MapType.Arena])
    {
        Length = (long)map.MaxEntries * Environment.SystemPageSize;
        _memory = map.MapArena().Address;
    }

    /// <summary>Creates an arena.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="pages">Its largest size in pages; at most 4 GiB.</param>
    /// <param name="address">Where it shall be in this process, page-aligned; 0 for anywhere.</param>
    /// <param name="options">Flags and the like.</param>
    public static BpfArena Create(string name, uint pages, ulong address = 0, MapOptions? options = null) =>
        Own(MapOptions.Create(options, new() { Name = name, Type = MapType.Arena, MaxEntries = pages, Extra = address, Flags = MapFlags.Mmapable }),
            static map => new BpfArena(map));

    /// <summary>Bytes of the arena.</summary>
    public long Length { get; }

    /// <summary>Where the arena begins in this process. A program's pointer into it has the same lower 32 bits.</summary>
    /// <exception cref="ObjectDisposedException">The memory was unmapped.</exception>
    public ulong BaseAddress => (ulong)Memory;

    /// <summary>A piece of the arena. It must not be used after <see cref="Unmap"/>.</summary>
    /// <param name="offset">Bytes from the beginning.</param>
    /// <param name="length">Bytes.</param>
    public Span<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new(Memory + offset, length);
    }

    /// <summary>A value of the arena, in place.</summary>
    /// <param name="offset">Bytes from the beginning.</param>
    public ref T At<T>(long offset) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - sizeof(T));
        return ref *(T*)(Memory + offset);
    }

    /// <summary>
    /// Unmaps the memory from this process, for all views of the map; the map stays open. Spans and references into it must not be
    /// used any more.
    /// </summary>
    public void Unmap()
    {
        if (_memory is null) return;
        _memory = null;
        Map.UnmapArena();
    }

    private protected override void Release() => Unmap();

    private byte* Memory => _memory is not null ? _memory : throw new ObjectDisposedException(nameof(BpfArena));
}
