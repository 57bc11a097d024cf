using System.Diagnostics.CodeAnalysis;
using Hornet.Maps;

namespace Hornet;

/// <summary>Whether an object comes before another in a <see cref="BpfTree{T}"/>.</summary>
/// <typeparam name="T">The object.</typeparam>
public delegate bool BpfLess<T>(in T left, in T right) where T : unmanaged;

/// <summary>Trees of objects in map values, in kernel code that holds the value's lock (6.6).</summary>
public static class BpfTreeExtensions
{
    private const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    extension<[DynamicallyAccessedMembers(Fields)] T>(scoped ref BpfTree<T> tree) where T : unmanaged
    {
        /// <summary>Puts an object in at its place (<c>bpf_rbtree_add</c>). It is the tree's from then on.</summary>
        /// <param name="item">The object.</param>
        /// <param name="less">The order. It captures nothing that is known only when the program runs.</param>
        /// <returns>False for a counted object that is in a tree already; the reference is given back then.</returns>
        [KernelOnly]
        public bool Add(scoped ref T item, BpfLess<T> less) => throw KernelOnly.Error();

        /// <summary>Takes an object out that <see cref="First"/> and the like show (<c>bpf_rbtree_remove</c>): to be freed, or put in somewhere.</summary>
        /// <returns>A null reference when it is not in this tree.</returns>
        [KernelOnly]
        public ref T Remove(scoped ref T item) => throw KernelOnly.Error();

        /// <summary>Looks at the object that comes before all others (<c>bpf_rbtree_first</c>), until the lock is left.</summary>
        /// <returns>A null reference when there is none.</returns>
        [KernelOnly]
        public ref T First() => throw KernelOnly.Error();

        /// <summary>Looks at the object at the root (<c>bpf_rbtree_root</c>, 6.16), until the lock is left: where a search begins.</summary>
        /// <returns>A null reference when there is none.</returns>
        [KernelOnly]
        public ref T Root() => throw KernelOnly.Error();

        /// <summary>Looks at what is below an object and comes before it (<c>bpf_rbtree_left</c>, 6.16), until the lock is left.</summary>
        /// <returns>A null reference when there is none.</returns>
        [KernelOnly]
        public ref T Left(scoped ref T item) => throw KernelOnly.Error();

        /// <summary>Looks at what is below an object and comes after it (<c>bpf_rbtree_right</c>, 6.16), until the lock is left.</summary>
        /// <returns>A null reference when there is none.</returns>
        [KernelOnly]
        public ref T Right(scoped ref T item) => throw KernelOnly.Error();
    }
}
