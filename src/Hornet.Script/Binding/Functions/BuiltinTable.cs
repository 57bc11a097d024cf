using Hornet.Script.Probes;
using Hornet.Script.Source;

namespace Hornet.Script.Binding.Functions;

/// <summary>All functions and words of the language, by name.</summary>
internal static class BuiltinTable
{
    private static readonly string[] s_wrapped = ["comm", "cpid", "cpu", "elapsed", "func", "ncpus", "probe", "probetype", "retval", "usermode", "config", "uaddr"];

    private static readonly Dictionary<string, Builtin> s_all = new(StringComparer.Ordinal);

    static BuiltinTable()
    {
        foreach (var group in (ReadOnlySpan<IEnumerable<Builtin>>)
            [ProcessFunctions.All, OutputFunctions.All, MapFunctions.All, TextFunctions.All, StackFunctions.All, TimeFunctions.All, MemoryFunctions.All,
            NetworkFunctions.All, SystemFunctions.All, ProbeFunctions.All, QuestionFunctions.All, AggregateTable.Unassigned])
        {
            foreach (var builtin in group) s_all.Add(builtin.Name, builtin);
        }
    }

    public static IEnumerable<string> Names => s_all.Keys;

    public static IEnumerable<string> Words => s_all.Values.Where(b => b.MayBeWord).Select(b => b.Name);

    public static Builtin? Find(string name) => s_all.TryGetValue(name, out var builtin) ? builtin
        // The names under which bpftrace's library finds what it wraps.
        : name.StartsWith("__builtin_", StringComparison.Ordinal) && s_wrapped.Contains(name[10..]) ? s_all.GetValueOrDefault(name[10..])
        : null;

    /// <summary>The number in <c>arg0</c>; null for other words.</summary>
    public static int? Argument(string word) =>
        word.StartsWith("arg", StringComparison.Ordinal) && word.Length is > 3 and < 7 && int.TryParse(word.AsSpan(3), System.Globalization.NumberStyles.None, null, out int number) ? number : null;

    public static BoundExpression NumberedArgument(Body body, SourceSpan span, int number)
    {
        if (body.Target is not { } target)
        {
            body.Report(span, $"Builtin arg{number} not supported outside probe");
            return new BoundUnknown(span);
        }
        if (target.Type is not (ProbeType.Kprobe or ProbeType.Uprobe or ProbeType.Usdt or ProbeType.RawTracepoint) && target.NumberedArgument(0) is null)
        {
            body.Report(span, $"The arg{number} builtin can only be used with 'kprobes', 'uprobes' and 'usdt' probes");
            return new BoundUnknown(span);
        }
        if (target.NumberedArgument(number) is { } argument) return body.Argument(span, argument);
        body.Report(span, target.Type is ProbeType.Kprobe or ProbeType.Uprobe ? $"x86_64 doesn't support arg{number}" : $"{target.FullName} has no arg{number}");
        return new BoundUnknown(span);
    }

    /// <summary>What to say about words of the past.</summary>
    public static (string Message, string Hint)? Deleted(string word) => word.StartsWith("sarg", StringComparison.Ordinal) && word.Length > 4 && char.IsAsciiDigit(word[4])
        ? ("sarg* is deleted. This was deprecated in v0.21 and was last available in v0.24.", "Use *(reg(\"sp\") + <stack_offset>) instead.")
        : null;
}
