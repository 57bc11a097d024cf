using System.Diagnostics.CodeAnalysis;
using Hornet.Maps;

namespace Hornet;

/// <summary>
/// Objects that kernel code makes (6.6): structs in the kernel's memory that live as long as the program holds them, or a
/// list or tree in a map does. An object is put into a <see cref="BpfList{T}"/> or <see cref="BpfTree{T}"/>, or freed, on every way to
/// the program's end (HRN3016). Tracing, tc, XDP, LSM, struct_ops and syscall programs.
/// </summary>
public static class BpfObjects
{
    private const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    /// <summary>Makes an object of zeros (<c>bpf_obj_new</c>). Not while a lock is held.</summary>
    /// <returns>A null reference when there is no memory.</returns>
    [KernelOnly]
    public static ref T New<[DynamicallyAccessedMembers(Fields)] T>() where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Frees an object (<c>bpf_obj_drop</c>); of a counted one (<see cref="BpfReferenceCount"/>), gives a reference back. Not while a lock is held.</summary>
    [KernelOnly]
    public static void Drop<[DynamicallyAccessedMembers(Fields)] T>(scoped ref T item) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>
    /// Another reference to an object that has a <see cref="BpfReferenceCount"/> (<c>bpf_refcount_acquire</c>): to be given back, or put
    /// into a list or tree of its own.
    /// </summary>
    /// <returns>A null reference when the object is about to go.</returns>
    [KernelOnly]
    public static ref T Acquire<[DynamicallyAccessedMembers(Fields)] T>(scoped ref T item) where T : unmanaged => throw KernelOnly.Error();
}
