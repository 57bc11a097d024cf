using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>What queues and stacks have in common: values without keys.</summary>
/// <typeparam name="T">The value.</typeparam>
public abstract unsafe class SequenceMap<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : MapView where T : unmanaged
{
    private protected SequenceMap(BpfMap map, MapType kind) : base(map, [kind])
    {
        ElementLayout.CheckValue<T>();
        CheckValueSize<T>();
    }

    private protected static BpfMap Create(MapType kind, string name, uint capacity, MapOptions? options)
    {
        ElementLayout.CheckValue<T>();
        return MapOptions.Create(options, new() { Name = name, Type = kind, ValueSize = (uint)sizeof(T), MaxEntries = capacity });
    }

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="replaceOldest">Whether the oldest value makes room when it is full (<c>BPF_EXIST</c>).</param>
    /// <exception cref="BpfSyscallException">It is full (E2BIG), or the kernel refused.</exception>
    public void Push(in T value, bool replaceOldest = false)
    {
        var errno = Add(value, replaceOldest);
        if (errno != Errno.None) throw MapErrors.Refused(Map, MapErrors.Update, default, errno);
    }

    /// <summary>Adds a value; false when it is full.</summary>
    public bool TryPush(in T value)
    {
        var errno = Add(value, false);
        if (errno == Errno.None) return true;
        return errno == Errno.E2BIG ? false : throw MapErrors.Refused(Map, MapErrors.Update, default, errno);
    }

    /// <summary>Takes the next value out; false when there is none.</summary>
    public bool TryPop(out T value)
    {
        Unsafe.SkipInit(out value);
        fixed (T* v = &value)
        {
            var errno = Map.LookupAndDeleteRaw(null, v, 0);
            if (errno == Errno.None) return true;
            value = default;
            return errno == Errno.ENOENT ? false : throw MapErrors.Refused(Map, MapErrors.LookupAndDelete, default, errno);
        }
    }

    /// <summary>Copies the next value and leaves it; false when there is none.</summary>
    public bool TryPeek(out T value)
    {
        Unsafe.SkipInit(out value);
        fixed (T* v = &value)
        {
            var errno = Map.LookupRaw(null, v, 0);
            if (errno == Errno.None) return true;
            value = default;
            return errno == Errno.ENOENT ? false : throw MapErrors.Refused(Map, MapErrors.Lookup, default, errno);
        }
    }

    private Errno Add(in T value, bool replaceOldest)
    {
        fixed (T* v = &value) return Map.UpdateRaw(null, v, replaceOldest ? (ulong)MapUpdateFlags.Exist : 0);
    }
}

/// <summary>A queue (4.20): the first in is the first out.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class BpfQueue<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : SequenceMap<T> where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfQueue(BpfMap map) : base(map, MapType.Queue)
    {
    }

    /// <summary>Creates a queue.</summary>
    public static BpfQueue<T> Create(string name, uint capacity, MapOptions? options = null) =>
        Own(Create(MapType.Queue, name, capacity, options), static map => new BpfQueue<T>(map));
}
