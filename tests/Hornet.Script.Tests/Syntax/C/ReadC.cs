using Hornet.Script.Source;
using Hornet.Script.Syntax.C;
using Hornet.Script.Syntax.Parsing;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Syntax.C;

/// <summary>The C of a script, read without the machine's headers unless asked for.</summary>
internal sealed class ReadC
{
    public ReadC(string text, CEnvironment? environment = null, Func<string, ScriptType?>? resolve = null)
    {
        var script = ScriptParser.Parse(new SourceText("stdin", text), Diagnostics);
        Declarations = CDeclarations.Read(script, environment ?? Own(), resolve ?? (_ => null), Diagnostics);
    }

    public DiagnosticBag Diagnostics { get; } = new();

    public CDeclarations Declarations { get; }

    public string Errors => string.Join('\n', Diagnostics.All.Select(d => d.Span.ToString().Replace("stdin:", "") + " " + d.Message.Replace("syntax: ", "")));

    public static CEnvironment Own(params (string Path, string Text)[] files)
    {
        CEnvironment environment = new() { Architecture = System.Runtime.InteropServices.Architecture.X64 };
        environment.Directories.Add("/nowhere/first");
        environment.Directories.Add("/nowhere/second");
        environment.Directories.Add("<hornet>");
        foreach (var (path, text) in files) environment.AddFile(path, text);
        return environment;
    }

    /// <summary>A type that must be there, without errors.</summary>
    public ScriptType Type(string name)
    {
        Assert.Equal("", Errors);
        Assert.True(Declarations.TryFindType(name, out var type), $"no type {name}");
        return type;
    }

    public CompositeTypeInfo Composite(string name) => Assert.IsType<CompositeType>(Type(name)).Info;

    /// <summary><c>size/alignment name@offset:type …</c>, bitfields as <c>name@offset+bit:width</c>.</summary>
    public string Layout(string name) => Layout(Composite(name));

    /// <summary>A constant as text: a number, a quoted text, or nothing.</summary>
    public string Constant(string name) => !Declarations.TryFindConstant(name, out var constant) ? "none"
        : constant.Text is { } text ? $"\"{System.Text.Encoding.UTF8.GetString(text)}\""
        : constant.IsUnsigned ? ((ulong)constant.Value).ToString() + "u" : constant.Value.ToString();

    private static string Layout(CompositeTypeInfo info) => $"{info.Size}/{info.Alignment}" + string.Concat(info.Fields.Select(f =>
        " " + f.Name + "@" + f.Offset + (f.BitSize > 0 ? $"+{f.BitOffset}:{f.BitSize}" : ":" + (f.Name.Length == 0 ? "{" + Layout(((CompositeType)f.Type).Info) + "}" : f.Type.ToString()))));
}
