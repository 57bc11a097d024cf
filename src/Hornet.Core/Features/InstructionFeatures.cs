using Hornet.Btf;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.Features;

/// <summary>Instructions, and forms of program, that the verifier takes: a program with one of each is loaded.</summary>
internal static class InstructionFeatures
{
    private const uint Sleepable = 1 << 4;

    // Where user space would map the arena, which a program with casts must know: nowhere anybody maps anything.
    private const ulong ArenaAddress = 1ul << 44;

    private static readonly Instruction s_exit = Instruction.Exit();

    public static IReadOnlyList<KernelFeature> All { get; } =
    [
        // Level 1 is every kernel's; level 2 has the conditions "less", level 3 the 32-bit ones.
        Make("ISA v1", "3.18", Zero(Register.R0), s_exit),
        Make("ISA v2", "4.14", Zero(Register.R0), Instruction.JumpIf(JumpOp.Less, Register.R0, 1, 0), s_exit),
        Make("ISA v3", "5.1", Zero(Register.R0), Instruction.JumpIf(JumpOp.Equal, Register.R0, 1, 0, is32: true), s_exit),
        Make("ISA v4", "6.6",
            Instruction.Alu(AluOp.Mov, Register.R0, 7),
            Instruction.MoveSigned(Register.R1, Register.R0, 8),
            Instruction.ByteSwap(Register.R1, 64),
            Instruction.SignedDivision(AluOp.Div, Register.R0, 2),
            Instruction.JumpLong(0),
            s_exit),
        Make("fetching atomics", "5.12",
            Zero(Register.R0), Instruction.Store(MemorySize.U64, Register.R10, -8, 0),
            Instruction.Atomic(AtomicOp.FetchAdd, MemorySize.U64, Register.R10, -8, Register.R0), Zero(Register.R0), s_exit),
        Make("load-acquire and store-release", "6.15",
            Zero(Register.R0), Instruction.Atomic(AtomicOp.StoreRelease, MemorySize.U64, Register.R10, -8, Register.R0),
            Instruction.Atomic(AtomicOp.LoadAcquire, MemorySize.U64, Register.R0, -8, Register.R10), Zero(Register.R0), s_exit),
        Make("may_goto", "6.9", Zero(Register.R0), Instruction.MayGoto(1), Instruction.Jump(-2), s_exit),
        new(FeatureCategory.Instruction, "arena address casts", "6.9", ArenaCast) { Config = "CONFIG_BPF_JIT" },
        Make("bounded loops", "5.3",
            Instruction.Alu(AluOp.Mov, Register.R0, 10), Instruction.Alu(AluOp.Sub, Register.R0, 1),
            Instruction.JumpIf(JumpOp.NotEqual, Register.R0, 0, -2), s_exit),
        new(FeatureCategory.Instruction, "more than 4096 instructions", "5.2", LongProgram),
        Make("functions", "4.16", Instruction.CallFunction(1), s_exit, Zero(Register.R0), s_exit),
        new(FeatureCategory.Instruction, "tail calls from functions", "5.10", TailCallFromFunction) { Config = "CONFIG_BPF_JIT" },
        new(FeatureCategory.Instruction, "global functions", "5.6", GlobalFunction),
        new(FeatureCategory.Instruction, "context argument tags", "6.8", ContextTag),
        new(FeatureCategory.Instruction, "function addresses", "5.13", FunctionAddress),
        new(FeatureCategory.Instruction, "global data", "5.2", GlobalData),
        new(FeatureCategory.Instruction, "maps by index", "5.14", MapByIndex),
        new(FeatureCategory.Instruction, "typed kernel symbols", "5.10", KernelSymbol) { Needs = Capability.PerfMon },
        new(FeatureCategory.Instruction, "kernel functions", "5.13", KernelFunction),
        new(FeatureCategory.Instruction, "bound descriptor array", "6.14", () => BoundArray()),
        new(FeatureCategory.Instruction, "sleepable programs", "5.10", SleepableProgram) { Needs = Capability.PerfMon, Config = "CONFIG_BPF_EVENTS" },
        new(FeatureCategory.Instruction, "XDP multi-buffer", "5.18", () => (ProbeProgram.Returning(ProgramType.Xdp, 2) with { Flags = 1 << 5 }).Ask()) { Needs = Capability.NetAdmin },
    ];

    private static Instruction Zero(Register register) => Instruction.Alu(AluOp.Mov, register, 0);

    private static ProbeAnswer LongProgram()
    {
        var code = new Instruction[4097];
        for (int i = 0; i < code.Length; i++) code[i] = Zero(Register.R0);
        code[^1] = s_exit;
        return new ProbeProgram(ProgramType.SocketFilter, code).AskVerifier();
    }

    private static KernelFeature Make(string name, string since, params Instruction[] code) =>
        new(FeatureCategory.Instruction, name, since, new ProbeProgram(ProgramType.SocketFilter, code).AskVerifier);

    private static ProbeAnswer ArenaCast()
    {
        using var arena = new ProbeMap(MapType.Arena, 0, 0) { Flags = 1 << 10, Extra = ArenaAddress }.Create(out var errno);
        return arena is null ? ProbeAnswer.Of(errno) : new ProbeProgram(ProgramType.SocketFilter,
            // A program may only cast when it holds an arena, which the first instruction sees to.
            Instruction.LoadImm64(Register.R1, arena.Value, PseudoSource.MapFd),
            Zero(Register.R1), Instruction.AddressSpaceCast(Register.R1, Register.R1, 0, 1), Zero(Register.R0), s_exit).AskVerifier();
    }

    private static ProbeAnswer TailCallFromFunction()
    {
        using var programs = new ProbeMap(MapType.ProgramArray).Create(out var errno);
        if (programs is null) return ProbeAnswer.Of(errno);
        return WithFunctions(BtfLinkage.Static, 3,
            Instruction.CallFunction(2), Zero(Register.R0), s_exit,
            Instruction.LoadImm64(Register.R2, programs.Value, PseudoSource.MapFd), Zero(Register.R3),
            Instruction.CallHelper(BpfHelper.TailCall), Zero(Register.R0), s_exit);
    }

    private static ProbeAnswer GlobalFunction() =>
        WithFunctions(BtfLinkage.Global, 3, Zero(Register.R1), Instruction.CallFunction(1), s_exit, Zero(Register.R0), s_exit);

    // A function's address needs BTF of the function; bpf_for_each_map_elem was the first to take one.
    private static ProbeAnswer FunctionAddress() => WithFunctions(BtfLinkage.Static, 4,
        Instruction.LoadImm64(Register.R1, 3, PseudoSource.Function), Zero(Register.R0), s_exit, Zero(Register.R0), s_exit);

    // A helper that wants the context gets an argument that only its tag says to be one.
    private static ProbeAnswer ContextTag()
    {
        BtfBuilder builder = new();
        uint number = builder.AddInt("int", 4, BtfIntEncoding.Signed);
        uint prototype = builder.AddPrototype(number, ("ctx", builder.AddPointer(0)));
        uint main = builder.AddFunction("main", prototype, BtfLinkage.Global), f = builder.AddFunction("f", prototype, BtfLinkage.Global);
        builder.AddDeclTag("arg:ctx", f, 0);
        using var btf = ProbeBtf.Load(builder, out var errno);
        if (btf is null) return ProbeAnswer.Of(errno);
        ProbeProgram program = new(ProgramType.SchedCls, Instruction.CallFunction(1), s_exit, Instruction.CallHelper(BpfHelper.GetHashRecalc), s_exit);
        return (program with { Btf = btf, FunctionInfo = [0, main, 2, f] }).AskVerifier();
    }

    // main and f, both "int (void *)", the second from the given slot on.
    private static ProbeAnswer WithFunctions(BtfLinkage linkage, uint second, params Instruction[] code)
    {
        BtfBuilder builder = new();
        uint number = builder.AddInt("int", 4, BtfIntEncoding.Signed);
        uint prototype = builder.AddPrototype(number, ("ctx", builder.AddPointer(0)));
        uint main = builder.AddFunction("main", prototype, linkage);
        uint f = builder.AddFunction("f", linkage == BtfLinkage.Global ? builder.AddPrototype(number, ("a", number)) : prototype, linkage);
        using var btf = ProbeBtf.Load(builder, out var errno);
        if (btf is null) return ProbeAnswer.Of(errno);
        return new ProbeProgram(ProgramType.SchedCls, code) { Btf = btf, FunctionInfo = [0, main, second, f] }.AskVerifier();
    }

    private static ProbeAnswer GlobalData()
    {
        using var data = new ProbeMap(MapType.Array, ValueSize: 8).Create(out var errno);
        return data is null ? ProbeAnswer.Of(errno) : new ProbeProgram(ProgramType.SocketFilter,
            Instruction.LoadImm64(Register.R1, data.Value, PseudoSource.MapValue), Instruction.Load(MemorySize.U32, Register.R0, Register.R1, 0), s_exit).AskVerifier();
    }

    private static ProbeAnswer MapByIndex()
    {
        using var map = new ProbeMap(MapType.Array).Create(out var errno);
        if (map is null) return ProbeAnswer.Of(errno);
        ProbeProgram program = new(ProgramType.SocketFilter, Instruction.LoadImm64(Register.R1, 0, PseudoSource.MapIndex), Zero(Register.R0), s_exit);
        return (program with { DescriptorArray = [map.Value] }).AskVerifier();
    }

    private static ProbeAnswer BoundArray()
    {
        using var map = new ProbeMap(MapType.Array).Create(out var errno);
        return map is null ? ProbeAnswer.Of(errno) : (ProbeProgram.Returning(ProgramType.SocketFilter) with { DescriptorArray = [map.Value], DescriptorArrayLength = 1 }).Ask();
    }

    private static ProbeAnswer KernelSymbol()
    {
        // Type 1 is no variable. A kernel that knows the instruction says so; some kernels have no variables in their BTF to ask with.
        using var outcome = new ProbeProgram(ProgramType.RawTracepoint,
            Instruction.LoadImm64(Register.R1, 1, PseudoSource.BtfId), Zero(Register.R0), s_exit).Load(withLog: true);
        if (outcome.Log.Contains("btf_id", StringComparison.Ordinal) || outcome.Log.Contains("BTF", StringComparison.Ordinal)) return ProbeAnswer.Yes;
        return ProbeAnswer.Of(outcome.Errno);
    }

    private static ProbeAnswer KernelFunction()
    {
        // The verifier reads a call of a kernel function it does not know by saying so; older ones take it for a bad call.
        using var outcome = new ProbeProgram(ProgramType.SchedCls, Instruction.CallKernelFunction(1), Zero(Register.R0), s_exit).Load(withLog: true);
        if (outcome.Log.Length == 0) return ProbeAnswer.Of(outcome.Errno);
        return ProbeAnswer.If(outcome.Log.Contains("kernel ", StringComparison.Ordinal) || outcome.Log.Contains("kfunc", StringComparison.Ordinal));
    }

    private static ProbeAnswer SleepableProgram()
    {
        // Iterators may sleep since 5.18 and need no trampoline, which some kernels refuse; before there are LSM hooks and system calls.
        if (KernelVersion.Running >= new KernelVersion(5, 18) && ProgramTypeFeatures.Target("bpf_iter_task", BtfKind.Function) is { } iterator)
            return (ProbeProgram.Returning(ProgramType.Tracing) with { AttachType = AttachType.TraceIter, AttachBtfId = iterator, Flags = Sleepable }).Ask();
        if (ProgramTypeFeatures.Target("bpf_lsm_bprm_committed_creds", BtfKind.Function) is { } hook)
            return (ProbeProgram.Returning(ProgramType.Lsm) with { AttachType = AttachType.LsmMac, AttachBtfId = hook, Flags = Sleepable }).Ask();
        if (ProgramTypeFeatures.Target("__x64_sys_nanosleep", BtfKind.Function) is { } call)
            return (ProbeProgram.Returning(ProgramType.Tracing) with { AttachType = AttachType.TraceFentry, AttachBtfId = call, Flags = Sleepable }).Ask();
        return ProbeAnswer.Unclear(Errno.None, "Nothing was found that a sleepable program could attach to.");
    }
}
