using System.Globalization;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet.Compiler.IR;

/// <summary>Reads what <see cref="IrPrinter"/> writes. A module without head, maps or types of program is a test's.</summary>
public static class IrParser
{
    /// <summary>Reads a module.</summary>
    /// <exception cref="FormatException">The text is malformed; the message has the line.</exception>
    public static IrModule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Reader(text).Module();
    }

    private sealed class Reader(string text)
    {
        private readonly IrTokens _tokens = new(text);
        private IrModule? _current;
        private IrFunction? _function;
        private readonly Dictionary<string, Value> _values = [];
        private readonly Dictionary<string, BasicBlock> _blocks = [];
        private readonly List<Action> _later = [];

        public IrModule Module()
        {
            string name = "test";
            var type = ProgramType.Syscall;
            if (_tokens.TryTake("module"))
            {
                name = _tokens.Word();
                _tokens.Take(":");
                type = Enum.Parse<ProgramType>(_tokens.Word());
            }
            _current = new IrModule(name, type);
            while (_tokens.TryTake("map")) Map();
            // Functions may call later ones, so their heads are read first.
            int start = _tokens.Position;
            List<(IrFunction Function, int Body)> functions = [];
            while (_tokens.TryTake("func"))
            {
                var function = Head();
                functions.Add((function, _tokens.Position));
                _tokens.SkipTo("}");
            }
            if (!_tokens.AtEnd) throw _tokens.Error("'func' is expected");
            if (functions.Count == 0) throw _tokens.Error("there is no function", start);
            foreach (var (function, body) in functions)
            {
                _tokens.Position = body;
                Body(function);
            }
            return _current;
        }

        private void Map()
        {
            string name = _tokens.Word();
            _tokens.Take("=");
            MapSpec spec = new()
            {
                Name = name,
                Type = Enum.Parse<MapType>(_tokens.Word()),
                KeySize = (uint)_tokens.Number(),
                ValueSize = (uint)_tokens.Number(),
                MaxEntries = (uint)_tokens.Number(),
            };
            if (_tokens.TryTake("flags")) spec.Flags = (MapFlags)_tokens.Number();
            _current!.AddMap(spec);
        }

        private IrFunction Head()
        {
            string name = _tokens.Word();
            _tokens.Take("(");
            List<(string Name, IrType Type)> parameters = [];
            while (!_tokens.TryTake(")"))
            {
                if (parameters.Count > 0) _tokens.Take(",");
                string parameter = _tokens.Local();
                _tokens.Take(":");
                parameters.Add((parameter, Type()));
            }
            _tokens.Take("->");
            var function = _current!.AddFunction(name, Type());
            foreach (var (parameter, type) in parameters) function.AddParameter(type, parameter);
            _tokens.Take("{");
            return function;
        }

        private void Body(IrFunction function)
        {
            _function = function;
            _values.Clear();
            _blocks.Clear();
            _later.Clear();
            foreach (var parameter in function.Parameters) _values[parameter.Name!] = parameter;
            BasicBlock? block = null;
            List<BasicBlock> order = [];
            while (!_tokens.TryTake("}"))
            {
                if (_tokens.PeekAfter(":") && !_tokens.Peek("%"))
                {
                    block = Block(_tokens.Word());
                    order.Add(block);
                    _tokens.Take(":");
                    continue;
                }
                if (block is null) throw _tokens.Error("a block's name is expected");
                string? name = null;
                if (_tokens.Peek("%"))
                {
                    name = _tokens.Local();
                    _tokens.Take("=");
                }
                var instruction = block.Append(Instruction());
                if (_tokens.TryTake("@")) instruction.Location = Location();
                if (name is null) continue;
                if (!_values.TryAdd(name, instruction)) throw _tokens.Error($"%{name} is defined twice");
                if (!name.All(char.IsAsciiDigit)) instruction.Name = name;
            }
            foreach (var later in _later) later();
            if (order.Count != _blocks.Count) throw _tokens.Error($"block {_blocks.Values.Except(order).First()} is not defined");
            _function!.Reorder(order);
        }

        private Instruction Instruction()
        {
            string word = _tokens.Word();
            int index;
            if ((index = Array.IndexOf(IrSyntax.Binary, word)) >= 0)
            {
                Type();
                var (left, right) = Two();
                return new Binary((BinaryOperator)index, left, right);
            }
            if ((index = Array.IndexOf(IrSyntax.Conversions, word)) >= 0)
            {
                var type = Type();
                return new Conversion((ConversionKind)index, Value(), type);
            }
            if (word.StartsWith("bswap", StringComparison.Ordinal))
            {
                Type();
                return new ByteSwap(int.Parse(word.AsSpan(5), CultureInfo.InvariantCulture), Value());
            }
            if (word.StartsWith("load.", StringComparison.Ordinal))
            {
                var type = Type();
                var pointer = Value();
                int offset = NextNumber();
                return new Load(pointer, offset, Width(word[5..]), type, _tokens.TryTake("volatile"));
            }
            if (word.StartsWith("store.", StringComparison.Ordinal))
            {
                var pointer = Value();
                int offset = NextNumber();
                var value = Next();
                return new Store(pointer, offset, Width(word[6..]), value, _tokens.TryTake("volatile"));
            }
            return word switch
            {
                "neg" => new Negate(Typed()),
                "cmp" => Comparison(),
                "phi" => Phi(),
                "alloca" => AllocaInstruction(),
                "ptradd" => new PointerAdd(Value(), Next()),
                "atomic" => Atomic(),
                "cmpxchg" => new CompareExchangeReader(Value(), NextNumber()).Make(Next(), Next()),
                "memcpy" => Copy(),
                "memset" => Fill(),
                "map" => new MapReference(MapNamed()),
                "global" => new GlobalReference(MapNamed(), NextNumber()),
                "function" => new FunctionReference(FunctionNamed()),
                "helper" => Helper(),
                "kfunc" => KernelFunction(),
                "call" => new Call(FunctionNamed(), Arguments()),
                "kload" => Kernel(load: true),
                "kaddr" => Kernel(load: false),
                "kquery" => Query(),
                "packet" => Packet(),
                "packetlen" => new PacketLength(Value()),
                "readmem" => Read(),
                "jump" => new Jump(Block(_tokens.Word())),
                "br" => new Branch(Value(), NextBlock(), NextBlock()),
                "switch" => Switch(),
                "ret" => new Return(_tokens.Peek("%") || _tokens.PeekNumber || _tokens.Peek("null") ? Value() : null),
                "unreachable" => new Unreachable(),
                _ => throw _tokens.Error($"there is no instruction '{word}'"),
            };
        }

        private readonly record struct CompareExchangeReader(Value Pointer, int Offset)
        {
            public CompareExchange Make(Value expected, Value value) => new(Pointer, Offset, expected, value);
        }

        private Value Typed()
        {
            Type();
            return Value();
        }

        private Compare Comparison()
        {
            string word = _tokens.Word();
            var (left, right) = Two();
            return new Compare((Predicate)Index(IrSyntax.Predicates, word), left, right);
        }

        private Phi Phi()
        {
            Phi phi = new(Type());
            _tokens.Take("[");
            bool first = true;
            while (!_tokens.TryTake("]"))
            {
                if (!first) _tokens.Take(",");
                first = false;
                var block = Block(_tokens.Word());
                _tokens.Take(":");
                phi.AddIncoming(block, Value(forward: phi.Type, at: (phi, phi.Operands.Count)));
            }
            return phi;
        }

        private Alloca AllocaInstruction()
        {
            int size = (int)_tokens.Number();
            int align = Align();
            return new Alloca(size, align, _tokens.TryTake("uninitialized"));
        }

        private AtomicReadModifyWrite Atomic()
        {
            // The result's name, taken before, says whether the old value is asked for.
            bool fetches = _tokens.WasAfterEquals;
            var op = (AtomicOperator)Index(IrSyntax.Atomics, _tokens.Word());
            var pointer = Value();
            int offset = NextNumber();
            return new AtomicReadModifyWrite(op, pointer, offset, Next(), fetches);
        }

        private MemoryCopy Copy()
        {
            var (destination, source) = Two();
            int size = NextNumber();
            return new MemoryCopy(destination, source, size, Align());
        }

        private MemorySet Fill()
        {
            var (destination, filler) = Two();
            int size = NextNumber();
            return new MemorySet(destination, filler, size, Align());
        }

        private HelperCall Helper()
        {
            string name = _tokens.Word();
            if (!HelperTable.TryParse(name, out var helper)) throw _tokens.Error($"there is no helper '{name}'");
            var type = Type();
            return new HelperCall(helper, type, Arguments());
        }

        private KernelFunctionCall KernelFunction()
        {
            string name = _tokens.Word();
            var type = Type();
            return new KernelFunctionCall(name, type, Arguments());
        }

        private Instruction Kernel(bool load)
        {
            var type = Type();
            var pointer = Value();
            _tokens.Take(",");
            string name = _tokens.Quoted();
            _tokens.Take(",");
            string path = _tokens.Quoted();
            return load ? new KernelLoad(pointer, name, path, type) : new KernelFieldAddress(pointer, name, path, type);
        }

        private KernelQuery Query()
        {
            var fact = (KernelFact)Index(IrSyntax.Facts, _tokens.Word());
            string name = _tokens.Quoted();
            _tokens.Take(",");
            return new KernelQuery(fact, name, _tokens.Quoted());
        }

        private PacketPointer Packet()
        {
            var (context, offset) = Two();
            return new PacketPointer(context, offset, NextNumber());
        }

        private ReadMemory Read()
        {
            var kind = (ReadMemoryKind)Index(IrSyntax.Reads, _tokens.Word());
            var (destination, size) = Two();
            return new ReadMemory(kind, destination, size, Next());
        }

        private Switch Switch()
        {
            var value = Value();
            _tokens.Take("[");
            List<(long, BasicBlock)> cases = [];
            while (!_tokens.TryTake("]"))
            {
                if (cases.Count > 0) _tokens.Take(",");
                long number = _tokens.Number();
                _tokens.Take(":");
                cases.Add((number, Block(_tokens.Word())));
            }
            _tokens.Take("else");
            return new Switch(value, [.. cases], Block(_tokens.Word()));
        }

        private Value[] Arguments()
        {
            List<Value> arguments = [];
            _tokens.Take("(");
            while (!_tokens.TryTake(")"))
            {
                if (arguments.Count > 0) _tokens.Take(",");
                arguments.Add(Value());
            }
            return [.. arguments];
        }

        private (Value, Value) Two() => (Value(), Next());

        private Value Next()
        {
            _tokens.Take(",");
            return Value();
        }

        private int NextNumber()
        {
            _tokens.Take(",");
            return (int)_tokens.Number();
        }

        private BasicBlock NextBlock()
        {
            _tokens.Take(",");
            return Block(_tokens.Word());
        }

        private int Align() => _tokens.TryTake("align") ? (int)_tokens.Number() : 8;

        private MemoryWidth Width(string word) => (MemoryWidth)Index(IrSyntax.Widths, word);

        private int Index(string[] words, string word) =>
            Array.IndexOf(words, word) is >= 0 and var index ? index : throw _tokens.Error($"'{word}' is none of {string.Join(", ", words)}");

        private MapSymbol MapNamed()
        {
            string name = _tokens.Word();
            return _current!.Maps.FirstOrDefault(m => m.Name == name) ?? throw _tokens.Error($"there is no map '{name}'");
        }

        private IrFunction FunctionNamed()
        {
            string name = _tokens.Word();
            return _current!.Functions.FirstOrDefault(f => f.Name == name) ?? throw _tokens.Error($"there is no function '{name}'");
        }

        private BasicBlock Block(string name)
        {
            if (!_blocks.TryGetValue(name, out var block)) _blocks[name] = block = _function!.AddBlock(name);
            return block;
        }

        private Value Value(IrType? forward = null, (Phi Phi, int Index) at = default)
        {
            if (_tokens.TryTake("null")) return Constant.Null(Region());
            if (_tokens.PeekNumber)
            {
                long number = _tokens.Number(out bool isLong);
                return isLong ? Constant.Int64(number) : Constant.Int32((int)number);
            }
            string name = _tokens.Local();
            if (_values.TryGetValue(name, out var value)) return value;
            if (forward is not { } type) throw _tokens.Error($"%{name} is not defined before it is used");
            int line = _tokens.Position;
            _later.Add(() => at.Phi!.SetOperand(at.Index, _values.TryGetValue(name, out var found) ? found : throw _tokens.Error($"%{name} is not defined", line)));
            return type.IsPointer ? Constant.Null(type.Region) : Constant.Of(type, 0);
        }

        private IrType Type()
        {
            string word = _tokens.Word();
            return word switch
            {
                "void" => IrType.Void,
                "i32" => IrType.I32,
                "i64" => IrType.I64,
                "ptr" => IrType.Pointer(Region()),
                _ => throw _tokens.Error($"'{word}' is no type"),
            };
        }

        private Region Region()
        {
            string word = _tokens.Word();
            foreach (var kind in Enum.GetValues<RegionKind>())
            {
                if (IR.Region.NameOf(kind) != word) continue;
                if (!_tokens.TryTake(":")) return new Region(kind);
                return _tokens.PeekNumber ? new Region(kind, (int)_tokens.Number()) : new Region(kind, 0, _tokens.Word());
            }
            throw _tokens.Error($"'{word}' is no region");
        }

        private SourceLocation Location()
        {
            string file = _tokens.Quoted();
            int line = (int)_tokens.Number();
            _tokens.Take(":");
            int column = (int)_tokens.Number();
            _tokens.Take("-");
            int endLine = (int)_tokens.Number();
            _tokens.Take(":");
            return new SourceLocation { File = file, Line = line, Column = column, EndLine = endLine, EndColumn = (int)_tokens.Number() };
        }
    }
}
