using System.Runtime.InteropServices;

namespace Hornet.Interop;

// What BPF_OBJ_GET_INFO_BY_FD fills in (include/uapi/linux/bpf.h, 6.18). An older kernel fills less and says so in info_len.

/// <summary><c>struct bpf_prog_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 232)]
internal unsafe struct ProgramInfoRaw
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint Id;
    [FieldOffset(8)] public fixed byte Tag[8];
    [FieldOffset(16)] public uint JitedProgLen;
    [FieldOffset(20)] public uint XlatedProgLen;
    [FieldOffset(24)] public ulong JitedProgInsns;
    [FieldOffset(32)] public ulong XlatedProgInsns;
    [FieldOffset(40)] public ulong LoadTime;
    [FieldOffset(48)] public uint CreatedByUid;
    [FieldOffset(52)] public uint NrMapIds;
    [FieldOffset(56)] public ulong MapIds;
    [FieldOffset(64)] public fixed byte Name[16];
    [FieldOffset(80)] public uint Ifindex;
    [FieldOffset(84)] public uint GplCompatible;
    [FieldOffset(88)] public ulong NetnsDev;
    [FieldOffset(96)] public ulong NetnsIno;
    [FieldOffset(104)] public uint NrJitedKsyms;
    [FieldOffset(108)] public uint NrJitedFuncLens;
    [FieldOffset(112)] public ulong JitedKsyms;
    [FieldOffset(120)] public ulong JitedFuncLens;
    [FieldOffset(128)] public uint BtfId;
    [FieldOffset(132)] public uint FuncInfoRecSize;
    [FieldOffset(136)] public ulong FuncInfo;
    [FieldOffset(144)] public uint NrFuncInfo;
    [FieldOffset(148)] public uint NrLineInfo;
    [FieldOffset(152)] public ulong LineInfo;
    [FieldOffset(160)] public ulong JitedLineInfo;
    [FieldOffset(168)] public uint NrJitedLineInfo;
    [FieldOffset(172)] public uint LineInfoRecSize;
    [FieldOffset(176)] public uint JitedLineInfoRecSize;
    [FieldOffset(180)] public uint NrProgTags;
    [FieldOffset(184)] public ulong ProgTags;
    [FieldOffset(192)] public ulong RunTimeNs;
    [FieldOffset(200)] public ulong RunCnt;
    [FieldOffset(208)] public ulong RecursionMisses;
    [FieldOffset(216)] public uint VerifiedInsns;
    [FieldOffset(220)] public uint AttachBtfObjId;
    [FieldOffset(224)] public uint AttachBtfId;
}

/// <summary><c>struct bpf_map_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal unsafe struct MapInfoRaw
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint Id;
    [FieldOffset(8)] public uint KeySize;
    [FieldOffset(12)] public uint ValueSize;
    [FieldOffset(16)] public uint MaxEntries;
    [FieldOffset(20)] public uint MapFlags;
    [FieldOffset(24)] public fixed byte Name[16];
    [FieldOffset(40)] public uint Ifindex;
    [FieldOffset(44)] public uint BtfVmlinuxValueTypeId;
    [FieldOffset(48)] public ulong NetnsDev;
    [FieldOffset(56)] public ulong NetnsIno;
    [FieldOffset(64)] public uint BtfId;
    [FieldOffset(68)] public uint BtfKeyTypeId;
    [FieldOffset(72)] public uint BtfValueTypeId;
    [FieldOffset(76)] public uint BtfVmlinuxId;
    [FieldOffset(80)] public ulong MapExtra;
    [FieldOffset(88)] public ulong Hash;
    [FieldOffset(96)] public uint HashSize;
}

/// <summary><c>struct bpf_btf_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct BtfInfoRaw
{
    [FieldOffset(0)] public ulong Btf;
    [FieldOffset(8)] public uint BtfSize;
    [FieldOffset(12)] public uint Id;
    [FieldOffset(16)] public ulong Name;
    [FieldOffset(24)] public uint NameLen;
    [FieldOffset(28)] public uint KernelBtf;
}

/// <summary><c>struct bpf_link_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct LinkInfoRaw
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint Id;
    [FieldOffset(8)] public uint ProgId;
    [FieldOffset(16)] public ulong RawTracepointTpName;
    [FieldOffset(24)] public uint RawTracepointTpNameLen;
    [FieldOffset(32)] public ulong RawTracepointCookie;
    [FieldOffset(16)] public uint TracingAttachType;
    [FieldOffset(20)] public uint TracingTargetObjId;
    [FieldOffset(24)] public uint TracingTargetBtfId;
    [FieldOffset(32)] public ulong TracingCookie;
    [FieldOffset(16)] public ulong CgroupCgroupId;
    [FieldOffset(24)] public uint CgroupAttachType;
    [FieldOffset(16)] public ulong IterTargetName;
    [FieldOffset(24)] public uint IterTargetNameLen;
    [FieldOffset(28)] public uint IterMapMapId;
    [FieldOffset(32)] public ulong IterCgroupCgroupId;
    [FieldOffset(40)] public uint IterCgroupOrder;
    [FieldOffset(32)] public uint IterTaskTid;
    [FieldOffset(36)] public uint IterTaskPid;
    [FieldOffset(16)] public uint NetnsNetnsIno;
    [FieldOffset(20)] public uint NetnsAttachType;
    [FieldOffset(16)] public uint XdpIfindex;
    [FieldOffset(16)] public uint StructOpsMapId;
    [FieldOffset(16)] public uint NetfilterPf;
    [FieldOffset(20)] public uint NetfilterHooknum;
    [FieldOffset(24)] public int NetfilterPriority;
    [FieldOffset(28)] public uint NetfilterFlags;
    [FieldOffset(16)] public ulong KprobeMultiAddrs;
    [FieldOffset(24)] public uint KprobeMultiCount;
    [FieldOffset(28)] public uint KprobeMultiFlags;
    [FieldOffset(32)] public ulong KprobeMultiMissed;
    [FieldOffset(40)] public ulong KprobeMultiCookies;
    [FieldOffset(16)] public ulong UprobeMultiPath;
    [FieldOffset(24)] public ulong UprobeMultiOffsets;
    [FieldOffset(32)] public ulong UprobeMultiRefCtrOffsets;
    [FieldOffset(40)] public ulong UprobeMultiCookies;
    [FieldOffset(48)] public uint UprobeMultiPathSize;
    [FieldOffset(52)] public uint UprobeMultiCount;
    [FieldOffset(56)] public uint UprobeMultiFlags;
    [FieldOffset(60)] public uint UprobeMultiPid;
    [FieldOffset(16)] public uint PerfEventType;
    [FieldOffset(24)] public ulong PerfEventUprobeFileName;
    [FieldOffset(32)] public uint PerfEventUprobeNameLen;
    [FieldOffset(36)] public uint PerfEventUprobeOffset;
    [FieldOffset(40)] public ulong PerfEventUprobeCookie;
    [FieldOffset(48)] public ulong PerfEventUprobeRefCtrOffset;
    [FieldOffset(24)] public ulong PerfEventKprobeFuncName;
    [FieldOffset(32)] public uint PerfEventKprobeNameLen;
    [FieldOffset(36)] public uint PerfEventKprobeOffset;
    [FieldOffset(40)] public ulong PerfEventKprobeAddr;
    [FieldOffset(48)] public ulong PerfEventKprobeMissed;
    [FieldOffset(56)] public ulong PerfEventKprobeCookie;
    [FieldOffset(24)] public ulong PerfEventTracepointTpName;
    [FieldOffset(32)] public uint PerfEventTracepointNameLen;
    [FieldOffset(40)] public ulong PerfEventTracepointCookie;
    [FieldOffset(24)] public ulong PerfEventEventConfig;
    [FieldOffset(32)] public uint PerfEventEventType;
    [FieldOffset(40)] public ulong PerfEventEventCookie;
    [FieldOffset(16)] public uint TcxIfindex;
    [FieldOffset(20)] public uint TcxAttachType;
    [FieldOffset(16)] public uint NetkitIfindex;
    [FieldOffset(20)] public uint NetkitAttachType;
    [FieldOffset(16)] public uint SockmapMapId;
    [FieldOffset(20)] public uint SockmapAttachType;
}
