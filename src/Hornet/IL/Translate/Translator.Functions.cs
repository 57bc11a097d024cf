using System.Reflection;
using Hornet.Compiler.IR;
using Hornet.IL.Decoding;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Methods as functions of the program (subprograms), where compiling them into their callers would make the program much
// larger, or where [MethodImpl(NoInlining)] asks for it. The first attempt compiles everything into its callers and
// measures; what turned out large and is called several times becomes a function in the next. A function's result says in
// its upper half whether a check failed; results wider than 32 bits go through memory of the caller.
internal sealed partial class Translator
{
    // Operations of IR: below this a method is never a function of its own by itself.
    private const int LargeMethod = 100;

    // What must be saved in all.
    private const int WorthSaving = 600;

    private const long Failure = 1L << 32;

    private readonly Dictionary<FunctionKey, OutlinedFunction> _functions = [];
    private readonly Dictionary<MethodBase, Inlined> _inlined = [];

    // An object: the runtime has no precompiled collections of tuples.
    private sealed record Inlined(int Calls, int Size);

    private void NoteInlined(MethodBase method, int size)
    {
        var before = _inlined.GetValueOrDefault(method);
        _inlined[method] = new((before?.Calls ?? 0) + 1, (before?.Size ?? 0) + size);
    }

    /// <summary>Finds the methods that should be functions in the next attempt.</summary>
    private void LearnFunctions(int worthSaving = WorthSaving)
    {
        foreach (var (method, (calls, size)) in _inlined)
        {
            if (calls > 1 && size / calls >= LargeMethod && size - (size / calls) >= worthSaving) _knowledge.LearnFunction(method);
        }
    }

    private bool IsFunction(MethodBase method) =>
        !_knowledge.InlinesAll && (_knowledge.IsFunction(method) || method.GetMethodImplementationFlags().HasFlag(MethodImplAttributes.NoInlining));

    /// <summary>Calls a method as a function; false when it has to be compiled into the caller, since something that it takes or gives cannot be passed.</summary>
    private bool TryCallFunction(MethodBase method, ILValue? target, ILValue[] arguments, out ILValue? result)
    {
        result = null;
        if (MethodCode.TryRead(method) is null) return false;
        for (var caller = Frame; caller is not null; caller = caller.Caller)
        {
            // It calls itself, which is reported there.
            if (caller.Code.Method == method) return false;
        }
        var returned = Shape.Of(method is MethodInfo info ? info.ReturnType : typeof(void));
        bool isVoid = returned.Type == typeof(void);
        if (!isVoid && (!returned.IsPlainData || returned.Leaves.Any(leaf => leaf.Shape is PointerShape))) return false;
        bool byMemory = !isVoid && returned is not ScalarShape { IrType.Bits: 32 };
        FunctionArguments passed = new(this, _knowledge.Specializes);
        if (!passed.TryAdd(method.IsStatic ? arguments : [target!, .. arguments], FunctionArguments.MostRegisters - (byMemory ? 1 : 0))) return false;
        if (Current is null) return true;
        FunctionKey key = new(method, passed.Key);
        if (!_functions.TryGetValue(key, out var function)) _functions.Add(key, function = MakeFunction(method, passed, returned, isVoid, byMemory));

        Value? place = byMemory ? NewSlot(returned.Size, 8, uninitialized: true) : null;
        var call = Emit(new Call(function.Function, place is null ? [.. passed.Operands] : [.. passed.Operands, place]));
        if (function.CanFail) LeaveProgramIf(Comparison(Predicate.NotEqual, Arithmetic(BinaryOperator.LShr, call, Number(32)), Number(0)));
        if (Current is null || isVoid) return true;
        result = byMemory ? LoadFrom(new Pointer(place!), returned, false) : new Scalar(Narrow(call));
        return true;
    }

    private OutlinedFunction MakeFunction(MethodBase method, FunctionArguments passed, Shape returned, bool isVoid, bool byMemory)
    {
        var outer = (Scope, Current, _before, _stack);
        var function = Module.AddFunction(Compiler.CodeGen.DebugInfoBuilder.Identifier(method.Name), IrType.I64);
        function.Inlining = InlineChoice.Never;
        function.Location = Location;
        List<Value> parameters = [.. passed.Operands.Select(operand => (Value)function.AddParameter(FunctionArguments.TypeOf(operand)))];
        var place = byMemory ? function.AddParameter(IrType.Pointer(new Region(RegionKind.Memory)), "result") : null;
        BeginFunction(function, (Frame.Key, Offset, method), static () => Number(Failure));
        _stack = [];
        var all = passed.Rebuild(parameters);
        var value = method.IsStatic ? CallMethod(method, null, all, null) : CallMethod(method, all[0], all.AsSpan(1), null);
        if (Current is not null)
        {
            if (byMemory && value is not (null or ErrorValue)) StoreTo(new Pointer(place!), returned, value, false);
            Emit(new Return(!isVoid && !byMemory && value is Scalar scalar ? Widen(Narrow(scalar.Ir), false) : Number(0)));
        }
        bool canFail = Scope.Fault is not null;
        EndFunction();
        (Scope, Current, _before, _stack) = outer;
        return new OutlinedFunction(function, canFail);
    }
}
