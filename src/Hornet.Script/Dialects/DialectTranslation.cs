using Hornet.Kernel;
using Hornet.Script.Probes;
using Hornet.Script.Source;
using Hornet.Script.Syntax.Parsing;

namespace Hornet.Script.Dialects;

/// <summary>Scripts of ply and DTrace in our language.</summary>
internal static class DialectTranslation
{
    /// <summary>What <c>--dialect</c> knows.</summary>
    public static readonly string[] Names = ["dtrace", "ply"];

    /// <summary>The arguments of system calls on this machine.</summary>
    public static DialectFacts ThisMachine { get; } = new(SystemCallArguments);

    /// <summary>A script that is not ours in our language; null when it is no script of a known one, or the result would not be one of ours.</summary>
    public static Translation? Guess(string text, DialectFacts facts)
    {
        // Both have quantize() and execname: what is no script of the one may be one of the other.
        return (DTraceTranslator.Fits(text) ? Translate("dtrace", text, facts) : null) ?? (PlyTranslator.Fits(text) ? Translate("ply", text, facts) : null);
    }

    /// <summary>A script of a language in ours; null when the result would not be one.</summary>
    public static Translation? Translate(string dialect, string text, DialectFacts facts)
    {
        Translator translator = dialect == "dtrace" ? new DTraceTranslator(facts) : new PlyTranslator(facts);
        if (translator.Translate(text) is not { } translation) return null;
        DiagnosticBag diagnostics = new();
        _ = ScriptParser.Parse(new SourceText(dialect, translation.Script), diagnostics);
        return diagnostics.HasErrors ? null : translation;
    }

    private static IReadOnlyList<string> SystemCallArguments(string tracepoint)
    {
        try
        {
            string name = Wildcard.Is(tracepoint) ? KernelCatalog.Tracepoints(Wildcard.Of(tracepoint)).FirstOrDefault() ?? "" : tracepoint;
            int colon = name.IndexOf(':', StringComparison.Ordinal);
            // In front of the arguments stands the call's number.
            return colon < 0 ? [] : [.. Tracefs.Format(name[..colon], name[(colon + 1)..]).Fields.Where(f => !f.IsCommon).Skip(1).Select(f => f.Name)];
        }
        catch (BpfException)
        {
            return [];
        }
    }
}
