using System.Runtime.InteropServices;

namespace Hornet.Interop;

// The arms of union bpf_attr (include/uapi/linux/bpf.h, 6.18), one struct per command. The kernel accepts a larger
// struct than it knows as long as the unknown tail is zero, and a shorter one as if it were zero-filled.

/// <summary>The arm of <c>union bpf_attr</c> behind MapCreate.</summary>
[StructLayout(LayoutKind.Explicit, Size = 96)]
internal unsafe struct MapCreateAttr
{
    [FieldOffset(0)] public uint MapType;
    [FieldOffset(4)] public uint KeySize;
    [FieldOffset(8)] public uint ValueSize;
    [FieldOffset(12)] public uint MaxEntries;
    [FieldOffset(16)] public uint MapFlags;
    [FieldOffset(20)] public uint InnerMapFd;
    [FieldOffset(24)] public uint NumaNode;
    [FieldOffset(28)] public fixed byte MapName[16];
    [FieldOffset(44)] public uint MapIfindex;
    [FieldOffset(48)] public uint BtfFd;
    [FieldOffset(52)] public uint BtfKeyTypeId;
    [FieldOffset(56)] public uint BtfValueTypeId;
    [FieldOffset(60)] public uint BtfVmlinuxValueTypeId;
    [FieldOffset(64)] public ulong MapExtra;
    [FieldOffset(72)] public int ValueTypeBtfObjFd;
    [FieldOffset(76)] public int MapTokenFd;
    [FieldOffset(80)] public ulong ExclProgHash;
    [FieldOffset(88)] public uint ExclProgHashSize;
}

/// <summary>The arm of <c>union bpf_attr</c> behind MapElem.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct MapElemAttr
{
    [FieldOffset(0)] public uint MapFd;
    [FieldOffset(8)] public ulong Key;
    [FieldOffset(16)] public ulong Value;
    [FieldOffset(16)] public ulong NextKey;
    [FieldOffset(24)] public ulong Flags;
}

/// <summary>The arm of <c>union bpf_attr</c> behind MapBatch.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal unsafe struct MapBatchAttr
{
    [FieldOffset(0)] public ulong InBatch;
    [FieldOffset(8)] public ulong OutBatch;
    [FieldOffset(16)] public ulong Keys;
    [FieldOffset(24)] public ulong Values;
    [FieldOffset(32)] public uint Count;
    [FieldOffset(36)] public uint MapFd;
    [FieldOffset(40)] public ulong ElemFlags;
    [FieldOffset(48)] public ulong Flags;
}

/// <summary>The arm of <c>union bpf_attr</c> behind ProgramLoad.</summary>
[StructLayout(LayoutKind.Explicit, Size = 168)]
internal unsafe struct ProgramLoadAttr
{
    [FieldOffset(0)] public uint ProgType;
    [FieldOffset(4)] public uint InsnCnt;
    [FieldOffset(8)] public ulong Insns;
    [FieldOffset(16)] public ulong License;
    [FieldOffset(24)] public uint LogLevel;
    [FieldOffset(28)] public uint LogSize;
    [FieldOffset(32)] public ulong LogBuf;
    [FieldOffset(40)] public uint KernVersion;
    [FieldOffset(44)] public uint ProgFlags;
    [FieldOffset(48)] public fixed byte ProgName[16];
    [FieldOffset(64)] public uint ProgIfindex;
    [FieldOffset(68)] public uint ExpectedAttachType;
    [FieldOffset(72)] public uint ProgBtfFd;
    [FieldOffset(76)] public uint FuncInfoRecSize;
    [FieldOffset(80)] public ulong FuncInfo;
    [FieldOffset(88)] public uint FuncInfoCnt;
    [FieldOffset(92)] public uint LineInfoRecSize;
    [FieldOffset(96)] public ulong LineInfo;
    [FieldOffset(104)] public uint LineInfoCnt;
    [FieldOffset(108)] public uint AttachBtfId;
    [FieldOffset(112)] public uint AttachProgFd;
    [FieldOffset(112)] public uint AttachBtfObjFd;
    [FieldOffset(116)] public uint CoreReloCnt;
    [FieldOffset(120)] public ulong FdArray;
    [FieldOffset(128)] public ulong CoreRelos;
    [FieldOffset(136)] public uint CoreReloRecSize;
    [FieldOffset(140)] public uint LogTrueSize;
    [FieldOffset(144)] public int ProgTokenFd;
    [FieldOffset(148)] public uint FdArrayCnt;
    [FieldOffset(152)] public ulong Signature;
    [FieldOffset(160)] public uint SignatureSize;
    [FieldOffset(164)] public int KeyringId;
}

/// <summary>The arm of <c>union bpf_attr</c> behind Obj.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal unsafe struct ObjAttr
{
    [FieldOffset(0)] public ulong Pathname;
    [FieldOffset(8)] public uint BpfFd;
    [FieldOffset(12)] public uint FileFlags;
    [FieldOffset(16)] public int PathFd;
}

/// <summary>The arm of <c>union bpf_attr</c> behind ProgramAttach.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct ProgramAttachAttr
{
    [FieldOffset(0)] public uint TargetFd;
    [FieldOffset(0)] public uint TargetIfindex;
    [FieldOffset(4)] public uint AttachBpfFd;
    [FieldOffset(8)] public uint AttachType;
    [FieldOffset(12)] public uint AttachFlags;
    [FieldOffset(16)] public uint ReplaceBpfFd;
    [FieldOffset(20)] public uint RelativeFd;
    [FieldOffset(20)] public uint RelativeId;
    [FieldOffset(24)] public ulong ExpectedRevision;
}

/// <summary>The arm of <c>union bpf_attr</c> behind TestRun.</summary>
[StructLayout(LayoutKind.Explicit, Size = 80)]
internal unsafe struct TestRunAttr
{
    [FieldOffset(0)] public uint ProgFd;
    [FieldOffset(4)] public uint Retval;
    [FieldOffset(8)] public uint DataSizeIn;
    [FieldOffset(12)] public uint DataSizeOut;
    [FieldOffset(16)] public ulong DataIn;
    [FieldOffset(24)] public ulong DataOut;
    [FieldOffset(32)] public uint Repeat;
    [FieldOffset(36)] public uint Duration;
    [FieldOffset(40)] public uint CtxSizeIn;
    [FieldOffset(44)] public uint CtxSizeOut;
    [FieldOffset(48)] public ulong CtxIn;
    [FieldOffset(56)] public ulong CtxOut;
    [FieldOffset(64)] public uint Flags;
    [FieldOffset(68)] public uint Cpu;
    [FieldOffset(72)] public uint BatchSize;
}

/// <summary>The arm of <c>union bpf_attr</c> behind Id.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct IdAttr
{
    [FieldOffset(0)] public uint StartId;
    [FieldOffset(0)] public uint ProgId;
    [FieldOffset(0)] public uint MapId;
    [FieldOffset(0)] public uint BtfId;
    [FieldOffset(0)] public uint LinkId;
    [FieldOffset(4)] public uint NextId;
    [FieldOffset(8)] public uint OpenFlags;
    [FieldOffset(12)] public int FdByIdTokenFd;
}

/// <summary>The arm of <c>union bpf_attr</c> behind Info.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct InfoAttr
{
    [FieldOffset(0)] public uint BpfFd;
    [FieldOffset(4)] public uint InfoLen;
    [FieldOffset(8)] public ulong Info;
}

/// <summary>The arm of <c>union bpf_attr</c> behind Query.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct QueryAttr
{
    [FieldOffset(0)] public uint TargetFd;
    [FieldOffset(0)] public uint TargetIfindex;
    [FieldOffset(4)] public uint AttachType;
    [FieldOffset(8)] public uint QueryFlags;
    [FieldOffset(12)] public uint AttachFlags;
    [FieldOffset(16)] public ulong ProgIds;
    [FieldOffset(24)] public uint ProgCnt;
    [FieldOffset(24)] public uint Count;
    [FieldOffset(32)] public ulong ProgAttachFlags;
    [FieldOffset(40)] public ulong LinkIds;
    [FieldOffset(48)] public ulong LinkAttachFlags;
    [FieldOffset(56)] public ulong Revision;
}

/// <summary>The arm of <c>union bpf_attr</c> behind RawTracepoint.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal unsafe struct RawTracepointAttr
{
    [FieldOffset(0)] public ulong Name;
    [FieldOffset(8)] public uint ProgFd;
    [FieldOffset(16)] public ulong Cookie;
}

/// <summary>The arm of <c>union bpf_attr</c> behind BtfLoad.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal unsafe struct BtfLoadAttr
{
    [FieldOffset(0)] public ulong Btf;
    [FieldOffset(8)] public ulong BtfLogBuf;
    [FieldOffset(16)] public uint BtfSize;
    [FieldOffset(20)] public uint BtfLogSize;
    [FieldOffset(24)] public uint BtfLogLevel;
    [FieldOffset(28)] public uint BtfLogTrueSize;
    [FieldOffset(32)] public uint BtfFlags;
    [FieldOffset(36)] public int BtfTokenFd;
}

/// <summary>The arm of <c>union bpf_attr</c> behind TaskFdQuery.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal unsafe struct TaskFdQueryAttr
{
    [FieldOffset(0)] public uint Pid;
    [FieldOffset(4)] public uint Fd;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(12)] public uint BufLen;
    [FieldOffset(16)] public ulong Buf;
    [FieldOffset(24)] public uint ProgId;
    [FieldOffset(28)] public uint FdType;
    [FieldOffset(32)] public ulong ProbeOffset;
    [FieldOffset(40)] public ulong ProbeAddr;
}

/// <summary>The arm of <c>union bpf_attr</c> behind LinkCreate.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct LinkCreateAttr
{
    [FieldOffset(0)] public uint ProgFd;
    [FieldOffset(0)] public uint MapFd;
    [FieldOffset(4)] public uint TargetFd;
    [FieldOffset(4)] public uint TargetIfindex;
    [FieldOffset(8)] public uint AttachType;
    [FieldOffset(12)] public uint Flags;
    [FieldOffset(16)] public uint TargetBtfId;
    [FieldOffset(16)] public ulong IterInfo;
    [FieldOffset(24)] public uint IterInfoLen;
    [FieldOffset(16)] public ulong PerfEventBpfCookie;
    [FieldOffset(16)] public uint KprobeMultiFlags;
    [FieldOffset(20)] public uint KprobeMultiCnt;
    [FieldOffset(24)] public ulong KprobeMultiSyms;
    [FieldOffset(32)] public ulong KprobeMultiAddrs;
    [FieldOffset(40)] public ulong KprobeMultiCookies;
    [FieldOffset(16)] public uint TracingTargetBtfId;
    [FieldOffset(24)] public ulong TracingCookie;
    [FieldOffset(16)] public uint NetfilterPf;
    [FieldOffset(20)] public uint NetfilterHooknum;
    [FieldOffset(24)] public int NetfilterPriority;
    [FieldOffset(28)] public uint NetfilterFlags;
    [FieldOffset(16)] public uint TcxRelativeFd;
    [FieldOffset(16)] public uint TcxRelativeId;
    [FieldOffset(24)] public ulong TcxExpectedRevision;
    [FieldOffset(16)] public ulong UprobeMultiPath;
    [FieldOffset(24)] public ulong UprobeMultiOffsets;
    [FieldOffset(32)] public ulong UprobeMultiRefCtrOffsets;
    [FieldOffset(40)] public ulong UprobeMultiCookies;
    [FieldOffset(48)] public uint UprobeMultiCnt;
    [FieldOffset(52)] public uint UprobeMultiFlags;
    [FieldOffset(56)] public uint UprobeMultiPid;
    [FieldOffset(16)] public ulong TracingMultiIds;
    [FieldOffset(24)] public ulong TracingMultiCookies;
    [FieldOffset(32)] public uint TracingMultiCnt;
    [FieldOffset(16)] public uint NetkitRelativeFd;
    [FieldOffset(16)] public uint NetkitRelativeId;
    [FieldOffset(24)] public ulong NetkitExpectedRevision;
    [FieldOffset(16)] public uint CgroupRelativeFd;
    [FieldOffset(16)] public uint CgroupRelativeId;
    [FieldOffset(24)] public ulong CgroupExpectedRevision;
}

/// <summary>The arm of <c>union bpf_attr</c> behind LinkUpdate.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct LinkUpdateAttr
{
    [FieldOffset(0)] public uint LinkFd;
    [FieldOffset(4)] public uint NewProgFd;
    [FieldOffset(4)] public uint NewMapFd;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(12)] public uint OldProgFd;
    [FieldOffset(12)] public uint OldMapFd;
}

/// <summary>The arm of <c>union bpf_attr</c> behind LinkDetach.</summary>
[StructLayout(LayoutKind.Explicit, Size = 4)]
internal unsafe struct LinkDetachAttr
{
    [FieldOffset(0)] public uint LinkFd;
}

/// <summary>The arm of <c>union bpf_attr</c> behind EnableStats.</summary>
[StructLayout(LayoutKind.Explicit, Size = 4)]
internal unsafe struct EnableStatsAttr
{
    [FieldOffset(0)] public uint Type;
}

/// <summary>The arm of <c>union bpf_attr</c> behind IterCreate.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal unsafe struct IterCreateAttr
{
    [FieldOffset(0)] public uint LinkFd;
    [FieldOffset(4)] public uint Flags;
}

/// <summary>The arm of <c>union bpf_attr</c> behind ProgramBindMap.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal unsafe struct ProgramBindMapAttr
{
    [FieldOffset(0)] public uint ProgFd;
    [FieldOffset(4)] public uint MapFd;
    [FieldOffset(8)] public uint Flags;
}

/// <summary>The arm of <c>union bpf_attr</c> behind TokenCreate.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal unsafe struct TokenCreateAttr
{
    [FieldOffset(0)] public uint Flags;
    [FieldOffset(4)] public uint BpffsFd;
}

/// <summary>The arm of <c>union bpf_attr</c> behind ProgramStreamRead.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal unsafe struct ProgramStreamReadAttr
{
    [FieldOffset(0)] public ulong StreamBuf;
    [FieldOffset(8)] public uint StreamBufLen;
    [FieldOffset(12)] public uint StreamId;
    [FieldOffset(16)] public uint ProgFd;
}
