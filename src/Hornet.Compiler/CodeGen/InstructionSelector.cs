using Hornet.Compiler.IR;
using Hornet.Isa;
using Instruction = Hornet.Compiler.IR.Instruction;

namespace Hornet.Compiler.CodeGen;

/// <summary>
/// Turns a function's IR, in which only simple operations are left, into machine instructions over virtual registers.
/// 32-bit values live zero-extended in 64-bit registers, so that widening one is no instruction and what the verifier
/// learns of a value holds for its widened form too: they are one register.
/// </summary>
internal sealed partial class InstructionSelector
{
    private readonly IrFunction _function;
    private readonly CodeGenTarget _target;
    private readonly MachineFunction _machine;
    private readonly Dictionary<Value, int> _registers = [];
    private readonly Dictionary<BasicBlock, MachineBlock> _blocks = [];
    private readonly Dictionary<Alloca, FrameObject> _frame = [];
    private readonly Dictionary<(MachineBlock, long), int> _wide = [];
    private readonly UpperBits _upperBits;
    private MachineBlock _block = null!;
    private SourceLocation? _location;

    private InstructionSelector(IrFunction function, CodeGenTarget target)
    {
        _function = function;
        _target = target;
        _machine = new MachineFunction(function);
        _upperBits = new UpperBits(target.Level);
    }

    public static MachineFunction Run(IrFunction function, CodeGenTarget target) => new InstructionSelector(function, target).Select();

    private MachineFunction Select()
    {
        LoopDepths depths = new(function: _function);
        var order = _function.ReversePostorder();
        FindFolded(order);
        // A block that is only split by its own comparisons keeps its entry: jumps go to the first machine block.
        foreach (var block in order) _blocks[block] = new MachineBlock { LoopDepth = depths[block] };
        foreach (var block in order)
        {
            _block = _blocks[block];
            _machine.Blocks.Add(_block);
            if (block == _function.Entry) Prologue();
            foreach (var instruction in block.Instructions)
            {
                _location = instruction.Location;
                if (instruction is Terminator terminator) Terminate(block, terminator);
                else if (instruction is not Phi) Select(instruction);
            }
        }
        return _machine;
    }

    private void Prologue()
    {
        _location = _function.Entry.Instructions[0].Location ?? _function.Location;
        foreach (var parameter in _function.Parameters)
        {
            if (!parameter.IsUnused) Emit(Machine.Copy(Define(parameter), 1 + parameter.Index));
        }
    }

    private void Select(Instruction instruction)
    {
        switch (instruction)
        {
            case Binary b: SelectBinary(b); break;
            case Negate n: SelectInPlace(n, n.Operand, Isa.Instruction.Alu(AluOp.Neg, default, 0, n.Type == IrType.I32)); break;
            case Conversion c: SelectConversion(c); break;
            case ByteSwap s: SelectByteSwap(s); break;
            case Compare c: SelectCompare(c); break;
            case Alloca a: SelectAlloca(a); break;
            case Load l: SelectLoad(l); break;
            case Store s: SelectStore(s); break;
            case PointerAdd p: SelectPointerAdd(p); break;
            case AtomicReadModifyWrite a: SelectAtomic(a); break;
            case CompareExchange x: SelectCompareExchange(x); break;
            case MapReference or FunctionReference: break; // Made where it is used: it costs one instruction either way.
            case GlobalReference g: SelectGlobal(g); break;
            case KernelQuery q when _target.Core is { } core: SelectQuery(q, core); break;
            case HelperCall h: SelectCall(h, Isa.Instruction.CallHelper(h.Helper)); break;
            case KernelFunctionCall k: SelectCall(k, Isa.Instruction.CallKernelFunction(0).WithReference(k.Function, ReferenceKind.KernelFunction)); break;
            case Call c: SelectCall(c, Isa.Instruction.CallFunction(0).WithReference(c.Function.Name, ReferenceKind.Function)); break;
            default: throw new InvalidOperationException($"'{instruction}' should have been lowered before code generation.");
        }
    }

    private MachineInstruction Emit(MachineInstruction instruction)
    {
        instruction.Location = _location;
        _block.Instructions.Add(instruction);
        return instruction;
    }

    /// <summary>The register a value is put in.</summary>
    private int Define(Value value)
    {
        if (!_registers.TryGetValue(value, out int register)) _registers[value] = register = _machine.NewRegister();
        return register;
    }

    /// <summary>The register a value is in; constants and addresses are put into one here.</summary>
    private int Use(Value value)
    {
        switch (value)
        {
            case Constant { Number: > uint.MaxValue or < int.MinValue, Type.Kind: IrTypeKind.I64 } wide:
                // Two slots each: made once in a block.
                if (!_wide.TryGetValue((_block, wide.Number), out int shared))
                {
                    _wide[(_block, wide.Number)] = shared = _machine.NewRegister();
                    MoveConstant(shared, wide);
                }
                return shared;
            case Constant or MapReference or FunctionReference:
            case Alloca:
                int register = _machine.NewRegister();
                MoveTo(register, value);
                return register;
            case Conversion { Kind: ConversionKind.ZeroExtend32 or ConversionKind.PointerToInteger or ConversionKind.IntegerToPointer or ConversionKind.Reinterpret } same when IsAlias(same):
                return Use(same.Operand);
            case PointerAdd p when IsFolded(p):
                register = _machine.NewRegister();
                MoveTo(register, p);
                return register;
            default:
                return Define(value);
        }
    }

    /// <summary>Puts a value into a register that is given: an argument's, a phi's.</summary>
    private void MoveTo(int register, Value value)
    {
        switch (value)
        {
            case Constant c:
                MoveConstant(register, c);
                break;
            case MapReference m:
                Emit(Machine.LoadAddress(register, Isa.Instruction.LoadImm64(default, 0, PseudoSource.MapFd).WithReference(m.Map.Name, ReferenceKind.Map)));
                break;
            case FunctionReference f:
                Emit(Machine.LoadAddress(register, Isa.Instruction.LoadImm64(default, 0, PseudoSource.Function).WithReference(f.Function.Name, ReferenceKind.Function)));
                break;
            case Alloca a:
                MoveFrameAddress(register, a, 0);
                break;
            case PointerAdd p when IsFolded(p):
                var (root, offset) = Address(p, 0);
                if (root is Alloca frame)
                {
                    MoveFrameAddress(register, frame, offset);
                    break;
                }
                Emit(Machine.Copy(register, Use(root)));
                if (offset != 0) Emit(Machine.AluConstant(AluOp.Add, register, offset, is32: false));
                break;
            default:
                Emit(Machine.Copy(register, Use(value)));
                break;
        }
    }

    private void MoveFrameAddress(int register, Alloca alloca, int offset)
    {
        Emit(Machine.Copy(register, (int)Register.R10));
        Emit(Machine.AddFrameOffset(register, FrameOf(alloca), offset));
    }

    private void MoveConstant(int register, Constant constant)
    {
        long number = constant.Number;
        if (constant.Type == IrType.I32) Emit(Machine.Set(register, (int)number, is32: number < 0));
        else if (number == (int)number) Emit(Machine.Set(register, (int)number));
        else if (number == (uint)number) Emit(Machine.Set(register, (int)number, is32: true));
        else Emit(Machine.Set64(register, number));
    }

    private FrameObject FrameOf(Alloca alloca)
    {
        if (_frame.TryGetValue(alloca, out var frame)) return frame;
        // Memory is cleared and copied by eights, and the verifier wants accesses aligned.
        _frame[alloca] = frame = new FrameObject(Math.Max(alloca.Size, 1), Math.Max(alloca.Align, alloca.Size >= 8 ? 8 : alloca.Align));
        _machine.Frame.Add(frame);
        return frame;
    }

    /// <summary>Whether a constant can be an instruction's immediate: 32 bits, sign-extended.</summary>
    private static bool IsImmediate(Value value, out int immediate)
    {
        if (value is Constant c && c.Number == (int)c.Number)
        {
            immediate = (int)c.Number;
            return true;
        }
        immediate = 0;
        return false;
    }
}
