using System.Text.RegularExpressions;
using Hornet.Script.Binding.Functions;

namespace Hornet.Script.Dialects;

/// <summary>ply: both its first form (functions for what is asked, methods of maps) and its second.</summary>
internal sealed partial class PlyTranslator(DialectFacts facts) : Translator(facts)
{
    private static readonly string[] s_words = ["comm", "cpu", "gid", "uid", "pid", "tid", "nsecs", "func", "retval"];

    protected override string Name => "ply";
    protected override string Option => "ply";
    protected override bool PredicateNeedsBlank => true;

    /// <summary>Whether a text looks like ply.</summary>
    public static bool Fits(string text) => Marks().IsMatch(text);

    protected override string? Point(string probe)
    {
        if (probe is "BEGIN" or "END") return probe.ToLowerInvariant();
        string[] parts = probe.Split(':');
        if (parts.Length < 2) return null;
        string rest = probe[(parts[0].Length + 1)..];
        return parts[0] switch
        {
            "trace" or "tracepoint" or "t" => "tracepoint:" + rest.Replace('/', ':'),
            "interval" => Rate().Match(rest) is { Success: true } span ? $"interval:{(span.Groups[2].Value is "" ? "s" : span.Groups[2].Value)}:{span.Groups[1].Value}" : probe,
            "profile" => Rate().Match(parts[^1]) is { Success: true } rate ? $"profile:hz:{rate.Groups[1].Value}" : probe,
            "k" => "kprobe:" + rest,
            "kr" => "kretprobe:" + rest,
            _ => probe,
        };
    }

    protected override string? Word(string word) => word switch
    {
        "kpid" => "curtask->tgid",
        "ktid" => "curtask->pid",
        "ns" => "nsecs",
        "execname" => "comm",
        "probefunc" or "caller" => "func",
        "stack" => "kstack",
        "data" => "args",
        _ => null,
    };

    protected override string? Call(string name, IReadOnlyList<string> arguments) => (name, arguments.Count) switch
    {
        ("quantize", 1) => $"hist({arguments[0]})",
        ("arg", 1) => "arg" + arguments[0],
        ("secs", 0) => "nsecs / 1000000000",
        ("strcmp", 2) => $"({arguments[0]} != {arguments[1]})",
        ("mem", 2) when Room().Match(arguments[1]) is { Success: true } room => $"str({arguments[0]}, {room.Groups[1].Value})",
        ("mem", 2) => $"buf({string.Join(", ", arguments)})",
        ("printf", > 0) => Printf(arguments),
        (_, 0) when Word(name) is { } word => word,
        (_, 0) when s_words.Contains(name) => name,
        // Fields of tracepoints were functions once.
        (_, 0) when BuiltinTable.Find(name) is null && Points.Any(p => p.StartsWith("tracepoint:", StringComparison.Ordinal)) => "args." + name,
        _ => null,
    };

    protected override (string Text, int Next)? Special(IReadOnlyList<ForeignToken> tokens, int at)
    {
        if (tokens[at].Is("delete") && Skip(tokens, at + 1) is var map && map < tokens.Count && tokens[map].Kind == ForeignTokenKind.Map) return Delete(tokens, map);
        if (tokens[at].Is("self") && Skip(tokens, at + 1) is var bracket && bracket < tokens.Count && tokens[bracket].Is("["))
        {
            var (keys, next) = Arguments(tokens, bracket);
            return ($"@self[tid{string.Concat(keys.Select(k => ", " + Rewrite(k)))}]", next);
        }
        return tokens[at].Kind == ForeignTokenKind.Map ? Map(tokens, at) : null;
    }

    // @name[keys].method(…), @name[keys] = nil, or the element itself.
    private (string Text, int Next) Map(IReadOnlyList<ForeignToken> tokens, int at)
    {
        string element = tokens[at].Text;
        string? keys = null;
        int next = Skip(tokens, at + 1);
        if (next < tokens.Count && tokens[next].Is("["))
        {
            var (parts, behind) = Arguments(tokens, next);
            keys = string.Join(", ", parts.Select(Rewrite));
            (element, next) = ($"{element}[{keys}]", behind);
        }
        else
        {
            next = at + 1;
        }
        int dot = Skip(tokens, next), method = Skip(tokens, dot + 1), open = Skip(tokens, method + 1);
        if (open < tokens.Count && tokens[dot].Is(".") && tokens[open].Is("("))
        {
            var (arguments, behind) = Arguments(tokens, open);
            List<string> rewritten = [.. arguments.Select(Rewrite)];
            return tokens[method].Text is "clear" or "print" ? ($"{tokens[method].Text}({element})", behind)
                : ($"{element} = {Call(tokens[method].Text, rewritten) ?? $"{tokens[method].Text}({string.Join(", ", rewritten)})"}", behind);
        }
        if (method < tokens.Count && tokens[dot].Is("=") && tokens[method].Is("nil")) return (keys is null ? $"clear({element})" : Deletion(tokens[at].Text, keys), method + 1);
        return (element, next);
    }

    private (string Text, int Next) Delete(IReadOnlyList<ForeignToken> tokens, int map)
    {
        int bracket = Skip(tokens, map + 1);
        if (bracket >= tokens.Count || !tokens[bracket].Is("[")) return ($"clear({tokens[map].Text})", map + 1);
        var (parts, next) = Arguments(tokens, bracket);
        return (Deletion(tokens[map].Text, string.Join(", ", parts.Select(Rewrite))), next);
    }

    private static string Deletion(string map, string keys) => $"_ = delete({map}, {(keys.Contains(',') ? $"({keys})" : keys)})";

    // %v shows a value as its type wants: text or number.
    private static string Printf(IReadOnlyList<string> arguments)
    {
        int next = 1;
        string format = Conversion().Replace(arguments[0], match =>
        {
            if (match.Value == "%%") return match.Value;
            string value = next < arguments.Count ? arguments[next] : "";
            next++;
            return match.Value[^1] != 'v' ? match.Value : match.Value[..^1] + (IsText(value) ? "s" : "d");
        });
        return $"printf({string.Join(", ", arguments.Skip(1).Prepend(format))})";
    }

    private static bool IsText(string value) => value is "comm" or "func" or "probe" or "kstack" or "ustack" || value.StartsWith("str(", StringComparison.Ordinal) || value.StartsWith('"');

    [GeneratedRegex(@"(^|[\s,;}])trace:|tracepoint:\w+/\w|\bquantize\s*\(|@\w*(\[[^\]]*\])?\s*\.\s*\w+\s*\(|%-?\d*v|=\s*nil\b|\b(kpid|ktid)\b|\bself\[|\barg\(\d\)|\bdelete\s+@|\bdata->|profile:(\d+:)?\d+hz|(interval|i):\d+\s*[{/]")]
    private static partial Regex Marks();

    [GeneratedRegex("^([0-9]+)(hz|s|ms|us)?$")]
    private static partial Regex Rate();

    [GeneratedRegex("^\"([0-9]+)s\"$")]
    private static partial Regex Room();

    [GeneratedRegex("%(%|[-+ #0]*[0-9]*(\\.[0-9]+)?[a-zA-Z])")]
    private static partial Regex Conversion();
}
