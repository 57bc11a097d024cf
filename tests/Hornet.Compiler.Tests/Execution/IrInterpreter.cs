using System.Buffers.Binary;
using Hornet.Compiler.IR;
using Hornet.Isa;
using Instruction = Hornet.Compiler.IR.Instruction;

namespace Hornet.Compiler.Tests.Execution;

/// <summary>
/// Runs IR as it is defined, with no thought of eBPF: what compiled programs are compared with. Memory is byte arrays; a
/// pointer is an array and an offset.
/// </summary>
internal sealed class IrInterpreter
{
    private readonly Dictionary<string, byte[]> _maps = [];
    private readonly Dictionary<(byte[] Memory, int Offset), Cell> _pointers = [];
    private int _steps;

    /// <summary>A number, or a pointer: the memory with the offset in <see cref="Number"/>.</summary>
    public readonly record struct Cell(long Number, byte[]? Memory = null);

    /// <summary>How many instructions may run.</summary>
    public int StepLimit { get; init; } = 1_000_000;

    /// <summary>The packet, for programs that read it.</summary>
    public byte[] Packet { get; init; } = [];

    /// <summary>The value of an array map's only element; maps that were not given are zeros.</summary>
    public byte[] Map(MapSymbol map)
    {
        if (!_maps.TryGetValue(map.Name, out var memory))
        {
            _maps[map.Name] = memory = new byte[map.Spec.ValueSize * Math.Max(1, map.Spec.MaxEntries)];
            if (map.Spec.Contents.Count > 0) ((byte[])map.Spec.Contents[0].Value).CopyTo(memory, 0);
        }
        return memory;
    }

    /// <summary>Gives a map's value its first contents.</summary>
    public void SetMap(string name, byte[] value) => _maps[name] = value;

    /// <summary>Runs a function.</summary>
    public long Run(IrFunction function, params Cell[] arguments)
    {
        Dictionary<Value, Cell> values = [];
        for (int i = 0; i < function.Parameters.Count; i++) values[function.Parameters[i]] = i < arguments.Length ? arguments[i] : default;
        BasicBlock block = function.Entry;
        BasicBlock? previous = null;
        while (true)
        {
            var phis = block.Phis.Select(p => (Phi: p, Value: Get(p.ValueFor(previous!)!))).ToList();
            foreach (var (phi, value) in phis) values[phi] = value;
            foreach (var instruction in block.Instructions)
            {
                if (instruction is Phi or Terminator) continue;
                if (++_steps > StepLimit) throw new InvalidOperationException("The program does not end.");
                values[instruction] = Evaluate(instruction, Get);
            }
            previous = block;
            switch (block.Terminator)
            {
                case Jump j: block = j.Target; break;
                case Branch b: block = Get(b.Condition).Number != 0 ? b.Then : b.Else; break;
                case Switch s:
                    int at = s.Cases.ToList().IndexOf(Cut(Get(s.Value).Number, s.Value.Type));
                    block = at < 0 ? s.Default : s.Targets[at];
                    break;
                case Return r: return r.Value is { } value ? Get(value).Number : 0;
                case Unreachable: return 0;
                default: throw new InvalidOperationException($"{block} does not end.");
            }
            if (++_steps > StepLimit) throw new InvalidOperationException("The program does not end.");
        }

        Cell Get(Value value) => value is Constant c ? new Cell(c.Number) : values[value];
    }

    /// <summary>Values are kept sign-extended from their width.</summary>
    private static long Cut(long number, IrType type) => type == IrType.I32 ? (int)number : number;

    private Cell Evaluate(Instruction instruction, Func<Value, Cell> get)
    {
        long N(Value v) => get(v).Number;
        switch (instruction)
        {
            case Binary b: return new(ConstantFolding.Fold(b.Operator, N(b.Left), N(b.Right), b.Type.Bits));
            case Negate n: return new(Cut(unchecked(-N(n.Operand)), n.Type));
            case Conversion { Kind: ConversionKind.PointerToInteger or ConversionKind.IntegerToPointer or ConversionKind.Reinterpret } c: return get(c.Operand);
            case Conversion c: return new(Cut(ConstantFolding.Fold(c.Kind, N(c.Operand))!.Value, c.Type));
            case ByteSwap s: return new(Cut(ConstantFolding.FoldByteSwap(s.Bits, N(s.Operand)), s.Type));
            case Compare c: return new(Holds(c, get(c.Left), get(c.Right)) ? 1 : 0);
            case Alloca a: return new(0, new byte[a.Size]);
            case GlobalReference g: return new(g.Offset, Map(g.Map));
            case MapReference m: return new(0, Map(m.Map));
            case Load l: return LoadFrom(get(l.Pointer), l.Offset, l.Width, l.Type);
            case Store s: StoreTo(get(s.Pointer), s.Offset, s.Width.Bytes(), get(s.Value)); return default;
            case PointerAdd p: return get(p.Pointer) with { Number = get(p.Pointer).Number + N(p.Bytes) };
            case AtomicReadModifyWrite a: return Atomic(a, get);
            case CompareExchange x:
                var before = LoadFrom(get(x.Pointer), x.Offset, MemoryWidths.Unsigned(x.Type.Bits / 8), x.Type);
                if (before.Number == N(x.Expected)) StoreTo(get(x.Pointer), x.Offset, x.Type.Bits / 8, get(x.Value));
                return before;
            case MemoryCopy m:
                for (int i = 0; i < m.Size; i++) StoreTo(get(m.Destination), i, 1, LoadFrom(get(m.Source), i, MemoryWidth.U8, IrType.I32));
                return default;
            case MemorySet m:
                for (int i = 0; i < m.Size; i++) StoreTo(get(m.Destination), i, 1, get(m.Filler));
                return default;
            case Call c: return new(Run(c.Function, [.. c.Operands.Select(get)]));
            case PacketPointer p:
                long offset = N(p.Offset);
                return offset >= 0 && offset + p.Size <= Packet.Length ? new(offset, Packet) : new(0);
            case PacketLength: return new(Packet.Length);
            case HelperCall { Helper: BpfHelper.KtimeGetNs or BpfHelper.GetPrandomU32 }: return new(0x1234_5678);
            case HelperCall { Helper: BpfHelper.MapLookupElem } h:
                var map = ((MapReference)h.Operands[0]).Map;
                uint index = (uint)LoadFrom(get(h.Operands[1]), 0, MemoryWidth.U32, IrType.I64).Number;
                return index < map.Spec.MaxEntries ? new(index * map.Spec.ValueSize, Map(map)) : new(0);
            default: throw new NotSupportedException($"The interpreter does not know '{instruction}'.");
        }
    }

    private static bool Holds(Compare c, Cell left, Cell right)
    {
        if (!c.Left.Type.IsPointer) return c.Predicate.Holds(left.Number, right.Number, c.Left.Type.Bits);
        bool same = ReferenceEquals(left.Memory, right.Memory) && left.Number == right.Number;
        return c.Predicate switch
        {
            Predicate.Equal => same,
            Predicate.NotEqual => !same,
            _ when ReferenceEquals(left.Memory, right.Memory) => c.Predicate.Holds(left.Number, right.Number, 64),
            _ => throw new NotSupportedException("Pointers into different memory have no order."),
        };
    }

    private Cell Atomic(AtomicReadModifyWrite a, Func<Value, Cell> get)
    {
        int size = a.Value.Type.Bits / 8;
        var old = LoadFrom(get(a.Pointer), a.Offset, MemoryWidths.Unsigned(size), a.Value.Type);
        long value = get(a.Value).Number;
        long result = a.Operator switch
        {
            AtomicOperator.Add => unchecked(old.Number + value),
            AtomicOperator.And => old.Number & value,
            AtomicOperator.Or => old.Number | value,
            AtomicOperator.Xor => old.Number ^ value,
            _ => value,
        };
        StoreTo(get(a.Pointer), a.Offset, size, new Cell(result));
        return old;
    }

    private Cell LoadFrom(Cell pointer, int offset, MemoryWidth width, IrType type)
    {
        var memory = pointer.Memory ?? throw new InvalidOperationException("A null pointer is followed.");
        int at = checked((int)(pointer.Number + offset));
        if (type.IsPointer) return _pointers.GetValueOrDefault((memory, at));
        var span = memory.AsSpan(at);
        return new(Cut(width switch
        {
            MemoryWidth.U8 => span[0],
            MemoryWidth.I8 => (sbyte)span[0],
            MemoryWidth.U16 => BinaryPrimitives.ReadUInt16LittleEndian(span),
            MemoryWidth.I16 => BinaryPrimitives.ReadInt16LittleEndian(span),
            MemoryWidth.U32 => BinaryPrimitives.ReadUInt32LittleEndian(span),
            MemoryWidth.I32 => BinaryPrimitives.ReadInt32LittleEndian(span),
            _ => BinaryPrimitives.ReadInt64LittleEndian(span),
        }, type));
    }

    private void StoreTo(Cell pointer, int offset, int size, Cell value)
    {
        var memory = pointer.Memory ?? throw new InvalidOperationException("A null pointer is followed.");
        int at = checked((int)(pointer.Number + offset));
        if (value.Memory is not null)
        {
            _pointers[(memory, at)] = value;
            return;
        }
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value.Number);
        bytes[..size].CopyTo(memory.AsSpan(at));
    }
}
