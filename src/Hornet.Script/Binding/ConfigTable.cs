using System.Globalization;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>The settings of a script: its block <c>config</c>, then the environment, which wins.</summary>
internal static class ConfigTable
{
    private delegate ScriptConfig? Setter(ScriptConfig config, string value, out string? error);

    private static readonly string[] s_licenses = ["Dual MIT/GPL", "Dual BSD/GPL", "Dual MPL/GPL", "GPL and additional rights", "GPL v2", "GPL"];

    private static readonly Dictionary<string, string> s_renamed = new(StringComparer.Ordinal)
    {
        ["strlen"] = "max_strlen",
        ["no_cpp_demangle"] = "cpp_demangle",
        ["cat_bytes_max"] = "max_cat_bytes",
        ["map_keys_max"] = "max_map_keys",
    };

    private static readonly string[] s_withoutEffect = ["symbol_source", "max_type_res_iterations", "unstable_addr", "unstable_import", "unstable_macro", "unstable_map_decl"];
    private static readonly string[] s_environmentOnly = ["btf", "kernel_build", "kernel_source", "vmlinux"];

    public static readonly string[] Unstable = ["unstable_import_statement", "unstable_tseries", "unstable_typeinfo", "unstable_dw_ustack"];

    private static readonly Dictionary<string, Setter> s_all = new(StringComparer.Ordinal)
    {
        ["cache_user_symbols"] = SymbolCache,
        ["cpp_demangle"] = Flag((c, v) => c with { DemangleCpp = v }),
        ["lazy_symbolication"] = Flag((c, v) => c with { LazySymbolication = v }),
        ["license"] = License,
        ["log_size"] = Number((c, v) => c with { LogSize = (uint)Math.Min(v, uint.MaxValue) }),
        ["max_bpf_progs"] = Number((c, v) => c with { MaxPrograms = Small(v) }),
        ["max_cat_bytes"] = Number((c, v) => c with { MaxCatBytes = Small(v) }),
        ["max_map_keys"] = Number((c, v) => c with { MaxMapKeys = (uint)Math.Min(v, uint.MaxValue), LimitsMaps = true }),
        ["max_probes"] = Number((c, v) => c with { MaxProbes = Small(v) }),
        ["max_strlen"] = Number((c, v) => c with { MaxStringLength = Small(v) }),
        ["on_stack_limit"] = Number((c, v) => c with { OnStackLimit = Small(v) }),
        ["perf_rb_pages"] = Number((c, v) => c with { RingBufferPages = (uint)Math.Min(v, uint.MaxValue) }),
        ["stack_mode"] = Stack,
        ["str_trunc_trailer"] = (ScriptConfig config, string value, out string? error) =>
        {
            error = null;
            return config with { TruncationTrailer = value };
        },
        ["missing_probes"] = Missing,
        ["print_maps_on_exit"] = Flag((c, v) => c with { PrintMapsOnExit = v }),
        ["use_blazesym"] = Flag((c, v) => c with { UseBlazesym = v }),
        ["show_debug_info"] = Flag((c, v) => c with { ShowDebugInfo = v }),
    };

    static ConfigTable()
    {
        foreach (string name in Unstable) s_all.Add(name, UnstableFeature(name));
    }

    public static string UnstableDefault(string name) => name is "unstable_tseries" or "unstable_dw_ustack" ? "warn" : "error";

    /// <summary>The settings of a script.</summary>
    public static ScriptConfig Read(IReadOnlyList<ConfigAssignmentSyntax> assignments, IReadOnlyDictionary<string, string> environment, DiagnosticBag diagnostics)
    {
        ScriptConfig config = new();
        foreach (var assignment in assignments)
        {
            if (s_withoutEffect.Contains(Bare(assignment.Name)))
            {
                diagnostics.Warning(assignment.Span, $"{assignment.Name} is deprecated and has no effect");
                continue;
            }
            string name = Bare(assignment.Name);
            if (s_renamed.TryGetValue(name, out string? renamed))
            {
                diagnostics.Warning(assignment.Span, $"{assignment.Name} has been renamed, please use {renamed}");
                name = renamed;
            }
            if (!s_all.TryGetValue(name, out var setter))
            {
                if (s_environmentOnly.Contains(name))
                {
                    diagnostics.Error(assignment.Span, $"{assignment.Name}: can only be set as an environment variable");
                    continue;
                }
                Body.Suggest(diagnostics.Error(assignment.Span, $"{assignment.Name}: not a known configuration option"), name, s_all.Keys);
                continue;
            }
            if (setter(config, assignment.Value, out string? error) is { } changed) config = changed;
            else diagnostics.Error(assignment.Span, error!.Replace("{name}", assignment.Name, StringComparison.Ordinal));
        }
        foreach (var (name, setter) in s_all)
        {
            if (!environment.TryGetValue("BPFTRACE_" + name.ToUpperInvariant(), out string? value)) continue;
            if (setter(config, value, out string? error) is { } changed) config = changed;
            else diagnostics.Error(default, error!.Replace("{name}", name, StringComparison.Ordinal));
        }
        return config;
    }

    private static string Bare(string name)
    {
        string lower = name.ToLowerInvariant();
        return lower.StartsWith("bpftrace_", StringComparison.Ordinal) ? lower[9..] : lower;
    }

    private static int Small(ulong value) => (int)Math.Min(value, int.MaxValue);

    private static Setter Number(Func<ScriptConfig, ulong, ScriptConfig> set) => (ScriptConfig config, string text, out string? error) =>
    {
        error = $"{{name}}: expecting a number, got {text}";
        return Literals.Parse(text.Replace("_", "", StringComparison.Ordinal)) is { } value && value >= 0 ? set(config, (ulong)value) : null;
    };

    private static Setter Flag(Func<ScriptConfig, bool, ScriptConfig> set) => (ScriptConfig config, string text, out string? error) =>
    {
        error = "{name}: Invalid bool value: valid values are true, false, 1 or 0.";
        return Truth(text) is { } value ? set(config, value) : null;
    };

    private static bool? Truth(string text) => text.ToLowerInvariant() switch
    {
        "true" or "on" or "yes" => true,
        "false" or "off" or "no" => false,
        var number when ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) => value != 0,
        _ => null,
    };

    private static ScriptConfig? SymbolCache(ScriptConfig config, string text, out string? error)
    {
        error = "{name}: Invalid value for cache_user_symbols: valid values are PER_PID, PER_PROGRAM, and NONE.";
        return text.ToLowerInvariant() switch
        {
            "1" => config,
            "per_pid" => config with { UserSymbols = UserSymbolCache.PerPid },
            "per_program" => config with { UserSymbols = UserSymbolCache.PerProgram },
            "none" or "0" => config with { UserSymbols = UserSymbolCache.None },
            _ => null,
        };
    }

    private static ScriptConfig? Missing(ScriptConfig config, string text, out string? error)
    {
        error = "{name}: Invalid value for missing_probes: valid values are ignore, warn, and error.";
        return text.ToLowerInvariant() switch
        {
            "ignore" => config with { MissingProbes = MissingProbes.Ignore },
            "warn" => config with { MissingProbes = MissingProbes.Warn },
            "error" => config with { MissingProbes = MissingProbes.Error },
            _ => null,
        };
    }

    private static ScriptConfig? License(ScriptConfig config, string text, out string? error)
    {
        error = $"Invalid value for license. Found: {text}. Valid values: {string.Join(", ", s_licenses)}. Read more about BPF programs and licensing: https://docs.kernel.org/bpf/bpf_licensing.html#using-bpf-programs-in-the-linux-kernel";
        return s_licenses.Contains(text) ? config with { License = text } : null;
    }

    private static ScriptConfig? Stack(ScriptConfig config, string text, out string? error)
    {
        error = "{name}: Invalid value for stack_mode: valid values are bpftrace, raw, perf, and build_id.";
        return text.ToLowerInvariant() switch
        {
            "bpftrace" => config with { StackMode = StackMode.Bpftrace },
            "perf" => config with { StackMode = StackMode.Perf },
            "raw" => config with { StackMode = StackMode.Raw },
            "build_id" => config with { StackMode = StackMode.BuildId },
            _ => null,
        };
    }

    private static Setter UnstableFeature(string name) => (ScriptConfig config, string text, out string? error) =>
    {
        error = "{name}: Invalid value for unstable config: valid values are enable, warn, and error.";
        string word = text.ToLowerInvariant();
        string? value = word is "enable" or "warn" or "error" ? word : Truth(text) switch { true => "enable", false => "error", _ => null };
        return value is null ? null : config with { Unstable = new Dictionary<string, string>(config.Unstable) { [name] = value } };
    };
}
