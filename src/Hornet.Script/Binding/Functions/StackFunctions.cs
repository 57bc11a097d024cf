using System.Runtime.InteropServices;
using Hornet.Script.Syntax;
using Hornet.Script.Probes;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>Stacks, symbols, addresses.</summary>
internal static class StackFunctions
{
    private const int DefaultLimit = 127, MostFrames = 1024;

    public static IEnumerable<Builtin> All =>
    [
        new("kstack", 0, 2, c => Stack(c, false)) { MayBeWord = true, Arguments = [ArgumentKind.Syntax, ArgumentKind.Syntax] },
        new("ustack", 0, 2, c => Stack(c, true)) { MayBeWord = true, Arguments = [ArgumentKind.Syntax, ArgumentKind.Syntax] },
        new("dw_ustack", 0, 2, Unwound) { MayBeWord = true, Arguments = [ArgumentKind.Syntax, ArgumentKind.Syntax] },
        new("ksym", 1, 1, c => Symbol(c, BoundIntrinsic.KernelSymbol, KernelSymbolType.Instance)) { Result = KernelSymbolType.Instance },
        new("usym", 1, 1, c => Symbol(c, BoundIntrinsic.UserSymbol, UserSymbolType.Instance)) { Result = UserSymbolType.Instance },
        new("kaddr", 1, 1, KernelAddress) { Result = IntegerType.UInt64, Arguments = [ArgumentKind.TextLiteral] },
        new("uaddr", 1, 1, UserAddress) { Available = ProbeRules.IsUserSpace, Arguments = [ArgumentKind.TextLiteral] },
        new("percpu_kaddr", 1, 2, PerCpu) { Result = IntegerType.UInt64, Arguments = [ArgumentKind.TextLiteral, ArgumentKind.Integer] },
    ];

    private static BoundExpression Stack(Call c, bool isUser)
    {
        var mode = c.Context.Config.StackMode;
        int next = 0;
        if (c.Count > 0 && c.Syntax[0] is IdentifierSyntax word && Mode(word.Name) is { } named)
        {
            mode = named;
            next = 1;
        }
        else if (c.Count == 2 || (c.Count == 1 && c.Syntax[0] is IdentifierSyntax unknown && c[0].Type is UnknownType))
        {
            return c.Fail(c.Syntax[0] is IdentifierSyntax { Name: var name }
                ? $"Error parsing stack mode: {name}: Invalid value for stack_mode: valid values are bpftrace, raw, perf, and build_id."
                : "Expected stack mode as first argument");
        }
        else if (!isUser && mode == StackMode.BuildId)
        {
            if (c.Count == 0) c.Body.Warn(c.Span, "'build_id' stack mode can only be used for ustack. Falling back to 'raw' mode.");
            mode = StackMode.Raw;
        }
        LiteralNumber limit = DefaultLimit;
        if (next < c.Count && (!Literals.IsInteger(c[next], out limit) || limit < 0)) return c[next].Type is UnknownType ? c.Unknown : c.Fail($"{c.Name}: invalid limit value");
        if (limit > MostFrames) return c.Fail($"{c.Name}([int limit]): limit shouldn't exceed {MostFrames}, {limit} given");
        if (mode == StackMode.BuildId && !isUser) return c.Fail("'build_id' stack mode can only be used for ustack");
        return c.Make(BoundIntrinsic.Stack, new StackType(isUser, mode, (int)limit));
    }

    private static StackMode? Mode(string name) => name switch
    {
        "bpftrace" => StackMode.Bpftrace,
        "perf" => StackMode.Perf,
        "raw" => StackMode.Raw,
        "build_id" => StackMode.BuildId,
        _ => null,
    };

    // The tables that say how to walk are made of the process's binaries before probes are attached.
    private static BoundExpression Unwound(Call c)
    {
        c.Body.CheckUnstable(c.Span, "dw_ustack (DWARF stack unwinding)", "unstable_dw_ustack", ConfigTable.UnstableDefault("unstable_dw_ustack"));
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return c.Fail("dw_ustack walks stacks of x86_64 only (elsewhere: ustack)");
        if (!c.Context.Options.HasUnwoundProcess) return c.Fail("dw_ustack requires a target process: use -p, -c or --dwarf-pid");
        return Stack(c, isUser: true) is BoundCall { Type: StackType type } stack
            ? type.Mode == StackMode.BuildId ? c.Fail("'build_id' stack mode can only be used for ustack") : stack with { Intrinsic = BoundIntrinsic.UnwoundStack }
            : c.Unknown;
    }

    private static BoundExpression Symbol(Call c, BoundIntrinsic intrinsic, ScriptType type)
    {
        if (!c.IsKnown) return c.Unknown;
        if (!TypeRules.IsInteger(c[0].Type) && c[0].Type is not PointerType) return c.Fail($"{c.Name}() expects an integer or pointer argument");
        return c.Make(intrinsic, type, Body.AsInteger(c[0], IntegerType.UInt64));
    }

    /// <summary>A number that is known but whose type was said: no literal.</summary>
    internal static BoundConversion Constant(Call c, ScriptType type, ulong value) =>
        new(c.Span, type, BoundConversionKind.Integer, new BoundConstant(c.Span, IntegerType.UInt64, unchecked((long)value)));

    private static BoundExpression KernelAddress(Call c)
    {
        string name = c.Text(0);
        return c.Context.Options.System.KernelSymbol(name) is { } address
            ? Constant(c, IntegerType.UInt64, address) with { Space = AddressSpace.Kernel }
            : c.Fail($"Failed to resolve kernel symbol: {name}");
    }

    private static BoundExpression UserAddress(Call c)
    {
        string name = c.Text(0);
        if (!name.All(ch => char.IsAsciiLetterOrDigit(ch) || ch is '.' or '_' or '/' or '-'))
            return c.Fail($"uaddr() expects a string that is a valid symbol (^[a-zA-Z0-9./_-]+$) as input (\"{name}\" provided)");
        if (c.Target is null) return c.Fail("Builtin uaddr not supported outside probe");
        string file = c.Target.FullName.Split(':') is [_, var path, ..] ? path : "";
        c.Body.DependsOnPlace();
        if (c.Context.Options.System.UserSymbol(file, name) is not { } symbol) return c.Fail($"Could not resolve symbol: {file}:{name}");
        PointerType type = new(new IntegerType(symbol.Size is 1 or 2 or 4 ? symbol.Size * 8 : 64, true), AddressSpace.User);
        if (symbol.IsFixed) return Constant(c, type, symbol.Address);
        // As far from where the probe is as it is in the file.
        if (c.Target is not UprobeTarget { IsReturn: false } probe || c.Context.Options.System.UserPlace(file, probe.FileOffset) is not { } place)
            return c.Fail($"uaddr(): {file} is loaded at an address that differs from process to process, which only a uprobe of it knows");
        BoundBinary there = new(c.Span, IntegerType.UInt64, BoundBinaryOperator.Add, c.Make(BoundIntrinsic.FunctionAddress, IntegerType.UInt64),
            new BoundConstant(c.Span, IntegerType.UInt64, unchecked((long)(symbol.Address - place))));
        return new BoundConversion(c.Span, type, BoundConversionKind.Integer, there);
    }

    private static BoundExpression PerCpu(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        string name = c.Text(0);
        if (c.Context.Types?.FindVariableType(name) is null) return c.Fail($"Could not resolve variable \"{name}\" from BTF");
        if (c.Context.Options.System.KernelSymbol(name) is not { } address) return c.Fail($"Failed to resolve kernel symbol: {name}");
        BoundConstant symbol = new(c.Span, IntegerType.UInt64, unchecked((long)address));
        return c.Count == 1
            ? c.Make(BoundIntrinsic.PerCpuAddress, IntegerType.UInt64, symbol)
            : c.Make(BoundIntrinsic.PerCpuAddress, IntegerType.UInt64, symbol, Body.AsInteger(c[1], IntegerType.UInt32));
    }
}
