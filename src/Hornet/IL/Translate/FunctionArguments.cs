using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

/// <summary>
/// The arguments of a call as a function of its own takes them: at most five registers. What is known when the program is
/// compiled (maps, other objects) needs none: there is a function for each such combination.
/// </summary>
internal sealed class FunctionArguments(Translator t, bool specialize)
{
    /// <summary>The registers that arguments are passed in.</summary>
    public const int MostRegisters = 5;

    private readonly List<Func<Func<Value>, ILValue>> _rebuild = [];

    /// <summary>What tells functions of one method apart: known values, and the types of the others.</summary>
    public List<ILValue> Key { get; } = [];

    /// <summary>The values to pass.</summary>
    public List<Value> Operands { get; } = [];

    /// <summary>Takes arguments; false when one of them cannot be passed.</summary>
    public bool TryAdd(ILValue[] arguments, int registers)
    {
        var counts = Array.ConvertAll(arguments, Count);
        if (Array.Exists(counts, count => count < 0)) return false;
        var byReference = new bool[arguments.Length];
        while (counts.Sum() > registers)
        {
            // The widest struct goes by reference.
            int widest = -1;
            for (int i = 0; i < counts.Length; i++)
            {
                if (counts[i] > 1 && arguments[i] is StructValue { Shape.IsPlainData: true } && (widest < 0 || counts[i] > counts[widest])) widest = i;
            }
            if (widest < 0) return false;
            byReference[widest] = true;
            counts[widest] = 1;
        }
        for (int i = 0; i < arguments.Length; i++)
        {
            if (byReference[i]) AddByReference((StructValue)arguments[i]);
            else _rebuild.Add(Add(arguments[i]));
        }
        return true;
    }

    /// <summary>The arguments as the function sees them, made of its parameters.</summary>
    public ILValue[] Rebuild(IEnumerable<Value> parameters)
    {
        using var next = parameters.GetEnumerator();
        Func<Value> take = () => next.MoveNext() ? next.Current : throw new InvalidOperationException("There are fewer parameters than arguments.");
        return [.. _rebuild.Select(part => part(take))];
    }

    // How many registers a value takes; negative when it cannot be passed.
    private int Count(ILValue value)
    {
        switch (value)
        {
            case Scalar { Known: not null } when specialize:
            case Pointer { IsNull: true } or ObjectConstant or MemberToken or MethodAddress or ConstantData { Offset: Constant }:
            case DelegateValue { Target: ObjectConstant }:
                return 0;
            case Scalar or Pointer:
                return 1;
            case VariableAddress { Variable.Shape.IsPlainData: true }:
                return 1;
            case PacketAddress:
                return 2;
            case MemoryValue memory:
                return Count(memory.Address);
            case StructValue whole:
                int sum = 0;
                foreach (var leaf in whole.Leaves)
                {
                    int count = Count(leaf);
                    if (count < 0) return -1;
                    sum += count;
                }
                return sum;
            default:
                return -1;
        }
    }

    private Func<Func<Value>, ILValue> Add(ILValue value)
    {
        switch (value)
        {
            case Scalar scalar when !(specialize && scalar.Known is not null):
                Pass(scalar.Ir);
                return static take => new Scalar(take());
            case VariableAddress address:
                return Add(t.RealPointer(address));
            case Pointer { IsNull: false } pointer:
                Pass(t.AddressOf(pointer));
                return static take => new Pointer(take());
            case PacketAddress packet:
                Pass(packet.Context);
                Pass(packet.Offset);
                return static take => new PacketAddress(take(), take());
            case MemoryValue memory:
                var at = Add(memory.Address);
                return take => new MemoryValue(memory.Shape, at(take), memory.Address is ConstantData);
            case StructValue whole:
                var leaves = Array.ConvertAll(whole.Leaves, Add);
                return take => new StructValue(whole.Shape, Array.ConvertAll(leaves, leaf => leaf(take)));
            default:
                Key.Add(value);
                return _ => value;
        }
    }

    private void AddByReference(StructValue value)
    {
        Pass(t.InMemory(value, value.Shape));
        _rebuild.Add(take => t.LoadFrom(new Pointer(take()), value.Shape, false));
    }

    private void Pass(Value value)
    {
        Operands.Add(value);
        Key.Add(new Placeholder(TypeOf(value)));
    }

    /// <summary>The type of the parameter for a value. A function does not know how a caller's stack is aligned beyond what the types say.</summary>
    public static IrType TypeOf(Value value) =>
        value.Type is { IsPointer: true, Region.Kind: RegionKind.Stack } ? IrType.Pointer(new Region(RegionKind.Memory)) : value.Type;

    private sealed record Placeholder(IrType Type) : ILValue;
}

/// <summary>A method as a function of the program.</summary>
/// <param name="Function">The function.</param>
/// <param name="CanFail">Whether a check in it can fail; then its result says so.</param>
internal sealed record OutlinedFunction(IrFunction Function, bool CanFail);

/// <summary>Which function a call is one of.</summary>
internal sealed record FunctionKey(System.Reflection.MethodBase Method, List<ILValue> Arguments)
{
    /// <inheritdoc/>
    public bool Equals(FunctionKey? other) => other is not null && Method == other.Method && Arguments.SequenceEqual(other.Arguments);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Method, Arguments.Count);
}
