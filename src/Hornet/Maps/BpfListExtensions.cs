using System.Diagnostics.CodeAnalysis;
using Hornet.Maps;

namespace Hornet;

/// <summary>Lists of objects in map values, in kernel code that holds the value's lock (6.6).</summary>
public static class BpfListExtensions
{
    private const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    extension<[DynamicallyAccessedMembers(Fields)] T>(scoped ref BpfList<T> list) where T : unmanaged
    {
        /// <summary>Puts an object at the beginning (<c>bpf_list_push_front</c>). It is the list's from then on.</summary>
        /// <returns>False for a counted object that is in a list already; the reference is given back then.</returns>
        [KernelOnly]
        public bool PushFront(scoped ref T item) => throw KernelOnly.Error();

        /// <summary>Puts an object at the end (<c>bpf_list_push_back</c>). It is the list's from then on.</summary>
        /// <returns>False for a counted object that is in a list already; the reference is given back then.</returns>
        [KernelOnly]
        public bool PushBack(scoped ref T item) => throw KernelOnly.Error();

        /// <summary>Takes the first object out (<c>bpf_list_pop_front</c>): to be freed, or put in somewhere.</summary>
        /// <returns>A null reference when there is none.</returns>
        [KernelOnly]
        public ref T PopFront() => throw KernelOnly.Error();

        /// <summary>Takes the last object out (<c>bpf_list_pop_back</c>): to be freed, or put in somewhere.</summary>
        /// <returns>A null reference when there is none.</returns>
        [KernelOnly]
        public ref T PopBack() => throw KernelOnly.Error();

        /// <summary>Looks at the first object (<c>bpf_list_front</c>, 6.16), until the lock is left.</summary>
        /// <returns>A null reference when there is none.</returns>
        [KernelOnly]
        public ref T Front() => throw KernelOnly.Error();

        /// <summary>Looks at the last object (<c>bpf_list_back</c>, 6.16), until the lock is left.</summary>
        /// <returns>A null reference when there is none.</returns>
        [KernelOnly]
        public ref T Back() => throw KernelOnly.Error();

        /// <summary>Puts an object behind another one (<c>bpf_list_add</c>, 7.2). It is the list's from then on.</summary>
        /// <param name="item">The object.</param>
        /// <param name="before">What it is put behind: in the list.</param>
        /// <returns>False when it is in a list already, or the other is not in this one; the reference is given back then.</returns>
        [KernelOnly]
        public bool PutBehind(scoped ref T item, scoped ref T before) => throw KernelOnly.Error();

        /// <summary>Takes an object out (<c>bpf_list_del</c>, 7.2): to be freed, or put in somewhere.</summary>
        /// <returns>A null reference when it is not in this list.</returns>
        [KernelOnly]
        public ref T Remove(scoped ref T item) => throw KernelOnly.Error();

        /// <summary>Whether there is no object (<c>bpf_list_empty</c>, 7.2).</summary>
        [KernelOnly]
        public bool IsEmpty() => throw KernelOnly.Error();

        /// <summary>Whether an object is the first (<c>bpf_list_is_first</c>, 7.2).</summary>
        [KernelOnly]
        public bool IsFirst(scoped ref T item) => throw KernelOnly.Error();

        /// <summary>Whether an object is the last (<c>bpf_list_is_last</c>, 7.2).</summary>
        [KernelOnly]
        public bool IsLast(scoped ref T item) => throw KernelOnly.Error();
    }
}
