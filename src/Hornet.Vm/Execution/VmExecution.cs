using System.Runtime.CompilerServices;
using Hornet.Isa;
using Hornet.Vm.Execution;
using Hornet.Vm.Loading;
using Hornet.Vm.Maps;

namespace Hornet.Vm;

/// <summary>
/// One run of a program, as helpers see it: its memory, its budget, where it runs. Valid during the call only.
/// </summary>
public sealed unsafe partial class VmExecution
{
    /// <summary>As the kernel's: the program and the functions it calls, at most this many at a time.</summary>
    internal const int MostFrames = 8;

    /// <summary>As the kernel's: how many tail calls a run may make.</summary>
    internal const int MostTailCalls = 33;

    /// <summary>As the kernel's: how often the <c>may_goto</c> instructions of one function go on before they leave.</summary>
    internal const uint MayGotoBudget = 8 << 20;

    // The engines use these fields directly.
    internal long Budget;
    internal int Depth;
    internal int Position;
    internal int TailCalls;
    internal long HelperCalls;

    /// <summary>Goes up whenever memory is taken away, so that windows onto it are given up.</summary>
    internal int MemoryVersion;

    /// <summary>The program whose instructions are executed right now: another one than was started, after a tail call.</summary>
    internal VmProgram Current;

    /// <summary>What <c>bpf_set_retval</c> set.</summary>
    internal int ProgramResult;

    internal readonly uint[] MayGotoLeft = new uint[MostFrames];
    internal readonly byte* StackHost;
    private readonly byte[] _stack;

    /// <summary>Where compiled code keeps its registers and windows while it asks for memory.</summary>
    internal readonly ulong* Scratch;
    private readonly ulong[] _scratch;

    internal VmExecution(BpfMachine machine, VmProgram program)
    {
        Machine = machine;
        Current = program;
        _stack = GC.AllocateArray<byte>(MostFrames * VmAddress.FrameStride, pinned: true);
        fixed (byte* host = _stack) StackHost = host;
        _regions[VmAddress.StackRegion] = new VmRegion
        {
            Name = "the stack",
            Start = VmAddress.Stack,
            Size = VmAddress.FrameSize,
            Count = MostFrames,
            Stride = VmAddress.FrameStride,
            HostStride = VmAddress.FrameStride,
            Host = StackHost,
            Owner = _stack,
            IsWritable = true,
        };
        _registers = GC.AllocateArray<ulong>(MostFrames * RegistersPerFrame, pinned: true);
        fixed (ulong* registers = _registers) Registers = registers;
        _scratch = GC.AllocateArray<ulong>(10 + (4 * Jit.JitCompiler.MostWindows), pinned: true);
        fixed (ulong* scratch = _scratch) Scratch = scratch;
        _windows = GC.AllocateArray<VmWindow>(MostFrames * RegistersPerFrame, pinned: true);
        fixed (VmWindow* windows = _windows) Windows = windows;
    }

    /// <summary>The machine.</summary>
    public BpfMachine Machine { get; }

    /// <summary>The program whose instruction is executed: after a tail call another one than was started.</summary>
    public VmProgram Program => Current;

    /// <summary>The CPU that the run takes place on, as the program sees it.</summary>
    public int Cpu { get; private set; }

    /// <summary>The context the run was started with.</summary>
    public VmContext Context { get; private set; } = VmContext.Empty;

    /// <summary>The process that the program runs in.</summary>
    public VmProcess Process { get; private set; } = new();

    /// <summary>Takes work from the budget: one for what an instruction does.</summary>
    public void Charge(long work)
    {
        if ((Budget -= work) < 0) throw OverBudget();
    }

    /// <summary>Ends the run with a fault. For helpers, when an argument is none: <c>throw execution.Fault(…)</c>.</summary>
    /// <param name="kind">What the program did.</param>
    /// <param name="message">What it did, in words.</param>
    /// <param name="register">The register that held what was wrong.</param>
    public Exception Fault(VmFaultKind kind, string message, Register? register = null) => new VmFaultSignal(kind, message, null, register);

    /// <summary>Calls a function of the program, such as the callback that <c>bpf_loop</c> was given.</summary>
    /// <param name="function">Its address, as the program passed it.</param>
    /// <param name="r1">The first argument.</param>
    /// <param name="r2">The second argument.</param>
    /// <param name="r3">The third argument.</param>
    /// <param name="r4">The fourth argument.</param>
    /// <param name="r5">The fifth argument.</param>
    /// <returns>What it returned in R0.</returns>
    public ulong Call(ulong function, ulong r1 = 0, ulong r2 = 0, ulong r3 = 0, ulong r4 = 0, ulong r5 = 0)
    {
        var target = FunctionAt(function) ?? throw new VmFaultSignal(VmFaultKind.BadFunctionAddress, $"0x{function:x} is not the address of a function of this program", function);
        int position = Position;
        EnterFrame(target.Length);
        ulong result = Current.Execute(this, target, r1, r2, r3, r4, r5);
        LeaveFrame();
        Position = position;
        return result;
    }

    internal VmFunction? FunctionAt(ulong address) =>
        VmAddress.IsFunction(address, Current.Id, out int slot) ? Current.Code.FunctionAt(slot) : null;

    /// <summary>Begins a function: one frame deeper, charged with its length.</summary>
    internal void EnterFrame(int length)
    {
        if (Depth + 1 >= MostFrames) throw new VmFaultSignal(VmFaultKind.CallDepthExceeded, $"more than {MostFrames} functions would be active at a time");
        if ((Budget -= length) < 0) throw OverBudget();
        Depth++;
    }

    internal void LeaveFrame() => Depth--;

    /// <summary>Zeroes what the function that begins may see of its stack frame. Returns the memory at the frame's end.</summary>
    internal byte* BeginStackFrame(int bytes)
    {
        byte* end = StackHost + (Depth * VmAddress.FrameStride) + VmAddress.FrameSize;
        Unsafe.InitBlockUnaligned(end - bytes, 0, (uint)bytes);
        return end;
    }

    /// <summary>R10 of the function that runs.</summary>
    internal ulong FrameEnd() => VmAddress.FrameEnd(Depth);

    internal void BeginMayGoto() => MayGotoLeft[Depth] = MayGotoBudget;

    /// <summary>Whether <c>may_goto</c> goes on; it jumps once the function's allowance is used up.</summary>
    internal bool MayGoOn()
    {
        if (MayGotoLeft[Depth] == 0) return false;
        MayGotoLeft[Depth]--;
        return true;
    }

    internal void ThrowOverBudget(int position)
    {
        Position = position;
        throw OverBudget();
    }

    /// <summary>For compiled code, when an access is not in the window it knows.</summary>
    internal byte* Miss(ulong address, uint size, bool write, int register) => Resolve(address, size, write, (Register)register);

    internal VmFaultSignal OverBudget()
    {
        Budget = 0;
        return new VmFaultSignal(VmFaultKind.BudgetExceeded, $"the run used up its budget of {_budget} instructions (VmOptions.InstructionBudget)");
    }

    /// <summary>Calls a helper or kernel function of the program's table.</summary>
    internal ulong CallHelper(int index, ulong r1, ulong r2, ulong r3, ulong r4, ulong r5)
    {
        var reference = Current.Code.Externals[index];
        HelperCalls++;
        return reference.Helper is { } helper
            ? helper(this, r1, r2, r3, r4, r5)
            : throw new VmFaultSignal(VmFaultKind.UnknownFunction, $"it calls {reference.Name}, which this machine does not have. BpfMachine.RegisterHelper and RegisterKernelFunction add functions");
    }

    /// <summary>Calls through a register: a function of the program, or a helper by its number.</summary>
    internal ulong CallRegister(ulong target, int register, ulong r1, ulong r2, ulong r3, ulong r4, ulong r5)
    {
        if (FunctionAt(target) is not null) return Call(target, r1, r2, r3, r4, r5);
        HelperCalls++;
        if (target <= int.MaxValue && Machine.Helper((int)target) is { } helper) return helper(this, r1, r2, r3, r4, r5);
        throw new VmFaultSignal(VmFaultKind.BadFunctionAddress, $"0x{target:x} is neither a function of this program nor the number of a helper that this machine has", target, (Register)register);
    }

    /// <summary>
    /// Runs the program that a tail call goes to, in the frame of the caller; false when there is none or the limit is
    /// reached, and the caller goes on.
    /// </summary>
    internal bool TryTailCall(ulong context, ulong map, ulong index, out ulong result)
    {
        result = 0;
        HelperCalls++;
        if (FindMap(map, Register.R2) is not ProgramArrayMap programs)
            throw new VmFaultSignal(VmFaultKind.BadArgument, "bpf_tail_call wants a program array", map, Register.R2);
        if (TailCalls >= MostTailCalls || programs[(uint)index] is not { } next) return false;
        TailCalls++;
        var caller = Current;
        Current = next;
        var entry = next.Code.Functions[0];
        Charge(entry.Length);
        result = next.Execute(this, entry, context, 0, 0, 0, 0);
        Current = caller;
        return true;
    }

    /// <summary>Makes ready for a run, runs, and cleans up, whatever happens.</summary>
    internal VmResult Run(VmProgram program, VmContext context, in VmRunOptions options, ulong r1, ulong r2)
    {
        _budget = Budget = options.InstructionBudget ?? Machine.Options.InstructionBudget;
        Depth = 0;
        Position = 0;
        TailCalls = 0;
        HelperCalls = 0;
        ProgramResult = 0;
        Current = program;
        Context = context;
        Cpu = options.Cpu;
        Process = options.Process ?? Machine.Options.Process;
        VmFault? fault = null;
        ulong result = 0;
        try
        {
            result = program.Execute(this, program.Code.Functions[0], r1, r2, 0, 0, 0);
            CheckReleased();
        }
        catch (VmFaultSignal signal)
        {
            fault = Describe(signal);
            result = 0;
        }
        finally
        {
            EndRun();
        }
        return new VmResult(result, fault, _budget - Budget);
    }

    private long _budget;

    private VmFault Describe(VmFaultSignal signal)
    {
        var instruction = Current.Code.Slots[Position];
        return new VmFault
        {
            Kind = signal.Kind,
            Message = signal.Text,
            Program = Current.Name,
            InstructionIndex = Position,
            Instruction = instruction,
            Address = signal.Address,
            Register = signal.Register,
            Source = Current.SourceOf(Position),
        };
    }
}
