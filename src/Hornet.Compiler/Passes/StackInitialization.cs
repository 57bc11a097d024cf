using System.Collections;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;

namespace Hornet.Compiler.Passes;

/// <summary>
/// Whether every byte of the stack that is read was written on every way there. Only pieces that begin without a value
/// matter, and only as long as nobody else got their address: a helper may have written them.
/// </summary>
internal static class StackInitialization
{
    // Larger ones are moved to memory of the map kind, which has always a value.
    private const int Largest = 512;

    public static void Check(List<Alloca> uninitialized, DominatorTree dominators, Action<DiagnosticRule, SourceLocation?, string> error)
    {
        foreach (var alloca in uninitialized)
        {
            if (alloca.Size is > 0 and <= Largest && dominators.IsReachable(alloca.Block!) && Places(alloca) is { } places)
                new Flow(alloca, places, dominators).Check(error);
        }
    }

    /// <summary>The pointers made of a piece and their offsets (null: not constant); null when a phi chooses between pieces, or nothing is read directly.</summary>
    private static Dictionary<Value, Place>? Places(Alloca alloca)
    {
        Dictionary<Value, Place> places = new() { [alloca] = new(0) };
        bool isRead = false;
        Stack<Value> work = new([alloca]);
        while (work.TryPop(out var pointer))
        {
            foreach (var user in pointer.UserSpan)
            {
                switch (user)
                {
                    case Phi: return null;
                    case Load: isRead = true; break;
                    case PointerAdd p:
                        if (places.TryAdd(p, new(p.Bytes is Constant bytes ? places[pointer].Offset + bytes.Number : null))) work.Push(p);
                        break;
                    case Conversion { Kind: ConversionKind.Reinterpret } c:
                        if (places.TryAdd(c, places[pointer])) work.Push(c);
                        break;
                }
            }
        }
        // Most pieces are only written and handed to helpers.
        return isRead ? places : null;
    }

    /// <summary>Where a pointer points in the piece; null when that is computed.</summary>
    private sealed record Place(long? Offset);

    private sealed class Flow(Alloca alloca, Dictionary<Value, Place> places, DominatorTree dominators)
    {
        private readonly Dictionary<BasicBlock, BitArray> _out = [];
        private readonly List<BasicBlock> _blocks = Between(alloca, places, dominators);

        public void Check(Action<DiagnosticRule, SourceLocation?, string> error)
        {
            for (bool changed = true; changed;)
            {
                changed = false;
                foreach (var block in _blocks)
                {
                    var written = Entering(block);
                    foreach (var instruction in block.Code) Apply(instruction, written);
                    if (_out.TryGetValue(block, out var before) && Equal(before, written)) continue;
                    _out[block] = written;
                    changed = true;
                }
            }
            foreach (var block in _blocks)
            {
                var written = Entering(block);
                foreach (var instruction in block.Instructions)
                {
                    if (instruction is Load l && places.TryGetValue(l.Pointer, out var place) && Missing(place.Offset + l.Offset, l.Width.Bytes(), written) is { } missing)
                        error(DiagnosticRules.UninitializedStack, l.Location ?? alloca.Location, $"{Describe(l.Width.Bytes())} at offset {missing} of {alloca.Name ?? "a local"} {(l.Width.Bytes() == 1 ? "is" : "are")} read, and not written on every way here");
                    Apply(instruction, written);
                }
            }
        }

        /// <summary>The blocks from where a piece is made to where it is read, in order: what is written elsewhere does not matter.</summary>
        private static List<BasicBlock> Between(Alloca alloca, Dictionary<Value, Place> places, DominatorTree dominators)
        {
            HashSet<BasicBlock> found = [alloca.Block!];
            Stack<BasicBlock> work = new();
            foreach (var pointer in places.Keys)
            {
                foreach (var user in pointer.UserSpan)
                {
                    if (user is Load && dominators.IsReachable(user.Block!) && found.Add(user.Block!)) work.Push(user.Block!);
                }
            }
            while (work.TryPop(out var block))
            {
                foreach (var predecessor in block.PredecessorSpan)
                {
                    if (dominators.IsReachable(predecessor) && found.Add(predecessor)) work.Push(predecessor);
                }
            }
            return [.. found.OrderBy(dominators.PositionOf)];
        }

        private static string Describe(int bytes) => bytes == 1 ? "a byte" : $"{bytes} bytes";

        /// <summary>What all ways into a block have written; ways that were not looked at yet have written everything.</summary>
        private BitArray Entering(BasicBlock block)
        {
            BitArray written = new(alloca.Size, true);
            foreach (var predecessor in block.Predecessors)
            {
                if (_out.TryGetValue(predecessor, out var left)) written.And(left);
            }
            return written;
        }

        private void Apply(Instruction instruction, BitArray written)
        {
            switch (instruction)
            {
                case Alloca a when a == alloca:
                    written.SetAll(false);
                    break;
                case Load or PointerAdd or Conversion or Compare: break;
                case Store s when places.TryGetValue(s.Pointer, out var at) && !places.ContainsKey(s.Value): Write(at.Offset + s.Offset, s.Width.Bytes(), written); break;
                case MemorySet s when places.TryGetValue(s.Destination, out var at): Write(at.Offset, s.Size, written); break;
                case MemoryCopy c when !places.ContainsKey(c.Destination): break;
                case MemoryCopy c: Write(places[c.Destination].Offset, c.Size, written); break;
                default:
                    // Whoever has the address may have written.
                    if (instruction.Operands.Any(places.ContainsKey)) written.SetAll(true);
                    break;
            }
        }

        private static void Write(long? at, int size, BitArray written)
        {
            if (at is not { } start)
            {
                written.SetAll(true);
                return;
            }
            for (long i = Math.Max(start, 0); i < start + size && i < written.Count; i++) written[(int)i] = true;
        }

        private static long? Missing(long? at, int size, BitArray written)
        {
            // A computed place is wrong for certain only where nothing was written.
            if (at is not { } start) return written.HasAnySet() ? null : 0;
            for (long i = Math.Max(start, 0); i < start + size && i < written.Count; i++)
            {
                if (!written[(int)i]) return start;
            }
            return null;
        }

        private static bool Equal(BitArray a, BitArray b)
        {
            for (int i = 0; i < a.Count; i++)
            {
                if (a[i] != b[i]) return false;
            }
            return true;
        }
    }
}
