using Hornet.Programs;

namespace Hornet.Links;

/// <summary>Which hooks of a cgroup take which type of program, as the kernel pairs them (kernel/bpf/syscall.c).</summary>
internal static class CgroupHooks
{
    private static readonly Dictionary<ProgramType, AttachType[]> s_hooks = new()
    {
        [ProgramType.CgroupSkb] = [AttachType.CgroupInetIngress, AttachType.CgroupInetEgress],
        [ProgramType.CgroupSock] = [AttachType.CgroupInetSockCreate, AttachType.CgroupInetSockRelease, AttachType.CgroupInet4PostBind, AttachType.CgroupInet6PostBind],
        [ProgramType.CgroupSockAddr] =
        [
            AttachType.CgroupInet4Bind, AttachType.CgroupInet6Bind, AttachType.CgroupInet4Connect, AttachType.CgroupInet6Connect, AttachType.CgroupUnixConnect,
            AttachType.CgroupUdp4SendMsg, AttachType.CgroupUdp6SendMsg, AttachType.CgroupUnixSendMsg,
            AttachType.CgroupUdp4RecvMsg, AttachType.CgroupUdp6RecvMsg, AttachType.CgroupUnixRecvMsg,
            AttachType.CgroupInet4GetPeerName, AttachType.CgroupInet6GetPeerName, AttachType.CgroupUnixGetPeerName,
            AttachType.CgroupInet4GetSockName, AttachType.CgroupInet6GetSockName, AttachType.CgroupUnixGetSockName,
        ],
        [ProgramType.SockOps] = [AttachType.CgroupSockOps],
        [ProgramType.CgroupDevice] = [AttachType.CgroupDevice],
        [ProgramType.CgroupSysctl] = [AttachType.CgroupSysctl],
        [ProgramType.CgroupSockOpt] = [AttachType.CgroupGetSockOpt, AttachType.CgroupSetSockOpt],
    };

    /// <summary>The hook to attach to: the wanted one, else the one the program was loaded for, else the only one its type has.</summary>
    public static AttachType Choose(BpfProgram program, AttachType? wanted)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (!s_hooks.TryGetValue(program.Type, out var hooks))
            throw new BpfException($"Program '{program.Name}' is of type {program.Type}; a cgroup takes programs of type {string.Join(", ", s_hooks.Keys)}{(program.Type == ProgramType.Lsm ? ". LSM programs are attached to cgroups by LsmCgroupLink" : "")}.");
        if (wanted is null && program.AttachType is null && hooks.Length > 1)
            throw new BpfException($"The kernel does not tell which hook program '{program.Name}' was loaded for: name one of {string.Join(", ", hooks)}.");
        var hook = wanted ?? (program.AttachType is { } loaded && hooks.Contains(loaded) ? loaded : hooks[0]);
        if (!hooks.Contains(hook))
            throw new BpfException($"A program of type {program.Type} cannot be attached to {hook}; it can to {string.Join(", ", hooks)}.");
        // The kernel compares them for programs whose context depends on the hook, and says only EINVAL.
        if (hooks.Length > 1 && program.Type != ProgramType.CgroupSkb && program.AttachType is { } known && known != hook)
            throw new BpfException($"Program '{program.Name}' was loaded for {known} and cannot be attached to {hook}: load it with AttachType = {hook}.");
        return hook;
    }

    /// <summary>The first kernel that has the hook.</summary>
    public static Version Since(AttachType hook) => hook switch
    {
        AttachType.CgroupInetIngress or AttachType.CgroupInetEgress or AttachType.CgroupInetSockCreate => new(4, 10),
        AttachType.CgroupSockOps => new(4, 13),
        AttachType.CgroupDevice => new(4, 15),
        AttachType.CgroupInet4Bind or AttachType.CgroupInet6Bind or AttachType.CgroupInet4Connect or AttachType.CgroupInet6Connect
            or AttachType.CgroupInet4PostBind or AttachType.CgroupInet6PostBind => new(4, 17),
        AttachType.CgroupUdp4SendMsg or AttachType.CgroupUdp6SendMsg => new(4, 18),
        AttachType.CgroupSysctl or AttachType.CgroupUdp4RecvMsg or AttachType.CgroupUdp6RecvMsg => new(5, 2),
        AttachType.CgroupGetSockOpt or AttachType.CgroupSetSockOpt => new(5, 3),
        AttachType.CgroupInet4GetPeerName or AttachType.CgroupInet6GetPeerName or AttachType.CgroupInet4GetSockName or AttachType.CgroupInet6GetSockName => new(5, 8),
        AttachType.CgroupInetSockRelease => new(5, 9),
        _ => new(6, 7), // the hooks of Unix sockets
    };
}
