using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

// Variables, addresses, and how they become pointers.
internal sealed partial class Translator
{
    private ILValue LoadArgument(int index) =>
        Frame.ArgumentVariables[index] is { } variable ? LoadVariable(variable) : Resolved(Frame.Arguments[index]);

    // Arguments are held across loops whose phis may have turned out needless meanwhile.
    private ILValue Resolved(ILValue value)
    {
        if (value is not StructValue) value = Resolve(value);
        return Scope.Outline is { } outline ? outline.Import(value) : value;
    }

    // Where a variable lies, as the function that is being made sees it.
    private Value SlotOf(Variable variable) => Scope.Outline is { } outline ? outline.Import(variable.Slot!) : variable.Slot!;

    public ILValue LoadVariable(Variable variable)
    {
        if (variable.Slot is not null) return LoadFrom(new Pointer(SlotOf(variable)), variable.Shape, false);
        if (variable.Shape is not StructShape shape) return variable.Leaves.Length == 0 ? ErrorValue.Instance : Read(variable.Leaves[0]);
        return new StructValue(shape, Array.ConvertAll(variable.Leaves, Read));
    }

    public void StoreVariable(Variable variable, ILValue value)
    {
        value = Coerce(value, variable.Shape);
        if (variable.Slot is not null)
        {
            StoreTo(new Pointer(SlotOf(variable)), variable.Shape, value, false);
            return;
        }
        if (value is ErrorValue)
        {
            foreach (var leaf in variable.Leaves) Write(leaf, value);
            return;
        }
        if (value is MemoryValue)
        {
            // A struct of leaves that was in memory.
            value = LoadFrom(((MemoryValue)value).Address, variable.Shape, false);
        }
        var leaves = StructValue.LeavesOf(value);
        if (leaves.Length != variable.Leaves.Length) throw new InvalidOperationException($"{value} does not fit in {variable}.");
        for (int i = 0; i < leaves.Length; i++) Write(variable.Leaves[i], leaves[i]);
    }

    /// <summary>The address of a variable.</summary>
    public ILValue AddressOf(Variable variable) =>
        variable.Slot is not null ? new Pointer(SlotOf(variable)) : new VariableAddress(variable, 0, variable.Shape);

    /// <summary>A new variable of the current instruction, with a value.</summary>
    public Variable NewTemporary(Shape shape, ILValue? value)
    {
        var variable = Declare(VariableKind.Temporary, (Offset * 16) + _temporaries++ % 16, shape.Type, null, initialize: value is null);
        if (value is not null) StoreVariable(variable, value);
        return variable;
    }

    private int _temporaries;

    /// <summary>An address as a pointer that IR can hold.</summary>
    public Pointer RealPointer(ILValue address)
    {
        switch (address)
        {
            case Pointer pointer:
                return Indexed(pointer);
            case ConstantData data:
                int at = Module.ReadOnlyData.Add(data.Bytes, 8);
                Pointer start = new(Emit(new GlobalReference(Module.ReadOnlyData.Map!, at)));
                return Indexed(Advance(start, data.Offset));
            case VariableAddress { Variable: var variable } place:
                if (variable.Slot is not null) return new Pointer(SlotOf(variable), OffsetOf(place));
                _knowledge.NeedsMemory(variable.Key);
                // This attempt is lost; it goes on only to learn more.
                return new Pointer(NewSlot(Math.Max(1, variable.Shape.IsPlainData ? variable.Shape.Size : 8), 8, false));
            case ObjectConstant { Instance: null }:
                return new Pointer(Constant.Null(Region.Unknown));
            default:
                Report(Rules.Unsupported, $"{Describe(address)} is used as an address");
                return new Pointer(NewSlot(8, 8, false));
        }
    }

    private static int OffsetOf(VariableAddress place) => place.Variable.Shape.Leaves.Count > place.FirstLeaf ? place.Variable.Shape.Leaves[place.FirstLeaf].Offset : 0;

    /// <summary>A pointer through which so many bytes can be reached: a place in the packet is checked here.</summary>
    public Pointer Reach(ILValue address, int size)
    {
        if (address is not PacketAddress packet) return RealPointer(address);
        var pointer = Emit(new PacketPointer(packet.Context, packet.Offset, size));
        LeaveProgramIf(Comparison(Predicate.Equal, pointer, Constant.Null(pointer.Type.Region)));
        return new Pointer(pointer);
    }
}
