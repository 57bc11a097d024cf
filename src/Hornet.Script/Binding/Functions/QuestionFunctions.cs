using System.Text;
using Hornet.Script.Types;

namespace Hornet.Script.Binding.Functions;

/// <summary>What is answered before anything runs.</summary>
internal static class QuestionFunctions
{
    public static IEnumerable<Builtin> All =>
    [
        new("is_literal", 1, 1, c => c.IsKnown ? Literals.Boolean(c.Span, Literals.Is(c[0])) : c.Unknown) { Result = BooleanType.Instance },
        new("kfunc_exist", 1, 1, c => KernelFunction(c)) { Result = BooleanType.Instance },
        new("kfunc_allowed", 1, 1, c => KernelFunction(c)) { Result = BooleanType.Instance },
        new("getopt", 1, 3, Option),
        new("config", 0, 0, Config) { MayBeWord = true },
    ];

    private static BoundExpression KernelFunction(Call c)
    {
        if (!c.IsKnown) return c.Unknown;
        return c[0] is BoundText ? Literals.Boolean(c.Span, c.Context.Options.System.HasKernelFunction(c.Text(0))) : c.Fail($"{c.Name}() accepts a string literal only");
    }

    private static BoundExpression Option(Call c)
    {
        if (c[0] is not BoundText) return Wrong(c, 0, "First argument to 'getopt' must be a string literal.");
        string description = "";
        if (c.Count == 3)
        {
            if (c[2] is not BoundText) return Wrong(c, 2, "Function 'getopt' requires the third parameter to be a string literal.");
            description = c.Text(2);
        }
        ScriptOption option;
        string name = c.Text(0);
        switch (c.Count == 1 ? null : c[1])
        {
            case null: option = new ScriptOption(name, "false", description, BooleanType.Instance); break;
            case BoundConstant { Type: BooleanType } boolean: option = new ScriptOption(name, boolean.Value != 0 ? "true" : "false", description, BooleanType.Instance); break;
            case BoundText text: option = new ScriptOption(name, Encoding.UTF8.GetString(text.Bytes), description, new StringType(c.Context.Config.MaxStringLength)); break;
            case var number when Literals.IsInteger(number, out var value):
                option = new ScriptOption(name, value.ToString(), description, value < 0 ? IntegerType.Int64 : IntegerType.UInt64);
                break;
            default: return Wrong(c, 1, "Second argument to 'getopt' must be a string literal, integer literal, or a boolean literal.");
        }
        if (c.Context.NamedOptions.Declare(option) is { } conflict) return c.Fail(conflict);
        var result = c.Context.NamedOptions.Value(c.Span, option, out string? error);
        if (error is not null) c.Context.Diagnostics.Error(default, error);
        return result;
    }

    private static BoundExpression Wrong(Call c, int index, string message)
    {
        c.Report(c.Syntax[index].Span, message);
        return c.Unknown;
    }

    private static BoundTuple Config(Call c)
    {
        var config = c.Context.Config;
        List<(string Name, BoundExpression Value)> fields = [];
        void Flag(string name, bool value) => fields.Add((name, Literals.Boolean(c.Span, value)));
        void Number(string name, long value) => fields.Add((name, Literals.Integer(c.Span, value)));
        void Text(string name, string value) => fields.Add((name, Literals.Text(c.Span, value)));
        Flag("cpp_demangle", config.DemangleCpp);
        Flag("lazy_symbolication", config.LazySymbolication);
        Flag("print_maps_on_exit", config.PrintMapsOnExit);
        Flag("use_blazesym", config.UseBlazesym);
        Flag("show_debug_info", config.ShowDebugInfo);
        Number("log_size", config.LogSize);
        Number("max_bpf_progs", config.MaxPrograms);
        Number("max_cat_bytes", config.MaxCatBytes);
        Number("max_map_keys", config.MaxMapKeys);
        Number("max_probes", config.MaxProbes);
        Number("max_strlen", config.MaxStringLength);
        Number("on_stack_limit", config.OnStackLimit);
        Number("perf_rb_pages", config.RingBufferPages);
        Text("str_trunc_trailer", config.TruncationTrailer);
        foreach (string name in ConfigTable.Unstable) Text(name, config.Unstable.GetValueOrDefault(name, ConfigTable.UnstableDefault(name)));
        Text("missing_probes", config.MissingProbes.ToString().ToLowerInvariant());
        Text("stack_mode", config.StackMode == StackMode.BuildId ? "build_id" : config.StackMode.ToString().ToLowerInvariant());
        Text("license", config.License);
        return new BoundTuple(c.Span, new TupleType([.. fields.Select(f => f.Value.Type)], [.. fields.Select(f => f.Name)]), [.. fields.Select(f => f.Value)]);
    }
}
