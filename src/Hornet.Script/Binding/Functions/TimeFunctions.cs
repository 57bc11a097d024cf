using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>Clocks.</summary>
internal static class TimeFunctions
{
    public static IEnumerable<Builtin> All =>
    [
        new("nsecs", 0, 1, Nanoseconds) { MayBeWord = true, Result = IntegerType.UInt64, Arguments = [ArgumentKind.Syntax] },
        new("elapsed", 0, 0, c => c.Make(BoundIntrinsic.Elapsed, IntegerType.UInt64)) { MayBeWord = true, Result = IntegerType.UInt64 },
        new("strftime", 2, 2, Timestamp) { Result = TimestampType.Instance, Arguments = [ArgumentKind.TextLiteral, ArgumentKind.Integer] },
    ];

    private static BoundExpression Nanoseconds(Call c)
    {
        if (c.Count == 0) return c.Make(BoundIntrinsic.NsecsBoot, IntegerType.UInt64);
        if (c.Syntax[0] is not IdentifierSyntax { Name: var name }) return c.Fail($"nsecs() only supports timestamp_mode arguments ({TypeNames.Kind(c[0].Type)} provided)");
        switch (name)
        {
            case "boot": return c.Make(BoundIntrinsic.NsecsBoot, IntegerType.UInt64);
            case "monotonic": return c.Make(BoundIntrinsic.NsecsMonotonic, IntegerType.UInt64 with { Clock = TimestampClock.Monotonic });
            case "sw_tai": return c.Make(BoundIntrinsic.NsecsSoftwareTai, IntegerType.UInt64 with { Clock = TimestampClock.SoftwareTai });
            case "tai":
                if (!c.Context.Options.System.HasTaiClock) return c.Fail("Kernel does not support tai timestamp, please try sw_tai");
                return c.Make(BoundIntrinsic.NsecsTai, IntegerType.UInt64 with { Clock = TimestampClock.Tai });
            default:
                c.Report(c.Syntax[0].Span, $"Invalid timestamp mode: {name}");
                return c.Unknown;
        }
    }

    private static BoundExpression Timestamp(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        var clock = c[1].Type is IntegerType integer ? integer.Clock : TimestampClock.Boot;
        if (clock == TimestampClock.Monotonic) return c.Fail("strftime() can not take a monotonic timestamp");
        if (Literals.IsInteger(c[1], out var value) && value < 0) return c.Fail("strftime() does not accept negative timestamps");
        int format = BindingContext.Number(c.Context.TimeFormats, c.Text(0));
        return c.Make(BoundIntrinsic.Timestamp, TimestampType.Instance, Body.AsInteger(c[1], IntegerType.UInt64), new BoundConstant(c.Span, IntegerType.UInt32, (long)clock)) with { Number = format };
    }
}
