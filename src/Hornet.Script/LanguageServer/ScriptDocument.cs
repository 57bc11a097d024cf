using Hornet.Script.Binding;
using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Syntax.Parsing;
using Hornet.Script.Types;

namespace Hornet.Script.LanguageServer;

/// <summary>A script that is open in an editor, as far as it is understood.</summary>
internal sealed class ScriptDocument
{
    private readonly Dictionary<(int Start, int End), ScriptType> _types = [];
    private readonly Dictionary<string, string> _maps = new(StringComparer.Ordinal);

    private readonly Func<string, ClangResult?> _compileC;

    /// <param name="uri">Its address.</param>
    /// <param name="text">What is in it.</param>
    /// <param name="compileC">What clang made of a program in C that it imports; null as long as that is not known.</param>
    public ScriptDocument(string uri, string text, Func<string, ClangResult?> compileC)
    {
        _compileC = compileC;
        Uri = uri;
        Path = PathOf(uri);
        Source = new SourceText(Path, text);
        DiagnosticBag diagnostics = new();
        Syntax = ScriptParser.Parse(Source, diagnostics);
        IsParsed = !diagnostics.HasErrors;
        if (IsParsed) Bind(diagnostics);
        Diagnostics = [.. diagnostics.All.Where(d => d.Span.Source is null || d.Span.Source == Source)];
    }

    public string Uri { get; }

    /// <summary>The file, which imports are looked for beside; the address itself when it is none.</summary>
    public string Path { get; }
    public SourceText Source { get; }

    /// <summary>Whether its form is right.</summary>
    public bool IsParsed { get; }

    /// <summary>Whether it imports programs in C: what it means can change when they are compiled.</summary>
    public bool ImportsC { get; private set; }

    /// <summary>What could be parsed.</summary>
    public ScriptSyntax Syntax { get; }
    public IReadOnlyList<ScriptDiagnostic> Diagnostics { get; }

    public string Text => Source.Text;

    /// <summary>What maps hold and by what, in words; none while the script has errors.</summary>
    public IReadOnlyDictionary<string, string> MapTypes => _maps;

    /// <summary>The same document with another text.</summary>
    public ScriptDocument With(string text) => new(Uri, text, _compileC);

    /// <summary>The type of the smallest expression around a place; null when there is none, or no type was found.</summary>
    public ScriptType? TypeAt(int offset)
    {
        var around = _types.Where(t => t.Key.Start <= offset && offset <= t.Key.End && t.Value is not UnknownType).ToList();
        return around.Count == 0 ? null : around.MinBy(t => t.Key.End - t.Key.Start).Value;
    }

    /// <summary>The type of a variable in the probe, macro or function around a place, from where it is read; null when it is not known.</summary>
    public ScriptType? TypeOfVariable(string name, int offset)
    {
        var body = Syntax.Probes.Select(p => p.Body).Concat(Syntax.Functions.Select(f => f.Body)).Concat(Syntax.Macros.Select(m => m.Body)).FirstOrDefault(b => b.Span.Start <= offset && offset <= b.Span.End);
        return body is null ? null : _types.Where(t => body.Span.Start <= t.Key.Start && t.Key.End <= body.Span.End && t.Value is not UnknownType && Text.AsSpan(t.Key.Start, t.Key.End - t.Key.Start).SequenceEqual("$" + name))
            .OrderBy(t => t.Key.Start).Select(t => t.Value).FirstOrDefault();
    }

    /// <summary>The type of what ends at a place.</summary>
    public ScriptType? TypeEndingAt(int offset) => _types.Where(t => t.Key.End == offset).OrderByDescending(t => t.Key.End - t.Key.Start).Select(t => t.Value).FirstOrDefault();

    /// <summary>The place of a line and a character (UTF-16), both counted from 0; what is beyond the text is its end.</summary>
    public int Offset(int line, int character)
    {
        if (line < 0) return 0;
        if (line >= Source.LineCount) return Text.Length;
        return Source.LineStart(line + 1) + Math.Clamp(character, 0, Source.Line(line + 1).Length);
    }

    /// <summary>Line and character of a place, both counted from 0.</summary>
    public static (int Line, int Character) Position(SourceText source, int offset)
    {
        offset = Math.Clamp(offset, 0, source.Text.Length);
        int line = source.LineAndColumn(offset).Line;
        return (line - 1, offset - source.LineStart(line));
    }

    /// <summary>The places an attach point means on this machine.</summary>
    public static IReadOnlyList<ProbeTarget> Resolve(string attachPoint)
    {
        try
        {
            return new ProbeResolver(new ScriptProbeOptions()).Resolve(new AttachPointSyntax(default, attachPoint, null, []), attachPoint, new DiagnosticBag());
        }
        catch (BpfException)
        {
            return [];
        }
    }

    private void Bind(DiagnosticBag diagnostics)
    {
        DiagnosticBag own = new();
        bool isWaiting = false;
        try
        {
            // What would be dangerous is no mistake while it is written.
            var bound = ScriptCompiler.Bind(Syntax, new ScriptOptions { IsUnsafe = true, Probes = new ScriptProbeOptions { IsUnsafe = true }, ObserveTypes = Observe, CompileC = Compile }, own);
            foreach (var map in bound?.Maps ?? []) _maps[map.Name] = map.Key is null ? $"{map.Value}" : $"{map.Value}, by {map.Key}";
        }
        catch (BpfException e)
        {
            own.Error(default, e.Message);
        }
        // Without the functions of what it imports most of it would look wrong.
        if (isWaiting) return;
        foreach (var diagnostic in own.All)
        {
            // Who may not look into the kernel cannot know what can be probed; root, who runs the script, can.
            if (RunningKernel.IsPrivileged || !IsAboutProbe(diagnostic)) diagnostics.Add(diagnostic);
        }

        ClangResult? Compile(string path)
        {
            ImportsC = true;
            var made = _compileC(path);
            isWaiting |= made is null;
            return made;
        }
    }

    private bool IsAboutProbe(ScriptDiagnostic diagnostic) => diagnostic.Span.Source is null || Syntax.Probes.Any(p => p.Span.Start <= diagnostic.Span.Start && diagnostic.Span.End <= p.Span.End);

    private void Observe(SourceSpan span, ScriptType type)
    {
        if (span.Source == Source) _types[(span.Start, span.End)] = type;
    }

    private static string PathOf(string uri) => System.Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.IsFile ? parsed.LocalPath : uri;
}
