namespace Hornet.Maps;

/// <summary>
/// A reference to a kernel object in the value of a map (kptr, 5.19; task_struct and cgroup 6.2, cpumask 6.3): the kernel keeps the object
/// while the map has it, and gives it back when the element or the map goes. Kernel code takes it out and puts another in with
/// <c>Exchange</c>, and looks at it with <c>Value</c>. User space sees zeros, and what it writes leaves the reference as it is.
/// </summary>
/// <typeparam name="T">A view of the kernel's type: <c>TaskStruct</c>, <c>Cgroup</c>, <c>OwnCpuMask</c>.</typeparam>
public struct BpfKptr<T> where T : class
{
#pragma warning disable CS0169, IDE0044, IDE0051 // The kernel's.
    private ulong _object;
#pragma warning restore CS0169, IDE0044, IDE0051
}
