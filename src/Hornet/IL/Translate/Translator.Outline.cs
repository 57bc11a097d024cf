using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// The body of a loop as a function that the kernel calls. Unlike a lambda it shares all the variables around it; which of
// them it needs is found out while it is translated.
internal sealed partial class Translator
{
    /// <summary>
    /// How a loop's body that is a function of its own sees what is around it, and how the code after the loop sees what the
    /// body changed: through a piece of the caller's stack. A value gets a place there when it is first asked for.
    /// </summary>
    internal sealed class Outline(Translator t, FunctionScope outer, FlowBlock before, FrameKey frame, int offset)
    {
        /// <summary>Where the body says which way it left the loop: 0 when it did not, -1 when a check failed.</summary>
        public const int Exit = 0;

        private readonly Dictionary<Value, Value> _imports = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<LeafVariable, Captured> _captured = new(ReferenceEqualityComparer.Instance);
        private readonly HashSet<LeafVariable> _settled = new(ReferenceEqualityComparer.Instance);
        private readonly List<Action> _waiting = [];
        private FunctionScope _inner = null!;
        private Value _context = null!;
        private Alloca? _slot;
        private Instruction? _call, _end, _code;
        private FlowBlock? _leave, _after;
        private int _size = 8;

        private sealed record Captured(ILValue Inside, int Place);

        /// <summary>What the body assigns.</summary>
        public HashSet<LeafVariable> Written { get; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>Variables that the body is seen to assign: they have a place from the start.</summary>
        public required HashSet<Variable> Assigned { get; init; }

        /// <summary>Says that the body's function was begun.</summary>
        public void Begin(FunctionScope inner, Value context) => (_inner, _context) = (inner, context);

        /// <summary>Says where the body ends, all ways together: what is shared is stored before an instruction there.</summary>
        public void End(FlowBlock leave, Instruction end)
        {
            (_leave, _end) = (leave, end);
            Settle();
        }

        /// <summary>Makes the piece of the stack, in the caller.</summary>
        public Value MakeSlot()
        {
            _slot = (Alloca)t.NewSlot(_size, 8, uninitialized: true);
            _slot.Name = "captured";
            return _slot;
        }

        /// <summary>Says which call runs the loop, and the first instruction after it.</summary>
        public void Called(Instruction call, FlowBlock after, Instruction code)
        {
            (_call, _after, _code) = (call, after, code);
            after.Outlined = this;
            foreach (var store in _waiting) store();
            _waiting.Clear();
            if (outer.Outline is { } around) around.Written.UnionWith(Written);
        }

        /// <summary>The program's context as the body sees it; null when the functions around have none.</summary>
        public Value? ProgramContext()
        {
            if (ReferenceEquals(outer.Function, t.Module.EntryFunction)) return Import(outer.Function.Parameters[0]);
            return outer.Outline?.ProgramContext() is { } context ? Import(context) : null;
        }

        /// <summary>A value of the caller's as the body sees it.</summary>
        public ILValue Import(ILValue value) => value switch
        {
            Scalar scalar => scalar.Ir is Constant ? scalar : new Scalar(Import(scalar.Ir)),
            Pointer pointer => new Pointer(Import(pointer.Base), pointer.Offset, pointer.Index is { } index ? Import(index) : null),
            PacketAddress packet => new PacketAddress(Import(packet.Context), Import(packet.Offset)),
            ConstantData data => data with { Offset = Import(data.Offset) },
            StructValue whole => new StructValue(whole.Shape, Array.ConvertAll(whole.Leaves, Import)),
            MemoryValue memory => memory with { Address = Import(memory.Address) },
            BoxedValue boxed => boxed with { Value = Import(boxed.Value) },
            DelegateValue made => made with { Target = Import(made.Target) },
            Intrinsics.CpuElement element => new Intrinsics.CpuElement(Import(element.Value)),
            Intrinsics.InnerMap inner => inner with { Handle = Import(inner.Handle) },
            _ => value,
        };

        /// <summary>A value of the caller's as the body sees it.</summary>
        public Value Import(Value value)
        {
            value = t.Resolve(value);
            if (value is Constant || IsOf(_inner.Function, value)) return value;
            if (_imports.TryGetValue(value, out var known)) return known;
            var outside = outer.Outline is { } around && !IsOf(outer.Function, value) ? around.Import(value) : value;
            int place = Reserve();
            StoreBefore(place, () => outside);
            // How a caller's stack is aligned a function does not know.
            var type = value is Alloca { Size: var size } ? IrType.Pointer(new Region(RegionKind.Memory, size)) : FunctionArguments.TypeOf(value);
            return _imports[value] = t.Elsewhere(_inner, _inner.Entry, _inner.Entry.Ir.Terminator, () => t.Emit(new Load(_context, place, type == IrType.I32 ? MemoryWidth.U32 : MemoryWidth.U64, type)));
        }

        /// <summary>What a variable is when the body begins.</summary>
        public ILValue Capture(LeafVariable leaf)
        {
            var outside = t.Elsewhere(outer, before, before.Ir.Terminator ?? _call, () => t.Read(leaf, before));
            int place = -1;
            ILValue inside;
            if (outside is Scalar or Pointer && (Assigned.Contains(leaf.Variable) || t._knowledge.IsShared(KeyOf(leaf))))
            {
                place = Reserve();
                StoreBefore(place, () => IrOf(outside));
                inside = t.Elsewhere(_inner, _inner.Entry, _inner.Entry.Ir.Terminator, () => t.LoadShared(_context, place, outside));
            }
            else
            {
                inside = Import(outside);
            }
            _captured.Add(leaf, new Captured(inside, place));
            return leaf.Definitions[_inner.Entry] = inside;
        }

        /// <summary>What a variable is after the loop, which assigns it.</summary>
        public ILValue ReadAfter(LeafVariable leaf)
        {
            var outside = t.Elsewhere(outer, before, _call, () => t.Read(leaf, before));
            var now = t.Elsewhere(_inner, _leave!, _end, () => t.Read(leaf, _leave!));
            Settle();
            var captured = _captured.GetValueOrDefault(leaf);
            ILValue value;
            if (captured is not null && now.Equals(captured.Inside) || captured is null && now.Equals(outside)) value = outside;
            else if (outside is ErrorValue || now is ErrorValue) value = ErrorValue.Instance;
            else if (captured is { Place: < 0 }) value = new Conflict(outside, now);
            else if (!CanShare(outside, now)) value = new Conflict(outside, now);
            else
            {
                int place = captured?.Place ?? Reserve();
                if (captured is null)
                {
                    StoreBefore(place, () => IrOf(outside));
                    t.Elsewhere(_inner, _leave!, _end, () => t.StoreShared(_context, place, now));
                }
                value = t.Elsewhere(outer, _after!, _code, () => t.LoadShared(_slot!, place, now));
            }
            return leaf.Definitions[_after!] = value;
        }

        // What the next round of the loop sees is what this one leaves.
        private void Settle()
        {
            int known;
            do
            {
                known = _captured.Count;
                foreach (var (leaf, captured) in _captured.ToArray())
                {
                    if (!Written.Contains(leaf) || !_settled.Add(leaf)) continue;
                    var now = t.Elsewhere(_inner, _leave!, _end, () => t.Read(leaf, _leave!));
                    if (now.Equals(captured.Inside) || now is ErrorValue || captured.Inside is ErrorValue) continue;
                    if (captured.Place >= 0 && CanShare(captured.Inside, now)) t.Elsewhere(_inner, _leave!, _end, () => t.StoreShared(_context, captured.Place, now));
                    else if (captured.Place < 0 && now is Scalar or Pointer && !t._knowledge.IsShared(KeyOf(leaf))) t._knowledge.LearnShared(KeyOf(leaf));
                    else t.ReportConflict(leaf, captured.Inside, now);
                }
            }
            while (_captured.Count != known);
        }

        private SharedKey KeyOf(LeafVariable leaf) => new(frame, offset, leaf.Variable.Key, leaf.Index);

        // A reference to the body's own memory ends with it.
        private bool CanShare(ILValue outside, ILValue now) => (outside, now) switch
        {
            (Scalar a, Scalar b) => a.Ir.Type == b.Ir.Type,
            (Pointer a, Pointer b) => (a.IsNull || a.Region == b.Region) && !(b.Base is Instruction made && IsOf(_inner.Function, made) && b.Region.Kind == RegionKind.Stack),
            _ => false,
        };

        private int Reserve()
        {
            int place = _size;
            _size += 8;
            if (_slot is not null) _slot.Size = _size;
            return place;
        }

        private void StoreBefore(int place, Func<Value> value)
        {
            if (_call is null) _waiting.Add(Store);
            else Store();

            void Store() => t.Elsewhere(outer, before, _call, () =>
            {
                var ir = value();
                if (ir.Type == IrType.I32) ir = t.Widen(ir, false);
                return t.Emit(new Store(_slot!, place, MemoryWidth.U64, ir));
            });
        }

        private Value IrOf(ILValue value) => value is Scalar scalar ? scalar.Ir : t.AddressOf((Pointer)value);

        private static bool IsOf(IrFunction function, Value value) => value switch
        {
            Instruction made => made.Block?.Function == function,
            Parameter parameter => parameter.Index < function.Parameters.Count && ReferenceEquals(function.Parameters[parameter.Index], parameter),
            _ => true,
        };
    }

    // Emits code at another place: before an instruction there, or at the end of a block that has not ended yet.
    private T Elsewhere<T>(FunctionScope scope, FlowBlock block, Compiler.IR.Instruction? before, Func<T> emit)
    {
        var saved = (Scope, Current, _before);
        (Scope, Current, _before) = (scope, block, before);
        var value = emit();
        (Scope, Current, _before) = saved;
        return value;
    }

    private void Elsewhere(FunctionScope scope, FlowBlock block, Compiler.IR.Instruction? before, Action emit) => Elsewhere(scope, block, before, () =>
    {
        emit();
        return true;
    });
}
