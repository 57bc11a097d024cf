using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Maps;

/// <summary>What a creation refers to beside its <see cref="MapSpec"/>: the live objects of the running kernel.</summary>
public sealed record MapCreateOptions
{
    /// <summary>The loaded BTF that <see cref="MapSpec.KeyTypeId"/> and <see cref="MapSpec.ValueTypeId"/> are ids of.</summary>
    public FileDescriptor? Btf { get; init; }

    /// <summary>
    /// The example of an inner map, for maps of maps. When it is null, one is created from <see cref="MapSpec.InnerMap"/>
    /// and closed again: the kernel only notes its properties.
    /// </summary>
    public BpfMap? InnerMap { get; init; }

    /// <summary>A BPF token that delegates the creation (6.9).</summary>
    public BpfToken? Token { get; init; }

    /// <summary>The id of the kernel's value type of a struct_ops map (<c>btf_vmlinux_value_type_id</c>, 5.6).</summary>
    public uint KernelValueTypeId { get; init; }

    /// <summary>The module's BTF that <see cref="KernelValueTypeId"/> is an id of (6.9); null for that of the kernel itself.</summary>
    public FileDescriptor? KernelValueBtf { get; init; }

    /// <summary>
    /// Leaves <see cref="MapSpec.Contents"/> and <see cref="MapSpec.Freeze"/> to a later call of
    /// <see cref="BpfMap.WriteContents"/>, for contents that name maps and programs not made yet.
    /// </summary>
    public bool DeferContents { get; init; }

    /// <summary>Whether the map means nothing without its types, since its values have fields of the kernel.</summary>
    internal bool NeedsTypes { get; init; }
}
