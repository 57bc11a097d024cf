using Hornet.Compiler.IR;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.Compiler.Tests.Execution;

/// <summary>
/// Makes random programs that always end and that the verifier can follow: nested branches, switches and counted loops with
/// values that live across them, all widths and operators, memory on the stack and in a map, calls. The program reads its
/// inputs from the map <c>io</c> and writes many of its values back there.
/// </summary>
internal sealed class RandomIr
{
    public const int IoSize = 256, InputSize = 64;

    private readonly Random _random;
    private readonly IrModule _module;
    private readonly MapSymbol _io;
    private readonly int _maximumStatements;
    private IrBuilder _builder = null!;
    private List<Value> _values = [];
    private List<Alloca> _frames = [];
    private int _depth, _loops, _statements, _output;
    private IrFunction? _callee;

    private RandomIr(int seed, int statements)
    {
        _random = new Random(seed);
        _maximumStatements = statements;
        _module = new IrModule("random", ProgramType.SocketFilter);
        _io = _module.AddMap(new MapSpec { Name = "io", Type = MapType.Array, KeySize = 4, ValueSize = IoSize, MaxEntries = 1 });
    }

    /// <summary>Makes the program of a seed.</summary>
    /// <param name="seed">Which.</param>
    /// <param name="statements">Roughly how long.</param>
    /// <param name="atomics">Whether there are atomic operations beyond addition.</param>
    public static IrModule Make(int seed, int statements = 60, bool atomics = true) => new RandomIr(seed, statements) { Atomics = atomics }.Module();

    private bool Atomics { get; init; }

    private IrModule Module()
    {
        var main = _module.AddFunction("main", IrType.I32);
        main.AddParameter(IrType.Pointer(Region.Context), "ctx");
        if (Chance(3)) _callee = Subprogram();
        _builder = new IrBuilder(main.AddBlock("entry")) { Location = new SourceLocation { File = "random.cs", Line = 1, Column = 1 } };
        _values = [];
        _frames = [];
        _depth = _loops = _statements = 0;
        _output = InputSize;
        for (int i = 0; i < 4; i++) _frames.Add(_builder.Alloca(8 * (1 + _random.Next(3)), 8));
        Value io = _builder.GlobalReference(_io);
        int inputs = 2 + _random.Next(14);
        for (int i = 0; i < inputs; i++) _values.Add(LoadInput(io));
        Statements(_maximumStatements);
        // What is still there at the end is looked at, so that long lives are tested.
        foreach (var value in _values.OrderBy(_ => _random.Next()).Take(24)) Output(value);
        _builder.Return(Pick(IrType.I32));
        return _module;
    }

    private IrFunction Subprogram()
    {
        var function = _module.AddFunction("sub", Chance(2) ? IrType.I32 : IrType.I64);
        int parameters = 1 + _random.Next(5);
        _builder = new IrBuilder(function.AddBlock("entry"));
        _values = [];
        for (int i = 0; i < parameters; i++) _values.Add(function.AddParameter(Chance(2) ? IrType.I32 : IrType.I64));
        _frames = [_builder.Alloca(8)];
        _output = -1;
        Statements(_maximumStatements / 4);
        _builder.Return(Pick(function.ReturnType));
        function.Inlining = Chance(2) ? InlineChoice.Never : InlineChoice.Automatic;
        return function;
    }

    private Load LoadInput(Value io)
    {
        var width = (MemoryWidth)_random.Next(7);
        var type = width == MemoryWidth.U64 || Chance(2) ? IrType.I64 : IrType.I32;
        return _builder.Load(io, _random.Next(InputSize / 8) * 8, width, type);
    }

    private void Statements(int budget)
    {
        int end = _statements + budget;
        while (_statements < end && _statements < 3 * _maximumStatements) Statement(end - _statements);
    }

    private void Statement(int budget)
    {
        _statements++;
        if (_builder.Location is { } at) _builder.Location = at with { Line = at.Line + 1 };
        switch (_random.Next(20))
        {
            case < 9: _values.Add(Expression()); break;
            case 9 or 10: StoreToFrame(); break;
            case 11 or 12: _values.Add(LoadFromFrame()); break;
            case 13 when _output >= 0: Output(Pick()); break;
            case 14 when _output >= 0: Memory(); break;
            case 15 when _depth < 4 && budget > 4: If(budget / 2); break;
            case 16 when _depth < 3 && budget > 6: SwitchOver(budget / 2); break;
            case 17 when _loops < 2 && budget > 6: Loop(budget / 2); break;
            case 18: Clobber(); break;
            case 19 when _callee is not null: CallFunction(); break;
            default: _values.Add(Expression()); break;
        }
    }

    private Value Expression()
    {
        var type = Chance(2) ? IrType.I32 : IrType.I64;
        return _random.Next(10) switch
        {
            < 6 => Arithmetic(type),
            6 => _builder.Negate(Pick(type)),
            7 => Widen(),
            8 => _builder.ByteSwap(type == IrType.I32 ? (Chance(2) ? 16 : 32) : 16 << _random.Next(3), Pick(type)),
            _ => _builder.Compare((Predicate)_random.Next(10), Pick(type), Pick(type)),
        };
    }

    private Value Arithmetic(IrType type)
    {
        var op = (BinaryOperator)_random.Next(13);
        return _builder.Binary(op, Pick(type), Chance(3) ? Number(type) : Pick(type));
    }

    private Value Widen()
    {
        var kind = (ConversionKind)_random.Next(7);
        var type = kind switch
        {
            ConversionKind.Truncate => IrType.I32,
            ConversionKind.ZeroExtend32 or ConversionKind.SignExtend32 => IrType.I64,
            _ => Chance(2) ? IrType.I32 : IrType.I64,
        };
        return _builder.Convert(kind, Pick(), type);
    }

    private void StoreToFrame()
    {
        var (frame, width, offset) = Place();
        var value = Pick(width == MemoryWidth.U64 ? IrType.I64 : Chance(2) ? IrType.I32 : IrType.I64);
        Value address = Chance(4) ? _builder.PointerAdd(frame, offset) : frame;
        _builder.Store(address, ReferenceEquals(address, frame) ? offset : 0, width, value);
    }

    private Load LoadFromFrame()
    {
        var (frame, width, offset) = Place();
        return _builder.Load(frame, offset, width, width == MemoryWidth.U64 || Chance(2) ? IrType.I64 : IrType.I32);
    }

    private (Alloca Frame, MemoryWidth Width, int Offset) Place()
    {
        var frame = _frames[_random.Next(_frames.Count)];
        var width = (MemoryWidth)_random.Next(7);
        return (frame, width, _random.Next(frame.Size / width.Bytes()) * width.Bytes());
    }

    private void Output(Value value)
    {
        if (_output + 8 > IoSize) _output = InputSize;
        Value io = _builder.GlobalReference(_io, Chance(2) ? 0 : _output);
        int offset = ((GlobalReference)io).Offset == 0 ? _output : 0;
        _builder.Store(io, offset, value.Type == IrType.I64 ? MemoryWidth.U64 : MemoryWidth.U32, value);
        _output += 8;
    }

    /// <summary>Operations on the map's value: at a variable place, copies, atomics.</summary>
    private void Memory()
    {
        Value io = _builder.GlobalReference(_io);
        switch (_random.Next(6))
        {
            case 0:
                Value index = _builder.Binary(BinaryOperator.And, Pick(IrType.I64), Constant.Int64((IoSize - InputSize) / 16 * 8 - 8));
                var address = _builder.PointerAdd(io, index);
                _builder.Store(address, InputSize, MemoryWidth.U64, Pick(IrType.I64));
                _values.Add(_builder.Load(address, InputSize, MemoryWidth.U32, IrType.I32));
                break;
            case 1:
                var frame = _frames[_random.Next(_frames.Count)];
                int size = 1 + _random.Next(frame.Size);
                _builder.Append(Chance(2) ? new MemoryCopy(frame, io, size) : new MemoryCopy(_builder.PointerAdd(io, InputSize), frame, size));
                break;
            case 2:
                frame = _frames[_random.Next(_frames.Count)];
                _builder.Append(new MemorySet(frame, Chance(2) ? Number(IrType.I32) : Pick(IrType.I32), 1 + _random.Next(frame.Size)));
                break;
            case 3:
                var type = Chance(2) ? IrType.I32 : IrType.I64;
                var op = Atomics ? (AtomicOperator)_random.Next(5) : AtomicOperator.Add;
                AtomicReadModifyWrite atomic = new(op, io, InputSize + 8 * _random.Next(4), Pick(type), Atomics && Chance(2));
                _builder.Append(atomic);
                if (atomic.Fetches) _values.Add(atomic);
                break;
            case 4 when Atomics:
                type = Chance(2) ? IrType.I32 : IrType.I64;
                _values.Add(_builder.Append(new CompareExchange(io, InputSize + 8 * _random.Next(4), Chance(2) ? Constant.Of(type, 0) : Pick(type), Pick(type))));
                break;
            default:
                Lookup();
                break;
        }
    }

    private void Lookup()
    {
        var key = _builder.Alloca(4, 4);
        _builder.Store(key, 0, MemoryWidth.U32, Constant.Int32(_random.Next(2)));
        Value found = _builder.Helper(BpfHelper.MapLookupElem, IrType.Pointer(Region.MapValue(IoSize)), _builder.MapReference(_io), key);
        Guarded(_builder.Compare(Predicate.NotEqual, found, Constant.Null(Region.MapValue(IoSize))), () =>
        {
            _values.Add(_builder.Load(found, 8 * _random.Next(IoSize / 8), MemoryWidth.U64, IrType.I64));
            _builder.Store(found, InputSize, MemoryWidth.U64, Pick(IrType.I64));
        });
    }

    private void Clobber()
    {
        Value time = _builder.Helper(Chance(2) ? BpfHelper.KtimeGetNs : BpfHelper.GetPrandomU32, Chance(2) ? IrType.I64 : IrType.I32);
        // Its value differs from run to run; none of it may be seen.
        _values.Add(_builder.Binary(BinaryOperator.And, time, Constant.Of(time.Type, 0)));
    }

    private void CallFunction()
    {
        var arguments = _callee!.Parameters.Select(p => Pick(p.Type)).ToArray();
        _values.Add(_builder.Call(_callee, arguments));
    }

    private void Guarded(Value condition, Action body)
    {
        var then = _builder.Function.AddBlock("then");
        var join = _builder.Function.AddBlock("join");
        _builder.Branch(condition, then, join);
        int count = _values.Count;
        _builder.Block = then;
        body();
        _builder.Jump(join);
        _builder.Block = join;
        _values.RemoveRange(count, _values.Count - count);
    }

    private void If(int budget)
    {
        var condition = Chance(3) ? Pick(IrType.I32) : _builder.Compare((Predicate)_random.Next(10), Pick(IrType.I64), Chance(2) ? Number(IrType.I64) : Pick(IrType.I64));
        var then = _builder.Function.AddBlock("then");
        var other = _builder.Function.AddBlock("else");
        _builder.Branch(condition, then, other);
        Join([then, other], budget);
    }

    private void SwitchOver(int budget)
    {
        var value = Pick();
        int count = 1 + _random.Next(7);
        var blocks = Enumerable.Range(0, count + 1).Select(_ => _builder.Function.AddBlock("case")).ToArray();
        var numbers = new HashSet<long>();
        while (numbers.Count < count) numbers.Add(value.Type == IrType.I32 ? _random.Next(-4, 12) : _random.Next(-4, 12));
        _builder.Switch(value, [.. numbers.Select((n, i) => (n, blocks[i]))], blocks[^1]);
        Join(blocks, budget);
    }

    /// <summary>Fills blocks with statements of their own and brings them together with phis.</summary>
    private void Join(BasicBlock[] blocks, int budget)
    {
        _depth++;
        var before = _values.ToList();
        List<(BasicBlock End, List<Value> Values)> ends = [];
        foreach (var block in blocks)
        {
            _builder.Block = block;
            _values = [.. before];
            Statements(Math.Max(1, budget / blocks.Length));
            ends.Add((_builder.Block, _values));
        }
        var join = _builder.Function.AddBlock("join");
        foreach (var (end, _) in ends)
        {
            _builder.Block = end;
            _builder.Jump(join);
        }
        _values = before;
        _builder.Block = join;
        for (int i = _random.Next(4); i > 0; i--)
        {
            var type = Chance(2) ? IrType.I32 : IrType.I64;
            var phi = _builder.Phi(type);
            foreach (var (end, values) in ends)
            {
                var fitting = values.Where(v => v.Type == type).ToList();
                phi.AddIncoming(end, fitting.Count == 0 || Chance(6) ? Number(type) : fitting[_random.Next(fitting.Count)]);
            }
            _values.Add(phi);
        }
        _depth--;
    }

    /// <summary>A loop of a constant number of rounds with values carried along, some of them exchanged every round.</summary>
    private void Loop(int budget)
    {
        _depth++;
        _loops++;
        var before = _builder.Block;
        var header = _builder.Function.AddBlock("loop");
        _builder.Jump(header);
        _builder.Block = header;
        var counter = _builder.Phi(IrType.I64);
        counter.AddIncoming(before, Constant.Int64(0));
        List<Phi> carried = [];
        for (int i = 1 + _random.Next(4); i > 0; i--)
        {
            var type = Chance(2) ? IrType.I32 : IrType.I64;
            var initial = Pick(type);
            var phi = _builder.Phi(type);
            phi.AddIncoming(before, initial);
            carried.Add(phi);
        }
        var saved = _values.ToList();
        _values.AddRange(carried);
        _values.Add(counter);
        Statements(budget);
        var next = _builder.Add(counter, Constant.Int64(1));
        var latch = _builder.Block;
        counter.AddIncoming(latch, next);
        foreach (var phi in carried)
        {
            // Other phis of the loop are likely values: their copies form chains and cycles.
            var others = carried.Where(p => p.Type == phi.Type).ToList();
            phi.AddIncoming(latch, Chance(2) ? others[_random.Next(others.Count)] : Pick(phi.Type));
        }
        var exit = _builder.Function.AddBlock("exit");
        _builder.Branch(_builder.Compare(Predicate.Below, next, Constant.Int64(1 + _random.Next(5))), header, exit);
        _builder.Block = exit;
        _values = saved;
        _values.AddRange(carried);
        _values.Add(next);
        _depth--;
        _loops--;
    }

    private Value Pick() => _values.Count == 0 ? Number(IrType.I64) : _values[Recent(_values.Count)];

    private Value Pick(IrType type)
    {
        var fitting = _values.Where(v => v.Type == type).ToList();
        return fitting.Count == 0 || Chance(12) ? Number(type) : fitting[Recent(fitting.Count)];
    }

    // Half of the time one of the last few values, else any: short and long lives.
    private int Recent(int count) => Chance(2) ? Math.Max(0, count - 1 - _random.Next(5)) : _random.Next(count);

    private Constant Number(IrType type) => _random.Next(6) switch
    {
        0 => Constant.Of(type, _random.Next(-2, 3)),
        1 => Constant.Of(type, 1L << _random.Next(type.Bits)),
        2 => Constant.Of(type, _random.NextInt64()),
        3 => Constant.Of(type, _random.Next()),
        4 => Constant.Of(type, -_random.NextInt64()),
        _ => Constant.Of(type, _random.Next(256)),
    };

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;
}
