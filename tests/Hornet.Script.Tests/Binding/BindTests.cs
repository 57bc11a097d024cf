using Hornet.Script.Binding;
using Hornet.Script.Source;
using Hornet.Script.Syntax.Parsing;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Binding;

/// <summary>What tests of the binder share.</summary>
public abstract class BindTests
{
    private protected static BindOptions Options => new()
    {
        Probes = new FakeResolver(),
        Parse = static (source, diagnostics) => ScriptParser.Parse(source, diagnostics),
        Types = static (_, _) => new FakeTypes(),
        System = new SystemFacts { CpuCount = 4, KernelSymbol = static name => name == "known" ? 0xffffffff81000000 : null, HasKernelFunction = static name => name == "bpf_task_from_pid" },
    };

    private protected static (BoundScript? Script, DiagnosticBag Diagnostics) TryBind(string text, BindOptions? options = null)
    {
        DiagnosticBag diagnostics = new();
        var syntax = ScriptParser.Parse(new SourceText("stdin", text), diagnostics);
        Assert.Equal("", string.Join('\n', diagnostics.All.Where(d => d.Severity == ScriptSeverity.Error).Select(d => d.Message)));
        return (Binder.Bind(syntax, options ?? Options, diagnostics), diagnostics);
    }

    private protected static BoundScript Bind(string text, BindOptions? options = null)
    {
        var (script, diagnostics) = TryBind(text, options);
        Assert.Equal("", string.Join('\n', diagnostics.All.Where(d => d.Severity == ScriptSeverity.Error).Select(d => $"{d.Span}: {d.Message}")));
        return script!;
    }

    /// <summary>The printed bodies, without the lines for maps and actions.</summary>
    private protected static string Body(string text, BindOptions? options = null) =>
        string.Join('\n', BoundPrinter.Print(Bind(text, options)).Split('\n').Where(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => l.Trim()));

    private protected static string TypeOfMap(string text, string map = "x") => Map(text, map).Value.ToString();

    private protected static BoundMap Map(string text, string map = "x") => Bind(text).Maps.Single(m => m.Name == map);

    /// <summary>The type of the variable that is assigned somewhere in the script.</summary>
    private protected static string LocalType(string text, string name = "x")
    {
        string line = BoundPrinter.Print(Bind(text)).Split('\n').First(l => l.Trim().StartsWith($"let ${name}:", StringComparison.Ordinal));
        return line.Trim()[$"let ${name}: ".Length..];
    }

    /// <summary>All errors, with their places.</summary>
    private protected static string Errors(string text, BindOptions? options = null) => Messages(TryBind(text, options).Diagnostics, ScriptSeverity.Error);

    private protected static string Warnings(string text, BindOptions? options = null) => Messages(TryBind(text, options).Diagnostics, ScriptSeverity.Warning);

    private static string Messages(DiagnosticBag bag, ScriptSeverity severity) =>
        string.Join('\n', bag.All.Where(d => d.Severity == severity).Select(d => (d.Span.Source is null ? "" : d.Span + ": ") + d.Message));

    private protected static PointerType Pointer(ScriptType type) => new(type);
}
