using System.Globalization;
using System.Text;
using Hornet.Script.Output;
using Hornet.Script.Runtime;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>What sends something to user space.</summary>
internal static class OutputFunctions
{
    private const int MaxArguments = 128;

    public static IEnumerable<Builtin> All =>
    [
        Formatted("printf", PrintKind.Printf),
        Formatted("errorf", PrintKind.Errorf),
        Formatted("warnf", PrintKind.Warnf),
        new("debugf", 1, MaxArguments, Debug) { Result = VoidType.Instance, Arguments = [ArgumentKind.TextLiteral] },
        Formatted("cat", PrintKind.Cat),
        Formatted("system", PrintKind.System) with { IsUnsafe = true },
        new("print", 1, 3, Print) { Result = VoidType.Instance, Arguments = [ArgumentKind.Syntax, ArgumentKind.IntegerLiteral, ArgumentKind.IntegerLiteral] },
        new("exit", 0, 1, c => c.Send(new AsyncAction.Exit(c.Span), true, [c.Count == 0 ? new BoundConstant(c.Span, IntegerType.UInt8, 0) : Body.AsInteger(c[0], IntegerType.UInt8)])) { Result = VoidType.Instance, Arguments = [ArgumentKind.Integer] },
        new("time", 0, 1, c => c.Send(new AsyncAction.Time(c.Span, c.Count == 0 ? "%H:%M:%S\n" : c.Text(0)))) { Result = VoidType.Instance, Arguments = [ArgumentKind.TextLiteral] },
        new("join", 1, 2, Join) { Result = VoidType.Instance, Arguments = [ArgumentKind.Any, ArgumentKind.TextLiteral] },
        new("fail", 1, MaxArguments, Fail) { Result = VoidType.Instance },
        new("unwatch", 1, 1, Unwatch) { Result = VoidType.Instance, Arguments = [ArgumentKind.Integer] },
        new("skboutput", 4, 4, Packet) { Result = IntegerType.UInt32, Available = IsTracing, Arguments = [ArgumentKind.TextLiteral, ArgumentKind.Pointer, ArgumentKind.Integer, ArgumentKind.Integer] },
    ];

    internal static bool IsTracing(Probes.ProbeType type) => type is Probes.ProbeType.Fentry or Probes.ProbeType.Fexit or Probes.ProbeType.Iter or Probes.ProbeType.RawTracepoint;

    private static Builtin Formatted(string name, PrintKind kind) => new(name, 1, MaxArguments, c => Format(c, kind)) { Result = VoidType.Instance, Arguments = [ArgumentKind.TextLiteral] };

    // What follows the format.
    private static BoundExpression[] Arguments(Call c)
    {
        var arguments = new BoundExpression[c.Count - 1];
        for (int i = 0; i < arguments.Length; i++) arguments[i] = Body.Number(c[i + 1]);
        return arguments;
    }

    private static BoundExpression Format(Call c, PrintKind kind)
    {
        if (!c.IsKnown) return Body.Nothing(c.Span);
        string format = c.Text(0);
        var arguments = Arguments(c);
        if (PrintfFormat.Check(format, [.. arguments.Select(a => a.Type)]) is { } wrong) return c.Fail(wrong);
        foreach (var argument in arguments)
        {
            if (argument.Type is AggregateType) return c.Fail($"Map type {argument.Type} cannot print the value of individual keys. You must print the whole map.");
        }
        return c.Send(new AsyncAction.Print(c.Span, kind, format), arguments);
    }

    // The kernel formats these itself, and knows little.
    private static BoundExpression Debug(Call c)
    {
        if (!c.IsKnown) return Body.Nothing(c.Span);
        var arguments = Arguments(c);
        ScriptType[] types = [.. arguments.Select(a => a.Type)];
        var format = PrintfFormat.Parse(c.Text(0));
        if (format.Check(types) is { } wrong) return c.Fail(wrong);
        c.Body.Warn(c.Span, "The debugf() builtin is not recommended for production use. For more information see bpf_trace_printk in bpf-helpers(7).");
        if (arguments.Length > 3) return c.Fail("cannot use more than 3 conversion specifiers");
        foreach (var (argument, message) in format.CheckKernelPrint(types)) c.Report(c.Syntax[argument + 1].Span, message);
        var text = Literals.Text(c.Span, format.ForKernel());
        return Body.Do(c.Span, new BoundExpressionStatement(c.Span, c.Make(BoundIntrinsic.KernelPrint, VoidType.Instance, [text, .. arguments])));
    }

    private static BoundExpression Print(Call c)
    {
        if (c.Syntax[0] is MapSyntax { Key: null } map) return PrintMap(c, map);
        var value = c[0];
        if (value.Type is UnknownType) return Body.Nothing(c.Span);
        if (TypeRules.IsPicture(value.Type)) return c.Fail($"Map type {value.Type} cannot print the value of individual keys. You must print the whole map.");
        if (value.Type is VoidType or OpaqueType) return c.Fail($"{value.Type} type passed to print() is not printable");
        if (c.Count != 1) return c.Fail($"Non-map print() only takes 1 argument, {c.Count} found");
        if (value is BoundMapRead { Type: AggregateType { Kind: AggregateKind.Stats } } element)
            return c.Send(new AsyncAction.PrintMapElement(c.Span, element.Map.Number), element.Key is null ? [] : [element.Key]);
        return c.Send(new AsyncAction.PrintValue(c.Span), value);
    }

    private static BoundExpression PrintMap(Call c, MapSyntax map)
    {
        if (c.Body.UseMap(map) is not { } slot) return Body.Nothing(c.Span);
        if (c.Context.IsFinal && (slot.Value is null || (slot.Key is null && slot.IsScalar != true)))
        {
            c.Body.ReportUndefined(map.Span, slot.Name);
            return Body.Nothing(c.Span);
        }
        if (c.Body.IsInLoop)
            c.Body.Warn(c.Span, "Due to it's asynchronous nature using 'print()' in a loop can lead to unexpected behavior. The map will likely be updated before the runtime can 'print' it.");
        if (slot.Value is AggregateType { Kind: AggregateKind.Stats } && c.Count > 1) c.Body.Warn(c.Span, "print()'s top and div arguments are ignored when used on stats() maps.");
        uint top = c.Count > 1 ? Limited(c.Number(1)) : 0, divisor = c.Count > 2 ? Limited(c.Number(2)) : 0;
        return c.Send(new AsyncAction.PrintMap(c.Span, slot.Bound.Number, top, divisor));

        static uint Limited(LiteralNumber value) => value < 0 ? 0 : value > (long)uint.MaxValue ? uint.MaxValue : (uint)(ulong)value;
    }

    // Watchpoints that come and go are no more; scripts that end them still mean something.
    private static BoundBlockExpression Unwatch(Call c)
    {
        c.Body.Warn(c.Span, "unwatch() has no effect: asyncwatchpoint probes are not supported any more");
        return Body.Nothing(c.Span);
    }

    // Up to sixteen texts behind an array of pointers that ends with a null pointer.
    private static BoundExpression Join(Call c)
    {
        const int Most = 16;
        if (!TypeRules.IsInteger(c[0].Type) && c[0].Type is not PointerType) return c.Fail($"() only supports int or pointer arguments ({TypeNames.Kind(c[0].Type)} provided)");
        int size = Math.Min(c.Context.Config.MaxStringLength, 1024);
        var space = c.Body.SpaceOf(c[0]);
        PointerType text = new(IntegerType.Int8, space);
        PointerType list = new(text, space);
        BoundLocal array = new("$join", c.Span) { Type = list };
        BoundLocalRead read = new(c.Span, array);
        var texts = new BoundExpression[Most];
        for (int i = 0; i < Most; i++)
        {
            BoundExpression at = i == 0 ? read : new BoundPointerAdd(c.Span, list, read, new BoundConstant(c.Span, IntegerType.Int64, i * 8));
            BoundDereference pointer = new(c.Span, text, at, space);
            texts[i] = c.Make(BoundIntrinsic.ReadText, new StringType(size), pointer, new BoundConstant(c.Span, IntegerType.UInt64, size));
        }
        var send = (BoundBlockExpression)c.Send(new AsyncAction.Join(c.Span, c.Count > 1 ? c.Text(1) : " "), texts);
        BoundBlock block = new(c.Span, [new BoundAssignLocal(c.Span, array, new BoundConversion(c.Span, list, BoundConversionKind.Integer, Body.Number(c[0]))), .. send.Block.Statements]) { Locals = [array] };
        return new BoundBlockExpression(c.Span, VoidType.Instance, block, null);
    }

    /// <summary>A message of the script itself, at compile time.</summary>
    private static BoundExpression Fail(Call c)
    {
        List<string> arguments = [];
        for (int i = 0; i < c.Count; i++)
        {
            if (c[i].Type is UnknownType) return Body.Nothing(c.Span);
            if (!Literals.Is(c[i])) return c.Fail("fail() arguments need to be literals");
            if (i > 0) arguments.Add(c[i] is BoundConstant { Type: BooleanType } boolean ? boolean.Value.ToString(CultureInfo.InvariantCulture) : Encoding.UTF8.GetString(Literals.TextOf(c[i]) ?? []));
        }
        if (c[0] is not BoundText) return c.Fail("first argument to fail() must be a string literal");
        // What the script's author says.
        c.Body.Report(c.Span, Formatted(c.Text(0), arguments));
        return Body.Nothing(c.Span);
    }

    private static string Formatted(string format, List<string> arguments)
    {
        var parsed = PrintfFormat.Parse(format);
        StringBuilder text = new();
        for (int i = 0; i < parsed.Texts.Count; i++)
        {
            text.Append(Encoding.UTF8.GetString(parsed.Texts[i]));
            if (i < arguments.Count && i < parsed.Conversions.Count) text.Append(arguments[i]);
        }
        return text.ToString();
    }

    private static BoundExpression Packet(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        int action = c.Context.AddAction(new AsyncAction.PacketOutput(c.Span, c.Text(0)));
        return c.Make(BoundIntrinsic.PacketOutput, IntegerType.UInt32, c[1], Body.AsInteger(c[2], IntegerType.UInt64), Body.AsInteger(c[3], IntegerType.UInt64)) with { Number = action };
    }
}
