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
    public CgroupLink AttachCgroupIngress(string cgroup, [KernelCode] Func<SkbContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("cgroupIngress", $"cgroup/cgroupingress:{cgroup}", ProgramType.CgroupSkb, kernel, AttachType.CgroupInetIngress)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to run it with <see cref="BpfProgram.TestRun(TestRunOptions)"/>, or to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadCgroupIngress([KernelCode] Func<SkbContext, CgroupVerdict> kernel, string name = "cgroupIngress") => Load(KernelCode.Network(name, $"cgroup/cgroupingress:{name}", ProgramType.CgroupSkb, kernel, AttachType.CgroupInetIngress));

    /// <summary>Judges the packets that the sockets of a control group send (4.10).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachCgroupEgress(string cgroup, [KernelCode] Func<SkbContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("cgroupEgress", $"cgroup/cgroupegress:{cgroup}", ProgramType.CgroupSkb, kernel, AttachType.CgroupInetEgress)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to run it with <see cref="BpfProgram.TestRun(TestRunOptions)"/>, or to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadCgroupEgress([KernelCode] Func<SkbContext, CgroupVerdict> kernel, string name = "cgroupEgress") => Load(KernelCode.Network(name, $"cgroup/cgroupegress:{name}", ProgramType.CgroupSkb, kernel, AttachType.CgroupInetEgress));

    /// <summary>Judges the sockets that processes of a control group make (4.10).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachSocketCreate(string cgroup, [KernelCode] Func<SocketContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("socketCreate", $"cgroup/socketcreate:{cgroup}", ProgramType.CgroupSock, kernel, AttachType.CgroupInetSockCreate)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSocketCreate([KernelCode] Func<SocketContext, CgroupVerdict> kernel, string name = "socketCreate") => Load(KernelCode.Network(name, $"cgroup/socketcreate:{name}", ProgramType.CgroupSock, kernel, AttachType.CgroupInetSockCreate));

    /// <summary>Sees the sockets that processes of a control group close (5.9).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachSocketRelease(string cgroup, [KernelCode] Func<SocketContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("socketRelease", $"cgroup/socketrelease:{cgroup}", ProgramType.CgroupSock, kernel, AttachType.CgroupInetSockRelease)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSocketRelease([KernelCode] Func<SocketContext, CgroupVerdict> kernel, string name = "socketRelease") => Load(KernelCode.Network(name, $"cgroup/socketrelease:{name}", ProgramType.CgroupSock, kernel, AttachType.CgroupInetSockRelease));

    /// <summary>Judges the IPv4 addresses that sockets of a control group were bound to (4.17).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachPostBind4(string cgroup, [KernelCode] Func<SocketContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("postBind4", $"cgroup/postbind4:{cgroup}", ProgramType.CgroupSock, kernel, AttachType.CgroupInet4PostBind)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadPostBind4([KernelCode] Func<SocketContext, CgroupVerdict> kernel, string name = "postBind4") => Load(KernelCode.Network(name, $"cgroup/postbind4:{name}", ProgramType.CgroupSock, kernel, AttachType.CgroupInet4PostBind));

    /// <summary>Judges the IPv6 addresses that sockets of a control group were bound to (4.17).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachPostBind6(string cgroup, [KernelCode] Func<SocketContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("postBind6", $"cgroup/postbind6:{cgroup}", ProgramType.CgroupSock, kernel, AttachType.CgroupInet6PostBind)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadPostBind6([KernelCode] Func<SocketContext, CgroupVerdict> kernel, string name = "postBind6") => Load(KernelCode.Network(name, $"cgroup/postbind6:{name}", ProgramType.CgroupSock, kernel, AttachType.CgroupInet6PostBind));

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
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachSysctl(string cgroup, [KernelCode] Func<SysctlContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("sysctl", $"cgroup/sysctl:{cgroup}", ProgramType.CgroupSysctl, kernel, AttachType.CgroupSysctl)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSysctl([KernelCode] Func<SysctlContext, CgroupVerdict> kernel, string name = "sysctl") => Load(KernelCode.Network(name, $"cgroup/sysctl:{name}", ProgramType.CgroupSysctl, kernel, AttachType.CgroupSysctl));

    /// <summary>Judges the devices that processes of a control group make and open (4.15).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachDevice(string cgroup, [KernelCode] Func<DeviceContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("device", $"cgroup/device:{cgroup}", ProgramType.CgroupDevice, kernel, AttachType.CgroupDevice)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadDevice([KernelCode] Func<DeviceContext, CgroupVerdict> kernel, string name = "device") => Load(KernelCode.Network(name, $"cgroup/device:{name}", ProgramType.CgroupDevice, kernel, AttachType.CgroupDevice));

    /// <summary>Sees, and may change, the answers to <c>getsockopt</c> of processes of a control group (5.3).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachGetSockOpt(string cgroup, [KernelCode] Func<SockOptContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("getSockOpt", $"cgroup/getsockopt:{cgroup}", ProgramType.CgroupSockOpt, kernel, AttachType.CgroupGetSockOpt)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadGetSockOpt([KernelCode] Func<SockOptContext, CgroupVerdict> kernel, string name = "getSockOpt") => Load(KernelCode.Network(name, $"cgroup/getsockopt:{name}", ProgramType.CgroupSockOpt, kernel, AttachType.CgroupGetSockOpt));

    /// <summary>Sees, and may change, what processes of a control group set with <c>setsockopt</c> (5.3).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachSetSockOpt(string cgroup, [KernelCode] Func<SockOptContext, CgroupVerdict> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("setSockOpt", $"cgroup/setsockopt:{cgroup}", ProgramType.CgroupSockOpt, kernel, AttachType.CgroupSetSockOpt)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSetSockOpt([KernelCode] Func<SockOptContext, CgroupVerdict> kernel, string name = "setSockOpt") => Load(KernelCode.Network(name, $"cgroup/setsockopt:{name}", ProgramType.CgroupSockOpt, kernel, AttachType.CgroupSetSockOpt));

    /// <summary>Sees the TCP connections of a control group, and answers questions about them (4.13).</summary>
    /// <param name="cgroup">The control group's folder: <c>/sys/fs/cgroup/user.slice</c>. Groups below it are included.</param>
    /// <param name="kernel">The code.</param>
    /// <param name="options">How to attach.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    /// <exception cref="BpfException">It cannot be attached; the message says why.</exception>
    public CgroupLink AttachSockOps(string cgroup, [KernelCode] Action<SockOpsContext> kernel, CgroupOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cgroup);
        return Own(CgroupLink.Attach(Load(KernelCode.Network("sockOps", $"cgroup/sockops:{cgroup}", ProgramType.SockOps, kernel, AttachType.CgroupSockOps, defaultResult: 1)), cgroup, options));
    }

    /// <summary>Loads such a program without attaching it: to attach it by its link.</summary>
    /// <param name="kernel">The code.</param>
    /// <param name="name">The program's name.</param>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    /// <exception cref="VerifierException">The kernel refused the program.</exception>
    public BpfProgram LoadSockOps([KernelCode] Action<SockOpsContext> kernel, string name = "sockOps") => Load(KernelCode.Network(name, $"cgroup/sockops:{name}", ProgramType.SockOps, kernel, AttachType.CgroupSockOps, defaultResult: 1));
}
