using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using Hornet.Vm.Execution;
using Hornet.Vm.Loading;
using IL = System.Reflection.Emit.OpCodes;
using OpCode = Hornet.Vm.Loading.OpCode;

namespace Hornet.Vm.Jit;

/// <summary>A function of a program as compiled code, run in the frame that its caller made.</summary>
internal delegate ulong JitFunction(VmExecution s, ulong r1, ulong r2, ulong r3, ulong r4, ulong r5);

/// <summary>
/// Turns a program into .NET code: a method for each of its functions, a local variable for each register, so that the
/// runtime's own compiler allocates processor registers and optimises. What is checked is what the interpreter checks.
/// <para>
/// An access through a register is compared with that register's window (<see cref="VmWindow"/>), which is held in local
/// variables; only when it misses, the machine is asked, at the end of the method. A program in a loop so pays for a check with a
/// subtraction and a comparison that the processor predicts.
/// </para>
/// </summary>
[RequiresDynamicCode("Makes methods at run time.")]
internal sealed partial class JitCompiler
{
    /// <summary>A longer program is interpreted: the runtime would not optimise it, and take seconds for that.</summary>
    public const int MostSlots = 20_000;

    /// <summary>With more checked accesses than this in a function, they are calls: windows for all would make it too long to be optimised.</summary>
    private const int MostWindowSites = 250;

    /// <summary>More windows than this would not fit into registers, nor into <see cref="VmExecution.Scratch"/>.</summary>
    internal const int MostWindows = 8;

    private readonly VmCode _code;
    private VmFunction _function;
    private readonly DynamicMethod[] _methods;
    private readonly ILGenerator _il;
    private LocalBuilder?[] _registers = new LocalBuilder?[11];
    private Dictionary<int, Label> _labels = [];
    private readonly List<Action> _cold = [];
    private readonly bool _usesWindows;
    private readonly JitAnalysis? _analysis;
    private readonly LocalBuilder _budget, _version, _at, _result;
    private LocalBuilder? _frame;

    private JitCompiler(VmCode code, VmFunction function, DynamicMethod[] methods)
    {
        _code = code;
        _function = function;
        _methods = methods;
        _il = methods[function.Index].GetILGenerator(Math.Max(256, function.Length * 32));
        _budget = _il.DeclareLocal(typeof(long));
        _version = _il.DeclareLocal(typeof(int));
        _at = _il.DeclareLocal(typeof(ulong));
        _result = _il.DeclareLocal(typeof(ulong));
        for (int i = 0; i < _registers.Length; i++) _registers[i] = _il.DeclareLocal(typeof(ulong));
        int sites = 0;
        for (int slot = function.Start; slot < function.End; slot++)
        {
            if (IsWindowAccess(code.Ops[slot].Code)) sites++;
        }
        _usesWindows = sites is > 0 and <= MostWindowSites;
        if (_usesWindows) MakeWindows(_analysis = new JitAnalysis(code, function));
    }

    /// <summary>Compiles all functions of a program.</summary>
    public static JitFunction[] Compile(string name, VmCode code)
    {
        var methods = new DynamicMethod[code.Functions.Length];
        for (int i = 0; i < methods.Length; i++)
        {
            methods[i] = new DynamicMethod($"{name}.{i}", typeof(ulong), [typeof(VmExecution), typeof(ulong), typeof(ulong), typeof(ulong), typeof(ulong), typeof(ulong)],
                typeof(JitCompiler).Module, skipVisibility: true);
        }
        // The code of all must be there before one is made ready: functions call each other.
        foreach (var function in code.Functions) new JitCompiler(code, function, methods).Emit();
        return [.. methods.Select(m => m.CreateDelegate<JitFunction>())];
    }

    private void Emit()
    {
        EmitEntry();
        EmitOps();
        // What is rarely reached comes last, where it takes no room in the loops. Emitting it may add to it.
        for (int i = 0; i < _cold.Count; i++) _cold[i]();
    }

    private void EmitOps()
    {
        for (int slot = _function.Start; slot < _function.End; slot++)
        {
            if (_labels.TryGetValue(slot, out var label) || IsTarget(slot, out label)) _il.MarkLabel(label);
            EmitOp(slot, _code.Ops[slot]);
        }
    }

    private HashSet<int>? _targets;

    private bool IsTarget(int slot, out Label label)
    {
        label = default;
        if (_targets is null)
        {
            _targets = [];
            for (int at = _function.Start; at < _function.End; at++)
            {
                if (_code.Ops[at].Code is >= OpCode.Jump and <= OpCode.MayGoto) _targets.Add(at + 1 + _code.Ops[at].Offset);
            }
        }
        if (!_targets.Contains(slot)) return false;
        label = LabelOf(slot);
        return true;
    }

    private Label LabelOf(int slot)
    {
        if (!_labels.TryGetValue(slot, out var label)) _labels.Add(slot, label = _il.DefineLabel());
        return label;
    }

    private void EmitEntry()
    {
        for (int i = 1; i <= 5; i++)
        {
            _il.Emit(IL.Ldarg, (short)i);
            StoreRegister(i);
        }
        bool usesFrame = false, mayGoto = false;
        for (int slot = _function.Start; slot < _function.End; slot++)
        {
            ref readonly var op = ref _code.Ops[slot];
            usesFrame |= op.Code != OpCode.None && (op.Dst == 10 || op.Src == 10);
            mayGoto |= op.Code == OpCode.MayGoto;
        }
        if (usesFrame)
        {
            _frame = _il.DeclareLocal(typeof(nint));
            LoadState();
            _il.Emit(IL.Ldc_I4, _function.FrameBytes);
            Call(s_beginFrame);
            _il.Emit(IL.Stloc, _frame);
            LoadState();
            Call(s_frameEnd);
            StoreRegister(10);
        }
        if (mayGoto)
        {
            LoadState();
            Call(s_beginMayGoto);
        }
        LoadField(s_budget);
        _il.Emit(IL.Stloc, _budget);
        LoadField(s_memoryVersion);
        _il.Emit(IL.Stloc, _version);
    }

    private void LoadState() => _il.Emit(IL.Ldarg_0);

    private void LoadField(FieldInfo field)
    {
        LoadState();
        _il.Emit(IL.Ldfld, field);
    }

    private void LoadRegister(int register) => _il.Emit(IL.Ldloc, _registers[register]!);

    private void StoreRegister(int register) => _il.Emit(IL.Stloc, _registers[register]!);

    private void Call(MethodInfo method) => _il.Emit(IL.Call, method);

    /// <summary>Tells the machine where the program is and what it has left, before it is asked something that may end the run.</summary>
    private void SavePlace(int slot)
    {
        LoadState();
        _il.Emit(IL.Ldc_I4, slot);
        _il.Emit(IL.Stfld, s_position);
        LoadState();
        _il.Emit(IL.Ldloc, _budget);
        _il.Emit(IL.Stfld, s_budget);
    }

    private void ReloadBudget()
    {
        LoadField(s_budget);
        _il.Emit(IL.Stloc, _budget);
    }

    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public;

    private static readonly FieldInfo
        s_budget = Field(nameof(VmExecution.Budget)),
        s_depth = Field(nameof(VmExecution.Depth)),
        s_position = Field(nameof(VmExecution.Position)),
        s_memoryVersion = Field(nameof(VmExecution.MemoryVersion)),
        s_found = Field(nameof(VmExecution.Found)),
        s_scratch = Field(nameof(VmExecution.Scratch));

    private static readonly FieldInfo
        s_windowStart = typeof(VmWindow).GetField(nameof(VmWindow.Start))!,
        s_windowHost = typeof(VmWindow).GetField(nameof(VmWindow.Host))!,
        s_windowReadable = typeof(VmWindow).GetField(nameof(VmWindow.Readable))!,
        s_windowWritable = typeof(VmWindow).GetField(nameof(VmWindow.Writable))!;

    private static readonly MethodInfo
        s_beginFrame = Method(nameof(VmExecution.BeginStackFrame)),
        s_frameEnd = Method(nameof(VmExecution.FrameEnd)),
        s_beginMayGoto = Method(nameof(VmExecution.BeginMayGoto)),
        s_takeMayGoto = Method(nameof(VmExecution.MayGoOn)),
        s_throwOverBudget = Method(nameof(VmExecution.ThrowOverBudget)),
        s_miss = Method(nameof(VmExecution.Miss)),
        s_resolveAtomic = Method(nameof(VmExecution.ResolveAtomic)),
        s_packetLoad = Method(nameof(VmExecution.TryPacketLoad)),
        s_callHelper = Method(nameof(VmExecution.CallHelper)),
        s_callRegister = Method(nameof(VmExecution.CallRegister)),
        s_tailCall = Method(nameof(VmExecution.TryTailCall)),
        s_enterFrame = Method(nameof(VmExecution.EnterFrame)),
        s_leaveFrame = Method(nameof(VmExecution.LeaveFrame)),
        s_limit = typeof(JitCompiler).GetMethod(nameof(Limit), Members)!,
        s_atomic32 = typeof(Atomics).GetMethod(nameof(Atomics.Apply32), Members)!,
        s_atomic64 = typeof(Atomics).GetMethod(nameof(Atomics.Apply64), Members)!;

    private static FieldInfo Field(string name) => typeof(VmExecution).GetField(name, Members)!;

    private static MethodInfo Method(string name) => typeof(VmExecution).GetMethod(name, Members)!;
}
