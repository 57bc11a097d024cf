namespace Hornet.KernelTypes;

/// <summary>
/// Marks an interface as a view of a type of the kernel: its properties are fields, found by name in the BTF of the kernel
/// that the code is compiled for. A value of the interface is a pointer to such an object; it exists in kernel code only.
/// </summary>
/// <remarks>
/// <para>Only the fields wanted are listed. <c>RealParent</c> is the field <c>real_parent</c>; other names are given by
/// <see cref="KernelFieldAttribute"/>. Fields of anonymous members are found as in C.</para>
/// <para>A property may be an integer, Boolean or enumeration at least as wide as the field; another kernel type, for a
/// pointer to it or one that lies inside; <see cref="KernelString"/>, <see cref="UserString"/>,
/// <see cref="KernelPtr{T}"/>, <see cref="UserPtr{T}"/> for other pointers and arrays. A property or method with a body is
/// ordinary kernel code. An interface that extends a view has the view's fields too.</para>
/// <para>Fields are read directly where the verifier knows what the pointer points to (parameters of BTF tracepoints, fentry,
/// fexit, LSM and iterators, and what is reached from them), by <c>bpf_probe_read_kernel</c> elsewhere. What cannot be read
/// is zero.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class KernelTypeAttribute : Attribute
{
    /// <summary>Names the kernel's type: <c>task_struct</c>. A struct, a union or a typedef of one.</summary>
    public KernelTypeAttribute(string name) => Name = name;

    /// <summary>The kernel's name of the type.</summary>
    public string Name { get; }
}

/// <summary>Says which field of a kernel type a property is, where the name alone does not.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class KernelFieldAttribute : Attribute
{
    /// <summary>Names the field.</summary>
    /// <param name="path">
    /// A field, or a way to one through members, elements and pointers: <c>__state</c>, <c>__sk_common.skc_dport</c>,
    /// <c>mm.exe_file.f_inode.i_ino</c>, <c>slots[2]</c>.
    /// </param>
    /// <param name="otherPaths">What it is called in other kernels; the first that exists is taken.</param>
    public KernelFieldAttribute(string path, params string[] otherPaths) => Paths = [path, .. otherPaths];

    /// <summary>The ways to the field, in the order they are tried.</summary>
    public IReadOnlyList<string> Paths { get; }
}
