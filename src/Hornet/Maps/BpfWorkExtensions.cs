using System.Diagnostics.CodeAnalysis;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet;

/// <summary>Work in map values, in kernel code (6.10; GPL): a lambda that runs soon after, with the element, and may sleep.</summary>
public static class BpfWorkExtensions
{
    private const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    extension(ref BpfWork work)
    {
        /// <summary>Has the work done (<c>bpf_wq_start</c>). Started again before it has run, it runs once.</summary>
        /// <param name="map">The map that the value is in.</param>
        /// <param name="callback">What runs then, in a thread of the kernel. It captures nothing that is known only when the program runs.</param>
        /// <returns>False when the kernel refuses, as when user space has closed the map.</returns>
        [KernelOnly]
        public bool Start<[DynamicallyAccessedMembers(Fields)] TKey, [DynamicallyAccessedMembers(Fields)] TValue>(BpfHashMap<TKey, TValue> map, ElementAction<TKey, TValue> callback)
            where TKey : unmanaged where TValue : unmanaged => throw KernelOnly.Error();

        /// <inheritdoc cref="extension(ref BpfWork).Start{TKey, TValue}(BpfHashMap{TKey, TValue}, ElementAction{TKey, TValue})"/>
        [KernelOnly]
        public bool Start<[DynamicallyAccessedMembers(Fields)] T>(BpfArray<T> map, ElementAction<uint, T> callback)
            where T : unmanaged => throw KernelOnly.Error();
    }

    extension(ref BpfTaskWork work)
    {
        /// <summary>Has a thread do the work when it goes back to user space the next time (<c>bpf_task_work_schedule_resume</c>, 6.18).</summary>
        /// <param name="task">The thread.</param>
        /// <param name="map">The map that the value is in.</param>
        /// <param name="callback">What runs then, in that thread. It captures nothing that is known only when the program runs.</param>
        /// <returns>False when the kernel refuses: the work is waiting already, the thread is about to end, or user space has closed the map.</returns>
        [KernelOnly]
        public bool RunOnResume<[DynamicallyAccessedMembers(Fields)] TKey, [DynamicallyAccessedMembers(Fields)] TValue>(TaskStruct task, BpfHashMap<TKey, TValue> map, ElementAction<TKey, TValue> callback)
            where TKey : unmanaged where TValue : unmanaged => throw KernelOnly.Error();

        /// <inheritdoc cref="extension(ref BpfTaskWork).RunOnResume{TKey, TValue}(TaskStruct, BpfHashMap{TKey, TValue}, ElementAction{TKey, TValue})"/>
        [KernelOnly]
        public bool RunOnResume<[DynamicallyAccessedMembers(Fields)] T>(TaskStruct task, BpfArray<T> map, ElementAction<uint, T> callback)
            where T : unmanaged => throw KernelOnly.Error();

        /// <summary>Has a thread do the work at once, as a signal would interrupt it (<c>bpf_task_work_schedule_signal</c>, 6.18).</summary>
        /// <inheritdoc cref="extension(ref BpfTaskWork).RunOnResume{TKey, TValue}(TaskStruct, BpfHashMap{TKey, TValue}, ElementAction{TKey, TValue})"/>
        [KernelOnly]
        public bool RunOnSignal<[DynamicallyAccessedMembers(Fields)] TKey, [DynamicallyAccessedMembers(Fields)] TValue>(TaskStruct task, BpfHashMap<TKey, TValue> map, ElementAction<TKey, TValue> callback)
            where TKey : unmanaged where TValue : unmanaged => throw KernelOnly.Error();

        /// <inheritdoc cref="extension(ref BpfTaskWork).RunOnSignal{TKey, TValue}(TaskStruct, BpfHashMap{TKey, TValue}, ElementAction{TKey, TValue})"/>
        [KernelOnly]
        public bool RunOnSignal<[DynamicallyAccessedMembers(Fields)] T>(TaskStruct task, BpfArray<T> map, ElementAction<uint, T> callback)
            where T : unmanaged => throw KernelOnly.Error();
    }
}
