using System.Reflection;
using System.Reflection.Metadata;
using Hornet.Compiler.IR;
using Hornet.IL.Decoding;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// The instructions one by one. There is no arm that ignores: what is not named here is an error.
internal sealed partial class Translator
{
    private Type? _constrained;
    private bool _volatile;

    public void Push(ILValue value) => _stack.Add(value);

    public ILValue Pop()
    {
        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    // Returns the index of the next instruction.
    private int Execute(ILInstruction instruction, int index)
    {
        var code = Frame.Code;
        switch (instruction.OpCode)
        {
            case ILOpCode.Nop:
            case ILOpCode.Break:
                break;
            case ILOpCode.Volatile:
                _volatile = true;
                return index + 1;
            case ILOpCode.Unaligned:
            case ILOpCode.Readonly:
            case ILOpCode.Tail:
                return index + 1;
            case ILOpCode.Constrained:
                _constrained = code.ResolveType(instruction.Index);
                return index + 1;

            case ILOpCode.Ldarg:
                Push(Usable(LoadArgument(instruction.Index)));
                break;
            case ILOpCode.Ldarga:
                Push(AddressOf(Frame.ArgumentVariables[instruction.Index]!));
                break;
            case ILOpCode.Starg:
                StoreVariable(Frame.ArgumentVariables[instruction.Index]!, Pop());
                break;
            case ILOpCode.Ldloc:
                Push(Usable(LoadVariable(Frame.Locals[instruction.Index]!), Frame.Locals[instruction.Index]!.Name));
                break;
            case ILOpCode.Ldloca:
                Push(AddressOf(Frame.Locals[instruction.Index]!));
                break;
            case ILOpCode.Stloc:
                StoreVariable(Frame.Locals[instruction.Index]!, Pop());
                break;

            case ILOpCode.Ldc_i4:
                Push(new Scalar(Number32(instruction.Index)));
                break;
            case ILOpCode.Ldc_i8:
                Push(new Scalar(Number(instruction.Operand)));
                break;
            case ILOpCode.Ldc_r4:
            case ILOpCode.Ldc_r8:
                Push(Report(Rules.FloatingPoint, "floating-point numbers do not exist in eBPF"));
                break;
            case ILOpCode.Ldnull:
                Push(new ObjectConstant(null));
                break;
            case ILOpCode.Ldstr:
                Push(new ObjectConstant(code.ResolveString(instruction.Index)));
                break;
            case ILOpCode.Ldtoken:
                Push(new MemberToken(code.ResolveMember(instruction.Index)));
                break;
            case ILOpCode.Dup:
                Push(_stack[^1]);
                break;
            case ILOpCode.Pop:
                Pop();
                break;

            case >= ILOpCode.Add and <= ILOpCode.Shr_un:
            case ILOpCode.Add_ovf or ILOpCode.Add_ovf_un or ILOpCode.Sub_ovf or ILOpCode.Sub_ovf_un or ILOpCode.Mul_ovf or ILOpCode.Mul_ovf_un:
                var right = Pop();
                Push(BinaryOperation(instruction.OpCode, Pop(), right));
                break;
            case ILOpCode.Neg:
            case ILOpCode.Not:
                Push(UnaryOperation(instruction.OpCode, Pop()));
                break;
            case ILOpCode.Ceq:
            case ILOpCode.Cgt:
            case ILOpCode.Cgt_un:
            case ILOpCode.Clt:
            case ILOpCode.Clt_un:
                right = Pop();
                Push(Compare(PredicateOf(instruction.OpCode), Pop(), right));
                break;
            case ILOpCode.Conv_r4 or ILOpCode.Conv_r8 or ILOpCode.Conv_r_un or ILOpCode.Ckfinite:
                Pop();
                Push(Report(Rules.FloatingPoint, "floating-point numbers do not exist in eBPF"));
                break;
            case >= ILOpCode.Conv_i1 and <= ILOpCode.Conv_u8:
            case >= ILOpCode.Conv_ovf_i1_un and <= ILOpCode.Conv_ovf_u_un:
            case >= ILOpCode.Conv_ovf_i1 and <= ILOpCode.Conv_ovf_u8:
            case >= ILOpCode.Conv_u2 and <= ILOpCode.Conv_ovf_u:
            case ILOpCode.Conv_u:
                Push(ConvertTo(instruction.OpCode, Pop()));
                break;

            case >= ILOpCode.Ldind_i1 and <= ILOpCode.Ldind_ref:
                Push(LoadIndirect(instruction.OpCode, Pop()));
                break;
            case >= ILOpCode.Stind_ref and <= ILOpCode.Stind_r8:
            case ILOpCode.Stind_i:
                StoreIndirect(instruction.OpCode);
                break;
            case ILOpCode.Ldobj:
                Push(Usable(LoadFrom(Pop(), Shape.Of(code.ResolveType(instruction.Index)), TakeVolatile())));
                break;
            case ILOpCode.Stobj:
                var stored = Pop();
                StoreTo(Pop(), Shape.Of(code.ResolveType(instruction.Index)), stored, TakeVolatile());
                break;
            case ILOpCode.Cpobj:
                var source = Pop();
                var shape = Shape.Of(code.ResolveType(instruction.Index));
                StoreTo(Pop(), shape, LoadFrom(source, shape, false), false);
                break;
            case ILOpCode.Initobj:
                shape = Shape.Of(code.ResolveType(instruction.Index));
                Initialize(Pop(), shape);
                break;
            case ILOpCode.Initblk:
                var length = Pop();
                var filler = Pop();
                FillBlock(Pop(), filler, length);
                break;
            case ILOpCode.Cpblk:
                length = Pop();
                source = Pop();
                CopyBlock(Pop(), source, length);
                break;
            case ILOpCode.Sizeof:
                Push(new Scalar(Number32(Layout.SizeOf(code.ResolveType(instruction.Index)))));
                break;
            case ILOpCode.Localloc:
                Push(StackAllocate(Pop()));
                break;

            case ILOpCode.Ldfld:
                Push(Usable(LoadField(Pop(), code.ResolveField(instruction.Index))));
                break;
            case ILOpCode.Ldflda:
                Push(FieldAddress(Pop(), code.ResolveField(instruction.Index)));
                break;
            case ILOpCode.Stfld:
                stored = Pop();
                StoreField(Pop(), code.ResolveField(instruction.Index), stored);
                break;
            case ILOpCode.Ldsfld:
                var staticField = code.ResolveField(instruction.Index);
                if (IsCallSite(staticField))
                {
                    // All that follows is about finding the member at run time.
                    Report(Rules.Unsupported, "a member is looked up at run time (dynamic)");
                    Current = null;
                    break;
                }
                Push(Usable(LoadStaticField(staticField)));
                break;
            case ILOpCode.Ldsflda:
                Push(StaticFieldAddress(code.ResolveField(instruction.Index)));
                break;
            case ILOpCode.Stsfld:
                StoreStaticField(code.ResolveField(instruction.Index), Pop());
                break;

            case ILOpCode.Ldlen:
                Push(ArrayLength(Pop()));
                break;
            case >= ILOpCode.Ldelem_i1 and <= ILOpCode.Ldelem_ref:
            case ILOpCode.Ldelem:
                right = Pop();
                Push(Usable(ArrayElement(Pop(), right)));
                break;
            case ILOpCode.Ldelema:
                right = Pop();
                Push(ArrayElementAddress(Pop(), right));
                break;

            case ILOpCode.Call:
            case ILOpCode.Callvirt:
                ExecuteCall(instruction, code.ResolveMethod(instruction.Index));
                break;
            case ILOpCode.Newobj:
                NewObject((ConstructorInfo)code.ResolveMethod(instruction.Index));
                break;
            case ILOpCode.Ldftn:
                Push(new MethodAddress(code.ResolveMethod(instruction.Index)));
                break;
            case ILOpCode.Box:
                Push(Box(code.ResolveType(instruction.Index), Pop()));
                break;
            case ILOpCode.Isinst:
                Push(IsInstance(code.ResolveType(instruction.Index), Pop()));
                break;
            case ILOpCode.Unbox_any:
                Push(UnboxAny(code.ResolveType(instruction.Index), Pop()));
                break;
            case ILOpCode.Castclass:
                Push(CastClass(code.ResolveType(instruction.Index), Pop()));
                break;
            default:
                Unsupported(instruction);
                break;
        }
        _constrained = null;
        _volatile = false;
        return index + 1;
    }

    // Named rejections, with the stack left as the instruction would leave it.
    private void Unsupported(ILInstruction instruction)
    {
        var code = Frame.Code;
        switch (instruction.OpCode)
        {
            case ILOpCode.Newarr:
                Pop();
                Push(Report(Rules.Allocation, $"an array of {Names.Of(code.ResolveType(instruction.Index))} is allocated"));
                break;
            case >= ILOpCode.Stelem_i and <= ILOpCode.Stelem_ref:
            case ILOpCode.Stelem:
                Pop();
                Pop();
                if (Pop() is not ErrorValue) Report(Rules.CapturedWrite, "an element of a captured array is assigned");
                break;
            case ILOpCode.Ldvirtftn:
                Pop();
                Push(Report(Rules.VirtualCall, "a virtual method is taken as a delegate"));
                break;
            case ILOpCode.Unbox:
                Pop();
                Push(Report(Rules.Boxing, "a boxed value is opened"));
                break;
            case ILOpCode.Calli:
                Report(Rules.VirtualCall, "a function pointer is called");
                Current = null;
                break;
            case ILOpCode.Mkrefany or ILOpCode.Refanytype or ILOpCode.Refanyval:
                Pop();
                Push(Report(Rules.Unsupported, "typed references (__makeref) are used"));
                break;
            case ILOpCode.Arglist:
                Push(Report(Rules.Unsupported, "variable arguments (__arglist) are used"));
                break;
            default:
                Report(Rules.Unsupported, $"the IL instruction {instruction.OpCode.ToString().ToLowerInvariant().Replace('_', '.')} is used");
                Current = null;
                break;
        }
    }

    private void EndBlock(ILBlock block, ILInstruction instruction)
    {
        switch (instruction.OpCode)
        {
            case ILOpCode.Br:
                FlushStack();
                Goto(Frame.Blocks[Frame.Flow.Target(block, instruction.Index)], [.. _stack]);
                break;
            case ILOpCode.Leave:
                _stack.Clear();
                Goto(Frame.Blocks[block.Successors[0]]);
                break;
            case ILOpCode.Endfinally:
                if (block.Successors.Count == 0) Report(Rules.Unsupported, "a finally block is entered in an unknown way");
                else Goto(Frame.Blocks[block.Successors[0]]);
                break;
            case ILOpCode.Ret:
                FlushStack();
                bool returns = Frame.Code.Method is MethodInfo { ReturnType: var type } && type != typeof(void);
                Goto(Frame.Return, returns ? [Returned(Pop(), ((MethodInfo)Frame.Code.Method).ReturnType)] : []);
                break;
            case ILOpCode.Throw:
                Pop();
                Report(Rules.Exceptions, "an exception is thrown");
                break;
            case ILOpCode.Rethrow or ILOpCode.Endfilter:
                Report(Rules.Exceptions, "an exception is handled");
                break;
            case ILOpCode.Switch:
                EndWithSwitch(block, instruction);
                break;
            case >= ILOpCode.Brfalse and <= ILOpCode.Blt_un:
                EndWithBranch(block, instruction);
                break;
            default:
                Report(Rules.Unsupported, $"the IL instruction {instruction.OpCode.ToString().ToLowerInvariant()} is used");
                break;
        }
        Current = null;
    }

    // A value that outlives the method it was made in.
    private ILValue Returned(ILValue value, Type type) => value switch
    {
        MemoryValue { IsCopy: false } memory => Copy(memory),
        _ => Coerce(value, Shape.Of(type)),
    };

    private void EndWithBranch(ILBlock block, ILInstruction instruction)
    {
        var condition = instruction.OpCode switch
        {
            ILOpCode.Brtrue => IsTrue(Pop()),
            ILOpCode.Brfalse => Not(IsTrue(Pop())),
            _ => CompareTop(instruction.OpCode),
        };
        FlushStack();
        FlowBlock taken = Frame.Blocks[Frame.Flow.Target(block, instruction.Index)], next = Frame.Blocks[Frame.Flow.Target(block, instruction.Next)];
        if (condition is not Scalar scalar)
        {
            // An error was reported; both ways are looked at for more.
            scalar = new Scalar(Emit(new Load(NewSlot(4, 4, false), 0, MemoryWidth.U32, IrType.I32)));
        }
        if (IsKnown(scalar.Ir, out long number)) Goto(number != 0 ? taken : next, [.. _stack]);
        else BranchTo(scalar.Ir, taken, next, [.. _stack]);
    }

    private ILValue CompareTop(ILOpCode op)
    {
        var right = Pop();
        return Compare(PredicateOf(op), Pop(), right);
    }

    private void EndWithSwitch(ILBlock block, ILInstruction instruction)
    {
        var value = Pop();
        FlushStack();
        var otherwise = Frame.Blocks[Frame.Flow.Target(block, instruction.Next)];
        var targets = instruction.Targets!;
        if (value is not Scalar scalar) scalar = new Scalar(Emit(new Load(NewSlot(4, 4, false), 0, MemoryWidth.U32, IrType.I32)));
        if (IsKnown(scalar.Ir, out long number))
        {
            Goto((ulong)(uint)number < (ulong)targets.Length ? Frame.Blocks[Frame.Flow.Target(block, targets[(int)number])] : otherwise, [.. _stack]);
            return;
        }
        List<(long, BasicBlock)> cases = [];
        for (int i = 0; i < targets.Length; i++)
        {
            var target = Frame.Blocks[Frame.Flow.Target(block, targets[i])];
            if (!ReferenceEquals(target, otherwise)) cases.Add((i, target.Ir));
        }
        Emit(new Switch(Narrow(scalar.Ir), cases.ToArray(), otherwise.Ir));
        foreach (int target in targets) AddEdge(Frame.Blocks[Frame.Flow.Target(block, target)], [.. _stack]);
        AddEdge(otherwise, [.. _stack]);
    }

    private bool TakeVolatile()
    {
        bool value = _volatile;
        _volatile = false;
        return value;
    }

    // A value about to be computed with: floating-point numbers and values that cannot be known stop here.
    private ILValue Usable(ILValue value, string? name = null)
    {
        if (value is Conflict conflict)
            return Report(Rules.NotConstant, $"{name ?? "this value"} is {Describe(conflict.First)} on one way here and {Describe(conflict.Second)} on another; the compiler must know which");
        return value;
    }
}
