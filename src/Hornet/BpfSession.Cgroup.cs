using Hornet.IL;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet;

// Control groups: what their processes and sockets may do.
public sealed partial class BpfSession
{
    /// <summary>Judges the packets that the sockets of a control group receive (4.10).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachCgroupIngress(string cgroup, [KernelCode] Func<SkbContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "cgroupIngress", ProgramType.CgroupSkb, AttachType.CgroupInetIngress, kernel);

    /// <summary>Loads such a program without attaching it: to run it with <see cref="BpfProgram.TestRun(TestRunOptions)"/>, or to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadCgroupIngress([KernelCode] Func<SkbContext, CgroupVerdict> kernel, string name = "cgroupIngress") =>
        LoadForCgroup("cgroupingress", name, ProgramType.CgroupSkb, AttachType.CgroupInetIngress, kernel);

    /// <summary>Judges the packets that the sockets of a control group send (4.10).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachCgroupEgress(string cgroup, [KernelCode] Func<SkbContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "cgroupEgress", ProgramType.CgroupSkb, AttachType.CgroupInetEgress, kernel);

    /// <inheritdoc cref="LoadCgroupIngress"/>
    public BpfProgram LoadCgroupEgress([KernelCode] Func<SkbContext, CgroupVerdict> kernel, string name = "cgroupEgress") =>
        LoadForCgroup("cgroupegress", name, ProgramType.CgroupSkb, AttachType.CgroupInetEgress, kernel);

    /// <summary>Judges the sockets that processes of a control group make (4.10).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachSocketCreate(string cgroup, [KernelCode] Func<SocketContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "socketCreate", ProgramType.CgroupSock, AttachType.CgroupInetSockCreate, kernel);

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <inheritdoc cref="LoadCgroupIngress" path="/*[not(self::summary)]"/>
    public BpfProgram LoadSocketCreate([KernelCode] Func<SocketContext, CgroupVerdict> kernel, string name = "socketCreate") =>
        LoadForCgroup("socketcreate", name, ProgramType.CgroupSock, AttachType.CgroupInetSockCreate, kernel);

    /// <summary>Sees the sockets that processes of a control group close (5.9).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachSocketRelease(string cgroup, [KernelCode] Func<SocketContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "socketRelease", ProgramType.CgroupSock, AttachType.CgroupInetSockRelease, kernel);

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <inheritdoc cref="LoadCgroupIngress" path="/*[not(self::summary)]"/>
    public BpfProgram LoadSocketRelease([KernelCode] Func<SocketContext, CgroupVerdict> kernel, string name = "socketRelease") =>
        LoadForCgroup("socketrelease", name, ProgramType.CgroupSock, AttachType.CgroupInetSockRelease, kernel);

    /// <summary>Judges the IPv4 addresses that sockets of a control group were bound to (4.17).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachPostBind4(string cgroup, [KernelCode] Func<SocketContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "postBind4", ProgramType.CgroupSock, AttachType.CgroupInet4PostBind, kernel);

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <inheritdoc cref="LoadCgroupIngress" path="/*[not(self::summary)]"/>
    public BpfProgram LoadPostBind4([KernelCode] Func<SocketContext, CgroupVerdict> kernel, string name = "postBind4") =>
        LoadForCgroup("postbind4", name, ProgramType.CgroupSock, AttachType.CgroupInet4PostBind, kernel);

    /// <summary>Judges the IPv6 addresses that sockets of a control group were bound to (4.17).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachPostBind6(string cgroup, [KernelCode] Func<SocketContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "postBind6", ProgramType.CgroupSock, AttachType.CgroupInet6PostBind, kernel);

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <inheritdoc cref="LoadCgroupIngress" path="/*[not(self::summary)]"/>
    public BpfProgram LoadPostBind6([KernelCode] Func<SocketContext, CgroupVerdict> kernel, string name = "postBind6") =>
        LoadForCgroup("postbind6", name, ProgramType.CgroupSock, AttachType.CgroupInet6PostBind, kernel);

    /// <summary>Sees, and may change, the addresses that processes of a control group bind, connect to, send to or ask for (4.17).</summary>
    /// <param name="cgroup">The control group's folder. Groups below it are included.</param>
    /// <param name="hook">Which call, and which kind of address.</param>
    /// <param name="kernel">The code. Hooks of receiving and asking must allow.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachSocketAddress(string cgroup, SocketAddressHook hook, [KernelCode] Func<SocketAddressContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(LoadSocketAddress(hook, kernel), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="hook">Which call, and which kind of address.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSocketAddress(SocketAddressHook hook, [KernelCode] Func<SocketAddressContext, CgroupVerdict> kernel, string name = "socket_address")
    {
        if (!Enum.IsDefined(hook)) throw new ArgumentException($"{hook} is no hook of socket addresses.", nameof(hook));
        // The kernel takes nothing but 1 where an address is only told.
        bool mustAllow = hook is >= SocketAddressHook.RecvMsg4 and not (SocketAddressHook.ConnectUnix or SocketAddressHook.SendMsgUnix);
        return Load(KernelCode.Network(name, $"cgroup/{hook}:{name}", ProgramType.CgroupSockAddr, kernel, (AttachType)hook, mustAllow ? 1 : 0));
    }

    /// <summary>Judges the settings under /proc/sys that processes of a control group read and write (5.2).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachSysctl(string cgroup, [KernelCode] Func<SysctlContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "sysctl", ProgramType.CgroupSysctl, AttachType.CgroupSysctl, kernel);

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <inheritdoc cref="LoadCgroupIngress" path="/*[not(self::summary)]"/>
    public BpfProgram LoadSysctl([KernelCode] Func<SysctlContext, CgroupVerdict> kernel, string name = "sysctl") =>
        LoadForCgroup("sysctl", name, ProgramType.CgroupSysctl, AttachType.CgroupSysctl, kernel);

    /// <summary>Judges the devices that processes of a control group make and open (4.15).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachDevice(string cgroup, [KernelCode] Func<DeviceContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "device", ProgramType.CgroupDevice, AttachType.CgroupDevice, kernel);

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <inheritdoc cref="LoadCgroupIngress" path="/*[not(self::summary)]"/>
    public BpfProgram LoadDevice([KernelCode] Func<DeviceContext, CgroupVerdict> kernel, string name = "device") =>
        LoadForCgroup("device", name, ProgramType.CgroupDevice, AttachType.CgroupDevice, kernel);

    /// <summary>Sees, and may change, the answers to <c>getsockopt</c> of processes of a control group (5.3).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachGetSockOpt(string cgroup, [KernelCode] Func<SockOptContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "getSockOpt", ProgramType.CgroupSockOpt, AttachType.CgroupGetSockOpt, kernel);

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <inheritdoc cref="LoadCgroupIngress" path="/*[not(self::summary)]"/>
    public BpfProgram LoadGetSockOpt([KernelCode] Func<SockOptContext, CgroupVerdict> kernel, string name = "getSockOpt") =>
        LoadForCgroup("getsockopt", name, ProgramType.CgroupSockOpt, AttachType.CgroupGetSockOpt, kernel);

    /// <summary>Sees, and may change, what processes of a control group set with <c>setsockopt</c> (5.3).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachSetSockOpt(string cgroup, [KernelCode] Func<SockOptContext, CgroupVerdict> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "setSockOpt", ProgramType.CgroupSockOpt, AttachType.CgroupSetSockOpt, kernel);

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <inheritdoc cref="LoadCgroupIngress" path="/*[not(self::summary)]"/>
    public BpfProgram LoadSetSockOpt([KernelCode] Func<SockOptContext, CgroupVerdict> kernel, string name = "setSockOpt") =>
        LoadForCgroup("setsockopt", name, ProgramType.CgroupSockOpt, AttachType.CgroupSetSockOpt, kernel);

    /// <summary>Sees the TCP connections of a control group, and answers questions about them (4.13).</summary>
    /// <inheritdoc cref="AttachCgroupIngress" path="/*[not(self::summary)]"/>
    public CgroupLink AttachSockOps(string cgroup, [KernelCode] Action<SockOpsContext> kernel, CgroupOptions? options = null) =>
        AttachToCgroup(cgroup, options, "sockOps", ProgramType.SockOps, AttachType.CgroupSockOps, kernel, 1);

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <inheritdoc cref="LoadCgroupIngress" path="/*[not(self::summary)]"/>
    public BpfProgram LoadSockOps([KernelCode] Action<SockOpsContext> kernel, string name = "sockOps") =>
        LoadForCgroup("sockops", name, ProgramType.SockOps, AttachType.CgroupSockOps, kernel, 1);

    private CgroupLink AttachToCgroup(string cgroup, CgroupOptions? options, string name, ProgramType type, AttachType hook, Delegate kernel, long defaultResult = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network(name, $"cgroup/{name.ToLowerInvariant()}:{cgroup}", type, kernel, hook, defaultResult)), cgroup, options));
    }

    private BpfProgram LoadForCgroup(string kind, string name, ProgramType type, AttachType hook, Delegate kernel, long defaultResult = 0) =>
        Load(KernelCode.Network(name, $"cgroup/{kind}:{name}", type, kernel, hook, defaultResult));
}
