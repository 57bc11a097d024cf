using System.Runtime.CompilerServices;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet;

/// <summary>
/// Locks in map values that give up instead of waiting for ever, in kernel code (6.15). Several may be held; they are released in the opposite
/// order. Nothing that may sleep while one is held.
/// </summary>
public static class BpfResilientLockExtensions
{
    extension(ref BpfResilientLock resilientLock)
    {
        /// <summary>Takes the lock (<c>bpf_res_spin_lock</c>, 6.15), to be given back by <c>Release</c> on every way.</summary>
        /// <returns>False when it would be a deadlock, or takes longer than a quarter of a second: the lock is not held then.</returns>
        public bool TryAcquire() => Lock(ref resilientLock) == 0;

        /// <summary>Takes the lock and keeps interrupts off this CPU (<c>bpf_res_spin_lock_irqsave</c>, 6.15).</summary>
        /// <param name="interrupts">A local variable, which says afterwards how interrupts were.</param>
        /// <returns>False when it would be a deadlock, or takes longer than a quarter of a second: the lock is not held then.</returns>
        public bool TryAcquire(out ulong interrupts)
        {
            Unsafe.SkipInit(out interrupts);
            return Lock(ref resilientLock, ref interrupts) == 0;
        }

        /// <summary>Gives the lock back (<c>bpf_res_spin_unlock</c>, 6.15).</summary>
        public void Release() => Unlock(ref resilientLock);

        /// <summary>Gives the lock back and makes interrupts as they were (<c>bpf_res_spin_unlock_irqrestore</c>, 6.15).</summary>
        /// <param name="interrupts">The variable that it was taken with.</param>
        public void Release(ref ulong interrupts) => Unlock(ref resilientLock, ref interrupts);
    }

    [KernelFunction("bpf_res_spin_lock")]
    private static int Lock(ref BpfResilientLock resilientLock) => throw KernelOnly.Error();

    [KernelFunction("bpf_res_spin_lock_irqsave")]
    private static int Lock(ref BpfResilientLock resilientLock, ref ulong interrupts) => throw KernelOnly.Error();

    [KernelFunction("bpf_res_spin_unlock")]
    private static void Unlock(ref BpfResilientLock resilientLock) => throw KernelOnly.Error();

    [KernelFunction("bpf_res_spin_unlock_irqrestore")]
    private static void Unlock(ref BpfResilientLock resilientLock, ref ulong interrupts) => throw KernelOnly.Error();
}
