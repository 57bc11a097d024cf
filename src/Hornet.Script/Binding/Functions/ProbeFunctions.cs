using Hornet.Script.Probes;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>The place a program is at.</summary>
internal static class ProbeFunctions
{
    public static IEnumerable<Builtin> All =>
    [
        new("probe", 0, 0, c => Text(c, c.Body.NameOfProbe)) { MayBeWord = true },
        new("probetype", 0, 0, c => Text(c, () => ProbeRules.Kind(c.Target!.Type))) { MayBeWord = true },
        new("func", 0, 0, Function) { MayBeWord = true },
        new("ctx", 0, 0, Context) { MayBeWord = true },
        new("args", 0, 0, c => c.Body.AllArguments(c.Span)) { MayBeWord = true },
        new("retval", 0, 0, Result) { MayBeWord = true },
        new("usermode", 0, 0, UserMode) { MayBeWord = true, Result = IntegerType.UInt8 },
    ];

    private static BoundExpression Text(Call c, Func<string> text) => c.Target is null ? c.Fail($"__builtin_{c.Name} can only be used inside of a probe.") : Literals.Text(c.Span, text());

    private static BoundExpression Function(Call c)
    {
        if (c.Target is not { } target) return c.Fail("Builtin __builtin_func not supported outside probe");
        if (target.Type is not (ProbeType.Kprobe or ProbeType.Kretprobe or ProbeType.Uprobe or ProbeType.Uretprobe or ProbeType.Fentry or ProbeType.Fexit))
            return c.Fail($"The func builtin can not be used with '{ProbeNames.NameOf(target.Type)}' probes");
        var address = c.Make(BoundIntrinsic.FunctionAddress, IntegerType.UInt64);
        return target.Type is ProbeType.Uprobe or ProbeType.Uretprobe
            ? c.Make(BoundIntrinsic.UserSymbol, UserSymbolType.Instance, address)
            : c.Make(BoundIntrinsic.KernelSymbol, KernelSymbolType.Instance, address);
    }

    private static BoundExpression Context(Call c)
    {
        if (c.Target is not { } target) return c.Fail("Builtin ctx not supported outside probe");
        switch (target.ProgramType)
        {
            case ProgramType.Kprobe or ProgramType.PerfEvent: break;
            case ProgramType.Tracepoint: return c.Fail("Use args instead of ctx in tracepoint");
            case ProgramType.Tracing when target.Type == ProbeType.Iter: break;
            default:
                if (target.ContextType is null) return c.Fail($"The ctx builtin can not be used with '{ProbeNames.NameOf(target.Type)}' probes");
                break;
        }
        return c.Make(BoundIntrinsic.Context, new PointerType(target.ContextType ?? VoidType.Instance, AddressSpace.Bpf));
    }

    private static BoundExpression Result(Call c)
    {
        if (c.Target is not { } target) return c.Fail("Builtin __builtin_retval not supported outside probe");
        if (target.Type is not (ProbeType.Kretprobe or ProbeType.Uretprobe or ProbeType.Fentry or ProbeType.Fexit) && target.ReturnValue is null)
        {
            return c.Fail("The retval builtin can only be used with 'kretprobe' and 'uretprobe' and 'fentry' probes" +
                (target.Type == ProbeType.Tracepoint ? " (try to use args.ret instead)" : ""));
        }
        return target.ReturnValue is { } value ? c.Body.Argument(c.Span, value) : c.Fail("Can't find a field $retval");
    }

    private static BoundExpression UserMode(Call c)
    {
        if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
            return c.Fail("'usermode' builtin is only supported on x86_64");
        // Where nothing is interrupted the answer is known.
        if (c.Target is not { } target || !ProbeRules.HasRegisters(target.Type))
            return Literals.Integer(c.Span, c.Target?.Type is ProbeType.Begin or ProbeType.End or ProbeType.Self ? 1 : 0);
        return c.Make(BoundIntrinsic.UserMode, IntegerType.UInt8);
    }
}
