namespace Hornet.Compiler.IR;

/// <summary>
/// Checks what every pass relies on: blocks end once, operands are defined before they are used on every path, types fit,
/// phis have a value per predecessor. A finding is a defect of the front end or of a pass, never of the user's program.
/// </summary>
public static class IrVerifier
{
    /// <summary>Throws when a module is malformed.</summary>
    /// <param name="module">The module.</param>
    /// <param name="after">What ran before, for the message.</param>
    /// <exception cref="InvalidOperationException">The module is malformed; the message lists everything that is wrong.</exception>
    public static void Verify(IrModule module, string after = "the front end")
    {
        ArgumentNullException.ThrowIfNull(module);
        var defects = Check(module);
        if (defects.Count > 0) throw new InvalidOperationException($"The IR is malformed after {after}:\n{string.Join('\n', defects)}\n{module}");
    }

    /// <summary>Everything that is wrong with a module; empty when nothing is.</summary>
    public static IReadOnlyList<string> Check(IrModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        List<string> defects = [];
        foreach (var function in module.Functions) new FunctionCheck(function, defects).Run();
        return defects;
    }

    private sealed class FunctionCheck(IrFunction function, List<string> defects)
    {
        private DominatorTree? _dominators;
        private readonly int _own = function.NewMark();
        private int _position;
        private readonly Dictionary<object, HashSet<object>> _crowds = new(ReferenceEqualityComparer.Instance);

        public void Run()
        {
            if (function.Blocks.Count == 0)
            {
                defects.Add($"{function.Name}: there is no block");
                return;
            }
            int count = 0;
            foreach (var block in function.BlockSpan)
            {
                block.Mark = _own;
                count += block.Code.Length;
            }
            // Instructions are marked with their positions.
            _position = function.NewMarks(count);
            foreach (var block in function.Blocks) CheckBlock(block);
            if (function.Blocks.Any(b => b.Terminator is null)) return;
            if (function.Entry.Predecessors.Count > 0) Defect(function.Entry, "something jumps to the entry");
            _dominators = function.Dominators;
            foreach (var block in function.Blocks)
            {
                if (!_dominators.IsReachable(block)) continue;
                foreach (var instruction in block.Code) CheckOperands(block, instruction);
            }
        }

        private void CheckBlock(BasicBlock block)
        {
            bool pastPhis = false;
            for (int i = 0; i < block.Instructions.Count; i++)
            {
                var instruction = block.Instructions[i];
                instruction.Mark = _position++;
                if (instruction.Block != block) Defect(block, $"an instruction thinks it is elsewhere: {instruction}");
                if (instruction is Terminator && i < block.Instructions.Count - 1) Defect(block, "there is a terminator inside the block");
                if (instruction is Phi phi)
                {
                    if (pastPhis) Defect(block, $"a phi comes after other instructions: {phi}");
                    CheckPhi(block, phi);
                }
                else
                {
                    pastPhis = true;
                }
                if (TypeDefect(instruction) is { } defect) Defect(block, $"{defect}: {instruction}");
                foreach (var operand in instruction.OperandSpan)
                {
                    if (operand is not Constant && !Has(operand, operand.UserSpan, instruction)) Defect(block, $"an operand does not know its user: {instruction}");
                    if (operand.Type.IsVoid) Defect(block, $"an operand has no value: {instruction}");
                }
            }
            if (block.Terminator is null) Defect(block, "the block does not end");
            foreach (var successor in block.Successors)
            {
                if (successor.Mark != _own || successor.Function != function) Defect(block, $"it goes to {successor}, which the function does not have");
                else if (!Has(successor, successor.PredecessorSpan, block)) Defect(block, $"{successor} does not know that it comes from here");
            }
            foreach (var predecessor in block.Predecessors)
            {
                if (predecessor.Terminator is not { } end || end.TargetSpan.IndexOf(block) < 0) Defect(block, $"{predecessor} does not go here");
            }
        }

        /// <summary>Whether a list has an element. Thousands may use one value, or go to one block: such lists are looked up in.</summary>
        /// <param name="owner">Whose list it is: a list for each.</param>
        /// <param name="list">The list, which does not change meanwhile.</param>
        /// <param name="element">The element.</param>
        private bool Has<T>(object owner, ReadOnlySpan<T> list, T element) where T : class
        {
            const int Few = 16;
            if (list.Length <= Few)
            {
                foreach (var one in list)
                {
                    if (ReferenceEquals(one, element)) return true;
                }
                return false;
            }
            if (!_crowds.TryGetValue(owner, out var crowd))
            {
                _crowds.Add(owner, crowd = new(ReferenceEqualityComparer.Instance));
                foreach (var one in list) crowd.Add(one);
            }
            return crowd.Contains(element);
        }

        private void CheckPhi(BasicBlock block, Phi phi)
        {
            if (phi.IncomingBlocks.Count != phi.IncomingBlocks.Distinct().Count()) Defect(block, $"a predecessor stands twice: {phi}");
            foreach (var predecessor in block.Predecessors)
            {
                if (!Has(phi.IncomingBlocks, phi.IncomingSpan, predecessor)) Defect(block, $"there is no value for {predecessor}: {phi}");
            }
            foreach (var incoming in phi.IncomingBlocks)
            {
                if (!Has(block, block.PredecessorSpan, incoming)) Defect(block, $"{incoming} is no predecessor: {phi}");
            }
        }

        private void CheckOperands(BasicBlock block, Instruction instruction)
        {
            for (int i = 0; i < instruction.OperandSpan.Length; i++)
            {
                var operand = instruction.OperandAt(i);
                switch (operand)
                {
                    case Parameter parameter when !function.Parameters.Contains(parameter):
                        Defect(block, $"a parameter of another function is used: {instruction}");
                        break;
                    case Instruction definition:
                        if (definition.Block is not { } home || home.Function != function)
                        {
                            Defect(block, $"operand {i} is in no block of the function: {instruction}");
                            break;
                        }
                        var user = instruction is Phi phi ? phi.IncomingBlocks[i] : block;
                        if (!_dominators!.IsReachable(user)) break;
                        if (!_dominators.IsReachable(home)
                            || !(home == user && instruction is not Phi ? definition.Mark < instruction.Mark : _dominators.Dominates(home, user)))
                            Defect(block, $"operand {i} is not defined on every path here: {instruction}");
                        break;
                }
            }
        }

        private static string? TypeDefect(Instruction instruction) => instruction switch
        {
            Binary b => !b.Type.IsInteger || b.Left.Type != b.Type || b.Right.Type != b.Type ? "arithmetic wants two integers of one width" : null,
            Negate n => !n.Type.IsInteger ? "negation wants an integer" : null,
            Conversion c => ConversionDefect(c),
            ByteSwap s => !s.Type.IsInteger || s.Bits is not (16 or 32 or 64) || s.Bits > s.Type.Bits ? "bytes are swapped in 16, 32 or 64 bits, no more than the value has" : null,
            Compare c => !Comparable(c.Left.Type, c.Right.Type) ? "the types do not compare" : null,
            Phi p => p.Operands.FirstOrDefault(o => !Fits(o.Type, p.Type)) is { } other ? $"a value is {other.Type}, not {p.Type}" : null,
            Load l => !l.Pointer.Type.IsPointer ? "the address is no pointer"
                : l.Type.IsPointer && l.Width is not (MemoryWidth.U64 or MemoryWidth.U32) ? "a pointer is loaded with 8 bytes, or 4 from a context"
                : l.Type.IsVoid || l.Type == IrType.I32 && l.Width == MemoryWidth.U64 ? "the result does not hold what is loaded" : null,
            Store s => !s.Pointer.Type.IsPointer ? "the address is no pointer"
                : s.Value.Type.IsPointer && s.Width != MemoryWidth.U64 ? "a pointer is stored with 8 bytes"
                : s.Value.Type == IrType.I32 && s.Width == MemoryWidth.U64 ? "more is stored than the value has" : null,
            PointerAdd p => !p.Pointer.Type.IsPointer || p.Bytes.Type != IrType.I64 ? "a pointer and a 64-bit number of bytes are wanted" : null,
            AtomicReadModifyWrite a => !a.Pointer.Type.IsPointer || !a.Value.Type.IsInteger ? "a pointer and an integer are wanted" : null,
            CompareExchange x => !x.Pointer.Type.IsPointer || !x.Value.Type.IsInteger || x.Expected.Type != x.Value.Type ? "a pointer and two integers of one width are wanted" : null,
            MemoryCopy m => !m.Destination.Type.IsPointer || !m.Source.Type.IsPointer ? "two pointers are wanted" : null,
            MemorySet m => !m.Destination.Type.IsPointer || m.Filler.Type != IrType.I32 ? "a pointer and a 32-bit value are wanted" : null,
            HelperCall h => h.Operands.Count > 5 ? "a helper takes at most five arguments" : null,
            KernelFunctionCall k => k.Operands.Count > 5 ? "a kernel function takes at most five arguments" : null,
            Call c => c.Operands.Count != c.Function.Parameters.Count || c.Operands.Where((o, i) => !Fits(o.Type, c.Function.Parameters[i].Type)).Any()
                ? "the arguments are not the parameters" : null,
            PacketPointer p => p.Offset.Type != IrType.I64 || p.Context.Type.Region.Kind != RegionKind.Context ? "a context and a 64-bit offset are wanted" : null,
            Branch b => b.Condition.Type != IrType.I32 ? "the condition is not 32 bits wide" : null,
            Switch s => !s.Value.Type.IsInteger || s.Cases.Distinct().Count() != s.Cases.Count ? "a number and different cases are wanted" : null,
            Return r => ReturnDefect(r),
            _ => null,
        };

        private static string? ReturnDefect(Return r)
        {
            if (r.Block is null) return null;
            var type = r.Block.Function.ReturnType;
            return type.IsVoid ? r.Value is null ? null : "the function returns nothing"
                : r.Value is null || !Fits(r.Value.Type, type) ? $"the function returns {type}" : null;
        }

        private static string? ConversionDefect(Conversion c) => c.Kind switch
        {
            ConversionKind.PointerToInteger => c.Operand.Type.IsPointer && c.Type == IrType.I64 ? null : "a pointer becomes a 64-bit number",
            ConversionKind.IntegerToPointer => c.Operand.Type == IrType.I64 && c.Type.IsPointer ? null : "a 64-bit number becomes a pointer",
            ConversionKind.Reinterpret => c.Operand.Type.IsPointer && c.Type.IsPointer ? null : "a pointer becomes a pointer",
            ConversionKind.Truncate => c.Operand.Type.IsInteger && c.Type == IrType.I32 ? null : "an integer becomes 32 bits wide",
            ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 => c.Operand.Type.IsInteger && c.Type == IrType.I64 ? null : "an integer becomes 64 bits wide",
            _ => c.Operand.Type.IsInteger && c.Type.IsInteger ? null : "an integer is wanted",
        };

        private static bool Comparable(IrType a, IrType b) => a.IsPointer ? b.IsPointer : a == b;

        // What is known of a pointer beyond its kind may get lost on the way.
        private static bool Fits(IrType value, IrType into) => value == into
            || value.IsPointer && into.IsPointer && (value.Region.Kind == into.Region.Kind
                || into.Region.Kind == RegionKind.Unknown || Region.Join(value.Region, into.Region)?.Kind == into.Region.Kind);

        private void Defect(BasicBlock block, string what) => defects.Add($"{function.Name}, {block.Name}: {what}");
    }
}
