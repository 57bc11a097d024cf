using Hornet.Maps;

namespace Hornet.AheadOfTime;

/// <summary>Counts a system call of one process, and drops what is as long as it is told.</summary>
public static class Counter
{
    public static readonly BpfHashMap<uint, ulong> Calls = BpfHashMap<uint, ulong>.Create("calls", 64);

    // Known when the object is loaded: bpftool, hornet run --set and BpfObject.SetGlobal change them.
    public static readonly uint OnlyProcess = (uint)Environment.ProcessId;
    public static readonly ulong Step = 1;
    public static readonly bool Enabled = true;
    public static readonly ushort DropLength = 64;

    // Not a number: a constant like any text.
    private static readonly byte[] s_table = [3, 1, 4, 1, 5, 9, 2, 6];

    [Tracepoint("syscalls:sys_enter_getpgid")]
    public static void OnGetpgid()
    {
        if (!Enabled || Bpf.Tgid != OnlyProcess) return;
        Calls[Bpf.Tgid] += Step;
    }

    [Xdp(ProgramName = "drop")]
    public static XdpAction Drop(XdpContext packet)
    {
        Calls[s_table[packet.Data.Length & 7]]++;
        return packet.Data.Length == DropLength ? XdpAction.Drop : XdpAction.Pass;
    }
}
