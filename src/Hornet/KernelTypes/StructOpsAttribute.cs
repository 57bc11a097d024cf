namespace Hornet.KernelTypes;

/// <summary>
/// Marks a class that implements a table of functions for the kernel (struct_ops, 5.6), for <see cref="BpfSession.AttachStructOps"/>.
/// </summary>
/// <remarks>
/// Each public method is the member of its name (<c>CongAvoid</c> is <c>cong_avoid</c>) and becomes a program; its parameters
/// are the kernel's. Each public property is the member's value, read when the table is put in use. What is private is
/// nobody's but the class's.
/// <code>
/// [StructOps("tcp_congestion_ops")]
/// public sealed class Steady
/// {
///     public string Name => "steady";
///     public uint Ssthresh(Sock sk) => 10;
///     public uint UndoCwnd(Sock sk) => 10;
///     public void CongAvoid(Sock sk, uint ack, uint acked) { }
/// }
/// </code>
/// </remarks>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StructOpsAttribute : Attribute
{
    /// <summary>Names the table: <c>tcp_congestion_ops</c>.</summary>
    public StructOpsAttribute(string typeName) => TypeName = typeName;

    /// <summary>The kernel's name of the table's type.</summary>
    public string TypeName { get; }
}
