using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Hornet.Maps;

/// <summary>
/// A list of objects that kernel code makes (<c>struct bpf_list_head</c>), in the value of a hash or an array that has a
/// <see cref="BpfSpinLock"/> too: every operation on the list is done under that lock. What is in it when the element or the
/// map goes is freed by the kernel. User space sees zeros.
/// </summary>
/// <typeparam name="T">The object: a struct with one <see cref="BpfListNode"/>.</typeparam>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct BpfList<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> where T : unmanaged
{
#pragma warning disable CS0169, IDE0044, IDE0051 // The kernel's.
    private ulong _first, _last;
#pragma warning restore CS0169, IDE0044, IDE0051
}

/// <summary>
/// A red-black tree of objects that kernel code makes (<c>struct bpf_rb_root</c>), in the value of a hash or an array that has a
/// <see cref="BpfSpinLock"/> too: every operation on the tree is done under that lock. What is in it when the element or the
/// map goes is freed by the kernel. User space sees zeros.
/// </summary>
/// <typeparam name="T">The object: a struct with one <see cref="BpfTreeNode"/>.</typeparam>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct BpfTree<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> where T : unmanaged
{
#pragma warning disable CS0169, IDE0044, IDE0051 // The kernel's.
    private ulong _root, _leftmost;
#pragma warning restore CS0169, IDE0044, IDE0051
}

/// <summary>What an object is linked into a <see cref="BpfList{T}"/> by (<c>struct bpf_list_node</c>): a field of the object.</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
public struct BpfListNode
{
#pragma warning disable CS0169, IDE0044, IDE0051 // The kernel's.
    private ulong _next, _previous, _owner;
#pragma warning restore CS0169, IDE0044, IDE0051
}

/// <summary>What an object is linked into a <see cref="BpfTree{T}"/> by (<c>struct bpf_rb_node</c>): a field of the object.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
public struct BpfTreeNode
{
#pragma warning disable CS0169, IDE0044, IDE0051 // The kernel's.
    private ulong _parent, _right, _left, _owner;
#pragma warning restore CS0169, IDE0044, IDE0051
}

/// <summary>
/// Counts the references to an object (<c>struct bpf_refcount</c>): a field of an object that shall be in a list and in a tree
/// at once, or that a program keeps a reference to when it has put it into one.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 4)]
public struct BpfReferenceCount
{
#pragma warning disable CS0169, IDE0044, IDE0051 // The kernel's.
    private uint _count;
#pragma warning restore CS0169, IDE0044, IDE0051
}
