using System.Text;
using Hornet.Script.Binding;
using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Lowering;

/// <summary>Short names for nodes of the bound tree, for scripts that are written down as trees.</summary>
internal sealed class Bound
{
    public static readonly SourceText Source = new("stdin", "begin {\n  the script's text\n}\n");
    public static readonly SourceSpan Span = new(Source, 10, 27);

    public static readonly IntegerType I64 = IntegerType.Int64, U64 = IntegerType.UInt64, U32 = IntegerType.UInt32, I32 = IntegerType.Int32, U8 = IntegerType.UInt8, I8 = IntegerType.Int8;

    public List<BoundMap> Maps { get; } = [];
    public List<AsyncAction> Actions { get; } = [];
    public List<BoundProgram> Programs { get; } = [];
    public ScriptConfig Config { get; set; } = new();
    public int HelperErrors { get; set; }

    public BoundScript Script => new() { Config = Config, Maps = Maps, Programs = Programs, Actions = Actions, HelperErrors = HelperErrors };

    // ---- Declarations.

    public BoundMap Map(string name, ScriptType? key, ScriptType value, MapType? type = null, uint entries = 64)
    {
        BoundMap map = new(name, Maps.Count)
        {
            Key = key,
            Value = value,
            Type = type ?? (value is AggregateType ? key is null ? MapType.PerCpuArray : MapType.PerCpuHash : key is null ? MapType.Array : MapType.Hash),
            MaxEntries = key is null ? 1 : entries,
        };
        Maps.Add(map);
        return map;
    }

    public static BoundLocal Local(string name, ScriptType type) => new("$" + name, Span) { Type = type };

    public int Action(AsyncAction action)
    {
        Actions.Add(action);
        return Actions.Count - 1;
    }

    public BoundStatement Exit(int code = 0) =>
        new BoundAsync(Span, Action(new AsyncAction.Exit(Span) { Payload = new TupleType([U8]) }), [Int(code, U8)]) { EndsProgram = true };

    public BoundStatement Print(params BoundExpression[] values) =>
        new BoundAsync(Span, Action(new AsyncAction.Print(Span, PrintKind.Printf, "") { Payload = new TupleType([.. values.Select(v => v.Type)]) }), values);

    public BoundProgram Program(ProbeTarget target, params BoundStatement[] body) => Program(target, [], body);

    public BoundProgram Program(ProbeTarget target, BoundLocal[] locals, params BoundStatement[] body)
    {
        BoundProgram program = new() { Name = Programs.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), Span = Span, Targets = [target], Body = Block(locals, body) };
        Programs.Add(program);
        return program;
    }

    public static BoundBlock Block(BoundLocal[] locals, params BoundStatement[] statements) => new(Span, statements) { Locals = locals };

    public static BoundBlock Block(params BoundStatement[] statements) => new(Span, statements);

    // ---- Expressions.

    public static BoundConstant Int(long value, ScriptType? type = null) => new(Span, type ?? I64, value);

    public static BoundText Text(string text, int length = 0)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new BoundText(Span, new StringType(Math.Max(length, bytes.Length + 1)), bytes);
    }

    public static BoundLocalRead Read(BoundLocal local) => new(Span, local);

    public static BoundMapRead Read(BoundMap map, BoundExpression? key = null, ScriptType? type = null) => new(Span, type ?? map.Value, map, key);

    public static BoundTuple Tuple(params BoundExpression[] elements) => new(Span, new TupleType([.. elements.Select(e => e.Type)]), elements);

    public static BoundBinary Binary(BoundBinaryOperator op, BoundExpression left, BoundExpression right, int zero = -1) => new(Span, left.Type, op, left, right, zero);

    public static BoundBinary Add(BoundExpression left, BoundExpression right) => Binary(BoundBinaryOperator.Add, left, right);

    public static BoundComparison Compare(BoundComparisonOperator op, BoundExpression left, BoundExpression right) => new(Span, op, left, right);

    public static BoundConversion Convert(BoundExpression operand, ScriptType type, BoundConversionKind kind = BoundConversionKind.Integer) => new(Span, type, kind, operand);

    public static BoundCall Call(BoundIntrinsic intrinsic, ScriptType type, params BoundExpression[] arguments) => new(Span, type, intrinsic, arguments);

    public static BoundCall Comm => Call(BoundIntrinsic.Comm, new StringType(16));

    // ---- Statements.

    public static BoundAssignLocal Set(BoundLocal local, BoundExpression value) => new(Span, local, value);

    public static BoundAssignMap Set(BoundMap map, BoundExpression? key, BoundExpression value) => new(Span, map, key, value);

    public static BoundAggregate Gather(BoundMap map, BoundExpression? key = null, BoundExpression? operand = null) => new(Span, map, key, operand);

    public static BoundExpressionStatement Do(BoundExpression expression) => new(Span, expression);

    public static BoundIf If(BoundExpression condition, BoundStatement then, BoundStatement? otherwise = null) => new(Span, condition, then, otherwise);
}

/// <summary><c>begin</c>: a raw tracepoint program that is run by hand.</summary>
internal sealed class BeginTarget : ProbeTarget
{
    public override ProbeType Type => ProbeType.Begin;
    public override string FullName => "begin";
    public override ProgramType ProgramType => ProgramType.RawTracepoint;

    /// <summary><c>argN</c>: the words that a test run hands over.</summary>
    public override ScriptArgument? NumberedArgument(int index) => new($"arg{index}", IntegerType.UInt64, new ArgumentLocation.ContextWord(index));

    public static BoundArgument Argument(int index, ScriptType? type = null) =>
        new(Bound.Span, new ScriptArgument($"arg{index}", type ?? IntegerType.UInt64, new ArgumentLocation.ContextWord(index)));
}
