using System.Collections;
using System.Numerics;
using System.Runtime.CompilerServices;
using Hornet.Kernel;

namespace Hornet.Maps;

/// <summary>
/// The values of one key of a per-CPU map: one for each possible CPU of the machine. Reusable: read into the same object
/// again and again and nothing is allocated.
/// </summary>
/// <typeparam name="T">The value of one CPU.</typeparam>
public sealed class PerCpuValues<T> : IReadOnlyList<T> where T : unmanaged
{
    // The kernel lays values out at multiples of 8 bytes.
    private static readonly int s_stride = (Unsafe.SizeOf<T>() + 7) & ~7;

    internal readonly byte[] Bytes = GC.AllocateArray<byte>(s_stride * CpuList.PossibleCount, pinned: true);

    /// <summary>How many CPUs are possible. Not the number that is online, and not always the highest number plus one.</summary>
    public int Count => CpuList.PossibleCount;

    /// <summary>The numbers of the CPUs, in the order of the values.</summary>
    public IReadOnlyList<int> Cpus => CpuList.Possible;

    /// <summary>The value at a position: that of the CPU <see cref="Cpus"/> has there.</summary>
    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ref Unsafe.As<byte, T>(ref Bytes[index * s_stride]);
        }
    }

    T IReadOnlyList<T>.this[int index] => this[index];

    /// <summary>Sets every CPU's value.</summary>
    public void Fill(in T value)
    {
        for (int i = 0; i < Count; i++) this[i] = value;
    }

    /// <summary>
    /// In kernel code an element of a per-CPU map is the current CPU's value, so that <c>counts[key]++</c> counts there.
    /// </summary>
    /// <exception cref="InvalidOperationException">Always in user space, where an element is every CPU's value.</exception>
    public static implicit operator T(PerCpuValues<T> values) => throw KernelOnly();

    /// <summary>In kernel code: what is assigned to an element of a per-CPU map becomes the current CPU's value.</summary>
    /// <exception cref="InvalidOperationException">Always in user space, where an element is every CPU's value.</exception>
    public static implicit operator PerCpuValues<T>(T value) => throw KernelOnly();

    private static InvalidOperationException KernelOnly() =>
        new("An element of a per-CPU map is one number only in kernel code, where it is the current CPU's. Here it is every CPU's: read values[i] or values.Sum(), write with Fill and Set.");

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Arithmetic over per-CPU values.</summary>
public static class PerCpuValues
{
    /// <summary>The sum over all CPUs. Overflow wraps around, as counters do.</summary>
    public static T Sum<T>(this PerCpuValues<T> values) where T : unmanaged, INumberBase<T>
    {
        ArgumentNullException.ThrowIfNull(values);
        var sum = T.Zero;
        for (int i = 0; i < values.Count; i++) sum += values[i];
        return sum;
    }
}
