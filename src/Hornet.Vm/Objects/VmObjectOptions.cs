using Hornet.Btf;
using Hornet.Kernel;

namespace Hornet.Vm;

/// <summary>How an object is loaded into a machine.</summary>
public sealed record VmObjectOptions
{
    /// <summary>
    /// The kernel's types to adjust programs to (CO-RE); null for those the running kernel tells. Where there are none, and none are given, the
    /// object's own are taken, so that fields are where the object says.
    /// </summary>
    public BtfSpec? KernelTypes { get; init; }

    /// <summary>
    /// Maps of the machine that take the place of the object's own, by the object's names for them; none at first. Others of the same name and kind
    /// as one of the machine's are shared with it.
    /// </summary>
    public IReadOnlyDictionary<string, VmMap> Maps { get; init; } = new Dictionary<string, VmMap>();

    /// <summary>The configuration that <c>__kconfig</c> variables are read from; null for the running kernel's.</summary>
    public Kconfig? Kconfig { get; init; }
}
