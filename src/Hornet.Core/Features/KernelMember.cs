namespace Hornet.Features;

/// <summary>A member of one of the kernel's tables of functions: <c>tcp_congestion_ops.ssthresh</c>.</summary>
/// <param name="Table">The table's type.</param>
/// <param name="Name">The member.</param>
public readonly record struct KernelMember(string Table, string Name)
{
    /// <summary>As it is written here.</summary>
    public override string ToString() => $"{Table}.{Name}";
}
