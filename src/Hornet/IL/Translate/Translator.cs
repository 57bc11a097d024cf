using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL.Decoding;
using Hornet.IL.Symbols;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

/// <summary>
/// Makes IR of a method and of everything it calls. It runs the IL with what is known now (the objects a lambda captured,
/// constants, types) and writes down what is not: so captured values become constants, branches on them disappear, and
/// calls are compiled into their callers.
/// </summary>
internal sealed partial class Translator
{
    private const int MostInstructions = 100_000;
    private const int MostAttempts = 60;
    private const int DeepestCall = 100;

    private readonly Knowledge _knowledge;
    private int _emitted;
    private int _blocksHere;
    private Compiler.IR.Instruction? _before;
    private List<ILValue> _stack = [];

    private Translator(IrModule module, TranslationRequest request, Knowledge knowledge)
    {
        Module = module;
        Request = request;
        _knowledge = knowledge;
    }

    /// <summary>The program being made.</summary>
    public IrModule Module { get; }

    /// <summary>What is translated, and as what.</summary>
    public TranslationRequest Request { get; }

    /// <summary>The function that instructions go to.</summary>
    public FunctionScope Scope { get; private set; } = null!;

    /// <summary>The method being translated.</summary>
    public Frame Frame { get; private set; } = null!;

    /// <summary>The block that instructions go to; null after a point that nothing passes.</summary>
    public FlowBlock? Current { get; private set; }

    /// <summary>The offset of the instruction being translated.</summary>
    public int Offset { get; private set; }

    /// <summary>Its place in the source.</summary>
    public SourceLocation? Location { get; private set; }

    /// <summary>What is wrong with the program.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <summary>Translates a program.</summary>
    public static Translation Translate(TranslationRequest request)
    {
        Knowledge knowledge = new();
        for (int attempt = 1; ; attempt++)
        {
            knowledge.Begin();
            IrModule module = new(request.Name, request.ProgramType, request.Constants?.Bytes ?? new ObjectConstants()) { AttachType = request.AttachType, Flags = request.Flags };
            Translator translator = new(module, request, knowledge);
            try
            {
                translator.Run();
            }
            catch (TranslationLimitException)
            {
                // Methods that are there once may make it small enough.
                if (attempt < MostAttempts && !knowledge.InlinesAll)
                {
                    translator.LearnFunctions(0);
                    if (knowledge.IsNew) continue;
                }
                translator.Report(Rules.TooLarge, $"{request.Description} becomes more than {MostInstructions:N0} operations");
                return new Translation(module, translator.Diagnostics);
            }
            if (!knowledge.IsNew && !knowledge.InlinesAll && attempt < MostAttempts)
            {
                if (translator.Diagnostics.Count == 0) translator.LearnFunctions();
                else if (translator._functions.Count > 0) knowledge.UseFunctionsLess();
            }
            if (knowledge.IsNew && attempt < MostAttempts) continue;
            if (knowledge.IsNew) throw new InvalidOperationException($"The translation of {request.Description} does not come to rest.");
            return new Translation(module, translator.Diagnostics);
        }
    }

    private void Run()
    {
        var type = Request.Returns ? IrType.I32 : IrType.I64;
        var function = Module.AddFunction(Request.Name, type);
        BeginFunction(function, "entry");
        var arguments = Request.Bind(this);
        var result = InvokeBound(Request.Method, Request.Target ?? new ObjectConstant(null), arguments);
        if (Current is not null) Emit(new Return(ProgramResult(Request.DropsResult ? null : result, type)));
        EndFunction();
        ResolveNewObjects();
    }

    private Value ProgramResult(ILValue? result, IrType type) => result is Scalar scalar
        ? type == IrType.I32 ? Narrow(scalar.Ir) : Widen(scalar.Ir, true)
        : Constant.Of(type, Request.DefaultResult);

    /// <summary>Begins a function of IR; instructions go to its first block.</summary>
    private FunctionScope BeginFunction(IrFunction function, object key, Func<Value>? failed = null, Outline? outline = null)
    {
        FlowBlock entry = new(function.AddBlock("entry"), key) { IsSealed = true, Captures = outline };
        Scope = new FunctionScope(function, entry) { Failed = failed, Outline = outline };
        // Slots are made in the entry block, so the code has a block of its own.
        FlowBlock start = new(function.AddBlock("start"), (key, "start"));
        Current = entry;
        Goto(start);
        Enter(start);
        return Scope;
    }

    private void EndFunction()
    {
        foreach (var (open, block) in Scope.Cleanups)
        {
            Current = block;
            foreach (var walk in open) Emit(new KernelFunctionCall($"{walk.Name}_destroy", IrType.Void, walk.State.Slot!));
            Goto(Scope.Fault!);
        }
        if (Scope.Fault is { } fault)
        {
            Current = fault;
            Emit(new Return(Scope.Failed?.Invoke() ?? (Scope.Function.ReturnType.IsVoid ? null : Constant.Of(Scope.Function.ReturnType, Scope.Function == Module.EntryFunction ? Request.DefaultResult : 0))));
        }
        foreach (var block in Scope.Function.Blocks)
        {
            if (block.Terminator is null) block.Append(new Unreachable());
        }
        RemoveNeedlessPhis(Scope.Function);
    }

    /// <summary>Where a program goes when a check fails: it ends with its default result.</summary>
    public FlowBlock Fault()
    {
        Scope.Fault ??= new FlowBlock(Scope.Function.AddBlock("fault"), "fault");
        var open = OpenIterators();
        if (open.Length == 0) return Scope.Fault;
        foreach (var (known, present) in Scope.Cleanups)
        {
            if (known.AsSpan().SequenceEqual(open)) return present;
        }
        FlowBlock block = new(AddBlock("cleanup"), ("cleanup", Scope.Cleanups.Count));
        Scope.Cleanups.Add((open, block));
        return block;
    }

    /// <summary>Translates a method where it is called.</summary>
    /// <returns>Its result; null when it has none.</returns>
    public ILValue? CallMethod(MethodBase method, ILValue? target, ReadOnlySpan<ILValue> arguments, object? copy)
    {
        var code = MethodCode.TryRead(method);
        if (code is null) return Report(Rules.NoBody, $"{Names.Of(method)} has no IL that could be compiled");
        if (method.GetMethodImplementationFlags().HasFlag(MethodImplAttributes.InternalCall)) return Report(Rules.NoBody, $"{Names.Of(method)} is part of the runtime");
        if (method.IsDefined(typeof(System.Runtime.CompilerServices.AsyncStateMachineAttribute))) return Report(Rules.Async, $"{Names.Of(method)} is asynchronous");
        if (method.IsDefined(typeof(System.Runtime.CompilerServices.IteratorStateMachineAttribute))) return Report(Rules.Allocation, $"{Names.Of(method)} is an iterator, which is an object");
        foreach (var clause in code.Clauses)
        {
            if (clause.Flags != ExceptionHandlingClauseOptions.Finally)
                return Report(Rules.Exceptions, $"{Names.Of(method)} catches exceptions", FrameLocation(method, clause.HandlerOffset));
        }
        for (var caller = Frame; caller is not null; caller = caller.Caller)
        {
            if (caller.Code.Method == method && copy is null) return Report(Rules.Recursion, $"{Names.Of(method)} calls itself");
        }
        if (Frame?.Depth >= DeepestCall) return Report(Rules.Recursion, $"calls are nested more than {DeepestCall} deep");

        var all = new ILValue[code.ArgumentTypes.Length];
        int first = 0;
        if (!method.IsStatic) all[first++] = target ?? throw new InvalidOperationException($"{method} needs an object.");
        arguments.CopyTo(all.AsSpan(first));

        int emitted = _emitted;
        var saved = (Frame!, Offset, Location, _stack, _blocksHere);
        bool inLoop = Frame is not null && (Frame.InLoop || Frame.Flow.IsInLoop(CurrentIlBlock));
        Frame = new Frame(new FrameKey(Frame?.Key, Offset, method, copy), code, Frame, Frame is null ? null : Location) { InLoop = inLoop, Scope = Scope };
        _stack = [];
        Offset = 0;
        var savedBlock = CurrentIlBlock;
        Location = Frame.LocationOf(0);
        DeclareVariables(all);
        Frame.Return = NewBlock("return");
        TranslateBlocks();
        var returned = Frame.Return;
        (Frame, Offset, Location, _stack, _blocksHere) = saved;
        CurrentIlBlock = savedBlock;
        if (copy is null) NoteInlined(method, _emitted - emitted);

        Current = null;
        bool hasResult = method is MethodInfo called && called.ReturnType != typeof(void);
        if (returned.Predecessors.Count == 0) return hasResult ? ErrorValue.Instance : null;
        var results = Enter(returned);
        return hasResult ? results[0] : null;
    }

    /// <summary>The block of IL being translated.</summary>
    private ILBlock CurrentIlBlock { get; set; } = null!;

    /// <summary>A place in a method that need not be the one being translated.</summary>
    public SourceLocation FrameLocation(MethodBase method, int offset)
    {
        var code = MethodCode.TryRead(method)!;
        return new Frame(new FrameKey(null, 0, method), code, null, Frame is null ? null : Location).LocationOf(offset);
    }

    private void DeclareVariables(ILValue[] arguments)
    {
        var code = Frame.Code;
        Frame.Arguments = arguments;
        Frame.ArgumentVariables = new Variable?[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            // By-value structs in memory are the callee's own.
            if (arguments[i] is MemoryValue memory) arguments[i] = Copy(memory);
            if (!code.Writable[i]) continue;
            var variable = Declare(VariableKind.Argument, i, code.ArgumentTypes[i], code.ArgumentNames[i], initialize: false);
            Frame.ArgumentVariables[i] = variable;
            StoreVariable(variable, arguments[i]);
        }
        Frame.Locals = new Variable?[code.Locals.Length];
        for (int i = 0; i < Frame.Locals.Length; i++)
            Frame.Locals[i] = Declare(VariableKind.Local, i, code.Locals[i], Frame.Symbols.LocalName(i), initialize: true);
    }

    /// <summary>Declares a variable of the method being translated.</summary>
    public Variable Declare(VariableKind kind, int index, Type type, string? name, bool initialize)
    {
        VariableKey key = new(Frame.Key, kind, index);
        Variable variable = new(key, Shape.Of(type)) { Name = name };
        if (variable.Shape is MemoryShape || _knowledge.IsInMemory(key))
        {
            if (!variable.Shape.IsPlainData)
            {
                Report(Rules.ReferenceInMemory, $"the address of {name ?? "a value"} ({Names.Of(type)}) is needed in memory, and it holds references");
                return variable;
            }
            bool zeroHere = initialize && (Frame.InLoop || kind == VariableKind.Temporary);
            variable.Slot = NewSlot(variable.Shape.Size, SlotAlignment(variable.Shape), uninitialized: !initialize || zeroHere);
            if (name is not null) variable.Slot.Name = name;
            if (zeroHere) Emit(new MemorySet(variable.Slot, Number32(0), variable.Shape.Size, SlotAlignment(variable.Shape)));
        }
        else if (initialize)
        {
            foreach (var leaf in variable.Leaves) Write(leaf, DefaultLeaf(leaf.Shape));
        }
        return variable;
    }

    // Eight where it fits, since helpers and 8-byte copies profit.
    private static int SlotAlignment(Shape shape) => shape.Size >= 8 ? 8 : Math.Max(1, Layout.AlignmentOf(shape.Type));

    private void TranslateBlocks()
    {
        var frame = Frame;
        foreach (var block in frame.Flow.Blocks)
            frame.Blocks.Add(block, new FlowBlock(AddBlock($"il_{block.Start:x}"), (frame.Key, block.Start, block.Pending)) { IsLoopHeader = block.IsLoopHeader });
        Goto(frame.Blocks[frame.Flow.Entry]);
        foreach (var block in frame.Flow.Blocks)
        {
            if (!frame.Outlined.Contains(block)) TranslateWithin(block);
        }
    }

    private void TranslateWithin(ILBlock block)
    {
        var flow = Frame.Blocks[block];
        if (flow.Predecessors.Count > 0)
        {
            CurrentIlBlock = block;
            _blocksHere = 0;
            if (MapLoopAt(block, flow) is { } walk)
            {
                TranslateMapLoop(block, flow, walk);
                return;
            }
            if (block.IsLoopHeader)
            {
                flow.EntryEdges = flow.Predecessors.Count;
                flow.Assigned = AssignedIn(block);
            }
            _stack = [.. Enter(flow)];
            if (block.IsLoopHeader && _stack.Count > 0) Report(Rules.Unsupported, "a loop begins with values on the evaluation stack");
            TranslateBlock(block);
        }
        SealHeaders(block);
    }

    // With a number, so that the name is taken at the first attempt.
    private BasicBlock AddBlock(string name) => Scope.Function.AddBlock($"{name}.{Scope.Function.Blocks.Count}");

    // A loop's head is complete when the last block that goes back to it was translated.
    private void SealHeaders(ILBlock done)
    {
        foreach (var successor in done.Successors)
        {
            if (!successor.IsLoopHeader || successor.Order > done.Order) continue;
            if (successor.Predecessors.TrueForAll(predecessor => predecessor.Order <= done.Order)) Seal(Frame.Blocks[successor]);
        }
    }

    private HashSet<Variable> AssignedIn(ILBlock header)
    {
        HashSet<Variable> assigned = [];
        foreach (var block in Frame.Flow.LoopOf(header))
        {
            foreach (var instruction in Frame.Flow.InstructionsOf(block))
            {
                var variable = instruction.OpCode switch
                {
                    ILOpCode.Stloc => Frame.Locals[instruction.Index],
                    ILOpCode.Starg => Frame.ArgumentVariables[instruction.Index],
                    _ => null,
                };
                if (variable is not null) assigned.Add(variable);
            }
        }
        return assigned;
    }

    private void TranslateBlock(ILBlock block)
    {
        int index = Frame.Code.IndexOf(block.Start);
        while (true)
        {
            var instruction = Frame.Code.Instructions[index];
            Offset = instruction.Offset;
            Location = Frame.LocationOf(Offset);
            if (instruction.EndsBlock)
            {
                EndBlock(block, instruction);
                return;
            }
            index = Execute(instruction, index);
            if (Current is null) return;
            int next = Frame.Code.Instructions[index].Offset;
            if (Frame.Flow.IsLeader(next))
            {
                FlushStack();
                Goto(Frame.Blocks[Frame.Flow.Target(block, next)], [.. _stack]);
                return;
            }
        }
    }

    /// <summary>Reports a mistake at the current place.</summary>
    public ILValue Report(DiagnosticRule rule, string message, SourceLocation? location = null)
    {
        location ??= Frame is { CallSite: { } use } && IsWrittenByCompiler(Frame.Code.Method) ? use : Location;
        // The same instruction may be translated several times (a finally block, a method called twice from one place).
        if (Diagnostics.Exists(known => known.Message == message && Equals(known.Location, location is null ? null : SourceText.Attach(location)))) return ErrorValue.Instance;
        Diagnostics.Add(Diagnostic.Error(rule, location is null ? null : SourceText.Attach(location), message) with { Program = Request.Description });
        return ErrorValue.Instance;
    }

    // The accessors of automatic properties: what is wrong is wrong where they are used.
    private static bool IsWrittenByCompiler(MethodBase method) => method.IsSpecialName && method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private void ReportConflict(LeafVariable leaf, ILValue first, ILValue second) =>
        Report(Rules.NotConstant, $"{leaf.Name ?? "a value"} is {Describe(first)} at first and {Describe(second)} later; the compiler must know which");
}

/// <summary>What came of a translation.</summary>
/// <param name="Module">The program; only whole when there are no diagnostics.</param>
/// <param name="Diagnostics">What is wrong.</param>
internal sealed record Translation(IrModule Module, IReadOnlyList<Diagnostic> Diagnostics);
