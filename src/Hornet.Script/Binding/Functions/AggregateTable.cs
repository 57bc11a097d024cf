using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>The functions whose value is gathered in a map: count, sum, hist…</summary>
internal static class AggregateTable
{
    private static readonly Dictionary<string, Aggregate> s_all = new(StringComparer.Ordinal)
    {
        ["count"] = new(AggregateKind.Count, Assigned("count", 0, 0)),
        ["sum"] = new(AggregateKind.Sum, Assigned("sum", 1, 1)),
        ["min"] = new(AggregateKind.Min, Assigned("min", 1, 1)),
        ["max"] = new(AggregateKind.Max, Assigned("max", 1, 1)),
        ["avg"] = new(AggregateKind.Avg, Assigned("avg", 1, 1)),
        ["stats"] = new(AggregateKind.Stats, Assigned("stats", 1, 1)),
        ["hist"] = new(AggregateKind.Hist, Assigned("hist", 1, 2, ArgumentKind.Integer, ArgumentKind.IntegerLiteral)),
        ["lhist"] = new(AggregateKind.LinearHist, Assigned("lhist", 4, 4, ArgumentKind.Integer, ArgumentKind.IntegerLiteral, ArgumentKind.IntegerLiteral, ArgumentKind.IntegerLiteral)),
        ["tseries"] = new(AggregateKind.TimeSeries, Assigned("tseries", 3, 4, ArgumentKind.Integer, ArgumentKind.IntegerLiteral, ArgumentKind.IntegerLiteral, ArgumentKind.TextLiteral)),
    };

    private static readonly ArgumentKind[] s_anything =
        [ArgumentKind.Syntax, ArgumentKind.Syntax, ArgumentKind.Syntax, ArgumentKind.Syntax, ArgumentKind.Syntax, ArgumentKind.Syntax, ArgumentKind.Syntax, ArgumentKind.Syntax];

    private static readonly string[] s_seriesAggregates = ["avg", "max", "min", "sum"];

    // Tables that every run makes hold objects: what the runtime has precompiled of dictionaries is for those.
    private sealed record Aggregate(AggregateKind Kind, Builtin Builtin);

    /// <summary>What they are where they are not assigned to a map: a mistake.</summary>
    public static IEnumerable<Builtin> Unassigned => s_all.Keys.Select(name => new Builtin(name, 0, int.MaxValue, call => call.Fail($"{name}() must be assigned directly to a map"))
    {
        Arguments = s_anything,
    });

    public static Builtin? Find(string name) => s_all.TryGetValue(name, out var found) ? found.Builtin : null;

    /// <summary>What a call gathers, and of what; no type when something is wrong with it (said) or not known yet.</summary>
    public static (AggregateType? Type, BoundExpression? Operand) Make(Body body, CallSyntax call)
    {
        var kind = s_all[call.Name].Kind;
        if (kind == AggregateKind.Count) return (new AggregateType(kind, false), null);
        var operand = Body.Number(body.BindExpression(call.Arguments[0]));
        if (operand.Type is UnknownType) return default;
        if (!TypeRules.IsInteger(operand.Type))
        {
            body.Report(call.Span, $"{call.Name}() only supports integer arguments ({operand.Type} provided)", Call.UsageOf(call.Name));
            return default;
        }
        LiteralNumber Literal(int index) => Literals.IsInteger(body.BindExpression(call.Arguments[index]), out var value) ? value : 0;
        AggregateType type = new(kind, TypeRules.IsSigned(operand.Type));
        switch (kind)
        {
            case AggregateKind.Hist:
                LiteralNumber bits = call.Arguments.Count > 1 ? Literal(1) : 0;
                if (bits >= 0 && bits <= 5) return (type with { IsSigned = true, HistBits = (int)bits }, operand);
                body.Report(call.Span, $"hist: bits {bits} must be 0..5", Call.UsageOf(call.Name));
                return default;
            case AggregateKind.LinearHist:
                var (min, max, step) = (Literal(1), Literal(2), Literal(3));
                ulong range = (ulong)max - (ulong)min;
                string? wrong = min < 0 ? "lhist: invalid min value (must be non-negative literal)"
                    : max < 0 ? "lhist: invalid max value (must be non-negative literal)"
                    : step <= 0 ? $"lhist() step must be >= 1 ({step} provided)"
                    : min > max ? $"lhist() min must be less than max (provided min {min} and max {max})"
                    : range / (ulong)step > 1000 ? $"lhist() too many buckets, must be <= 1000 (would need {range / (ulong)step})"
                    : range < (ulong)step ? $"lhist() step is too large for the given range (provided step {step} for range {range})"
                    : null;
                if (wrong is null) return (type with { IsSigned = true, Minimum = (long)min, Maximum = (long)max, Step = (long)step }, operand);
                body.Report(call.Span, wrong, Call.UsageOf(call.Name));
                return default;
            case AggregateKind.TimeSeries:
                return MakeSeries(body, call, type, operand, Literal(1), Literal(2));
            default:
                return (type, operand);
        }
    }

    /// <summary>What is wrong when two calls gather differently in one map.</summary>
    public static string? Conflict(AggregateType known, AggregateType type) => known.Kind switch
    {
        AggregateKind.Hist when known.HistBits != type.HistBits => "Different bits in a single hist unsupported",
        AggregateKind.LinearHist when (known.Minimum, known.Maximum, known.Step) != (type.Minimum, type.Maximum, type.Step) => "Different lhist bounds in a single map unsupported",
        AggregateKind.TimeSeries when (known.Interval, known.SeriesCount, known.SeriesAggregate) != (type.Interval, type.SeriesCount, type.SeriesAggregate) => "Different tseries bounds in a single map unsupported",
        _ => null,
    };

    private static (AggregateType?, BoundExpression?) MakeSeries(Body body, CallSyntax call, AggregateType type, BoundExpression operand, LiteralNumber interval, LiteralNumber count)
    {
        body.CheckUnstable(call.Span, "tseries", "unstable_tseries", "warn");
        string aggregate = call.Arguments.Count > 3 && body.BindExpression(call.Arguments[3]) is BoundText text ? System.Text.Encoding.UTF8.GetString(text.Bytes) : "";
        string? wrong = interval <= 0 ? $"tseries() interval_ns must be >= 1 ({interval} provided)"
            : count <= 0 ? $"tseries() num_intervals must be >= 1 ({count} provided)"
            : count > 1_000_000 ? $"tseries() num_intervals must be < 1000000 ({count} provided)"
            : call.Arguments.Count > 3 && !s_seriesAggregates.Contains(aggregate) ? $"tseries() expects one of the following aggregation functions: {string.Join(", ", s_seriesAggregates)} (\"{aggregate}\" provided)"
            : null;
        if (wrong is null)
        {
            return (type with
            {
                Interval = (ulong)interval,
                SeriesCount = (int)count,
                SeriesAggregate = aggregate switch { "avg" => AggregateKind.Avg, "max" => AggregateKind.Max, "min" => AggregateKind.Min, "sum" => AggregateKind.Sum, _ => AggregateKind.Count },
            }, operand);
        }
        body.Report(call.Span, wrong, Call.UsageOf(call.Name));
        return default;
    }

    private static Builtin Assigned(string name, int minimum, int maximum, params IReadOnlyList<ArgumentKind> arguments) =>
        new(name, minimum, maximum, static call => call.Unknown) { Arguments = arguments };
}
