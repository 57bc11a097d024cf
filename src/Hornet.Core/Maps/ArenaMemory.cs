using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>
/// An arena's memory in this process. The kernel gives an arena one address, that of its first mapping, and refuses every other; so
/// whoever needs the memory shares this one, and the last to let go unmaps it.
/// </summary>
internal sealed unsafe class ArenaMemory
{
    private int _owners = 1;

    private ArenaMemory(byte* address, nuint length)
    {
        Address = address;
        Length = length;
    }

    public byte* Address { get; }

    public nuint Length { get; }

    /// <summary>Maps the arena, at the address it was made for or anywhere.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public static ArenaMemory Map(BpfMap map)
    {
        nuint length = (nuint)map.MaxEntries * (nuint)Environment.SystemPageSize, wanted = (nuint)map.Spec.Extra;
        int flags = Libc.MAP_SHARED | (wanted != 0 ? Libc.MAP_FIXED_NOREPLACE : 0);
        void* address = Libc.Mmap((void*)wanted, length, Libc.PROT_READ | Libc.PROT_WRITE, flags, map.Descriptor.Value, 0);
        if (address != (void*)-1) return new ArenaMemory((byte*)address, length);
        var errno = Libc.LastError;
        throw new BpfSyscallException($"map the memory of {map}", errno, errno switch
        {
            Errno.EBUSY => "The arena has been mapped at another address already, and has one address only",
            Errno.EEXIST => $"Something else is at the address {wanted:x} that the arena was created for",
            Errno.ENOMEM => "The address space is limited (ulimit -v)",
            _ => null,
        });
    }

    public ArenaMemory Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    public void LetGo()
    {
        if (Interlocked.Decrement(ref _owners) == 0) _ = Libc.Munmap(Address, Length);
    }
}

public sealed partial class BpfMap
{
    private readonly Lock _arenaGate = new();
    private ArenaMemory? _arena;

    /// <summary>The arena's memory, mapped at the first call; gone when the map is disposed.</summary>
    internal ArenaMemory MapArena()
    {
        lock (_arenaGate) return _arena ??= ArenaMemory.Map(this);
    }

    /// <summary>Uses the mapping of another descriptor of the same arena.</summary>
    internal void ShareArena(BpfMap other)
    {
        lock (_arenaGate) _arena ??= other.MapArena().Share();
    }

    internal void UnmapArena()
    {
        lock (_arenaGate)
        {
            _arena?.LetGo();
            _arena = null;
        }
    }
}
