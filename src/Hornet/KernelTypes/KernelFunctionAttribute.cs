namespace Hornet.KernelTypes;

/// <summary>
/// Marks a static method as a function of the kernel that programs may call (kfunc, 5.13). Kernel code that calls the
/// method calls the function; the method's own body is never compiled and only has to throw.
/// </summary>
/// <remarks>
/// <code>
/// [KernelFunction("bpf_task_from_pid")]
/// static TaskStruct? FindTask(int pid) => throw new NotSupportedException();
/// </code>
/// Parameters and result are checked against the running kernel's BTF. A span stands for a pointer and its size.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFunctionAttribute : Attribute
{
    /// <summary>Names the function.</summary>
    public KernelFunctionAttribute(string name) => Name = name;

    /// <summary>The kernel's name of the function.</summary>
    public string Name { get; }
}
