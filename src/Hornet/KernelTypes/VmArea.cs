namespace Hornet.KernelTypes;

/// <summary>A memory area of a process (<c>struct vm_area_struct</c>).</summary>
[KernelType("vm_area_struct")]
public interface VmArea
{
    /// <summary>Where it begins.</summary>
    ulong VmStart { get; }

    /// <summary>Where it ends: the first address that is not in it.</summary>
    ulong VmEnd { get; }

    /// <summary>What is allowed (<c>VM_READ</c> 1, <c>VM_WRITE</c> 2, <c>VM_EXEC</c> 4…).</summary>
    ulong VmFlags { get; }

    /// <summary>Where it begins in the file, in pages.</summary>
    ulong VmPgoff { get; }

    /// <summary>The file; null for memory without one.</summary>
    KernelFile VmFile { get; }
}
