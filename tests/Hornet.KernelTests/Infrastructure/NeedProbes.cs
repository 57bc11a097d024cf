using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.KernelTests;

/// <summary>The probes behind the needs. Each really tries the thing, with bare system calls, and leaves nothing behind.</summary>
internal static unsafe class NeedProbes
{
    public static ProbeResult HardwarePmu()
    {
        using FileDescriptor? fd = RawBpf.OpenPerfEvent(0, 0, null, 0, out Errno errno);
        return fd is null ? ProbeResult.No("perf_event_open(hardware cycles)", errno) : ProbeResult.Yes;
    }

    public static ProbeResult Modules()
    {
        if (!File.Exists("/proc/modules")) return ProbeResult.No("this kernel has none");
        return ProbeResult.Of(File.Exists($"/lib/modules/{KernelVersion.Release}/modules.dep"), $"no modules in /lib/modules/{KernelVersion.Release}");
    }

    public static ProbeResult ModuleBtf() =>
        ProbeResult.Of(Directory.Exists("/sys/kernel/btf") && Directory.GetFiles("/sys/kernel/btf").Length > 1, "no module with BTF is loaded");

    public static ProbeResult Cgroup2()
    {
        if (Mounts.Cgroup2 is null) return ProbeResult.No("no cgroup2 is mounted");
        using var cgroup = new TestCgroup();
        return ProbeResult.Yes;
    }

    public static ProbeResult NetworkNamespaces()
    {
        using var ns = new TestNamespace();
        return ProbeResult.Yes;
    }

    public static ProbeResult Kprobes() => ProbePmu("kprobe", "vfs_read", 0);

    public static ProbeResult Uprobes() => WithCodeFile(path => ProbePmu("uprobe", path, 0));

    public static ProbeResult KprobeMulti(AttachType type)
    {
        using FileDescriptor? program = RawBpf.Load(ProgramType.Kprobe, RawBpf.Program(), out Errno errno, type);
        if (program is null) return ProbeResult.No("load", errno);
        byte[] name = "vfs_read\0"u8.ToArray();
        fixed (byte* p = name)
        {
            ulong symbol = (ulong)p;
            LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, AttachType = (uint)type, KprobeMultiCnt = 1, KprobeMultiSyms = (ulong)&symbol };
            using FileDescriptor? link = RawBpf.Link(ref attr, out errno);
            return link is null ? ProbeResult.No("attach to vfs_read", errno) : ProbeResult.Yes;
        }
    }

    public static ProbeResult UprobeMulti(AttachType type)
    {
        using FileDescriptor? program = RawBpf.Load(ProgramType.Kprobe, RawBpf.Program(), out Errno errno, type);
        if (program is null) return ProbeResult.No("load", errno);
        // Kernels before 6.6 ignore the attach type at load, so the attachment decides.
        return WithCodeFile(file =>
        {
            byte[] path = System.Text.Encoding.UTF8.GetBytes(file + "\0");
            fixed (byte* p = path)
            {
                ulong offset = 0;
                LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, AttachType = (uint)type, UprobeMultiPath = (ulong)p, UprobeMultiOffsets = (ulong)&offset, UprobeMultiCnt = 1 };
                using FileDescriptor? link = RawBpf.Link(ref attr, out Errno error);
                return link is null ? ProbeResult.No("attach", error) : ProbeResult.Yes;
            }
        });
    }

    /// <summary>Gives a file that begins with instructions nobody runs: the kernel decodes what it is to replace.</summary>
    private static ProbeResult WithCodeFile(Func<string, ProbeResult> probe)
    {
        string path = Path.Combine(Path.GetTempPath(), $"hornet-probe-{Environment.ProcessId}");
        byte[] code = new byte[4096];
        code.AsSpan().Fill(0x90);
        File.WriteAllBytes(path, code);
        try
        {
            return probe(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static ProbeResult PerfEventLink()
    {
        using FileDescriptor? program = RawBpf.Load(ProgramType.PerfEvent, RawBpf.Program(), out Errno errno);
        if (program is null) return ProbeResult.No("load", errno);
        // The software event "dummy" never happens.
        using FileDescriptor? target = RawBpf.OpenPerfEvent(1, 9, null, 0, out errno);
        if (target is null) return ProbeResult.No("open the event", errno);
        LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, TargetFd = (uint)target.Value, AttachType = (uint)AttachType.PerfEvent };
        using FileDescriptor? link = RawBpf.Link(ref attr, out errno);
        // The dummy event cannot run programs on every kernel (EINVAL there too), the CPU clock always can.
        if (link is not null) return ProbeResult.Yes;
        using FileDescriptor? clock = RawBpf.OpenPerfEvent(1, 0, null, 0, out _);
        if (clock is null) return ProbeResult.No("link", errno);
        attr.TargetFd = (uint)clock.Value;
        using FileDescriptor? second = RawBpf.Link(ref attr, out errno);
        return second is null ? ProbeResult.No("link", errno) : ProbeResult.Yes;
    }

    public static ProbeResult AvailableFilterFunctions()
    {
        string path = Mounts.Tracefs + "/available_filter_functions";
        using StreamReader reader = new(path);
        return ProbeResult.Of(reader.ReadLine() is { Length: > 0 }, $"{path} is empty");
    }

    public static ProbeResult Trampoline(ProgramType type, AttachType attachType, string function)
    {
        uint id = KernelBtfScan.Find(KernelBtfScan.Function, function);
        if (id == 0) return ProbeResult.No($"{function} is not in the kernel's BTF");
        using FileDescriptor? program = RawBpf.Load(type, RawBpf.Program(), out Errno errno, attachType, id);
        if (program is null) return ProbeResult.No("load", errno);
        using FileDescriptor? link = RawBpf.AttachTracing(program, out errno);
        return link is null ? ProbeResult.No("attach", errno) : ProbeResult.Yes;
    }

    public static ProbeResult TpBtf()
    {
        uint id = KernelBtfScan.Find(8, "btf_trace_sys_enter");
        if (id == 0) return ProbeResult.No("btf_trace_sys_enter is not in the kernel's BTF");
        using FileDescriptor? program = RawBpf.Load(ProgramType.Tracing, RawBpf.Program(), out Errno errno, AttachType.TraceRawTp, id);
        if (program is null) return ProbeResult.No("load", errno);
        using FileDescriptor? link = RawBpf.AttachTracing(program, out errno);
        return link is null ? ProbeResult.No("attach", errno) : ProbeResult.Yes;
    }

    public static ProbeResult Freplace()
    {
        // int sub(int); called by an XDP program's main, replaced by a program with the same type.
        using FileDescriptor? btf = RawBpf.LoadBtf(ProbeBtf.WithFunctions, out Errno errno);
        if (btf is null) return ProbeResult.No("load BTF", errno);
        ulong[] target = [0x00000001_000001b7, 0x00000001_00001085, RawBpf.Exit, 0x00000002_000000b7, RawBpf.Exit];
        using FileDescriptor? main = RawBpf.Load(ProgramType.Xdp, target, out errno, btf: btf, functionInfo: [0, ProbeBtf.MainId, 3, ProbeBtf.SubId]);
        if (main is null) return ProbeResult.No("load the target", errno);
        using FileDescriptor? replacement = RawBpf.Load(
            ProgramType.Ext, RawBpf.Program(RawBpf.Return1), out errno, attachBtfId: ProbeBtf.SubId, target: main, btf: btf, functionInfo: [0, ProbeBtf.SubId]);
        if (replacement is null) return ProbeResult.No("load", errno);
        using FileDescriptor? link = RawBpf.AttachTracing(replacement, out errno);
        return link is null ? ProbeResult.No("attach", errno) : ProbeResult.Yes;
    }

    public static ProbeResult LsmCgroup()
    {
        uint id = KernelBtfScan.Find(KernelBtfScan.Function, "bpf_lsm_socket_post_create");
        using FileDescriptor? program = RawBpf.Load(ProgramType.Lsm, RawBpf.Program(RawBpf.Return1), out Errno errno, AttachType.LsmCgroup, id);
        if (program is null) return ProbeResult.No("load", errno);
        using var cgroup = new TestCgroup();
        using FileDescriptor folder = cgroup.Open();
        LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, TargetFd = (uint)folder.Value, AttachType = (uint)AttachType.LsmCgroup };
        using FileDescriptor? link = RawBpf.Link(ref attr, out errno);
        return link is null ? ProbeResult.No("attach", errno) : ProbeResult.Yes;
    }

    public static ProbeResult XdpLink() => OnDummy(ProgramType.Xdp, AttachType.Xdp, 0x00000002_000000b7);

    public static ProbeResult Tcx() => OnDummy(ProgramType.SchedCls, AttachType.TcxIngress, RawBpf.ReturnMinus1);

    public static ProbeResult Netkit()
    {
        using FileDescriptor? program = RawBpf.Load(ProgramType.SchedCls, RawBpf.Program(), out Errno errno, AttachType.NetkitPrimary);
        if (program is null) return ProbeResult.No("load", errno);
        using var ns = new TestNamespace();
        return ns.Run(() =>
        {
            TestNetlink.AddLink("netkit", "nk0", "nk1");
            LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, TargetIfindex = (uint)TestNetlink.IndexOf("nk0"), AttachType = (uint)AttachType.NetkitPrimary };
            using FileDescriptor? link = RawBpf.Link(ref attr, out Errno error);
            return link is null ? ProbeResult.No("attach", error) : ProbeResult.Yes;
        });
    }

    public static ProbeResult Netfilter()
    {
        using FileDescriptor? program = RawBpf.Load(ProgramType.Netfilter, RawBpf.Program(RawBpf.Return1), out Errno errno, AttachType.Netfilter);
        if (program is null) return ProbeResult.No("load", errno);
        using var ns = new TestNamespace();
        return ns.Run(() =>
        {
            LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, AttachType = (uint)AttachType.Netfilter, NetfilterPf = 2, NetfilterHooknum = 1, NetfilterPriority = -5 };
            using FileDescriptor? link = RawBpf.Link(ref attr, out Errno error);
            return link is null ? ProbeResult.No("attach", error) : ProbeResult.Yes;
        });
    }

    public static ProbeResult CgroupLink()
    {
        using FileDescriptor? program = RawBpf.Load(ProgramType.CgroupSkb, RawBpf.Program(RawBpf.Return1), out Errno errno, AttachType.CgroupInetEgress);
        if (program is null) return ProbeResult.No("load", errno);
        using var cgroup = new TestCgroup();
        using FileDescriptor folder = cgroup.Open();
        LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, TargetFd = (uint)folder.Value, AttachType = (uint)AttachType.CgroupInetEgress };
        using FileDescriptor? link = RawBpf.Link(ref attr, out errno);
        return link is null ? ProbeResult.No("attach", errno) : ProbeResult.Yes;
    }

    public static ProbeResult SockMapLink()
    {
        using FileDescriptor? map = RawBpf.CreateMap(MapType.SockMap, 4, 4, 1, out Errno errno);
        if (map is null) return ProbeResult.No("create a sockmap", errno);
        using FileDescriptor? program = RawBpf.Load(ProgramType.SkMsg, RawBpf.Program(RawBpf.Return1), out errno, AttachType.SkMsgVerdict);
        if (program is null) return ProbeResult.No("load", errno);
        LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, TargetFd = (uint)map.Value, AttachType = (uint)AttachType.SkMsgVerdict };
        using FileDescriptor? link = RawBpf.Link(ref attr, out errno);
        return link is null ? ProbeResult.No("attach", errno) : ProbeResult.Yes;
    }

    /// <summary>The one hook that 5.10 lets sleep.</summary>
    public static ProbeResult Sleepable() =>
        Load(ProgramType.Lsm, RawBpf.Program(), AttachType.LsmMac, KernelBtfScan.Find(KernelBtfScan.Function, "bpf_lsm_bprm_committed_creds"), 1 << 4);

    public static ProbeResult Program(ProgramType type, AttachType attachType = 0, ulong result = RawBpf.Return0, uint flags = 0) =>
        Load(type, RawBpf.Program(result), attachType, 0, flags);

    public static ProbeResult Kfuncs()
    {
        uint take = KernelBtfScan.Find(KernelBtfScan.Function, "bpf_rcu_read_lock"), release = KernelBtfScan.Find(KernelBtfScan.Function, "bpf_rcu_read_unlock");
        if (take == 0 || release == 0) return ProbeResult.No("bpf_rcu_read_lock is not in the kernel's BTF");
        return Load(ProgramType.Xdp, [((ulong)take << 32) | 0x2085, ((ulong)release << 32) | 0x2085, .. RawBpf.Program()]);
    }

    public static ProbeResult BpfLoop()
    {
        // bpf_loop(0, callback, NULL, 0) with the callback after the exit: r2 = ld_imm64 func +N.
        ulong[] code =
        [
            0x00000000_000001b7, // r1 = 0
            0x00000005_00004218, 0, // r2 = the function five instructions on
            0x00000000_000003b7, // r3 = 0
            0x00000000_000004b7, // r4 = 0
            0x000000b5_00000085, // call bpf_loop
            RawBpf.Return0, RawBpf.Exit,
            RawBpf.Return0, RawBpf.Exit,
        ];
        code[1] = ((ulong)6 << 32) | 0x4218;
        using FileDescriptor? btf = RawBpf.LoadBtf(ProbeBtf.WithFunctions, out Errno errno);
        if (btf is null) return ProbeResult.No("load BTF", errno);
        using FileDescriptor? program = RawBpf.Load(ProgramType.Xdp, code, out errno, btf: btf, functionInfo: [0, ProbeBtf.MainId, 8, ProbeBtf.CallbackId]);
        return program is null ? ProbeResult.No("load", errno) : ProbeResult.Yes;
    }

    // r0 = 8; r0 = bswap16 r0; r0 = 0; gotol +0
    public static ProbeResult IsaV4() => Load(ProgramType.SocketFilter, [0x00000008_000000b7, 0x00000010_000000d7, 0x00000000_00000006, RawBpf.Return0, RawBpf.Exit]);

    // *(u64 *)(r10 - 8) = 0; r0 = load_acquire((u64 *)(r10 - 8)); r0 = 0
    public static ProbeResult LoadAcquire() => Load(ProgramType.SocketFilter, [0x00000000_fff80a7a, 0x00000100_fff8a0db, RawBpf.Return0, RawBpf.Exit]);

    public static ProbeResult XdpLiveFrames()
    {
        using FileDescriptor? program = RawBpf.Load(ProgramType.Xdp, RawBpf.Program(RawBpf.Return1), out Errno errno);
        if (program is null) return ProbeResult.No("load", errno);
        // Before 5.18 the flag is ignored, but the batch size, which came with it, is refused.
        byte* packet = stackalloc byte[64];
        TestRunAttr attr = new() { ProgFd = (uint)program.Value, DataIn = (ulong)packet, DataSizeIn = 64, Repeat = 1, Flags = 1 << 1, BatchSize = 1 };
        return Interop.Bpf.Call(BpfCommand.ProgramTestRun, ref attr) < 0 ? ProbeResult.No("test run", Libc.LastError) : ProbeResult.Yes;
    }

    public static ProbeResult Statistics()
    {
        EnableStatsAttr attr = default;
        using FileDescriptor? fd = Interop.Bpf.TryOpen(BpfCommand.EnableStats, ref attr, "probe statistics");
        return fd is null ? ProbeResult.No("enable", Libc.LastError) : ProbeResult.Yes;
    }

    /// <summary>A token can only be had inside a user namespace; a kernel that knows the command refuses our descriptor, an old one the command.</summary>
    public static ProbeResult Token()
    {
        string bpffs = Mounts.Bpffs ?? throw new BpfException("no bpffs is mounted");
        using FileDescriptor folder = new(Libc.Check(Libc.Open(bpffs, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC), "open bpffs"), "probe bpffs");
        TokenCreateAttr attr = new() { BpffsFd = (uint)folder.Value };
        using FileDescriptor? fd = Interop.Bpf.TryOpen(BpfCommand.TokenCreate, ref attr, "probe token");
        return fd is not null || Libc.LastError is not Errno.EINVAL ? ProbeResult.Yes : ProbeResult.No("create", Errno.EINVAL);
    }

    public static ProbeResult Map(MapType type, uint key, uint value, uint entries, uint flags = 0)
    {
        using FileDescriptor? map = RawBpf.CreateMap(type, key, value, entries, out Errno errno, flags);
        return map is null ? ProbeResult.No("create", errno) : ProbeResult.Yes;
    }

    public static ProbeResult Storage(MapType type)
    {
        using FileDescriptor? btf = RawBpf.LoadBtf(ProbeBtf.WithFunctions, out Errno errno);
        if (btf is null) return ProbeResult.No("load BTF", errno);
        using FileDescriptor? map = RawBpf.CreateMap(type, 4, 4, 0, out errno, flags: 1, btf: btf, keyType: ProbeBtf.IntId, valueType: ProbeBtf.IntId);
        return map is null ? ProbeResult.No("create", errno) : ProbeResult.Yes;
    }

    public static ProbeResult StructOps(uint flags)
    {
        uint type = KernelBtfScan.Find(KernelBtfScan.Struct, "bpf_struct_ops_tcp_congestion_ops");
        if (type == 0) return ProbeResult.No("bpf_struct_ops_tcp_congestion_ops is not in the kernel's BTF");
        using FileDescriptor? btf = RawBpf.LoadBtf(ProbeBtf.WithFunctions, out Errno errno);
        if (btf is null) return ProbeResult.No("load BTF", errno);
        // The value's size must be the kernel's exactly; it is a multiple of the cache line.
        for (uint size = 64; size <= 1024; size += 64)
        {
            using FileDescriptor? map = RawBpf.CreateMap(MapType.StructOps, 4, size, 1, out errno, flags, vmlinuxValueTypeId: type, btf: btf);
            if (map is not null) return ProbeResult.Yes;
            if (errno != Errno.EINVAL) break;
        }
        return ProbeResult.No("create", errno);
    }

    public static ProbeResult Batch()
    {
        using FileDescriptor? map = RawBpf.CreateMap(MapType.Array, 4, 4, 1, out Errno errno);
        if (map is null) return ProbeResult.No("create an array", errno);
        uint key = 0, value = 7;
        MapBatchAttr attr = new() { Keys = (ulong)&key, Values = (ulong)&value, Count = 1, MapFd = (uint)map.Value };
        return Interop.Bpf.Call(BpfCommand.MapUpdateBatch, ref attr) < 0 ? ProbeResult.No("update", Libc.LastError) : ProbeResult.Yes;
    }

    public static ProbeResult Iterators()
    {
        uint id = KernelBtfScan.Find(KernelBtfScan.Function, "bpf_iter_task");
        if (id == 0) return ProbeResult.No("bpf_iter_task is not in the kernel's BTF");
        using FileDescriptor? program = RawBpf.Load(ProgramType.Tracing, RawBpf.Program(), out Errno errno, AttachType.TraceIter, id);
        if (program is null) return ProbeResult.No("load", errno);
        LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, AttachType = (uint)AttachType.TraceIter };
        using FileDescriptor? link = RawBpf.Link(ref attr, out errno);
        return link is null ? ProbeResult.No("attach", errno) : ProbeResult.Yes;
    }

    private static ProbeResult Load(ProgramType type, ulong[] code, AttachType attachType = 0, uint attachBtfId = 0, uint flags = 0)
    {
        using FileDescriptor? program = RawBpf.Load(type, code, out Errno errno, attachType, attachBtfId, flags);
        return program is null ? ProbeResult.No("load", errno) : ProbeResult.Yes;
    }

    private static ProbeResult OnDummy(ProgramType type, AttachType attachType, ulong result)
    {
        using FileDescriptor? program = RawBpf.Load(type, RawBpf.Program(result), out Errno errno, attachType);
        if (program is null) return ProbeResult.No("load", errno);
        using var ns = new TestNamespace();
        return ns.Run(() =>
        {
            LinkCreateAttr attr = new() { ProgFd = (uint)program.Value, TargetIfindex = 1, AttachType = (uint)attachType };
            using FileDescriptor? link = RawBpf.Link(ref attr, out Errno error);
            return link is null ? ProbeResult.No("attach to loopback", error) : ProbeResult.Yes;
        });
    }

    private static ProbeResult ProbePmu(string pmu, string target, ulong offset)
    {
        string path = $"/sys/bus/event_source/devices/{pmu}/type";
        if (!File.Exists(path)) return ProbeResult.No($"{path} does not exist");
        uint type = uint.Parse(File.ReadAllText(path), System.Globalization.CultureInfo.InvariantCulture);
        using FileDescriptor? fd = RawBpf.OpenPerfEvent(type, 0, target, offset, out Errno errno);
        return fd is null ? ProbeResult.No($"perf_event_open({pmu} on {target})", errno) : ProbeResult.Yes;
    }
}

/// <summary>A small BTF blob: <c>int main(void *ctx)</c>, <c>int sub(int)</c> and a callback of <c>bpf_loop</c>.</summary>
internal static class ProbeBtf
{
    public const uint IntId = 1, MainId = 4, SubId = 6, CallbackId = 9;

    public static byte[] WithFunctions { get; } = Build();

    private static byte[] Build()
    {
        // Offsets into the strings: 1 int, 5 main, 10 sub, 14 x, 16 index, 22 cb, 25 long
        byte[] strings = "\0int\0main\0sub\0x\0index\0cb\0long\0"u8.ToArray();
        uint[] types =
        [
            1, 1u << 24, 4, (1u << 24) | 32,                  // 1: int, signed, 32 bits
            0, 2u << 24, 0,                                   // 2: void *
            0, (13u << 24) | 1, 1, 14, 2,                     // 3: int (void *x)
            5, 12u << 24, 3,                                  // 4: main, static
            0, (13u << 24) | 1, 1, 14, 1,                     // 5: int (int x)
            10, (12u << 24) | 1, 5,                           // 6: sub, global
            25, 1u << 24, 8, (1u << 24) | 64,                 // 7: long
            0, (13u << 24) | 2, 7, 16, 1, 14, 2,              // 8: long (int index, void *x)
            22, 12u << 24, 8,                                 // 9: cb, static
        ];
        byte[] blob = new byte[24 + (types.Length * 4) + strings.Length];
        Span<uint> header = MemoryMarshal.Cast<byte, uint>(blob.AsSpan(0, 24));
        header[0] = 0x0001_eb9f;
        header[1] = 24;
        header[2] = 0;
        header[3] = header[4] = (uint)types.Length * 4;
        header[5] = (uint)strings.Length;
        MemoryMarshal.AsBytes<uint>(types).CopyTo(blob.AsSpan(24));
        strings.CopyTo(blob.AsSpan(24 + (types.Length * 4)));
        return blob;
    }
}
