using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Delegates that the kernel calls: loop bodies, map iteration, timers. A callback is a function of its own. The locals it
// captures are fields of an object that the kernel code makes; here they are copied into a piece of the caller's stack
// whose address is the helper's context argument, and what the callback changed is read back after the call. What is known
// now (maps, other objects, numbers that the callback does not change) needs no place.
internal sealed partial class Translator
{
    /// <summary>
    /// Makes a function of a delegate. Call the helper with <see cref="Callback.Function"/> and <see cref="Callback.Context"/>
    /// next, then <see cref="EndCallback"/>.
    /// </summary>
    /// <param name="made">The delegate: a lambda, a method group, or one that was captured.</param>
    /// <param name="signature">How the kernel calls it.</param>
    /// <returns>Null when it cannot be done; the reason was reported.</returns>
    public Callback? BeginCallback(ILValue made, CallbackSignature signature)
    {
        FlushStack();
        switch (made)
        {
            case ErrorValue:
                return null;
            case ObjectConstant { Instance: Delegate { HasSingleTarget: true } known }:
                made = new DelegateValue(known.GetType(), known.Method, new ObjectConstant(known.Target));
                break;
        }
        if (made is not DelegateValue target)
        {
            Report(made is ObjectConstant { Instance: null } ? Rules.NullDereference : Rules.NotConstant, $"{Describe(made)} is called back");
            return null;
        }
        CallbackMaker maker = new(this, signature);
        return maker.Make(target);
    }

    /// <summary>After the helper's call: the captured locals have the callback's values, and a check that failed in it ends the program here too.</summary>
    public void EndCallback(Callback callback)
    {
        if (Current is null) return;
        foreach (var shared in callback.Changed) Write(shared.Outer, LoadShared(callback.Context, shared.Offset, shared.Value));
        if (callback.FailedOffset < 0) return;
        var failed = Emit(new Load(callback.Context, callback.FailedOffset, MemoryWidth.U64, IrType.I64));
        LeaveProgramIf(Comparison(Predicate.NotEqual, failed, Number(0)));
    }

    // Every shared value has eight bytes, so that pointers stay what they are for the verifier.
    private ILValue LoadShared(Value context, int offset, ILValue like) => like switch
    {
        Scalar { Ir.Type: var type } => new Scalar(Emit(new Load(context, offset, type == IrType.I64 ? MemoryWidth.U64 : MemoryWidth.U32, type))),
        Pointer pointer => new Pointer(Emit(new Load(context, offset, MemoryWidth.U64, IrType.Pointer(pointer.Region)))),
        _ => throw new InvalidOperationException($"{like} is not shared."),
    };

    private void StoreShared(Value context, int offset, ILValue value)
    {
        var ir = value is Scalar scalar ? scalar.Ir : AddressOf((Pointer)value);
        // The upper half too: the verifier wants to have seen what is read, and a register is read whole.
        if (ir.Type == IrType.I32) ir = Widen(ir, false);
        Emit(new Store(context, offset, MemoryWidth.U64, ir));
    }

    private sealed class CallbackMaker(Translator t, CallbackSignature signature)
    {
        private readonly Dictionary<Variable[], LocalObject> _objects = new(ReferenceEqualityComparer.Instance);
        private readonly List<(Variable Outer, ILValue[] Values, FieldPlan Plan)> _fields = [];
        private readonly List<SharedLeaf> _shared = [];
        private readonly FrameKey _caller = t.Frame.Key;
        private readonly int _offset = t.Offset;
        private int _size;
        private int _next;

        public Callback? Make(DelegateValue target)
        {
            // What the caller's variables are now has to be read in the caller's block.
            if (!Collect(target)) return null;
            var outer = (t.Scope, t.Current, t._before, t._stack);
            var function = t.Module.AddFunction(signature.Name, IrType.I64);
            function.Inlining = InlineChoice.Never;
            function.Location = t.Location;
            var parameters = Array.ConvertAll(signature.Parameters, type => (Value)function.AddParameter(type));
            var context = signature.Context >= 0 ? parameters[signature.Context] : null;
            int failedOffset = -1;
            t.BeginFunction(function, (_caller, _offset, "callback"), () =>
            {
                if (context is not null)
                {
                    failedOffset = _size;
                    t.Emit(new Store(context, failedOffset, MemoryWidth.U64, Number(1)));
                }
                return Number(signature.Failed);
            });
            t._stack = [];
            DeclareInner(context);
            var inner = (DelegateValue)Inside(target);
            var result = t.InvokeBound(inner.Method, inner.Target, signature.Bind(t, parameters));
            List<SharedLeaf> changed = t.Current is null ? [] : CopyOut(context);
            if (t.Current is not null) t.Emit(new Return(signature.Result(t, result)));
            t.EndFunction();
            (t.Scope, t.Current, t._before, t._stack) = outer;
            if (t.Current is null) return null;

            bool needed = _size > 0 || failedOffset >= 0;
            Value closure = Constant.Null(Region.Stack);
            if (needed)
            {
                var slot = t.NewSlot(_size + (failedOffset >= 0 ? 8 : 0), 8, uninitialized: true);
                slot.Name = "captured";
                closure = slot;
                CopyIn(slot);
                if (failedOffset >= 0) t.Emit(new Store(slot, failedOffset, MemoryWidth.U64, Number(0)));
            }
            return new Callback { Function = t.Emit(new FunctionReference(function)), Context = closure, Changed = changed, FailedOffset = failedOffset };
        }

        // The objects that can be reached from the delegate, and for each of their fields how the callback comes to it.
        private bool Collect(ILValue value)
        {
            if (value is DelegateValue made) return Collect(made.Target);
            if (value is BoxedValue boxed) return Collect(boxed.Value);
            if (value is StructValue whole) return Array.TrueForAll(whole.Leaves, Collect);
            if (value is not LocalObject local || !_objects.TryAdd(local.Fields, local)) return true;
            foreach (var field in local.Fields)
            {
                if (field.Slot is not null)
                {
                    _fields.Add((field, [new Pointer(t.SlotOf(field))], new FieldPlan([Reserve()])));
                    continue;
                }
                var values = Array.ConvertAll(field.Leaves, t.Read);
                var places = new int[values.Length];
                for (int i = 0; i < values.Length; i++)
                {
                    if (PlaceOf(field, i, ref values[i]) is not { } place) return false;
                    places[i] = place;
                }
                _fields.Add((field, values, new FieldPlan(places)));
                foreach (var leaf in values)
                {
                    if (!Collect(leaf)) return false;
                }
            }
            return true;
        }

        // Where a leaf lies; negative when it needs no place; null when it cannot be handed over.
        private int? PlaceOf(Variable field, int leaf, ref ILValue value)
        {
            if (value is VariableAddress { Variable: var variable }) value = t.RealPointer(value) is var real && variable.Slot is null ? ErrorValue.Instance : real;
            switch (value)
            {
                case Scalar { Known: not null } or Pointer { IsNull: true } when !t._knowledge.IsShared(new SharedKey(_caller, _offset, field.Key, leaf)):
                case ConstantData { Offset: Constant } or ObjectConstant or DelegateValue or LocalObject or MemberToken or MethodAddress or ErrorValue:
                    return -1;
                case BoxedValue { Value: Scalar { Known: not null } }:
                    return -1;
                case Scalar or Pointer when signature.Context >= 0:
                    return Reserve();
                case Scalar or Pointer:
                    t.Report(Rules.NotConstant, $"{field.Name} is captured by a lambda that runs later, when the locals of this code are gone");
                    return null;
                default:
                    t.Report(Rules.NotConstant, $"{Describe(value)} is captured by a lambda that the kernel calls back");
                    return null;
            }
        }

        private int Reserve()
        {
            int place = _size;
            _size += 8;
            return place;
        }

        // The callback's own variables, with the values they begin with.
        private void DeclareInner(Value? context)
        {
            Dictionary<Variable, Variable> made = new(ReferenceEqualityComparer.Instance);
            foreach (var (outer, values, plan) in _fields)
            {
                VariableKey key = new(_caller, VariableKind.Captured, (_offset * LocalObject.MostFields) + _next++);
                if (outer.Slot is not null)
                {
                    made[outer] = new Variable(key, outer.Shape) { Name = outer.Name, Slot = t.Emit(new Load(context!, plan.Places[0], MemoryWidth.U64, IrType.Pointer(new Region(RegionKind.Memory, outer.Shape.Size)))) };
                    continue;
                }
                // Its address is taken in the callback: then the caller's is in memory too, and both are one.
                if (t._knowledge.IsInMemory(key)) t._knowledge.NeedsMemory(outer.Key);
                Variable inner = new(key, outer.Shape) { Name = outer.Name };
                made[outer] = inner;
            }
            foreach (var (fields, local) in _objects.ToArray()) _objects[fields] = new LocalObject(local.Type, Array.ConvertAll(fields, field => made[field]));
            foreach (var (outer, values, plan) in _fields)
            {
                if (outer.Slot is not null) continue;
                var inner = made[outer];
                for (int i = 0; i < values.Length; i++)
                {
                    var value = plan.Places[i] < 0 ? Inside(values[i]) : t.LoadShared(context!, plan.Places[i], values[i]);
                    t.Write(inner.Leaves[i], value);
                    _shared.Add(new SharedLeaf(outer.Leaves[i], inner.Leaves[i], plan.Places[i], value, new SharedKey(_caller, _offset, outer.Key, i)));
                }
            }
        }

        // A value of the caller's as the callback sees it.
        private ILValue Inside(ILValue value) => value switch
        {
            LocalObject local => _objects[local.Fields],
            DelegateValue made => made with { Target = Inside(made.Target) },
            _ => value,
        };

        private void CopyIn(Value slot)
        {
            foreach (var (_, values, plan) in _fields)
            {
                for (int i = 0; i < values.Length; i++)
                {
                    if (plan.Places[i] >= 0) t.StoreShared(slot, plan.Places[i], values[i]);
                }
            }
        }

        private List<SharedLeaf> CopyOut(Value? context)
        {
            List<SharedLeaf> changed = [];
            foreach (var shared in _shared)
            {
                var now = t.Read(shared.Inner);
                if (now.Equals(shared.Value) || now is ErrorValue) continue;
                if (shared.Offset >= 0 && (now, shared.Value) is (Scalar a, Scalar b) && a.Ir.Type == b.Ir.Type || (now, shared.Value) is (Pointer p, Pointer q) && p.Region == q.Region)
                {
                    t.StoreShared(context!, shared.Offset, now);
                    changed.Add(shared);
                }
                else if (now is Scalar && shared.Value is Scalar && signature.Context >= 0)
                {
                    t._knowledge.LearnShared(shared.Key);
                }
                else
                {
                    t.Report(Rules.NotConstant, $"{shared.Outer.Name ?? "a captured variable"} is {Describe(shared.Value)} at first, and a lambda that the kernel calls back makes it {Describe(now)}");
                }
            }
            return changed;
        }

        private sealed record FieldPlan(int[] Places);
    }
}
