using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Maps;
using Hornet.Vm.Execution;

namespace Hornet.Vm;

/// <summary>
/// A map of a machine: what programs see and what the caller looks at are the same elements. It behaves as the kernel's map
/// of its kind; its memory is managed. Safe to use while programs run.
/// </summary>
public abstract class VmMap
{
    internal VmMap(BpfMachine machine, MapSpec spec, uint id)
    {
        Machine = machine;
        Spec = spec;
        Id = id;
    }

    /// <summary>The name.</summary>
    public string Name => Spec.Name;

    /// <summary>The number by which raw instructions refer to the map, in place of a file descriptor: 1 for the first.</summary>
    public uint Id { get; }

    /// <summary>The kind.</summary>
    public MapType Type => Spec.Type;

    /// <summary>What the map was made from.</summary>
    public MapSpec Spec { get; }

    /// <summary>How many elements there are now.</summary>
    public abstract int Count { get; }

    internal BpfMachine Machine { get; }

    /// <summary>What stands for the map in a register.</summary>
    internal ulong Handle => VmAddress.OfMap(Id);

    internal int KeySize => (int)Spec.KeySize;

    internal int ValueSize => (int)Spec.ValueSize;

    /// <summary>Reads an element.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cpu">The CPU whose value is wanted, for per-CPU maps.</param>
    /// <returns>The value's bytes; null when there is no such element.</returns>
    public byte[]? Lookup(ReadOnlySpan<byte> key, int cpu = 0)
    {
        CheckKey(key);
        CheckCpu(cpu);
        return LookupCore(key, cpu);
    }

    /// <summary>Writes an element, which is made or replaced as the flags say. In per-CPU maps the value of one CPU.</summary>
    /// <exception cref="BpfException">The map refuses, for the reason the kernel would give.</exception>
    public void Update(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags = MapUpdateFlags.Any, int cpu = 0)
    {
        CheckKey(key);
        CheckCpu(cpu);
        if (value.Length != ValueSize) throw new BpfException($"map '{Name}': the value has {value.Length} bytes and the map's values have {ValueSize}");
        var error = UpdateCore(key, value, flags, cpu);
        if (error != Errno.None) throw new BpfException($"map '{Name}': update: {error.Describe()}{Why(error)}");
    }

    /// <summary>Removes an element; false when there is none.</summary>
    /// <exception cref="BpfException">Elements of this kind of map cannot be removed.</exception>
    public bool Delete(ReadOnlySpan<byte> key)
    {
        CheckKey(key);
        var error = DeleteCore(key);
        return error switch
        {
            Errno.None => true,
            Errno.ENOENT => false,
            _ => throw new BpfException($"map '{Name}': delete: {error.Describe()}{Why(error)}"),
        };
    }

    /// <summary>Reads an element as a value of a type; false when there is none.</summary>
    public bool TryGet<TKey, TValue>(TKey key, out TValue value, int cpu = 0) where TKey : unmanaged where TValue : unmanaged
    {
        value = default;
        CheckSizes(Unsafe.SizeOf<TKey>(), Unsafe.SizeOf<TValue>());
        if (Lookup(MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key)), cpu) is not { } bytes) return false;
        value = MemoryMarshal.Read<TValue>(bytes);
        return true;
    }

    /// <summary>Reads an element as a value of a type.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public TValue Get<TKey, TValue>(TKey key, int cpu = 0) where TKey : unmanaged where TValue : unmanaged =>
        TryGet<TKey, TValue>(key, out var value, cpu) ? value : throw new KeyNotFoundException($"map '{Name}' has no element {key}");

    /// <summary>Writes an element from values of types.</summary>
    public void Set<TKey, TValue>(TKey key, TValue value, MapUpdateFlags flags = MapUpdateFlags.Any, int cpu = 0) where TKey : unmanaged where TValue : unmanaged
    {
        CheckSizes(Unsafe.SizeOf<TKey>(), Unsafe.SizeOf<TValue>());
        Update(MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key)), MemoryMarshal.AsBytes(new ReadOnlySpan<TValue>(in value)), flags, cpu);
    }

    /// <summary>The keys of all elements, as they are now.</summary>
    public abstract IReadOnlyList<byte[]> Keys { get; }

    /// <summary>All elements, as they are now; in per-CPU maps with the value of one CPU.</summary>
    public IReadOnlyList<(byte[] Key, byte[] Value)> Entries(int cpu = 0)
    {
        List<(byte[], byte[])> entries = [];
        foreach (byte[] key in Keys)
        {
            if (Lookup(key, cpu) is { } value) entries.Add((key, value));
        }
        return entries;
    }

    /// <inheritdoc/>
    public override string ToString() => Spec.ToString();

    // What programs do. The key has the right length; addresses are in the programs' space, 0 for none.

    /// <summary>What a lookup is charged, where it does more than hash its key.</summary>
    internal virtual long LookupCost => 0;

    internal virtual ulong LookupAddress(ReadOnlySpan<byte> key, int cpu) => 0;

    internal abstract byte[]? LookupCore(ReadOnlySpan<byte> key, int cpu);

    internal abstract Errno UpdateCore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MapUpdateFlags flags, int cpu);

    internal abstract Errno DeleteCore(ReadOnlySpan<byte> key);

    internal virtual Errno Push(ReadOnlySpan<byte> value, MapUpdateFlags flags) => Errno.EOPNOTSUPP;

    internal virtual Errno Pop(Span<byte> value, bool remove) => Errno.EOPNOTSUPP;

    /// <summary>The address of the only element's value, which instructions can hold.</summary>
    internal virtual ulong DirectValueAddress(out uint size) =>
        throw new BpfFormatException($"map '{Name}' is {Type}: only the values of arrays with one element have an address that an instruction can hold");

    /// <summary>Calls for each element, whose key is put in the buffer; the callback gets the value's address and stops with true. Returns how many calls were made, or -1 when the kind has no walk.</summary>
    internal virtual long ForEach(byte[] key, int cpu, Func<ulong, bool> callback) => -1;

    private protected void CheckKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize) throw new BpfException($"map '{Name}': the key has {key.Length} bytes and the map's keys have {KeySize}");
    }

    private void CheckCpu(int cpu)
    {
        if (cpu < 0 || cpu >= Machine.Options.CpuCount) throw new BpfException($"map '{Name}': there is no CPU {cpu}; the machine has {Machine.Options.CpuCount} (VmOptions.CpuCount)");
    }

    private void CheckSizes(int key, int value)
    {
        if (key != KeySize || value != ValueSize) throw new BpfException($"map '{Name}': keys have {KeySize} bytes and values {ValueSize}; the types given have {key} and {value}");
    }

    private protected virtual string Why(Errno error) => error switch
    {
        Errno.E2BIG => $". The map has room for {Spec.MaxEntries} elements",
        Errno.EEXIST => ". There is such an element, and NoExist was asked for",
        Errno.ENOENT => ". There is no such element, and Exist was asked for",
        _ => "",
    };

    /// <summary>What the flags of an update ask for.</summary>
    private protected static Errno CheckFlags(MapUpdateFlags flags, bool exists) =>
        (flags & ~MapUpdateFlags.Lock) switch
        {
            MapUpdateFlags.Any => Errno.None,
            MapUpdateFlags.NoExist => exists ? Errno.EEXIST : Errno.None,
            MapUpdateFlags.Exist => exists ? Errno.None : Errno.ENOENT,
            _ => Errno.EINVAL,
        };
}
