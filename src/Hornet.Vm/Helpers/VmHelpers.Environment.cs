using System.Diagnostics;
using System.Text;
using Hornet.Interop;
using Hornet.Isa;

namespace Hornet.Vm;

internal static partial class VmHelpers
{
    private static void AddEnvironment(Action<BpfHelper, VmHelper> add)
    {
        add(BpfHelper.KtimeGetNs, static (s, _, _, _, _, _) => Now(s));
        add(BpfHelper.KtimeGetBootNs, static (s, _, _, _, _, _) => Now(s));
        add(BpfHelper.KtimeGetCoarseNs, static (s, _, _, _, _, _) => Now(s));
        add(BpfHelper.KtimeGetTaiNs, static (s, _, _, _, _, _) =>
            s.Machine.Options.Clock is { } clock ? clock() : (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
        // Of a kernel with 250 ticks a second.
        add(BpfHelper.Jiffies64, static (s, _, _, _, _, _) => Now(s) / 4_000_000);
        add(BpfHelper.GetPrandomU32, static (s, _, _, _, _, _) => s.Machine.Random.Next());
        add(BpfHelper.GetSmpProcessorId, static (s, _, _, _, _, _) => (uint)s.Cpu);
        add(BpfHelper.GetNumaNodeId, static (_, _, _, _, _, _) => 0);
        add(BpfHelper.GetCurrentPidTgid, static (s, _, _, _, _, _) => (ulong)s.Process.ProcessId << 32 | s.Process.ThreadId);
        add(BpfHelper.GetCurrentUidGid, static (s, _, _, _, _, _) => (ulong)s.Process.GroupId << 32 | s.Process.UserId);
        add(BpfHelper.GetCurrentCgroupId, static (s, _, _, _, _, _) => s.Process.ControlGroupId);
        add(BpfHelper.GetCurrentComm, static (s, buffer, size, _, _, _) =>
        {
            var target = s.Write(buffer, Length(s, size, Register.R2), Register.R1);
            if (target.IsEmpty) return Error(Errno.EINVAL);
            target.Clear();
            byte[] name = Encoding.UTF8.GetBytes(s.Process.Command);
            // The kernel keeps 15 bytes and a zero.
            name.AsSpan(0, Math.Min(name.Length, Math.Min(15, target.Length - 1))).CopyTo(target);
            return 0;
        });
        add(BpfHelper.GetNsCurrentPidTgid, static (s, _, _, info, size, _) =>
        {
            if ((uint)size != 8) return Error(Errno.EINVAL);
            s.Write(info, s.Process.ThreadId, Register.R3);
            s.Write(info + 4, s.Process.ProcessId, Register.R3);
            return 0;
        });
        add(BpfHelper.GetAttachCookie, static (_, _, _, _, _, _) => 0);
    }

    private static ulong Now(VmExecution s) =>
        s.Machine.Options.Clock is { } clock ? clock() : (ulong)(Stopwatch.GetTimestamp() * (1_000_000_000.0 / Stopwatch.Frequency));
}
