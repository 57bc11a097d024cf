using Hornet.Script.Probes;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>What reaches into the system: signals, verdicts, control groups.</summary>
internal static class SystemFunctions
{
    public static IEnumerable<Builtin> All =>
    [
        new("signal", 1, 1, c => Signal(c, false)) { Result = VoidType.Instance },
        new("signal_thread", 1, 1, c => Signal(c, true)) { Result = VoidType.Instance },
        new("override", 1, 1, Override) { Result = VoidType.Instance },
        new("cgroupid", 1, 1, CgroupId) { Result = IntegerType.UInt64, Arguments = [ArgumentKind.TextLiteral] },
        new("cgroup_path", 1, 2, CgroupPath) { Result = CgroupPathType.Instance, Arguments = [ArgumentKind.Integer, ArgumentKind.Text] },
    ];

    private static BoundExpression Signal(Call c, bool thread)
    {
        string name = thread ? "signal_thread()" : "signal()";
        if (c.Target is { Type: ProbeType.Begin or ProbeType.End or ProbeType.Self or ProbeType.Test or ProbeType.Bench or ProbeType.Interval or ProbeType.Software or ProbeType.Hardware or ProbeType.Watchpoint or ProbeType.Iter })
            return c.Fail($"{name} can not be used for this probetype {ProbeRules.Kind(c.Target.Type)}");
        if (!c.Context.Options.Unsafe) return c.Fail($"{name} is unsafe. To use you need the --unsafe flag", Call.NeedsUnsafe);
        if (!c.IsKnown) return c.Unknown;
        BoundExpression number;
        if (c[0] is BoundText)
        {
            if (NumberNames.Signal(c.Text(0)) is not { } known) return c.Fail($"Invalid string for signal: {c.Text(0)}");
            number = new BoundConstant(c.Span, IntegerType.UInt32, known);
        }
        else if (Literals.Is(c[0]))
        {
            if (!Literals.IsInteger(c[0], out var literal)) return c.Fail($"{name} accepts a string literal or a positive integer");
            if (literal < 1 || literal > 64) return c.Fail($"{name} accepts a string literal or an integer between 1 and 64 (inclusive)");
            number = new BoundConstant(c.Span, IntegerType.UInt32, (long)literal);
        }
        else
        {
            if (!TypeRules.IsInteger(c[0].Type)) return c.Fail($"{name} accepts a string literal or an integer");
            number = Body.AsInteger(c[0], IntegerType.UInt32);
        }
        return Body.Do(c.Span, new BoundExpressionStatement(c.Span, c.Make(BoundIntrinsic.Signal, IntegerType.Int64, number) with { Number = thread ? 1 : 0 }));
    }

    private static BoundExpression Override(Call c)
    {
        if (c.Target is { Type: not ProbeType.Kprobe }) return c.Fail("override() can only be used inside kprobes");
        if (!c.Context.Options.Unsafe) return c.Fail("override() is unsafe. To use you need the --unsafe flag", Call.NeedsUnsafe);
        if (!c.IsKnown) return c.Unknown;
        if (!TypeRules.IsInteger(c[0].Type)) return c.Fail($"override() only supports int arguments ({TypeNames.Kind(c[0].Type)} provided)");
        return Body.Do(c.Span, new BoundExpressionStatement(c.Span, c.Make(BoundIntrinsic.Override, VoidType.Instance, Body.AsInteger(c[0], IntegerType.UInt64))));
    }

    private static BoundExpression CgroupId(Call c) => c.Context.Options.System.CgroupId(c.Text(0)) is { } id
        ? StackFunctions.Constant(c, IntegerType.UInt64, id)
        : c.Fail($"Failed to get `cgroupid` for path: \"{c.Text(0)}\"");

    private static BoundExpression CgroupPath(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        if (c.Count == 2 && c[1] is not BoundText) return c.Fail($"cgroup_path() expects a string literal ({TypeNames.Kind(c[1].Type)} provided)");
        int filter = BindingContext.Number(c.Context.CgroupFilters, c.Count == 2 ? c.Text(1) : "*");
        return c.Make(BoundIntrinsic.CgroupPath, CgroupPathType.Instance, Body.AsInteger(c[0], IntegerType.UInt64)) with { Number = filter };
    }
}
