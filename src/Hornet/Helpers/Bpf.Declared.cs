using Hornet.Isa;
using Hornet.KernelTypes;
using Hornet.Maps;
using Hornet.Packets;

namespace Hornet;

// Helpers that are a call and nothing more.
public static partial class Bpf
{
    private const ulong CurrentCpu = 0xffffffff;

    /// <summary>Reads a number at the beginning of a text, after blanks (5.2).</summary>
    /// <param name="text">The text; not more than 64 characters of it.</param>
    /// <param name="value">The number.</param>
    /// <param name="numberBase">8, 10 or 16; 0 to see it by the beginning, <c>0x</c> or <c>0</c>.</param>
    /// <returns>How many characters it took; negative when there is no number (-EINVAL) or it is too large (-ERANGE).</returns>
    public static int ParseNumber(ReadOnlySpan<byte> text, out long value, uint numberBase = 0) => (int)Strtol(text, numberBase, out value);

    /// <summary>What the function that is probed has returned, as it lies in its register (5.17): fexit, fmod_ret. Needs the GPL.</summary>
    /// <returns>Whether the program runs at a return.</returns>
    public static bool TryGetFunctionResult(out ulong value) => FunctionResult(out value) == 0;

    /// <summary>What the system call will return, as the programs before this one left it (5.18): programs of control groups.</summary>
    [KernelHelper(BpfHelper.GetRetval)]
    public static int GetReturnValue() => throw KernelOnly.Error();

    /// <summary>Says what the system call returns, a negative error number (5.18): programs of control groups.</summary>
    /// <returns>0, or a negative error number when this hook has none.</returns>
    [KernelHelper(BpfHelper.SetRetval)]
    public static int SetReturnValue(int value) => throw KernelOnly.Error();

    /// <summary>
    /// Sends a record to user space by a perf buffer, in this CPU's part of it (4.4): for kernels before 5.8, which have no
    /// <see cref="BpfRingBuffer{T}"/>. A <c>PerfBufferReader</c> over the map reads the records and counts the lost ones. Needs the GPL.
    /// </summary>
    /// <returns>Whether there was room, and a reader.</returns>
    public static bool Output<T>(BpfPerfEventArray events, in T record) where T : unmanaged => PerfEventOutput(events, CurrentCpu, in record) == 0;

    /// <summary>Reads the perf event in this CPU's slot of an array (4.15). Needs the GPL.</summary>
    /// <returns>Whether there is an event that runs on this CPU.</returns>
    public static bool TryReadCounter(BpfPerfEventArray events, out PerfCounter counter) => PerfEventReadValue(events, CurrentCpu, out counter) == 0;

    /// <summary>Reads the perf event that made the program run (4.15): programs of perf events. Needs the GPL.</summary>
    public static bool TryReadCounter(out PerfCounter counter) => PerfProgReadValue(out counter) == 0;

    /// <summary>The address of a symbol of the kernel (5.16): syscall programs.</summary>
    /// <param name="name">Its name with a zero behind it.</param>
    /// <param name="address">The address.</param>
    public static bool TryFindSymbol(ReadOnlySpan<byte> name, out ulong address) => KallsymsLookupName(name, 0, out address) == 0;

    /// <summary>Copies memory of another process, which may sleep (5.18): sleepable programs. Needs the GPL.</summary>
    /// <returns>Whether all of it is readable; else the destination is filled with zeros.</returns>
    public static bool TryCopyFromTask(TaskStruct task, ulong address, Span<byte> destination) => CopyFromUserTask(destination, address, task, 0) == 0;

    /// <summary>Says how a program is executed: 1 for the secure mode, as with setuid (5.11): LSM.</summary>
    [KernelHelper(BpfHelper.BprmOptsSet)]
    public static int SetExecOptions(LinuxBinprm program, ulong options) => throw KernelOnly.Error();

    /// <summary>The hash that IMA has of a file's content (5.11): sleepable LSM.</summary>
    /// <returns>The algorithm (<c>enum hash_algo</c>); negative when IMA has none.</returns>
    [KernelHelper(BpfHelper.ImaInodeHash)]
    public static int GetImaHash(Inode inode, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>The hash that IMA has, or makes, of a file's content (5.18): sleepable LSM.</summary>
    /// <returns>The algorithm (<c>enum hash_algo</c>); negative when IMA is off.</returns>
    [KernelHelper(BpfHelper.ImaFileHash)]
    public static int GetImaHash(KernelFile file, Span<byte> destination) => throw KernelOnly.Error();

    /// <summary>Makes a SYN cookie without a socket (6.0): XDP and tc.</summary>
    /// <param name="ip">The packet's IP header.</param>
    /// <param name="tcp">The TCP header with its options.</param>
    /// <returns>The sequence number in the low 32 bits, the MSS in the next 16; negative when there is none.</returns>
    [KernelHelper(BpfHelper.TcpRawGenSyncookieIpv4)]
    public static long MakeSynCookie(in IPv4Header ip, ReadOnlySpan<byte> tcp) => throw KernelOnly.Error();

    /// <summary>Makes a SYN cookie without a socket (6.0): XDP and tc.</summary>
    /// <param name="ip">The packet's IP header.</param>
    /// <param name="tcp">The TCP header with its options.</param>
    /// <returns>The sequence number in the low 32 bits, the MSS in the next 16; negative when there is none.</returns>
    [KernelHelper(BpfHelper.TcpRawGenSyncookieIpv6)]
    public static long MakeSynCookie(in IPv6Header ip, ReadOnlySpan<byte> tcp) => throw KernelOnly.Error();

    /// <summary>Checks the SYN cookie that an ACK brings back (6.0): XDP and tc.</summary>
    /// <returns>Whether it is one of <see cref="MakeSynCookie(in IPv4Header, ReadOnlySpan{byte})"/>.</returns>
    public static bool CheckSynCookie(in IPv4Header ip, in TcpHeader tcp) => CheckRawCookie(in ip, in tcp) == 0;

    /// <summary>Checks the SYN cookie that an ACK brings back (6.0): XDP and tc.</summary>
    /// <returns>Whether it is one of <see cref="MakeSynCookie(in IPv6Header, ReadOnlySpan{byte})"/>.</returns>
    public static bool CheckSynCookie(in IPv6Header ip, in TcpHeader tcp) => CheckRawCookie(in ip, in tcp) == 0;

    [KernelHelper(BpfHelper.Strtol)]
    private static long Strtol(ReadOnlySpan<byte> text, ulong flags, out long value) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.GetFuncRet, PassesContext = true)]
    private static long FunctionResult(out ulong value) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.PerfEventOutput, PassesContext = true)]
    private static long PerfEventOutput<T>(BpfPerfEventArray events, ulong flags, [Sized] in T record) where T : unmanaged => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.PerfEventReadValue)]
    private static long PerfEventReadValue(BpfPerfEventArray events, ulong flags, [Sized] out PerfCounter counter) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.PerfProgReadValue, PassesContext = true)]
    private static long PerfProgReadValue([Sized] out PerfCounter counter) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.KallsymsLookupName)]
    private static long KallsymsLookupName(ReadOnlySpan<byte> name, int flags, out ulong address) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.CopyFromUserTask)]
    private static long CopyFromUserTask(Span<byte> destination, ulong address, TaskStruct task, ulong flags) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.TcpRawCheckSyncookieIpv4)]
    private static long CheckRawCookie(in IPv4Header ip, in TcpHeader tcp) => throw KernelOnly.Error();

    [KernelHelper(BpfHelper.TcpRawCheckSyncookieIpv6)]
    private static long CheckRawCookie(in IPv6Header ip, in TcpHeader tcp) => throw KernelOnly.Error();
}
