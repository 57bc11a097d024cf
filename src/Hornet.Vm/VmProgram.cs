using System.Runtime.CompilerServices;
using Hornet.Isa;
using Hornet.Vm.Execution;
using Hornet.Vm.Jit;
using Hornet.Vm.Loading;

namespace Hornet.Vm;

/// <summary>How one run takes place.</summary>
public readonly record struct VmRunOptions
{
    /// <summary>The budget of this run; null for the machine's (<see cref="VmOptions.InstructionBudget"/>).</summary>
    public long? InstructionBudget { get; init; }

    /// <summary>The CPU that the program finds itself on: which values of per-CPU maps it sees.</summary>
    public int Cpu { get; init; }

    /// <summary>The process that the program finds itself in; null for the machine's (<see cref="VmOptions.Process"/>).</summary>
    public VmProcess? Process { get; init; }
}

/// <summary>A program of a machine. Running it is safe on several threads at a time, with a context for each.</summary>
public sealed unsafe class VmProgram
{
    // Compiling takes about as long as interpreting this much.
    private const long RunsBeforeCompiling = 50, WorkBeforeCompiling = 500_000;

    private readonly Lock _compiling = new();
    private VmExecution? _idle;
    private volatile JitFunction[]? _compiled;
    private long _runs, _faults, _charged, _helperCalls, _tailCalls;

    internal VmProgram(BpfMachine machine, uint id, string name, ProgramType type, VmCode code)
    {
        Machine = machine;
        Id = id;
        Name = name;
        Type = type;
        Code = code;
    }

    /// <summary>The machine.</summary>
    public BpfMachine Machine { get; }

    /// <summary>The number that program arrays hold.</summary>
    public uint Id { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The kind, where the program came with one.</summary>
    public ProgramType Type { get; }

    /// <summary>The program's length in 8-byte slots.</summary>
    public int Length => Code.Slots.Length;

    /// <summary>The helpers and kernel functions that the program calls and the machine does not have: calling one is a fault.</summary>
    public IReadOnlyList<string> MissingFunctions => [.. Code.Externals.Where(e => e.Helper is null).Select(e => e.Name)];

    /// <summary>Whether the program runs as compiled code. Programs of more than 20 000 instructions are always interpreted.</summary>
    public bool IsCompiled => _compiled is not null;

    /// <summary>Counts over all runs.</summary>
    public VmStatistics Statistics => new(Volatile.Read(ref _runs), Volatile.Read(ref _faults), Volatile.Read(ref _charged), Volatile.Read(ref _helperCalls), Volatile.Read(ref _tailCalls));

    internal VmCode Code { get; }

    /// <summary>Runs the program with a context.</summary>
    /// <param name="context">What the program gets in R1; it may be changed by the run.</param>
    /// <param name="options">Where and with which budget.</param>
    public VmResult Run(VmContext context, VmRunOptions options = default)
    {
        Check(options);
        var execution = Rent();
        try
        {
            var (r1, r2) = context.Attach(execution);
            return Run(execution, context, options, r1, r2);
        }
        finally
        {
            context.Detach(execution);
            Return(execution);
        }
    }

    /// <summary>Runs the program without a context: R1 is 0.</summary>
    public VmResult Run(VmRunOptions options = default) => Run(VmContext.Empty, options);

    /// <summary>
    /// Runs the program with plain memory, which it may read and write in place: R1 is its address, R2 its length.
    /// </summary>
    public VmResult Run(Span<byte> memory, VmRunOptions options = default)
    {
        Check(options);
        var execution = Rent();
        try
        {
            fixed (byte* host = memory)
            {
                execution.SetRegion(VmAddress.ContextRegion, memory.IsEmpty ? null : new VmRegion { Name = "the context", Start = VmAddress.Context, Size = (ulong)memory.Length, Host = host, IsWritable = true });
                return Run(execution, VmContext.Empty, options, memory.IsEmpty ? 0 : VmAddress.Context, (ulong)memory.Length);
            }
        }
        finally
        {
            execution.SetRegion(VmAddress.ContextRegion, null);
            Return(execution);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Length} instructions)";

    /// <summary>Runs a function in the frame that the caller made.</summary>
    internal ulong Execute(VmExecution s, VmFunction function, ulong r1, ulong r2, ulong r3, ulong r4, ulong r5) =>
        _compiled is { } compiled
            ? compiled[function.Index](s, r1, r2, r3, r4, r5)
            : Interpreter.Execute(s, Code, function, r1, r2, r3, r4, r5);

    /// <summary>Compiles the program when the machine is to, and it is time.</summary>
    private void CompileIfDue()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported || Length > JitCompiler.MostSlots) return;
        switch (Machine.Options.Engine)
        {
            case VmEngine.Interpreter:
            case VmEngine.Auto when _runs < RunsBeforeCompiling && _charged < WorkBeforeCompiling:
                return;
        }
        lock (_compiling) _compiled ??= JitCompiler.Compile(Name, Code);
    }

    /// <summary>Where an instruction comes from: its own line, or that of the instructions before it.</summary>
    internal SourceLine? SourceOf(int slot)
    {
        int start = Code.Functions.Last(f => f.Start <= slot).Start;
        for (; slot >= start; slot--)
        {
            if (Code.Slots[slot].Metadata?.Source is { } source) return source;
        }
        return null;
    }

    private VmResult Run(VmExecution execution, VmContext context, in VmRunOptions options, ulong r1, ulong r2)
    {
        var result = execution.Run(this, context, options, r1, r2);
        Interlocked.Increment(ref _runs);
        if (result.Fault is not null) Interlocked.Increment(ref _faults);
        if (result.Charged != 0) Interlocked.Add(ref _charged, result.Charged);
        if (execution.HelperCalls != 0) Interlocked.Add(ref _helperCalls, execution.HelperCalls);
        if (execution.TailCalls != 0) Interlocked.Add(ref _tailCalls, execution.TailCalls);
        return result;
    }

    private void Check(in VmRunOptions options)
    {
        if ((uint)options.Cpu >= (uint)Machine.Options.CpuCount) throw new BpfException($"run '{Name}': there is no CPU {options.Cpu}; the machine has {Machine.Options.CpuCount} (VmOptions.CpuCount)");
        if (options.InstructionBudget is < 1) throw new BpfException($"run '{Name}': a budget of {options.InstructionBudget} instructions is none");
    }

    private VmExecution Rent()
    {
        if (_compiled is null) CompileIfDue();
        return Interlocked.Exchange(ref _idle, null) ?? new VmExecution(Machine, this);
    }

    private void Return(VmExecution execution) => Volatile.Write(ref _idle, execution);
}
