using System.Globalization;
using System.Text;
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
        DominatorTree dominators = new(function);
        Dictionary<Value, int> numbers = [];
        Stack<(int Block, Dictionary<string, Instruction> Known)> work = new();
        work.Push((0, []));
        bool changed = false;
        while (work.TryPop(out var item))
        {
            var block = dominators.Order[item.Block];
            var known = item.Known;
            Memory memory = new();
            foreach (var instruction in block.Instructions.ToList())
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
                if (Key(instruction, numbers) is not { } key) continue;
                if (known.TryGetValue(key, out var earlier))
                {
                    instruction.ReplaceAllUsesWith(earlier);
                    instruction.Remove();
                    changed = true;
                    continue;
                }
                known[key] = instruction;
            }
            foreach (int child in dominators.Children[item.Block]) work.Push((child, new Dictionary<string, Instruction>(known)));
        }
        return changed;
    }

    /// <summary>What an operation computes, as text; null for one that must be done each time.</summary>
    private static string? Key(Instruction instruction, Dictionary<Value, int> numbers)
    {
        string? head = instruction switch
        {
            Binary b => $"{b.Operator}",
            Negate => "neg",
            Conversion c => $"{c.Kind} {c.Type}",
            ByteSwap s => $"swap{s.Bits}",
            Compare c => $"{c.Predicate}",
            PointerAdd => "ptr",
            GlobalReference g => $"global {g.Map.Name} {g.Offset}",
            HelperCall { IsPure: true } h => $"helper {h.Helper} {h.Type}",
            KernelFieldAddress k => $"kaddr {k.TypeName} {k.Path} {k.Type}",
            KernelQuery q => $"kquery {q.Fact} {q.TypeName} {q.Path}",
            _ => null,
        };
        if (head is null) return null;
        StringBuilder text = new(head);
        text.Append(' ').Append(instruction.Type.Kind);
        foreach (var operand in instruction.Operands)
        {
            text.Append(' ');
            if (operand is Constant c) text.Append(c.IsNull ? "null" : c.Number.ToString(CultureInfo.InvariantCulture)).Append(c.Type == IrType.I32 ? "" : "L");
            else text.Append('v').Append(Number(operand, numbers));
        }
        return text.ToString();
    }

    private static int Number(Value value, Dictionary<Value, int> numbers)
    {
        if (!numbers.TryGetValue(value, out int number)) numbers[value] = number = numbers.Count;
        return number;
    }

    /// <summary>What is known of memory at a point of a block.</summary>
    private sealed class Memory
    {
        private readonly List<(Value Pointer, int Offset, MemoryWidth Width, IrType Type, Value Value, Instruction? Store)> _known = [];

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
        public bool IsRepeated(Instruction instruction) => instruction is Store { IsVolatile: false } s
            && _known.Exists(k => k.Store is Store && ReferenceEquals(k.Pointer, s.Pointer) && k.Offset == s.Offset && k.Width.Bytes() == s.Width.Bytes() && Same(k.Value, s.Value));

        public void Note(Instruction instruction)
        {
            switch (instruction)
            {
                case Load { IsVolatile: false } l:
                    _known.Add((l.Pointer, l.Offset, l.Width, l.Type, l, null));
                    break;
                case Store s:
                    Forget(s.Pointer, s.Offset, s.Width.Bytes());
                    if (s.IsVolatile) break;
                    // What is loaded back is the stored value only where nothing is cut off and extended again.
                    var width = s.Width.Bytes() == 8 ? MemoryWidth.U64 : s.Width;
                    if (s.Value.Type.IsPointer || s.Width.Bytes() * 8 == s.Value.Type.Bits) _known.Add((s.Pointer, s.Offset, width, s.Value.Type, s.Value, s));
                    break;
                case AtomicReadModifyWrite a: Forget(a.Pointer, a.Offset, 8); break;
                case CompareExchange x: Forget(x.Pointer, x.Offset, 8); break;
                case MemoryCopy m: Forget(m.Destination, 0, m.Size); break;
                case MemorySet m: Forget(m.Destination, 0, m.Size); break;
                case Alloca a: _known.RemoveAll(k => ReferenceEquals(Root(k.Pointer).Pointer, a)); break;
                case HelperCall or KernelFunctionCall or Call or ReadMemory when instruction is not HelperCall { IsPure: true }:
                    // A call may change whatever it can reach, the packet's place included.
                    _known.Clear();
                    break;
            }
        }

        private void Forget(Value pointer, int offset, int size)
        {
            var (root, start) = Root(pointer);
            _known.RemoveAll(k => MayOverlap(k.Pointer, k.Offset, k.Width.Bytes(), root, start, offset, size));
        }

        private static bool MayOverlap(Value pointer, int offset, int size, Value otherRoot, long? otherStart, int otherOffset, int otherSize)
        {
            var (root, start) = Root(pointer);
            if (ReferenceEquals(root, otherRoot))
                return start is null || otherStart is null || start + offset < otherStart + otherOffset + otherSize && otherStart + otherOffset < start + offset + size;
            if (root is Alloca && otherRoot is Alloca) return false;
            return !Disjoint(root.Type.Region.Kind, otherRoot.Type.Region.Kind);
        }

        /// <summary>Whether two kinds of memory are certainly not the same. Pointers that were stored may be anything they say.</summary>
        private static bool Disjoint(RegionKind a, RegionKind b) => a != b && IsOwn(a) && IsOwn(b);

        private static bool IsOwn(RegionKind kind) => kind is RegionKind.Context or RegionKind.Stack or RegionKind.MapValue or RegionKind.Packet or RegionKind.RingRecord;

        private static (Value Pointer, long? Offset) Root(Value pointer)
        {
            long? offset = 0;
            while (true)
            {
                switch (pointer)
                {
                    case PointerAdd p:
                        offset = p.Bytes is Constant bytes ? offset + bytes.Number : null;
                        pointer = p.Pointer;
                        break;
                    case Conversion { Kind: ConversionKind.Reinterpret } c: pointer = c.Operand; break;
                    default: return (pointer, offset);
                }
            }
        }

        private static bool Same(Value a, Value b) => ReferenceEquals(a, b) || a is Constant x && b is Constant y && x.Type == y.Type && x.Number == y.Number;
    }
}
