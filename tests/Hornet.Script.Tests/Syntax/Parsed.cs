using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Syntax.Parsing;
using Hornet.Script.Syntax.Printing;

namespace Hornet.Script.Tests.Syntax;

/// <summary>A script read, and what was said about it.</summary>
internal sealed class Parsed
{
    public Parsed(string text)
    {
        Source = new SourceText("stdin", text);
        Script = ScriptParser.Parse(Source, Diagnostics);
    }

    public SourceText Source { get; }
    public DiagnosticBag Diagnostics { get; } = new();
    public ScriptSyntax Script { get; }

    public string Tree => SyntaxDump.Write(Script, indented: false).TrimEnd('\n');

    /// <summary><c>1:5-7 message</c>, one line for each.</summary>
    public string Errors => string.Join('\n', Diagnostics.All.Select(d => d.Span.ToString()["stdin:".Length..] + " " + d.Message.Replace("syntax: ", "")));

    /// <summary>The tree of a script that has no errors.</summary>
    public static string Good(string text)
    {
        Parsed parsed = new(text);
        Assert.Equal("", parsed.Errors);
        return parsed.Tree;
    }

    /// <summary>The statements of a probe without errors.</summary>
    public static string Body(string statements)
    {
        const string Prefix = "(probe begin (block", Suffix = "))";
        string tree = Good($"begin {{ {statements} }}");
        Assert.StartsWith(Prefix, tree);
        return tree[Prefix.Length..^Suffix.Length].TrimStart();
    }
}
