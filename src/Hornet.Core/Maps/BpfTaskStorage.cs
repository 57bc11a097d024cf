using System.Diagnostics.CodeAnalysis;
using Hornet.Interop;

namespace Hornet.Maps;

/// <summary>Values kept with tasks (<c>BPF_MAP_TYPE_TASK_STORAGE</c>, 5.11). User space names a process by a pidfd.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class BpfTaskStorage<[DynamicallyAccessedMembers(ElementLayout.Fields)] T> : LocalStorageMap<T> where T : unmanaged
{
    /// <summary>Sees a map as this kind.</summary>
    /// <exception cref="BpfException">It is another kind, has other sizes, or the type is not fit for a map.</exception>
    public BpfTaskStorage(BpfMap map) : base(map, MapType.TaskStorage)
    {
    }

    /// <summary>Creates a storage.</summary>
    public static BpfTaskStorage<T> Create(string name, MapOptions? options = null) =>
        Own(Create(MapType.TaskStorage, name, options), static map => new BpfTaskStorage<T>(map));

    /// <summary>The value kept with a process's main thread; false when it has none.</summary>
    /// <exception cref="BpfSyscallException">There is no such process (ESRCH).</exception>
    public bool TryGetValue(int processId, out T value)
    {
        using var task = OpenProcess(processId);
        return TryGetValue(task, out value);
    }

    /// <summary>Keeps a value with a process's main thread.</summary>
    /// <exception cref="BpfSyscallException">There is no such process (ESRCH), or the kernel refused.</exception>
    public void Set(int processId, in T value, MapUpdateFlags flags = MapUpdateFlags.Any)
    {
        using var task = OpenProcess(processId);
        Set(task, value, flags);
    }

    /// <summary>Removes the value kept with a process's main thread; false when it has none.</summary>
    /// <exception cref="BpfSyscallException">There is no such process (ESRCH).</exception>
    public bool Remove(int processId)
    {
        using var task = OpenProcess(processId);
        return Remove(task);
    }

    /// <summary>Kernel code only: the current task's value, in place; a null reference when it has none, to be tested with <c>Unsafe.IsNullRef</c>.</summary>
    [KernelOnly]
    public ref T Find() => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: the current task's value, in place; made of zeros when it has none. Ends the program when there is no memory.</summary>
    [KernelOnly]
    public ref T GetOrAdd() => throw KernelOnlyMember.Error();

    /// <summary>Kernel code only: removes the current task's value; false when it has none.</summary>
    [KernelOnly]
    public bool Remove() => throw KernelOnlyMember.Error();

    /// <summary>A pidfd of a process (<c>pidfd_open</c>, 5.3).</summary>
    private static FileDescriptor OpenProcess(int processId)
    {
        // The number is the same on all architectures.
        const int NrPidfdOpen = 434;
        return new((int)Libc.Check(Libc.Syscall(NrPidfdOpen, processId, 0, 0, 0, 0, 0), $"open process {processId}"), $"pidfd {processId}");
    }
}
