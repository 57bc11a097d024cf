using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.Features;

/// <summary>The kernel as a whole: its types, the commands of bpf(2), how its system calls are named.</summary>
internal static unsafe class SystemFeatures
{
    private const uint LogPaths = 1;

    public static IReadOnlyList<KernelFeature> All { get; } =
    [
        Make("bpf(2)", "3.18", () => new ProbeMap(MapType.Array).Ask(), "CONFIG_BPF_SYSCALL"),
        Make("just-in-time compiler", "3.18", Jit, "CONFIG_BPF_JIT"),
        Make("kernel BTF", "5.4", () => ProbeAnswer.If(KernelBtf.IsAvailable, "There is no /sys/kernel/btf/vmlinux."), "CONFIG_DEBUG_INFO_BTF"),
        Make("module BTF", "5.11", ModuleBtf, "CONFIG_DEBUG_INFO_BTF_MODULES"),
        Make("program names", "4.15", Named),
        Make("BTF objects", "4.18", () => Ids(BpfCommand.BtfGetNextId)),
        Make("links", "5.7", () => Ids(BpfCommand.LinkGetNextId)),
        Make("map binding", "5.10", BindMap),
        Make("run statistics", "5.8", Statistics),
        Make("task descriptor query", "4.18", TaskQuery, "CONFIG_PERF_EVENTS"),
        Make("log_true_size", "6.4", LogTrueSize),
        Make("BPF tokens", "6.9", Token),
        Make("program streams", "6.17", Stream),
        Make("test run", "4.12", () => TestRun(0), "CONFIG_NET"),
        Make("XDP live frames", "5.18", LiveFrames, "CONFIG_NET"),
        Make("probe_read_kernel", "5.5", () => HelperFeatures.For(ProgramType.Kprobe, BpfHelper.ProbeReadKernel).ProbeRaw(), "CONFIG_BPF_EVENTS"),
        Make("system call wrappers", "4.17", SyscallWrapper, "CONFIG_ARCH_HAS_SYSCALL_WRAPPER"),
    ];

    private static KernelFeature Make(string name, string since, Func<ProbeAnswer> probe, string? config = null) =>
        new(FeatureCategory.System, name, since, probe) { Config = config };

    private static ProbeAnswer Jit()
    {
        using var outcome = ProbeProgram.Returning(ProgramType.SocketFilter).Load();
        if (outcome.Program is null) return ProbeAnswer.Unclear(outcome.Errno);
        ProgramInfoRaw info = default;
        if (!Bpf.TryGetInfo(outcome.Program, ref info)) return ProbeAnswer.Unclear(Libc.LastError);
        return ProbeAnswer.If(info.JitedProgLen > 0, "Programs are interpreted: net.core.bpf_jit_enable is 0, or there is no compiler.");
    }

    private static ProbeAnswer ModuleBtf()
    {
        if (KernelBtf.Modules.Count > 0) return ProbeAnswer.Yes;
        bool anyModule = File.Exists("/proc/modules") && File.ReadLines("/proc/modules").Any();
        return anyModule
            ? ProbeAnswer.No(Errno.None, "Modules are loaded, but none of them tells its types.")
            : Kconfig.Running?.IsEnabled("CONFIG_DEBUG_INFO_BTF_MODULES") switch
            {
                true => ProbeAnswer.Yes,
                false => ProbeAnswer.No(),
                null => ProbeAnswer.Unclear(Errno.None, "No module is loaded, so none can tell."),
            };
    }

    private static ProbeAnswer Named()
    {
        Span<byte> code = stackalloc byte[16];
        Instruction[] program = [Instruction.Alu(AluOp.Mov, Register.R0, 0), Instruction.Exit()];
        _ = InstructionCodec.Encode(program, code, bigEndian: !BitConverter.IsLittleEndian);
        fixed (byte* instructions = code, license = "GPL\0"u8)
        {
            ProgramLoadAttr attr = new() { ProgType = (uint)ProgramType.SocketFilter, InsnCnt = 2, Insns = Bpf.Pointer(instructions), License = Bpf.Pointer(license) };
            Bpf.CopyName("hornet", attr.ProgName);
            int fd = SignalMask.CallUninterrupted(BpfCommand.ProgramLoad, ref attr);
            if (fd < 0) return ProbeAnswer.Of(Libc.LastError);
            new FileDescriptor(fd).Dispose();
            return ProbeAnswer.Yes;
        }
    }

    private static ProbeAnswer Ids(BpfCommand next)
    {
        IdAttr attr = default;
        return Bpf.Call(next, ref attr) >= 0 ? ProbeAnswer.Yes : ProbeAnswer.Complains(Libc.LastError, Errno.ENOENT);
    }

    private static ProbeAnswer BindMap()
    {
        ProgramBindMapAttr attr = new() { ProgFd = uint.MaxValue };
        return Bpf.Call(BpfCommand.ProgramBindMap, ref attr) >= 0 ? ProbeAnswer.Yes : ProbeAnswer.Complains(Libc.LastError, Errno.EBADF);
    }

    private static ProbeAnswer Statistics()
    {
        EnableStatsAttr attr = default;
        using var enabled = Bpf.TryOpen(BpfCommand.EnableStats, ref attr, "feature probe statistics");
        return enabled is not null ? ProbeAnswer.Yes : ProbeAnswer.Of(Libc.LastError);
    }

    private static ProbeAnswer TaskQuery()
    {
        TaskFdQueryAttr attr = new() { Pid = (uint)Environment.ProcessId, Fd = uint.MaxValue };
        return Bpf.Call(BpfCommand.TaskFdQuery, ref attr) >= 0 ? ProbeAnswer.Yes : ProbeAnswer.Complains(Libc.LastError, Errno.EBADF, Errno.ENOENT);
    }

    private static ProbeAnswer LogTrueSize()
    {
        Span<byte> code = stackalloc byte[16];
        Instruction[] program = [Instruction.Alu(AluOp.Mov, Register.R0, 0), Instruction.Exit()];
        _ = InstructionCodec.Encode(program, code, bigEndian: !BitConverter.IsLittleEndian);
        byte* log = stackalloc byte[512];
        fixed (byte* instructions = code, license = "GPL\0"u8)
        {
            ProgramLoadAttr attr = new()
            {
                ProgType = (uint)ProgramType.SocketFilter,
                InsnCnt = 2,
                Insns = Bpf.Pointer(instructions),
                License = Bpf.Pointer(license),
                LogLevel = LogPaths,
                LogBuf = Bpf.Pointer(log),
                LogSize = 512,
            };
            int fd = SignalMask.CallUninterrupted(BpfCommand.ProgramLoad, ref attr);
            if (fd < 0) return ProbeAnswer.Unclear(Libc.LastError);
            new FileDescriptor(fd).Dispose();
            return ProbeAnswer.If(attr.LogTrueSize > 0);
        }
    }

    // A descriptor that is not open: EBADF from a kernel that knows the command.
    private static ProbeAnswer Token()
    {
        TokenCreateAttr attr = new() { BpffsFd = uint.MaxValue };
        return Bpf.Call(BpfCommand.TokenCreate, ref attr) >= 0 ? ProbeAnswer.Yes : ProbeAnswer.Complains(Libc.LastError, Errno.EBADF);
    }

    private static ProbeAnswer Stream()
    {
        ProgramStreamReadAttr attr = new() { ProgFd = uint.MaxValue, StreamId = 1 };
        return Bpf.Call(BpfCommand.ProgramStreamReadByFd, ref attr) >= 0 ? ProbeAnswer.Yes : ProbeAnswer.Complains(Libc.LastError, Errno.EBADF);
    }

    private static ProbeAnswer TestRun(uint flags)
    {
        using var outcome = ProbeProgram.Returning(ProgramType.Xdp, 1).Load();
        if (outcome.Program is null) return ProbeAnswer.Unclear(outcome.Errno);
        byte* data = stackalloc byte[64];
        new Span<byte>(data, 64).Clear();
        TestRunAttr attr = new() { ProgFd = (uint)outcome.Program.Value, DataIn = Bpf.Pointer(data), DataSizeIn = 64, Flags = flags };
        return SignalMask.CallUninterrupted(BpfCommand.ProgramTestRun, ref attr) >= 0 ? ProbeAnswer.Yes : ProbeAnswer.Of(Libc.LastError);
    }

    // One packet, which the program drops. A kernel that does not look at the flags for XDP at all takes any.
    private static ProbeAnswer LiveFrames() =>
        TestRun(1u << 31).State == FeatureState.Available ? ProbeAnswer.No(Errno.None, "The kernel takes no flags in test runs of XDP programs.") : TestRun(1 << 1);

    private static ProbeAnswer SyscallWrapper()
    {
        // Asking for a kprobe on the wrapped name would find out less: there may be no kprobes. The symbol is either there or not.
        string prefix = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "__x64_sys_bpf",
            System.Runtime.InteropServices.Architecture.Arm64 => "__arm64_sys_bpf",
            _ => "__se_sys_bpf",
        };
        if (KernelBtf.IsAvailable && KernelBtf.Vmlinux.TryFind(prefix, BtfKind.Function, out _)) return ProbeAnswer.Yes;
        try
        {
            return ProbeAnswer.If(File.ReadLines("/proc/kallsyms").Any(line => line.EndsWith(" " + prefix, StringComparison.Ordinal)), $"The kernel has no symbol {prefix}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ProbeAnswer.Unclear(Errno.None, "/proc/kallsyms cannot be read.");
        }
    }
}
