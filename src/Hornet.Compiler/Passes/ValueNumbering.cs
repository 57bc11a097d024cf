using System.Numerics;
using System.Runtime.CompilerServices;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Finds operations that were done before with the same operands, on every way here, and loads of what was just loaded or
/// stored. What is known of memory does not cross blocks; what is known of values holds wherever their block dominates.
/// </summary>
internal sealed class ValueNumbering : Pass
{
    public override bool Run(IrFunction function)
    {
        var dominators = function.Dominators;
        // What is done in a block is known in those that it dominates, and forgotten behind them.
        Dictionary<Instruction, Instruction> known = new(SameOperation.Instance);
        List<Instruction> noted = [];
        Stack<Step> work = new();
        work.Push(new(0, -1));
        bool changed = false;
        Memory memory = new();
        Instruction[] buffer = [];
        while (work.TryPop(out var item))
        {
            if (item.Forget >= 0)
            {
                for (int i = item.Forget; i < noted.Count; i++) known.Remove(noted[i]);
                noted.RemoveRange(item.Forget, noted.Count - item.Forget);
                continue;
            }
            work.Push(new(0, noted.Count));
            var block = dominators.Order[item.Block];
            memory.Clear();
            foreach (var instruction in block.Snapshot(ref buffer))
            {
                if (memory.Known(instruction) is { } loaded)
                {
                    instruction.ReplaceAllUsesWith(loaded);
                    instruction.Remove();
                    changed = true;
                    continue;
                }
                if (memory.IsRepeated(instruction))
                {
                    instruction.Remove();
                    changed = true;
                    continue;
                }
                memory.Note(instruction);
                if (!SameOperation.IsRepeatable(instruction)) continue;
                if (known.TryGetValue(instruction, out var earlier))
                {
                    instruction.ReplaceAllUsesWith(earlier);
                    instruction.Remove();
                    changed = true;
                    continue;
                }
                known.Add(instruction, instruction);
                noted.Add(instruction);
            }
            foreach (int child in dominators.ChildrenOf(item.Block)) work.Push(new(child, -1));
        }
        return changed;
    }

    /// <summary>A block to be looked at, or where to go back to in what was noted.</summary>
    private sealed record Step(int Block, int Forget);

    /// <summary>Whether two instructions compute the same of the same operands.</summary>
    private sealed class SameOperation : IEqualityComparer<Instruction>
    {
        public static SameOperation Instance { get; } = new();

        /// <summary>Whether doing it once is enough.</summary>
        public static bool IsRepeatable(Instruction instruction) => instruction is Binary or Negate or Conversion or ByteSwap or Compare or PointerAdd or GlobalReference
            or HelperCall { IsPure: true } or KernelFieldAddress or KernelQuery;

        public bool Equals(Instruction? x, Instruction? y)
        {
            if (ReferenceEquals(x, y)) return true;
            if (x is null || y is null || x.GetType() != y.GetType() || x.Type.Kind != y.Type.Kind || x.OperandSpan.Length != y.OperandSpan.Length) return false;
            bool same = (x, y) switch
            {
                (Binary a, Binary b) => a.Operator == b.Operator,
                (Conversion a, Conversion b) => a.Kind == b.Kind && a.Type == b.Type,
                (ByteSwap a, ByteSwap b) => a.Bits == b.Bits,
                (Compare a, Compare b) => a.Predicate == b.Predicate,
                (GlobalReference a, GlobalReference b) => a.Map == b.Map && a.Offset == b.Offset,
                (HelperCall a, HelperCall b) => a.Helper == b.Helper && a.Type == b.Type,
                (KernelFieldAddress a, KernelFieldAddress b) => a.TypeName == b.TypeName && a.Path == b.Path && a.Type == b.Type,
                (KernelQuery a, KernelQuery b) => a.Fact == b.Fact && a.TypeName == b.TypeName && a.Path == b.Path,
                _ => true,
            };
            for (int i = 0; same && i < x.OperandSpan.Length; i++) same = Same(x.OperandAt(i), y.OperandAt(i));
            return same;
        }

        public int GetHashCode(Instruction instruction)
        {
            int hash = instruction switch
            {
                Binary b => 1 << 16 | (int)b.Operator,
                Conversion c => 2 << 16 | (int)c.Kind,
                Compare c => 3 << 16 | (int)c.Predicate,
                GlobalReference g => 4 << 16 ^ g.Offset,
                HelperCall h => 5 << 16 ^ (int)h.Helper,
                PointerAdd => 6 << 16,
                _ => 0,
            };
            foreach (var operand in instruction.OperandSpan)
                hash = unchecked((int)BitOperations.RotateLeft((uint)hash, 5) * -1640531535) ^ (operand is Constant c ? c.Number.GetHashCode() : RuntimeHelpers.GetHashCode(operand));
            return hash;
        }

        private static bool Same(Value a, Value b) =>
            ReferenceEquals(a, b) || a is Constant x && b is Constant y && x.IsNull == y.IsNull && x.Number == y.Number && x.Type.Kind == y.Type.Kind;
    }

    /// <summary>What is known of memory at a point of a block.</summary>
    private sealed class Memory
    {
        private sealed record Fact(Value Pointer, int Offset, MemoryWidth Width, IrType Type, Value Value, Instruction? Store);

        private readonly List<Fact> _known = [];

        public void Clear() => _known.Clear();

        /// <summary>The value a load is known to give.</summary>
        public Value? Known(Instruction instruction)
        {
            if (instruction is not Load { IsVolatile: false } l) return null;
            foreach (var k in _known)
            {
                if (ReferenceEquals(k.Pointer, l.Pointer) && k.Offset == l.Offset && k.Width == l.Width && k.Type == l.Type) return k.Value;
            }
            return null;
        }

        /// <summary>Whether a store writes what is there already.</summary>
        public bool IsRepeated(Instruction instruction) => _known.Count > 0 && instruction is Store { IsVolatile: false } s
            && _known.Exists(k => k.Store is Store && ReferenceEquals(k.Pointer, s.Pointer) && k.Offset == s.Offset && k.Width.Bytes() == s.Width.Bytes() && Same(k.Value, s.Value));

        public void Note(Instruction instruction)
        {
            switch (instruction)
            {
                case Load { IsVolatile: false } l:
                    _known.Add(new(l.Pointer, l.Offset, l.Width, l.Type, l, null));
                    break;
                case Store s:
                    Forget(s.Pointer, s.Offset, s.Width.Bytes());
                    if (s.IsVolatile) break;
                    // What is loaded back is the stored value only where nothing is cut off and extended again.
                    var width = s.Width.Bytes() == 8 ? MemoryWidth.U64 : s.Width;
                    if (s.Value.Type.IsPointer || s.Width.Bytes() * 8 == s.Value.Type.Bits) _known.Add(new(s.Pointer, s.Offset, width, s.Value.Type, s.Value, s));
                    break;
                case AtomicReadModifyWrite a: Forget(a.Pointer, a.Offset, 8); break;
                case CompareExchange x: Forget(x.Pointer, x.Offset, 8); break;
                case MemoryCopy m: Forget(m.Destination, 0, m.Size); break;
                case MemorySet m: Forget(m.Destination, 0, m.Size); break;
                case Alloca a when _known.Count > 0: _known.RemoveAll(k => ReferenceEquals(PointerRoot.Of(k.Pointer).Root, a)); break;
                case HelperCall or KernelFunctionCall or Call or ReadMemory when instruction is not HelperCall { IsPure: true }:
                    // A call may change whatever it can reach, the packet's place included.
                    _known.Clear();
                    break;
            }
        }

        private void Forget(Value pointer, int offset, int size)
        {
            if (_known.Count == 0) return;
            var (root, start) = PointerRoot.Of(pointer);
            _known.RemoveAll(k => MayOverlap(k.Pointer, k.Offset, k.Width.Bytes(), root, start, offset, size));
        }

        private static bool MayOverlap(Value pointer, int offset, int size, Value otherRoot, long? otherStart, int otherOffset, int otherSize)
        {
            var (root, start) = PointerRoot.Of(pointer);
            if (ReferenceEquals(root, otherRoot))
                return start is null || otherStart is null || start + offset < otherStart + otherOffset + otherSize && otherStart + otherOffset < start + offset + size;
            if (root is Alloca && otherRoot is Alloca) return false;
            return !Disjoint(root.Type.Region.Kind, otherRoot.Type.Region.Kind);
        }

        /// <summary>Whether two kinds of memory are certainly not the same. Pointers that were stored may be anything they say.</summary>
        private static bool Disjoint(RegionKind a, RegionKind b) => a != b && IsOwn(a) && IsOwn(b);

        private static bool IsOwn(RegionKind kind) => kind is RegionKind.Context or RegionKind.Stack or RegionKind.MapValue or RegionKind.Packet or RegionKind.RingRecord or RegionKind.Object;

        private static bool Same(Value a, Value b) => ReferenceEquals(a, b) || a is Constant x && b is Constant y && x.Type == y.Type && x.Number == y.Number;
    }
}
