using System.Runtime.CompilerServices;
using Hornet.Isa;

namespace Hornet.Vm.Execution;

/// <summary>Atomic operations on checked memory. Both engines use these.</summary>
internal static unsafe class Atomics
{
    /// <summary>
    /// Performs an operation. The result goes to the register the caller knows: R0 for a comparing exchange, the source for
    /// the fetching ones, none for the others.
    /// </summary>
    /// <param name="p">The memory, aligned.</param>
    /// <param name="op">The operation.</param>
    /// <param name="value">The source register.</param>
    /// <param name="expected">R0, for a comparing exchange.</param>
    /// <returns>The old value.</returns>
    public static ulong Apply64(ulong* p, AtomicOp op, ulong value, ulong expected)
    {
        ref ulong place = ref Unsafe.AsRef<ulong>(p);
        switch (op)
        {
            case AtomicOp.Add or AtomicOp.FetchAdd: return Interlocked.Add(ref place, value) - value;
            case AtomicOp.Or or AtomicOp.FetchOr: return Interlocked.Or(ref place, value);
            case AtomicOp.And or AtomicOp.FetchAnd: return Interlocked.And(ref place, value);
            case AtomicOp.Xor or AtomicOp.FetchXor:
                ulong old = Volatile.Read(ref place);
                for (ulong seen; (seen = Interlocked.CompareExchange(ref place, old ^ value, old)) != old;) old = seen;
                return old;
            case AtomicOp.Exchange: return Interlocked.Exchange(ref place, value);
            default: return Interlocked.CompareExchange(ref place, value, expected);
        }
    }

    /// <inheritdoc cref="Apply64"/>
    /// <remarks>
    /// The lower half is the result: the processor's 32-bit comparing exchange leaves the upper half of its register as it was when it
    /// succeeds, and the runtime's compiler takes it for cleared (seen on .NET 10, x64). Callers clear it; not inlined, so that the clearing is not
    /// optimized away.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Apply32(uint* p, AtomicOp op, uint value, uint expected)
    {
        ref uint place = ref Unsafe.AsRef<uint>(p);
        switch (op)
        {
            case AtomicOp.Add or AtomicOp.FetchAdd: return Interlocked.Add(ref place, value) - value;
            case AtomicOp.Or or AtomicOp.FetchOr: return Interlocked.Or(ref place, value);
            case AtomicOp.And or AtomicOp.FetchAnd: return Interlocked.And(ref place, value);
            case AtomicOp.Xor or AtomicOp.FetchXor:
                uint old = Volatile.Read(ref place);
                for (uint seen; (seen = Interlocked.CompareExchange(ref place, old ^ value, old)) != old;) old = seen;
                return old;
            case AtomicOp.Exchange: return Interlocked.Exchange(ref place, value);
            default: return Interlocked.CompareExchange(ref place, value, expected);
        }
    }
}
