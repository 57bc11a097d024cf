using System.Diagnostics.CodeAnalysis;

namespace Hornet.Maps;

/// <summary>
/// A variable that this process and kernel code share: memory of both, read and written without system calls (an array of
/// one value with <c>BPF_F_MMAPABLE</c>, 5.5). Neither side sees a value of more than 8 bytes change at once; where both
/// sides, or several CPUs, change it, use <see cref="Interlocked"/> on <c>ref Value</c>.
/// </summary>
/// <typeparam name="T">The value: a number or a struct without references.</typeparam>
public sealed unsafe class BpfGlobal<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : MapView where T : unmanaged
{
    private readonly MappedArray<T>? _memory;

    /// <summary>Sees a map as this kind: an array of one value, made to be mapped unless it has fields of the kernel.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or cannot be mapped.</exception>
    public BpfGlobal(BpfMap map) : base(map, [MapType.Array])
    {
        ElementLayout.CheckValue<T>();
        CheckValueSize<T>();
        if (map.MaxEntries != 1) throw new BpfException($"The {map} has {map.MaxEntries} values; a global variable is one.");
        if (!ElementBtf.IsNeeded<T>()) _memory = new MappedArray<T>(map);
    }

    /// <summary>Creates a variable.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="initial">What it is at first; nothing where the value has fields of the kernel.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static BpfGlobal<T> Create(string name, T initial = default)
    {
        ElementLayout.CheckValue<T>();
        bool isKernels = ElementBtf.IsNeeded<T>();
        var made = Own(ElementBtf.Create<uint, T>(null, new()
        {
            Name = name,
            Type = MapType.Array,
            KeySize = sizeof(uint),
            ValueSize = (uint)sizeof(T),
            MaxEntries = 1,
            Flags = isKernels ? 0 : MapFlags.Mmapable,
        }), static map => new BpfGlobal<T>(map));
        if (!isKernels) made.Value = initial;
        return made;
    }

    /// <summary>The variable itself.</summary>
    /// <exception cref="InvalidOperationException">It has fields of the kernel (a lock, a list…), and is shared by kernel code only.</exception>
    public ref T Value
    {
        get
        {
            if (_memory is { } memory) return ref memory[0];
            throw new InvalidOperationException($"{typeof(T).Name} has fields of the kernel, which does not share their memory with processes: only kernel code has the {Map}. Let a program hand out what is wanted.");
        }
    }

    private protected override void Release() => _memory?.Dispose();
}

/// <summary>
/// Variables in a row that this process and kernel code share, as <see cref="BpfGlobal{T}"/> (5.5). Kernel code reads and
/// writes them like an array: an index that is too large ends the program.
/// </summary>
/// <typeparam name="T">The element: a number or a struct without references.</typeparam>
public sealed unsafe class BpfGlobalArray<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : MapView where T : unmanaged
{
    private readonly MappedArray<T> _memory;

    /// <summary>Sees a map as this kind: an array of one value, which holds the elements, made to be mapped.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or cannot be mapped.</exception>
    public BpfGlobalArray(BpfMap map) : base(map, [MapType.Array])
    {
        ElementLayout.CheckValue<T>();
        if (map.MaxEntries != 1 || map.ValueSize % sizeof(T) != 0)
            throw new BpfException($"The {map} has {map.MaxEntries} values of {map.ValueSize} bytes; wanted is one that holds values of {sizeof(T)} bytes in a row.");
        Length = map.ValueSize / sizeof(T);
        _memory = new MappedArray<T>(map, Length);
    }

    /// <summary>Creates variables, all zero.</summary>
    /// <param name="name">The name; the kernel keeps 15 bytes.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static BpfGlobalArray<T> Create(string name, int length)
    {
        ElementLayout.CheckValue<T>();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return Own(MapOptions.Create(null, new()
        {
            Name = name,
            Type = MapType.Array,
            KeySize = sizeof(uint),
            ValueSize = checked((uint)((long)sizeof(T) * length)),
            MaxEntries = 1,
            Flags = MapFlags.Mmapable,
        }), static map => new BpfGlobalArray<T>(map));
    }

    /// <summary>How many there are.</summary>
    public int Length { get; }

    /// <summary>All of them.</summary>
    public Span<T> Span => _memory.Row;

    /// <summary>One of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such one.</exception>
    public ref T this[int index] => ref _memory[index];

    private protected override void Release() => _memory.Dispose();
}
