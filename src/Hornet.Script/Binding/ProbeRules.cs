using System.Runtime.InteropServices;
using Hornet.Script.Probes;

namespace Hornet.Script.Binding;

/// <summary>What can be done where.</summary>
internal static class ProbeRules
{
    /// <summary>What messages call this machine.</summary>
    public static string Machine => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x86_64";

    /// <summary>What <c>probetype</c> says: the kinds that belong to the script itself are one.</summary>
    public static string Kind(ProbeType type) => type switch
    {
        ProbeType.Begin or ProbeType.End or ProbeType.Self => "special",
        ProbeType.Bench => "benchmark",
        _ => ProbeNames.NameOf(type),
    };

    /// <summary>Whether a register set can be read there.</summary>
    public static bool HasRegisters(ProbeType type) => type is ProbeType.Kprobe or ProbeType.Kretprobe or ProbeType.Uprobe or ProbeType.Uretprobe or ProbeType.Usdt
        or ProbeType.Profile or ProbeType.Interval or ProbeType.Software or ProbeType.Hardware or ProbeType.Watchpoint;

    public static bool IsUserSpace(ProbeType type) => type is ProbeType.Uprobe or ProbeType.Uretprobe or ProbeType.Usdt;

    /// <summary>Whether the kernel cannot filter by process there, so that the program must.</summary>
    public static bool NeedsPidFilter(ProbeType type) => type is ProbeType.Kprobe or ProbeType.Kretprobe or ProbeType.Fentry or ProbeType.Fexit
        or ProbeType.Tracepoint or ProbeType.RawTracepoint;
}
