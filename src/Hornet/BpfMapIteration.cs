using System.Diagnostics.CodeAnalysis;
using Hornet.Maps;

namespace Hornet;

/// <summary>What kernel code does with an element that it is shown.</summary>
/// <param name="key">The element's key, in place.</param>
/// <param name="value">The element's value, in place: changes are seen at once by everybody.</param>
public delegate void ElementAction<TKey, TValue>(in TKey key, ref TValue value);

/// <summary>What kernel code does with an element that it is shown, and whether it wants to see more.</summary>
/// <param name="key">The element's key, in place.</param>
/// <param name="value">The element's value, in place: changes are seen at once by everybody.</param>
/// <returns>False to stop.</returns>
public delegate bool ElementPredicate<TKey, TValue>(in TKey key, ref TValue value);

/// <summary>
/// Kernel code that walks through a map (<c>bpf_for_each_map_elem</c>, 5.13). Locals that the lambda captures are shared
/// with it; elements may be removed meanwhile, also the one that is shown. <c>foreach</c> over a map does the same with copies
/// of the elements.
/// </summary>
public static class BpfMapIteration
{
    private const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    extension<[DynamicallyAccessedMembers(Fields)] TKey, [DynamicallyAccessedMembers(Fields)] TValue>(BpfHashMap<TKey, TValue> map) where TKey : unmanaged where TValue : unmanaged
    {
        /// <summary>Shows every element to a lambda.</summary>
        /// <returns>How many were shown.</returns>
        [KernelOnly]
        public int ForEach(ElementAction<TKey, TValue> action) => throw KernelOnly.Error();

        /// <summary>Shows the elements to a lambda until it returns false.</summary>
        /// <returns>How many were shown.</returns>
        [KernelOnly]
        public int ForEach(ElementPredicate<TKey, TValue> predicate) => throw KernelOnly.Error();
    }

    extension<[DynamicallyAccessedMembers(Fields)] TKey, [DynamicallyAccessedMembers(Fields)] TValue>(BpfPerCpuHashMap<TKey, TValue> map) where TKey : unmanaged where TValue : unmanaged
    {
        /// <summary>Shows this CPU's value of every element to a lambda.</summary>
        /// <returns>How many were shown.</returns>
        [KernelOnly]
        public int ForEach(ElementAction<TKey, TValue> action) => throw KernelOnly.Error();

        /// <summary>Shows this CPU's values to a lambda until it returns false.</summary>
        /// <returns>How many were shown.</returns>
        [KernelOnly]
        public int ForEach(ElementPredicate<TKey, TValue> predicate) => throw KernelOnly.Error();
    }

    /// <summary>For <c>foreach</c> in kernel code: the keys, each with this CPU's value.</summary>
    /// <exception cref="InvalidOperationException">In user space, where an element is every CPU's value.</exception>
    [KernelOnly]
    public static IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator<[DynamicallyAccessedMembers(Fields)] TKey, [DynamicallyAccessedMembers(Fields)] TValue>(this BpfPerCpuHashMap<TKey, TValue> map)
        where TKey : unmanaged where TValue : unmanaged => throw KernelOnly.Error();

    /// <summary>For <c>foreach</c> in kernel code: this CPU's values, in the order of the slots.</summary>
    /// <exception cref="InvalidOperationException">In user space, where an element is every CPU's value.</exception>
    [KernelOnly]
    public static IEnumerator<T> GetEnumerator<[DynamicallyAccessedMembers(Fields)] T>(this BpfPerCpuArray<T> map) where T : unmanaged => throw KernelOnly.Error();

    extension<[DynamicallyAccessedMembers(Fields)] T>(BpfArray<T> map) where T : unmanaged
    {
        /// <summary>Shows every slot to a lambda.</summary>
        /// <returns>How many were shown.</returns>
        [KernelOnly]
        public int ForEach(ElementAction<uint, T> action) => throw KernelOnly.Error();

        /// <summary>Shows the slots to a lambda until it returns false.</summary>
        /// <returns>How many were shown.</returns>
        [KernelOnly]
        public int ForEach(ElementPredicate<uint, T> predicate) => throw KernelOnly.Error();
    }

    extension<[DynamicallyAccessedMembers(Fields)] T>(BpfPerCpuArray<T> map) where T : unmanaged
    {
        /// <summary>Shows this CPU's value of every slot to a lambda.</summary>
        /// <returns>How many were shown.</returns>
        [KernelOnly]
        public int ForEach(ElementAction<uint, T> action) => throw KernelOnly.Error();

        /// <summary>Shows this CPU's values to a lambda until it returns false.</summary>
        /// <returns>How many were shown.</returns>
        [KernelOnly]
        public int ForEach(ElementPredicate<uint, T> predicate) => throw KernelOnly.Error();
    }
}
