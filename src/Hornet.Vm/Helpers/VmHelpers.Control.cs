using System.Runtime.CompilerServices;
using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Vm;

internal static partial class VmHelpers
{
    /// <summary>As the kernel's BPF_MAX_LOOPS.</summary>
    private const uint MostLoops = 8 << 20;

    private static void AddControl(Action<BpfHelper, VmHelper> add)
    {
        add(BpfHelper.Loop, static (s, count, function, context, flags, _) =>
        {
            if (flags != 0) return Error(Errno.EINVAL);
            if ((uint)count > MostLoops) return Error(Errno.E2BIG);
            uint done = 0;
            while (done < (uint)count)
            {
                if (s.Call(function, done++, context) != 0) break;
            }
            return done;
        });
        add(BpfHelper.SpinLock, static (s, address, _, _, _, _) =>
        {
            ref uint word = ref LockWord(s, address);
            // Another thread's program may hold it; this program waits as long as its budget lasts.
            while (Interlocked.CompareExchange(ref word, 1, 0) != 0)
            {
                s.Charge(100);
                Thread.Yield();
            }
            s.HoldLock(address);
            return 0;
        });
        add(BpfHelper.SpinUnlock, static (s, address, _, _, _, _) =>
            s.GiveBack(address, true) ? 0UL : throw s.Fault(VmFaultKind.BadArgument, "it gives back a lock that it does not hold", Register.R1));
        // Redirecting is deciding only: where to is written in the context, and the answer is the program type's code for it.
        add(BpfHelper.Redirect, static (s, index, flags, _, _, _) => Redirect(s, (uint)index));
        add(BpfHelper.RedirectPeer, static (s, index, flags, _, _, _) => Redirect(s, (uint)index));
        add(BpfHelper.RedirectNeigh, static (s, index, _, _, _, _) => Redirect(s, (uint)index));
        add(BpfHelper.GetRetval, static (s, _, _, _, _, _) => (ulong)(long)s.ProgramResult);
        add(BpfHelper.SetRetval, static (s, value, _, _, _, _) =>
        {
            s.ProgramResult = (int)value;
            return 0;
        });
    }

    private static ulong Redirect(VmExecution s, uint index)
    {
        const ulong xdpAborted = 0, xdpRedirect = 4, tcShot = 2, tcRedirect = 7;
        if (s.Context is not VmPacketContext packet) throw s.Fault(VmFaultKind.BadArgument, "only programs with a packet can redirect it");
        packet.RedirectInterface = index;
        return packet is VmXdpContext ? (index == 0 ? xdpAborted : xdpRedirect) : index == 0 ? tcShot : tcRedirect;
    }

    private static unsafe ref uint LockWord(VmExecution s, ulong address) => ref Unsafe.AsRef<uint>(s.ResolveAtomic(address, 4, true, (int)Register.R1));
}
