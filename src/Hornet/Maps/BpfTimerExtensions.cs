using System.Diagnostics.CodeAnalysis;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet;

/// <summary>
/// Timers in map values, in kernel code (5.15): a lambda that the kernel calls with the element when the time has come. A
/// removed element's timer is cancelled, and so are all when user space closes the map. Not in tracepoints, kprobes and
/// perf events.
/// </summary>
public static class BpfTimerExtensions
{
    private const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    extension(ref BpfTimer timer)
    {
        /// <summary>Starts the timer, or starts it anew.</summary>
        /// <param name="map">The map that the value is in.</param>
        /// <param name="delayNs">After how many nanoseconds (CLOCK_MONOTONIC).</param>
        /// <param name="callback">What runs then. It captures nothing that is known only when the program runs.</param>
        /// <returns>False when the kernel refuses, as when user space has closed the map.</returns>
        [KernelOnly]
        public bool Start<[DynamicallyAccessedMembers(Fields)] TKey, [DynamicallyAccessedMembers(Fields)] TValue>(BpfHashMap<TKey, TValue> map, ulong delayNs, ElementAction<TKey, TValue> callback)
            where TKey : unmanaged where TValue : unmanaged => throw KernelOnly.Error();

        /// <inheritdoc cref="extension(ref BpfTimer).Start{TKey, TValue}(BpfHashMap{TKey, TValue}, ulong, ElementAction{TKey, TValue})"/>
        [KernelOnly]
        public bool Start<[DynamicallyAccessedMembers(Fields)] T>(BpfArray<T> map, ulong delayNs, ElementAction<uint, T> callback)
            where T : unmanaged => throw KernelOnly.Error();

        /// <summary>Starts the timer anew, with the callback it has: in the callback itself, so that it comes again and again.</summary>
        /// <param name="delayNs">After how many nanoseconds (CLOCK_MONOTONIC).</param>
        /// <returns>False when it was never started, or the kernel refuses.</returns>
        [KernelOnly]
        public bool Restart(ulong delayNs) => throw KernelOnly.Error();

        /// <summary>Stops the timer. Must not be called in a callback of a timer.</summary>
        /// <returns>Whether it was running.</returns>
        [KernelOnly]
        public bool Cancel() => throw KernelOnly.Error();

        /// <summary>Stops the timer without waiting for a callback that runs (<c>bpf_timer_cancel_async</c>, 7.0): in callbacks too.</summary>
        /// <returns>Whether it was waiting.</returns>
        public bool CancelSoon() => CancelWithoutWaiting(ref timer) == 1;
    }

    [KernelFunction("bpf_timer_cancel_async")]
    private static int CancelWithoutWaiting(ref BpfTimer timer) => throw KernelOnly.Error();
}
