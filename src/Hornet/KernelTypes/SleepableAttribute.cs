namespace Hornet.KernelTypes;

/// <summary>
/// Marks a method of a class with <see cref="StructOpsAttribute"/> whose program may sleep (6.12): for functions of the kernel that
/// only such programs can call. The kernel allows it for some members of a table.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SleepableAttribute : Attribute;
