using Hornet.Interop;

namespace Hornet.Links;

/// <summary>
/// What the kernel says about a link (<c>struct bpf_link_info</c>, 5.8). The derived record tells the kind; a kind newer
/// than this library, or one without details on the running kernel, comes as the base record.
/// </summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="Type">The kind of link.</param>
/// <param name="ProgramId">The id of the attached program; 0 for struct_ops.</param>
public record LinkInfo(uint Id, LinkType Type, uint ProgramId)
{
    internal static LinkInfo Of(FileDescriptor descriptor) => LinkInfoReader.Read(descriptor);

    /// <summary>A short phrase for people: <c>raw tracepoint sched_switch</c>.</summary>
    public virtual string Describe() => $"{Type} link {Id}";
}

/// <summary>A raw or BTF-typed tracepoint.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="Tracepoint">The tracepoint's name, without the group.</param>
/// <param name="Cookie">The cookie (6.17 and later tell it).</param>
public sealed record RawTracepointLinkInfo(uint Id, uint ProgramId, string Tracepoint, ulong Cookie) : LinkInfo(Id, LinkType.RawTracepoint, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"raw tracepoint {Tracepoint}";
}

/// <summary>A program on a BTF-described target: tp_btf, fentry, fexit, fmod_ret, LSM, freplace.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="AttachType">How it is attached.</param>
/// <param name="TargetObjectId">The id of the BTF object or of the program that is the target (5.13).</param>
/// <param name="TargetBtfId">The BTF type id in the target (5.13).</param>
/// <param name="Cookie">The cookie (6.17 and later tell it).</param>
public sealed record TracingLinkInfo(uint Id, uint ProgramId, AttachType AttachType, uint TargetObjectId, uint TargetBtfId, ulong Cookie)
    : LinkInfo(Id, LinkType.Tracing, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"{AttachType} on BTF object {TargetObjectId}, type {TargetBtfId}";
}

/// <summary>A cgroup hook.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="CgroupId">The id of the cgroup: the inode number of its directory.</param>
/// <param name="AttachType">The hook.</param>
public sealed record CgroupLinkInfo(uint Id, uint ProgramId, ulong CgroupId, AttachType AttachType) : LinkInfo(Id, LinkType.Cgroup, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"{AttachType} on cgroup {CgroupId}";
}

/// <summary>An iterator.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="Target">What is iterated over: <c>task</c>, <c>bpf_map_elem</c>…</param>
/// <param name="MapId">The map, for iterators over elements; 0 otherwise.</param>
/// <param name="CgroupId">The cgroup an iteration begins at; 0 for none.</param>
/// <param name="CgroupOrder">The order of a cgroup iteration.</param>
/// <param name="ThreadId">The thread, for iterators over tasks; 0 for all.</param>
/// <param name="ProcessId">The process, for iterators over tasks; 0 for all.</param>
public sealed record IteratorLinkInfo(uint Id, uint ProgramId, string Target, uint MapId, ulong CgroupId, uint CgroupOrder, uint ThreadId, uint ProcessId)
    : LinkInfo(Id, LinkType.Iter, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"iterator {Target}";
}

/// <summary>A network namespace hook: flow dissector, socket lookup.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="NamespaceInode">The inode number of the namespace; 0 when it is gone.</param>
/// <param name="AttachType">The hook.</param>
public sealed record NetnsLinkInfo(uint Id, uint ProgramId, uint NamespaceInode, AttachType AttachType) : LinkInfo(Id, LinkType.Netns, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"{AttachType} on network namespace {NamespaceInode}";
}

/// <summary>An XDP, tcx or netkit link: a program on a network interface.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="Type">Which of the three.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="InterfaceIndex">The interface; 0 when it is gone.</param>
/// <param name="AttachType">The hook.</param>
public sealed record InterfaceLinkInfo(uint Id, LinkType Type, uint ProgramId, uint InterfaceIndex, AttachType AttachType) : LinkInfo(Id, Type, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"{AttachType} on interface {InterfaceIndex}";
}

/// <summary>A struct_ops map in use.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="MapId">The map whose value is the operations; 0 once detached.</param>
public sealed record StructOpsLinkInfo(uint Id, uint MapId) : LinkInfo(Id, LinkType.StructOps, 0)
{
    /// <inheritdoc/>
    public override string Describe() => $"struct_ops map {MapId}";
}

/// <summary>A netfilter hook.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="ProtocolFamily">The family: 2 (IPv4) or 10 (IPv6).</param>
/// <param name="Hook">The hook number (<c>NF_INET_*</c>).</param>
/// <param name="Priority">The priority; smaller runs first.</param>
/// <param name="Flags">The flags (<c>BPF_F_NETFILTER_IP_DEFRAG</c>).</param>
public sealed record NetfilterLinkInfo(uint Id, uint ProgramId, uint ProtocolFamily, uint Hook, int Priority, uint Flags) : LinkInfo(Id, LinkType.Netfilter, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"netfilter family {ProtocolFamily} hook {Hook} priority {Priority}";
}

/// <summary>A program on many kernel functions. The kernel tells the addresses only to callers with CAP_SYSLOG (kptr_restrict).</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="Addresses">The address of every function (6.6); zeros when they are hidden.</param>
/// <param name="Cookies">The cookie of every function (6.9); empty when not told.</param>
/// <param name="IsReturn">Whether the program runs at return.</param>
/// <param name="Missed">How often the program was not run because of recursion (6.7).</param>
public sealed record KprobeMultiLinkInfo(uint Id, uint ProgramId, IReadOnlyList<ulong> Addresses, IReadOnlyList<ulong> Cookies, bool IsReturn, ulong Missed)
    : LinkInfo(Id, LinkType.KprobeMulti, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"{(IsReturn ? "kretprobe" : "kprobe")}.multi on {Addresses.Count} functions";
}

/// <summary>A program on many places of a user-space binary.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="Path">The binary (6.8).</param>
/// <param name="Offsets">The file offset of every place.</param>
/// <param name="ReferenceCounterOffsets">The file offset of every semaphore; 0 where there is none.</param>
/// <param name="Cookies">The cookie of every place.</param>
/// <param name="IsReturn">Whether the program runs at return.</param>
/// <param name="ProcessId">The process it is limited to; 0 for all.</param>
public sealed record UprobeMultiLinkInfo(uint Id, uint ProgramId, string Path, IReadOnlyList<ulong> Offsets, IReadOnlyList<ulong> ReferenceCounterOffsets,
    IReadOnlyList<ulong> Cookies, bool IsReturn, uint ProcessId) : LinkInfo(Id, LinkType.UprobeMulti, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"{(IsReturn ? "uretprobe" : "uprobe")}.multi on {Offsets.Count} places of {Path}";
}

/// <summary>What lies under a perf link (<c>enum bpf_perf_event_type</c>, told since 6.6).</summary>
public enum PerfEventKind : uint
{
    /// <summary>Not told.</summary>
    Unspecified = 0,
    /// <summary>A uprobe.</summary>
    Uprobe = 1,
    /// <summary>A uretprobe.</summary>
    Uretprobe = 2,
    /// <summary>A kprobe.</summary>
    Kprobe = 3,
    /// <summary>A kretprobe.</summary>
    Kretprobe = 4,
    /// <summary>A tracepoint.</summary>
    Tracepoint = 5,
    /// <summary>Another perf event: a clock, a counter, a breakpoint.</summary>
    Event = 6,
}

/// <summary>A program on a perf event: tracepoint, kprobe, uprobe, clock or counter.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="Kind">What the event is (6.6).</param>
/// <param name="Name">The tracepoint, function or file; empty for others or when the kernel does not tell.</param>
/// <param name="Offset">The offset in the function or file.</param>
/// <param name="Address">The address of a kprobe; 0 when it is hidden.</param>
/// <param name="Cookie">The cookie (6.9).</param>
/// <param name="Missed">How often a kprobe was missed (6.7).</param>
/// <param name="EventType">The perf type of other events (<c>PERF_TYPE_*</c>).</param>
/// <param name="EventConfig">The perf configuration of other events.</param>
public sealed record PerfEventLinkInfo(uint Id, uint ProgramId, PerfEventKind Kind, string Name, ulong Offset, ulong Address, ulong Cookie, ulong Missed,
    uint EventType, ulong EventConfig) : LinkInfo(Id, LinkType.PerfEvent, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => Kind switch
    {
        PerfEventKind.Unspecified => $"perf event link {Id}",
        PerfEventKind.Tracepoint => $"tracepoint {Name}",
        PerfEventKind.Event => $"perf event type {EventType} config {EventConfig}",
        _ => Offset == 0 ? $"{Kind.ToString().ToLowerInvariant()} {Name}" : $"{Kind.ToString().ToLowerInvariant()} {Name}+0x{Offset:x}",
    };
}

/// <summary>A program on a sockmap or sockhash.</summary>
/// <param name="Id">The kernel's id of the link.</param>
/// <param name="ProgramId">The id of the attached program.</param>
/// <param name="MapId">The map.</param>
/// <param name="AttachType">The hook.</param>
public sealed record SockMapLinkInfo(uint Id, uint ProgramId, uint MapId, AttachType AttachType) : LinkInfo(Id, LinkType.SockMap, ProgramId)
{
    /// <inheritdoc/>
    public override string Describe() => $"{AttachType} on sockmap {MapId}";
}
