using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// SSA construction on the fly (Braun et al. 2013). At a loop's head a variable that the loop does not seem to change
// keeps its value, also one the kernel could not hold (an object); when the loop turns out to change it, that is
// remembered and the translation begins again.
internal sealed partial class Translator
{
    private readonly Dictionary<Value, Value> _replaced = new(ReferenceEqualityComparer.Instance);

    public FlowBlock NewBlock(string name, object? key = null) => new(AddBlock(name), key ?? (Frame?.Key, Offset, _blocksHere++));

    /// <summary>Ends the current block by going to another.</summary>
    public void Goto(FlowBlock target, ILValue[]? stack = null)
    {
        Emit(new Jump(target.Ir));
        AddEdge(target, stack ?? []);
    }

    /// <summary>Ends the current block with a branch.</summary>
    public void BranchTo(Value condition, FlowBlock then, FlowBlock otherwise, ILValue[]? stack = null)
    {
        if (ReferenceEquals(then, otherwise))
        {
            Goto(then, stack);
            return;
        }
        Emit(new Branch(condition, then.Ir, otherwise.Ir));
        AddEdge(then, stack ?? []);
        AddEdge(otherwise, stack ?? []);
    }

    private void AddEdge(FlowBlock target, ILValue[] stack)
    {
        if (target.Predecessors.Contains(Current!)) return; // two cases of a switch
        target.Predecessors.Add(Current!);
        target.Stacks.Add(stack);
    }

    /// <summary>Makes a block the current one, all of whose predecessors are known unless a loop begins there.</summary>
    /// <returns>The evaluation stack there.</returns>
    public ILValue[] Enter(FlowBlock block)
    {
        Current = block;
        if (!block.IsLoopHeader) block.IsSealed = true;
        if (block.Stacks.Count == 0) return [];
        int depth = block.Stacks[0].Length;
        if (depth == 0 || block.Stacks.Count == 1) return block.Stacks[0];
        var stack = new ILValue[depth];
        var values = new ILValue[block.Stacks.Count];
        for (int i = 0; i < depth; i++)
        {
            for (int p = 0; p < values.Length; p++) values[p] = block.Stacks[p][i];
            stack[i] = Join(block, values);
        }
        return stack;
    }

    /// <summary>Says that no more edges come to a loop's head.</summary>
    public void Seal(FlowBlock header)
    {
        if (header.IsSealed) return;
        header.IsSealed = true;
        for (int i = 0; i < header.Open.Count; i++) Complete(header, header.Open[i].Leaf, header.Open[i].Value);
    }

    public ILValue Read(LeafVariable leaf) => Read(leaf, Current!);

    public void Write(LeafVariable leaf, ILValue value)
    {
        leaf.Definitions[Current!] = value;
        Scope.Outline?.Written.Add(leaf);
    }

    private ILValue Read(LeafVariable leaf, FlowBlock block)
    {
        // Straight runs of blocks are walked, not recursed into.
        var at = block;
        ILValue? value;
        while (!leaf.Definitions.TryGetValue(at, out value))
        {
            if (at.Outlined is { } outlined && outlined.Written.Contains(leaf))
            {
                value = outlined.ReadAfter(leaf);
                break;
            }
            if (!at.IsSealed || at.IsLoopHeader || at.Predecessors.Count != 1)
            {
                value = Find(leaf, at);
                break;
            }
            at = at.Predecessors[0];
        }
        value = Resolve(value);
        leaf.Definitions[block] = value;
        return value;
    }

    private ILValue Find(LeafVariable leaf, FlowBlock block)
    {
        if (block.Predecessors.Count == 0) return block.Captures is { } outline ? outline.Capture(leaf) : DefaultLeaf(leaf.Shape);
        if (block.IsLoopHeader) return FindAtHeader(leaf, block);
        var values = new ILValue[block.Predecessors.Count];
        for (int i = 0; i < values.Length; i++) values[i] = Read(leaf, block.Predecessors[i]);
        return leaf.Definitions[block] = Join(block, values);
    }

    private ILValue FindAtHeader(LeafVariable leaf, FlowBlock header)
    {
        // The edges from outside of the loop came first.
        var outside = Read(leaf, header.Predecessors[0]);
        bool changes = header.Assigned?.Contains(leaf.Variable) == true || _knowledge.Changes(header, leaf);
        for (int i = 1; i < header.EntryEdges && !changes; i++) changes = !Read(leaf, header.Predecessors[i]).Equals(outside);
        var value = changes ? OpenPhi(leaf, header, outside) : outside;
        leaf.Definitions[header] = value;
        if (header.IsSealed) Complete(header, leaf, value);
        else header.Open.Add((leaf, value));
        return value;
    }

    private ILValue OpenPhi(LeafVariable leaf, FlowBlock header, ILValue outside) => outside switch
    {
        Scalar scalar => new Scalar(MarkOpen(header.Ir.Append(new Phi(scalar.Ir.Type) { Location = Location, Name = leaf.Name }))),
        Pointer pointer => new Pointer(MarkOpen(header.Ir.Append(new Phi(IrType.Pointer(_knowledge.RegionOf(header, leaf) ?? pointer.Region)) { Location = Location, Name = leaf.Name }))),
        PacketAddress packet => packet with { Offset = MarkOpen(header.Ir.Append(new Phi(IrType.I64) { Location = Location, Name = leaf.Name })) },
        ConstantData data => data with { Offset = MarkOpen(header.Ir.Append(new Phi(IrType.I64) { Location = Location, Name = leaf.Name })) },
        VariableAddress address => Escape(address, leaf, header),
        _ => outside,
    };

    private ILValue Escape(VariableAddress address, LeafVariable leaf, FlowBlock header)
    {
        _knowledge.NeedsMemory(address.Variable.Key);
        return OpenPhi(leaf, header, new Pointer(Constant.Null(Region.Stack)));
    }

    private readonly HashSet<Value> _openPhis = new(ReferenceEqualityComparer.Instance);

    private Phi MarkOpen(Phi phi)
    {
        _openPhis.Add(phi);
        return phi;
    }

    private void Complete(FlowBlock header, LeafVariable leaf, ILValue value)
    {
        var phi = value switch
        {
            Scalar { Ir: Phi scalar } => scalar,
            Pointer { Base: Phi pointer, Offset: 0, Index: null } => pointer,
            PacketAddress { Offset: Phi offset } => offset,
            ConstantData { Offset: Phi offset } => offset,
            _ => null,
        };
        if (phi is null || phi.Block != header.Ir || !_openPhis.Remove(phi))
        {
            // It was taken as unchanged. Is it?
            for (int i = 0; i < header.Predecessors.Count; i++)
            {
                var incoming = Read(leaf, header.Predecessors[i]);
                if (incoming.Equals(value) || incoming is ErrorValue || value is ErrorValue) continue;
                if (_knowledge.Changes(header, leaf) || header.Assigned?.Contains(leaf.Variable) == true)
                {
                    // Known to change, and still not a value that can: an object, a delegate.
                    leaf.Definitions[header] = new Conflict(value, incoming);
                    ReportConflict(leaf, value, incoming);
                }
                else
                {
                    _knowledge.LearnChange(header, leaf);
                }
            }
            return;
        }
        foreach (var predecessor in header.Predecessors)
        {
            var incoming = Read(leaf, predecessor);
            phi.AddIncoming(predecessor.Ir, Operand(phi.Type, incoming, predecessor, leaf, header));
        }
        if (SingleOperand(phi) is { } single) _replaced[phi] = single;
    }

    private ILValue Resolve(ILValue value)
    {
        if (_replaced.Count == 0) return value;
        return value switch
        {
            Scalar scalar when _replaced.ContainsKey(scalar.Ir) => new Scalar(Resolve(scalar.Ir)),
            Pointer pointer when _replaced.ContainsKey(pointer.Base) || (pointer.Index is { } index && _replaced.ContainsKey(index)) =>
                pointer with { Base = Resolve(pointer.Base), Index = pointer.Index is { } by ? Resolve(by) : null },
            PacketAddress packet when _replaced.ContainsKey(packet.Offset) => packet with { Offset = Resolve(packet.Offset) },
            ConstantData data when _replaced.ContainsKey(data.Offset) => data with { Offset = Resolve(data.Offset) },
            _ => value,
        };
    }

    private Value Resolve(Value value)
    {
        while (_replaced.TryGetValue(value, out var other)) value = other;
        return value;
    }

    /// <summary>The value where control flow meets.</summary>
    private ILValue Join(FlowBlock block, ILValue[] values)
    {
        for (int i = 0; i < values.Length; i++) values[i] = Resolve(values[i]);
        var first = values[0];
        if (Array.TrueForAll(values, value => value.Equals(first))) return first;
        if (Array.Exists(values, value => value is ErrorValue)) return ErrorValue.Instance;
        if (first is Scalar scalar && Array.TrueForAll(values, value => value is Scalar other && other.Ir.Type == scalar.Ir.Type))
            return new Scalar(NewPhi(block, scalar.Ir.Type, values));
        if (Array.TrueForAll(values, value => value is PacketAddress))
        {
            var packet = (PacketAddress)first;
            if (Array.TrueForAll(values, value => ReferenceEquals(((PacketAddress)value).Context, packet.Context)))
                return packet with { Offset = NewPhi(block, IrType.I64, Array.ConvertAll(values, value => (ILValue)new Scalar(((PacketAddress)value).Offset))) };
        }
        if (first is StructValue whole && Array.TrueForAll(values, value => value is StructValue other && other.Shape == whole.Shape))
        {
            var leaves = new ILValue[whole.Leaves.Length];
            for (int i = 0; i < leaves.Length; i++) leaves[i] = Join(block, Array.ConvertAll(values, value => ((StructValue)value).Leaves[i]));
            return new StructValue(whole.Shape, leaves);
        }
        if (first is MemoryValue memory && Array.TrueForAll(values, value => value is MemoryValue))
            return memory with { Address = Join(block, Array.ConvertAll(values, value => ((MemoryValue)value).Address)) };
        if (Array.TrueForAll(values, value => value is Pointer or VariableAddress or ConstantData)) return JoinPointers(block, values);
        return new Conflict(first, Array.Find(values, value => !value.Equals(first))!);
    }

    private ILValue JoinPointers(FlowBlock block, ILValue[] values)
    {
        Region? region = null;
        foreach (var value in values)
        {
            Region? of = value switch
            {
                Pointer { IsNull: true } => null,
                Pointer pointer => pointer.Region,
                VariableAddress => Region.Stack,
                _ => new Region(RegionKind.MapValue),
            };
            if (of is not { } next) continue;
            if (region is not { } present) region = next;
            else if (JoinRegions(present, next) is { } joined) region = joined;
            else return new Conflict(values[0], value);
        }
        var type = IrType.Pointer(region ?? Region.Unknown);
        return new Pointer(NewPhi(block, type, values));
    }

    // What a pointer that is one or the other points to. Kernel memory that the verifier knows on one way only is read as
    // if it did not.
    private static Region? JoinRegions(Region a, Region b)
    {
        if (a == b) return a;
        if (a.Kind is RegionKind.Kernel or RegionKind.KernelUntrusted && b.Kind is RegionKind.Kernel or RegionKind.KernelUntrusted)
            return Region.KernelUntrusted(a.TypeName == b.TypeName ? a.TypeName : null);
        return a.Kind == b.Kind ? new Region(a.Kind, Math.Min(a.Size, b.Size)) : null;
    }

    private Phi NewPhi(FlowBlock block, IrType type, ILValue[] values)
    {
        var phi = block.Ir.Append(new Phi(type) { Location = Location });
        for (int i = 0; i < values.Length; i++) phi.AddIncoming(block.Predecessors[i].Ir, Operand(type, values[i], block.Predecessors[i], null, null));
        return phi;
    }

    // The IR value that a predecessor hands to a phi.
    private Value Operand(IrType type, ILValue value, FlowBlock predecessor, LeafVariable? leaf, FlowBlock? header)
    {
        switch (value)
        {
            case Scalar scalar when scalar.Ir.Type == type:
                return scalar.Ir;
            case Pointer { IsNull: true } when type.IsPointer:
                return Constant.Null(type.Region);
            case Pointer pointer when type.IsPointer:
                if (pointer.Region != type.Region && leaf is not null) _knowledge.LearnRegion(header!, leaf, type.Region, pointer.Region);
                return AtEnd(predecessor, () => type.Region.Kind == RegionKind.KernelUntrusted ? InRegion(pointer, type.Region) : AddressOf(pointer));
            case PacketAddress packet when type == IrType.I64:
                return packet.Offset;
            case ConstantData data when type == IrType.I64:
                return data.Offset;
            case ConstantData data when type.IsPointer:
                return AtEnd(predecessor, () => AddressOf(RealPointer(data)));
            case VariableAddress address when type.IsPointer:
                _knowledge.NeedsMemory(address.Variable.Key);
                return Constant.Null(type.Region);
            case ErrorValue:
                return Constant.Of(type, 0);
            default:
                if (leaf is not null) ReportConflict(leaf, new Scalar(Constant.Of(type, 0)), value);
                return Constant.Of(type, 0);
        }
    }

    // Emits code at the end of a block that has ended already.
    private Value AtEnd(FlowBlock block, Func<Value> emit)
    {
        var (current, before) = (Current, _before);
        Current = block;
        _before = block.Ir.Terminator;
        var value = emit();
        (Current, _before) = (current, before);
        return value;
    }

    // Phis that turned out to be one value, and phis of such phis.
    private static void RemoveNeedlessPhis(IrFunction function)
    {
        bool changed;
        do
        {
            changed = false;
            foreach (var block in function.Blocks)
            {
                foreach (var phi in block.Phis.ToArray())
                {
                    if (SingleOperand(phi) is not { } single) continue;
                    phi.ReplaceAllUsesWith(single);
                    phi.Remove();
                    changed = true;
                }
            }
        }
        while (changed);
    }

    // A phi whose operands are all one value is that value.
    private static Value? SingleOperand(Phi phi)
    {
        Value? single = null;
        foreach (var operand in phi.Operands)
        {
            if (ReferenceEquals(operand, phi) || (single is not null && Scalar.SameValue(operand, single))) continue;
            if (single is not null) return null;
            single = operand;
        }
        return single;
    }
}
