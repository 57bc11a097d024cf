using System.Text.RegularExpressions;

namespace Hornet.Script.Dialects;

/// <summary>DTrace's D: probes of four parts, <c>self-&gt;</c> variables of threads, aggregations with other names.</summary>
internal sealed partial class DTraceTranslator(DialectFacts facts) : Translator(facts)
{
    private static readonly string[] s_keywords = ["if", "else", "self", "this", "args", "curpsinfo", "curlwpsinfo"];

    private readonly HashSet<string> _globals = [];

    protected override string Name => "DTrace";
    protected override string Option => "dtrace";
    protected override bool PredicateNeedsBlank => false;

    /// <summary>Whether a text looks like D.</summary>
    public static bool Fits(string text) => Marks().IsMatch(text);

    // A plain name that is assigned is a global variable: a map of ours.
    protected override void Begin(IReadOnlyList<ForeignClause> clauses)
    {
        foreach (var body in clauses.Select(c => c.Body).OfType<IReadOnlyList<ForeignToken>>())
        {
            bool starts = true;
            for (int i = 0; i < body.Count; i++)
            {
                if (body[i].Kind == ForeignTokenKind.Layout) continue;
                if (starts && body[i].Kind == ForeignTokenKind.Word && !s_keywords.Contains(body[i].Text) && Skip(body, i + 1) is var next && next < body.Count && body[next].Text is "=" or "[" or "++" or "--" or "+=" or "-=")
                    _globals.Add(body[i].Text);
                starts = body[i].Is(";");
            }
        }
    }

    protected override string? Point(string probe)
    {
        switch (probe)
        {
            case "BEGIN": return "begin";
            case "END": return "end";
        }
        string[] parts = probe.Split(':');
        string name = parts[^1], function = parts.Length > 1 ? parts[^2] : "", module = parts.Length > 2 ? parts[^3] : "", provider = parts.Length > 3 ? parts[^4] : "";
        if (provider is "" or "profile" or "tick" && Timer().Match(name) is { Success: true } timer)
        {
            string unit = timer.Groups[3].Value is "" or "hz" ? "hz" : timer.Groups[3].Value is "sec" ? "s" : timer.Groups[3].Value is "msec" ? "ms" : timer.Groups[3].Value is "usec" ? "us" : timer.Groups[3].Value;
            return $"{(timer.Groups[1].Value == "tick" ? "interval" : "profile")}:{unit}:{timer.Groups[2].Value}";
        }
        return (provider, name) switch
        {
            ("dtrace", "BEGIN") => "begin",
            ("dtrace", "END") => "end",
            ("syscall", "entry") => function is "" or "*" ? "tracepoint:raw_syscalls:sys_enter" : $"tracepoint:syscalls:sys_enter_{function}",
            ("syscall", "return") => function is "" or "*" ? "tracepoint:raw_syscalls:sys_exit" : $"tracepoint:syscalls:sys_exit_{function}",
            ("fbt", "entry") when function.Length > 0 => $"kprobe:{Module(module)}{function}",
            ("fbt", "return") when function.Length > 0 => $"kretprobe:{Module(module)}{function}",
            ("proc", "exec-success" or "exec") => "tracepoint:sched:sched_process_exec",
            ("proc", "exit" or "lwp-exit") => "tracepoint:sched:sched_process_exit",
            ("proc", "create" or "lwp-create") => "tracepoint:sched:sched_process_fork",
            ("proc", "signal-send") => "tracepoint:signal:signal_generate",
            ("proc", "signal-handle") => "tracepoint:signal:signal_deliver",
            ("sched", "on-cpu" or "off-cpu") => "tracepoint:sched:sched_switch",
            ("sched", "wakeup") => "tracepoint:sched:sched_wakeup",
            ("io", "start") => "tracepoint:block:block_rq_issue",
            ("io", "done") => "tracepoint:block:block_rq_complete",
            ("vminfo", "maj_fault") => "software:major-faults:1",
            ("vminfo", "as_fault") => "software:page-faults:1",
            _ when provider.StartsWith("pid", StringComparison.Ordinal) && name is "entry" or "return" && module.Length > 0 && function.Length > 0 => User(provider, module, function, name == "return"),
            _ => null,
        };
    }

    protected override string? Word(string word)
    {
        bool isReturn = Points.Any(p => p.Contains(":sys_exit", StringComparison.Ordinal)), isFunctionReturn = Points.Any(p => p.StartsWith("kretprobe:", StringComparison.Ordinal) || p.StartsWith("uretprobe:", StringComparison.Ordinal));
        switch (word)
        {
            case "execname": return "comm";
            case "timestamp" or "vtimestamp":
                if (word[0] == 'v') Note("vtimestamp counts time on the CPU, which is not known here: nsecs is the time that passed");
                return "nsecs";
            case "walltimestamp": return "nsecs(tai)";
            case "curthread": return "curtask";
            case "probefunc" when Points.All(p => p.StartsWith("tracepoint:raw_syscalls:", StringComparison.Ordinal)): return "syscall_name(args.id)";
            case "probefunc": return Points.All(p => p.StartsWith('k') || p.StartsWith('u')) ? "func" : "probe";
            case "probename" or "probeprov" or "probemod": return "probe";
            case "errno" when isReturn: return "(args.ret < 0 ? -args.ret : 0)";
            case "arg0" or "arg1" when isReturn: return "args.ret";
            case "arg1" when isFunctionReturn: return "retval";
        }
        if (word.Length == 4 && word.StartsWith("arg", StringComparison.Ordinal) && char.IsAsciiDigit(word[3])) return Argument(word[3] - '0');
        return _globals.Contains(word) ? "@" + word : null;
    }

    protected override string? Call(string name, IReadOnlyList<string> arguments) => (name, arguments.Count) switch
    {
        ("quantize", 1) => $"hist({arguments[0]})",
        ("lquantize", 3) => $"lhist({string.Join(", ", arguments)}, 1)",
        ("lquantize", 4) => $"lhist({string.Join(", ", arguments)})",
        ("stddev", 1) => $"stats({arguments[0]})",
        ("copyinstr" or "stringof", _) => $"str({string.Join(", ", arguments)})",
        ("copyin", 2) => $"buf({string.Join(", ", arguments)})",
        ("trace", 1) => $"print({arguments[0]})",
        ("printa", 1) => $"print({arguments[0]})",
        ("printa", > 1) => Told($"print({arguments[1]})", "printa's format is not needed: print() shows keys and values"),
        ("trunc", 1) => $"clear({arguments[0]})",
        ("trunc", 2) => Told($"print({string.Join(", ", arguments)}); clear({arguments[0]})", "trunc(@x, n) has no counterpart: print(@x, n) shows the n largest"),
        ("clear", 1) => $"zero({arguments[0]})",
        ("stack" or "ustack" or "jstack", _) => $"{(name == "stack" ? "kstack" : "ustack")}{(arguments.Count == 0 ? "" : $"({string.Join(", ", arguments)})")}",
        ("strjoin", 2) => $"str_concat({string.Join(", ", arguments)})",
        _ => null,
    };

    protected override (string Text, int Next)? Special(IReadOnlyList<ForeignToken> tokens, int at)
    {
        if (!(tokens[at].Is("self") || tokens[at].Is("this"))) return null;
        int arrow = Skip(tokens, at + 1), name = Skip(tokens, arrow + 1);
        if (name >= tokens.Count || !tokens[arrow].Is("->")) return null;
        if (tokens[at].Is("this")) return ("$" + tokens[name].Text, name + 1);
        string map = "@" + tokens[name].Text;
        // Zero frees a thread's variable.
        int equals = Skip(tokens, name + 1), zero = Skip(tokens, equals + 1), end = Skip(tokens, zero + 1);
        if (zero < tokens.Count && tokens[equals].Is("=") && tokens[zero].Text == "0" && (end >= tokens.Count || tokens[end].Is(";"))) return ($"_ = delete({map}, tid)", zero + 1);
        return (map + "[tid]", name + 1);
    }

    private string Told(string text, string note)
    {
        Note(note);
        return text;
    }

    private string? Argument(int number)
    {
        if (Points.FirstOrDefault(p => p.StartsWith("tracepoint:", StringComparison.Ordinal)) is not { } point) return null;
        if (point == "tracepoint:raw_syscalls:sys_enter") return $"args.args[{number}]";
        var names = Facts.Arguments(point["tracepoint:".Length..]);
        if (number < names.Count) return "args." + names[number];
        Note($"arg{number} of {point} has another name here: hornet trace -lv '{point}' lists them");
        return null;
    }

    private static string Module(string module) => module is "" or "vmlinux" or "genunix" or "kernel" ? "" : module + ":";

    private string User(string provider, string module, string function, bool isReturn)
    {
        if (provider != "pid") Note($"the process of {provider} is given with the option -p");
        module = module.TrimEnd('*');
        int version = module.IndexOf(".so", StringComparison.Ordinal);
        return $"{(isReturn ? "uretprobe" : "uprobe")}:{(version > 0 ? module[..version] : module.TrimEnd('.'))}:{function}";
    }

    [GeneratedRegex(@"(^|[\s,;}])((syscall|fbt|dtrace|proc|profile|tick|sched|io|vminfo|pid\d+|pid\$target)(:[^:{}/,\s]*){3}|(tick|profile)-\d+)|\bself->\w|\bexecname\b(?!\()")]
    private static partial Regex Marks();

    [GeneratedRegex("^(tick|profile)-([0-9]+)(hz|s|sec|ms|msec|us|usec)?$")]
    private static partial Regex Timer();
}
