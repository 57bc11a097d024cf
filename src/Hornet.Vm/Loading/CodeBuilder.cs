using System.Diagnostics;
using Hornet.Isa;
using Hornet.Vm.Execution;

namespace Hornet.Vm.Loading;

/// <summary>
/// Checks a program's structure and translates it for the engines. What the kernel's verifier proves about values is not
/// asked here: the machine checks it while the program runs.
/// </summary>
internal sealed class CodeBuilder
{
    /// <summary>As the kernel's: more instructions than this are never a program.</summary>
    private const int MostSlots = 1_000_000;

    private readonly string _name;
    private readonly IReadOnlyList<Instruction> _instructions;
    private readonly ProgramLinker _linker;
    private readonly Instruction[] _slots;
    private readonly bool[] _starts;
    private readonly Dictionary<string, int> _symbols = [];

    private CodeBuilder(string name, IReadOnlyList<Instruction> instructions, ProgramLinker linker)
    {
        _name = name;
        _instructions = instructions;
        _linker = linker;
        int count = InstructionCodec.CountSlots(instructions);
        if (count == 0) throw new BpfFormatException($"load program '{name}': it has no instructions");
        if (count > MostSlots) throw new BpfFormatException($"load program '{name}': it has {count} instructions, more than the {MostSlots} that a program may have");
        _slots = new Instruction[count];
        _starts = new bool[count];
    }

    /// <summary>Makes what the engines run.</summary>
    /// <exception cref="BpfFormatException">The program is malformed; the message names the instruction.</exception>
    public static VmCode Build(string name, IReadOnlyList<Instruction> instructions, ProgramLinker linker) => new CodeBuilder(name, instructions, linker).Build();

    private VmCode Build()
    {
        Place();
        var functions = FindFunctions();
        var ops = GC.AllocateArray<Op>(_slots.Length, pinned: true);
        foreach (var function in functions)
        {
            for (int slot = function.Start; slot < function.End; slot += _slots[slot].Slots) ops[slot] = Translate(slot, function, functions);
            int last = function.End - 1;
            if (ops[last].Code is not (OpCode.Exit or OpCode.Jump))
                throw Error(last, "the function ends here without 'exit' or a jump, so that execution would run on into nothing");
        }
        return new VmCode(ops, functions, _linker.Externals, _slots);
    }

    private void Place()
    {
        int slot = 0;
        foreach (var instruction in _instructions)
        {
            _slots[slot] = instruction;
            _starts[slot] = true;
            if (instruction.Slots == 2) _slots[slot + 1] = instruction;
            if (instruction.Metadata?.Symbol is { } symbol && !_symbols.TryAdd(symbol, slot)) throw Error(slot, $"the symbol '{symbol}' is defined twice");
            slot += instruction.Slots;
        }
        for (slot = 0; slot < _slots.Length; slot += _slots[slot].Slots)
        {
            ref var i = ref _slots[slot];
            if (InstructionRules.Defect(i) is { } defect && !IsReference(i)) throw Error(slot, defect);
            i = ResolveLocal(i, slot);
        }
    }

    // Before it is linked, a reference may hold anything in the fields that linking writes.
    private static bool IsReference(in Instruction i) => i.Metadata?.ReferenceKind is ReferenceKind.Map or ReferenceKind.MapValue or ReferenceKind.KernelSymbol or ReferenceKind.KernelFunction;

    /// <summary>Turns the names of labels and functions into distances, as the loader for the kernel does.</summary>
    private Instruction ResolveLocal(in Instruction i, int slot)
    {
        if (i.Metadata is not { ReferenceKind: ReferenceKind.Label or ReferenceKind.Function, Reference: { } name } metadata) return i;
        if (!_symbols.TryGetValue(name, out int target)) throw Error(slot, $"it refers to '{name}', which none of the program's instructions defines");
        int distance = target - slot - 1;
        if (metadata.ReferenceKind == ReferenceKind.Function)
        {
            return i.IsLoadImm64
                ? i with { Src = (Register)PseudoSource.Function, Constant = (uint)distance }
                : i with { Src = (Register)CallKind.Function, Constant = distance };
        }
        if (i.IsLongJump) return i with { Constant = distance };
        if (distance != (short)distance) throw Error(slot, $"the jump to '{name}' is {distance} slots long, more than 16 bits hold. Use a long jump (gotol)");
        return i with { Offset = (short)distance };
    }

    private VmFunction[] FindFunctions()
    {
        SortedSet<int> starts = [0];
        for (int slot = 0; slot < _slots.Length; slot += _slots[slot].Slots)
        {
            if (_slots[slot].IsFunctionCall || _slots[slot].IsLoadFunction) starts.Add(Target(slot, 0, _slots.Length, "the function"));
        }
        int[] bounds = [.. starts, _slots.Length];
        var functions = new VmFunction[bounds.Length - 1];
        for (int n = 0; n < functions.Length; n++) functions[n] = new VmFunction(n, bounds[n], bounds[n + 1], FrameBytes(bounds[n], bounds[n + 1]));
        return functions;
    }

    /// <summary>Where a jump or call goes, which must be an instruction in the given range.</summary>
    private int Target(int slot, int start, int end, string what)
    {
        long target = slot + 1L + _slots[slot].BranchDistance!.Value;
        if (target < 0 || target >= _slots.Length) throw Error(slot, $"{what} it goes to, slot {target}, lies outside of the program");
        if (target < start || target >= end) throw Error(slot, $"{what} it goes to, slot {target}, lies in another function");
        if (!_starts[target]) throw Error(slot, $"{what} it goes to, slot {target}, is the second half of a 64-bit load");
        return (int)target;
    }

    /// <summary>
    /// How many bytes below R10 a function may see. When R10 is only the base of plain accesses, those say it; when it is
    /// copied, it may be all.
    /// </summary>
    private int FrameBytes(int start, int end)
    {
        int most = 0;
        for (int slot = start; slot < end; slot += _slots[slot].Slots)
        {
            var i = _slots[slot];
            bool asSource = i.Src == Register.R10 && !i.IsLoadImm64 && !i.IsCall, asTarget = i.Dst == Register.R10;
            if (!asSource && !asTarget) continue;
            bool isBase = i.IsMemory && !i.IsAtomic && (i.Class == InstructionClass.Ldx ? !asTarget : !asSource);
            if (!isBase) return VmAddress.FrameSize;
            if (i.Offset < 0) most = Math.Max(most, Math.Min(VmAddress.FrameSize, -i.Offset));
        }
        return (most + 7) & ~7;
    }

    private Op Translate(int slot, VmFunction function, VmFunction[] functions)
    {
        var i = _slots[slot];
        Op op = new() { Dst = (byte)i.Dst, Src = (byte)i.Src, Offset = i.Offset, Constant = i.Constant };
        switch (i.Class)
        {
            case InstructionClass.Alu or InstructionClass.Alu64:
                op.Code = OpCodes.OfAlu(i) ?? throw Error(slot, "address space casts belong to arenas, which this machine does not have");
                break;
            case InstructionClass.Ld when i.IsLoadImm64:
                op.Code = OpCode.LoadImm64;
                try
                {
                    op.Constant = _linker.ValueOf(i, slot);
                }
                catch (BpfFormatException e) when (!e.Message.StartsWith("load program", StringComparison.Ordinal))
                {
                    throw Error(slot, e.Message);
                }
                break;
            case InstructionClass.Ld:
                op.Code = OpCodes.OfPacketLoad(i);
                break;
            case InstructionClass.Ldx or InstructionClass.St or InstructionClass.Stx:
                op.Code = OpCodes.OfMemory(i);
                break;
            case InstructionClass.Jmp or InstructionClass.Jmp32:
                TranslateJump(slot, function, functions, i, ref op);
                break;
            default:
                throw new UnreachableException();
        }
        return op;
    }

    private void TranslateJump(int slot, VmFunction function, VmFunction[] functions, in Instruction i, ref Op op)
    {
        if (i.IsBranch)
        {
            op.Code = OpCodes.OfJump(i);
            op.Offset = Target(slot, function.Start, function.End, "the place") - slot - 1;
            return;
        }
        switch (i.JumpOp)
        {
            case JumpOp.Exit:
                op.Code = OpCode.Exit;
                break;
            case JumpOp.Always:
                throw Error(slot, "jumps through a register belong to instruction arrays, which this machine does not have");
            case JumpOp.Call when i.IsCallRegister:
                op.Code = OpCode.CallRegister;
                break;
            case JumpOp.Call when i.IsFunctionCall:
                int target = Target(slot, 0, _slots.Length, "the function");
                op.Code = OpCode.CallFunction;
                op.Offset = target - slot - 1;
                op.Constant = Array.FindIndex(functions, f => f.Start == target);
                break;
            case JumpOp.Call when i.IsHelperCall && i.Constant == (int)BpfHelper.TailCall && !IsReference(i):
                op.Code = OpCode.TailCall;
                break;
            default:
                op.Code = OpCode.CallHelper;
                op.Constant = _linker.ExternalOf(i);
                break;
        }
    }

    private BpfFormatException Error(int slot, string message)
    {
        var source = _slots[slot].Metadata?.Source is { } line ? $" ({line.File}:{line.Line})" : "";
        return new BpfFormatException($"load program '{_name}': instruction {slot}, {Describe(_slots[slot])}{source}: {message}");
    }

    private static string Describe(in Instruction i) => InstructionRules.IsKnownOpcode(i.Opcode) ? $"'{i}'" : $"opcode 0x{i.Opcode:x2}";
}
