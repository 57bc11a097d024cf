using System.Runtime.CompilerServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>
/// An array's memory in this process, shared with the programs (<c>BPF_F_MMAPABLE</c>, 5.5). Neither side sees a value of
/// more than 8 bytes change at once; use <see cref="Volatile"/> and <see cref="Interlocked"/> on what
/// <see cref="this[int]"/> refers to.
/// </summary>
/// <typeparam name="T">The value.</typeparam>
public sealed unsafe class MappedArray<T> : IDisposable where T : unmanaged
{
    // The kernel aligns the values of an array at 8 bytes.
    private readonly int _stride;
    private readonly nuint _bytes;
    private readonly IMapBackend? _backend;
    private byte* _data;

    internal MappedArray(BpfMap map) : this(map, checked((int)map.MaxEntries), (sizeof(T) + 7) & ~7)
    {
    }

    /// <summary>Elements in a row that are one value of the map.</summary>
    internal MappedArray(BpfMap map, int length) : this(map, length, sizeof(T))
    {
    }

    private MappedArray(BpfMap map, int length, int stride)
    {
        _stride = stride;
        if ((map.Flags & MapFlags.Mmapable) == 0)
            throw new BpfException($"The {map} was not created with MapFlags.Mmapable, so it cannot be mapped.");
        Length = length;
        nuint page = (nuint)Environment.SystemPageSize;
        _bytes = ((nuint)_stride * (nuint)Length + page - 1) / page * page;
        if (map.Backend is { } backend)
        {
            _backend = backend;
            _data = (byte*)backend.Memory;
            return;
        }
        void* address = Libc.Mmap(null, _bytes, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, map.Descriptor.Value, 0);
        if (address == (void*)-1 && Libc.LastError is Errno.EPERM or Errno.EACCES)
        {
            // EPERM: frozen. EACCES: the map is read-only for user space or for programs, or was opened read-only.
            IsReadOnly = true;
            address = Libc.Mmap(null, _bytes, Libc.PROT_READ, Libc.MAP_SHARED, map.Descriptor.Value, 0);
        }
        if (address == (void*)-1) throw new BpfSyscallException($"map the memory of {map}", Libc.LastError);
        _data = (byte*)address;
    }

    /// <summary>How many values there are.</summary>
    public int Length { get; }

    /// <summary>Whether the memory may only be read. Writing to it ends the process.</summary>
    public bool IsReadOnly { get; }

    /// <summary>A value, in place.</summary>
    /// <exception cref="InvalidOperationException">The memory is read-only; use <see cref="Read"/>.</exception>
    public ref T this[int index]
    {
        get
        {
            if (IsReadOnly) throw ReadOnlyMemory();
            return ref At(index);
        }
    }

    /// <summary>A value, in place, for reading.</summary>
    public ref readonly T Read(int index) => ref At(index);

    /// <summary>All values as one span. For types whose size is a multiple of 8 only: the kernel leaves gaps behind others.</summary>
    /// <exception cref="InvalidOperationException">The type has another size, or the memory is read-only.</exception>
    public Span<T> Span
    {
        get
        {
            if (IsReadOnly) throw ReadOnlyMemory();
            CheckGaps();
            return new(_data, Length);
        }
    }

    /// <summary>All elements of a value that they are in a row.</summary>
    internal Span<T> Row
    {
        get
        {
            ObjectDisposedException.ThrowIf(_data is null, this);
            return IsReadOnly ? throw ReadOnlyMemory() : new(_data, Length);
        }
    }

    /// <summary>All values as one span, for reading. For types whose size is a multiple of 8 only.</summary>
    /// <exception cref="InvalidOperationException">The type has another size.</exception>
    public ReadOnlySpan<T> ReadOnlySpan
    {
        get
        {
            CheckGaps();
            return new(_data, Length);
        }
    }

    /// <summary>Unmaps the memory. Spans and references into it must not be used any more.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Unmaps what was forgotten.</summary>
    ~MappedArray() => Release();

    private void Release()
    {
        if (_data is null) return;
        if (_backend is null) _ = Libc.Munmap(_data, _bytes);
        _data = null;
    }

    private ref T At(int index)
    {
        ObjectDisposedException.ThrowIf(_data is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
        return ref Unsafe.AsRef<T>(_data + (long)index * _stride);
    }

    private void CheckGaps()
    {
        ObjectDisposedException.ThrowIf(_data is null, this);
        if (_stride != sizeof(T) && Length > 1)
            throw new InvalidOperationException($"Values of {sizeof(T)} bytes lie {_stride} bytes apart in an array, so they are not one span. Use the indexer.");
    }

    private static InvalidOperationException ReadOnlyMemory() => new("The array is mapped for reading only: it is frozen, or was created or opened read-only.");
}
