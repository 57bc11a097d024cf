using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>
/// What the local storages have in common: a value kept with a kernel object, which goes when the object goes. User space
/// names the object by a descriptor of it.
/// </summary>
/// <typeparam name="T">The value.</typeparam>
public abstract unsafe class LocalStorageMap<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : MapView where T : unmanaged
{
    private protected LocalStorageMap(BpfMap map, MapType kind) : base(map, [kind])
    {
        ElementLayout.CheckValue<T>();
        CheckKeySize<int>();
        CheckValueSize<T>();
    }

    private protected static BpfMap Create(MapType kind, string name, MapOptions? options, MapFlags flags = MapFlags.None)
    {
        ElementLayout.CheckValue<T>();
        return ElementBtf.CreateDescribed<int, T>(options, new()
        {
            Name = name,
            Type = kind,
            KeySize = sizeof(int),
            ValueSize = (uint)sizeof(T),
            Flags = MapFlags.NoPrealloc | flags,
        });
    }

    /// <summary>The value kept with an object; false when it has none.</summary>
    /// <param name="owner">A descriptor of the object.</param>
    /// <param name="value">The value; zero when there is none.</param>
    public bool TryGetValue(SafeHandle owner, out T value)
    {
        using var held = new HeldHandle(owner);
        int fd = held.Number;
        Unsafe.SkipInit(out value);
        fixed (T* v = &value)
        {
            var errno = Map.LookupRaw(&fd, v, 0);
            if (errno == Errno.None) return true;
            value = default;
            return errno == Errno.ENOENT ? false : throw Refused(MapErrors.Lookup, fd, errno);
        }
    }

    /// <summary>Keeps a value with an object.</summary>
    /// <exception cref="BpfSyscallException">The descriptor is of another kind (EBADF, EINVAL), or the kernel refused.</exception>
    public void Set(SafeHandle owner, in T value, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        using var held = new HeldHandle(owner);
        int fd = held.Number;
        fixed (T* v = &value)
        {
            var errno = Map.UpdateRaw(&fd, v, (ulong)flags);
            if (errno != Errno.None) throw Refused(MapErrors.Update, fd, errno, flags);
        }
    }

    /// <summary>Removes the value kept with an object; false when it has none.</summary>
    public bool Remove(SafeHandle owner)
    {
        using var held = new HeldHandle(owner);
        int fd = held.Number;
        var errno = Map.DeleteRaw(&fd);
        if (errno == Errno.None) return true;
        return errno == Errno.ENOENT ? false : throw Refused(MapErrors.Delete, fd, errno);
    }

    /// <summary>Kernel code only: the value kept with an object, in place; a null reference when it has none, to be tested with <c>Unsafe.IsNullRef</c>.</summary>
    /// <param name="owner">The object: a kernel struct that the kernel gave the program; for sockets also a context that is or has one.</param>
    [KernelOnly]
    public ref T Find<TOwner>(in TOwner owner) where TOwner : allows ref struct => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: the value kept with an object, in place; made of zeros when it has none. Ends the program when there is no memory.</summary>
    /// <param name="owner">The object: a kernel struct that the kernel gave the program; for sockets also a context that is or has one.</param>
    [KernelOnly]
    public ref T GetOrAdd<TOwner>(in TOwner owner) where TOwner : allows ref struct => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: removes the value kept with an object; false when it has none.</summary>
    /// <param name="owner">The object: a kernel struct that the kernel gave the program; for sockets also a context that is or has one.</param>
    [KernelOnly]
    public bool RemoveFrom<TOwner>(in TOwner owner) where TOwner : allows ref struct => throw KernelOnlyMember.Error();

    private BpfSyscallException Refused(string operation, int fd, Errno errno, MapUpdateFlags flags = MapUpdateFlags.Any) =>
        MapErrors.Refused(Map, operation, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in fd)), errno, flags);
}
