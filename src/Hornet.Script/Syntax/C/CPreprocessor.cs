using Hornet.Script.Source;

namespace Hornet.Script.Syntax.C;

/// <summary>
/// The C preprocessor over the C of a script: gives tokens with directives obeyed and macros replaced. Work is limited; the
/// limit's error ends it.
/// </summary>
internal sealed class CPreprocessor : ICTokenInput
{
    private const int MaxIncludeDepth = 200;

    private readonly CEnvironment _environment;
    private readonly Stack<CFile> _files = [];
    private readonly Stack<CToken> _back = [];
    private readonly Dictionary<string, string> _guards = [];
    private readonly HashSet<string> _once = [];
    private readonly CDirectives _directives;

    public CPreprocessor(CEnvironment environment, CDiagnostics diagnostics)
    {
        _environment = environment;
        Diagnostics = diagnostics;
        Expander = new CMacroExpander(Macros, Limits);
        _directives = new CDirectives(this);
        foreach (string define in BuiltinHeaders.Predefined(environment.Architecture)) Define(define);
        foreach (string define in environment.Defines) Define(define);
    }

    public Dictionary<string, CMacro> Macros { get; } = [];

    public CMacroExpander Expander { get; }

    public CLimits Limits { get; } = new();

    public CDiagnostics Diagnostics { get; }

    /// <summary>The greatest alignment that <c>#pragma pack</c> allows members; 0 for the natural one.</summary>
    public Stack<int> Packing { get; } = [];

    public CFile File => _files.Peek();

    /// <summary>Reads the pieces of a script after what is already waiting.</summary>
    public void Open(SourceText source, IEnumerable<CDefinitionsSyntax> pieces) => _files.Push(new CFile(source, pieces));

    /// <summary>The next token with macros replaced; one of kind End at the end of everything.</summary>
    public CToken Next()
    {
        while (Limits.Step())
        {
            var token = Take();
            if (token.Kind == CTokenKind.End || !Expander.TryReplace(token, this)) return token;
        }
        return CToken.Nothing;
    }

    /// <summary>The next token as it stands, behind directives.</summary>
    public CToken Take()
    {
        if (_back.Count > 0) return _back.Pop();
        while (_files.Count > 0 && Limits.Step())
        {
            var file = _files.Peek();
            if (!file.Conditionals.IsActive) file.SkipToDirective();
            var token = file.Next();
            if (token.Kind == CTokenKind.End) Close(file);
            else if (token.FirstOnLine && token.Is("#")) _directives.Run(file, token);
            else if (file.Conditionals.IsActive)
            {
                file.SawToken();
                return token;
            }
        }
        return CToken.Nothing;
    }

    public void PutBack(IReadOnlyList<CToken> tokens)
    {
        for (int i = tokens.Count - 1; i >= 0; i--) _back.Push(tokens[i]);
    }

    /// <summary>Begins to read a header; false when it cannot be found.</summary>
    /// <param name="name">As written, without its brackets or quotes.</param>
    /// <param name="quoted">Whether the directory of the including file is looked into first.</param>
    /// <param name="next">Whether to look only behind the directory that the including file comes from.</param>
    /// <param name="at">The directive.</param>
    public bool Include(string name, bool quoted, bool next, SourceSpan at)
    {
        if (Find(name, quoted, next) is not { } found) return false;
        if (_once.Contains(found.Path) || (_guards.TryGetValue(found.Path, out var guard) && Macros.ContainsKey(guard))) return true;
        if (_files.Count >= MaxIncludeDepth)
        {
            Limits.Exceed($"#include nested too deeply ({MaxIncludeDepth} levels)");
            return true;
        }
        Limits.Steps(found.Text.Length / 16);
        _files.Push(new CFile(new SourceText(found.Path, found.Text), found.Path, found.Directory) { IncludedFrom = at });
        return true;
    }

    /// <summary>Whether <c>__has_include</c> would say yes.</summary>
    public bool CanInclude(string name, bool quoted, bool next) => Find(name, quoted, next) is not null;

    /// <summary><c>#pragma once</c></summary>
    public void Once()
    {
        if (File.Path is { } path) _once.Add(path);
    }

    private void Define(string define)
    {
        int equals = define.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? define : define[..equals];
        Macros[name] = new CMacro(name, null, false, CLexer.All(new SourceText("<command line>", equals < 0 ? "1" : define[(equals + 1)..]))) { IsPredefined = true };
    }

    private void Close(CFile file)
    {
        if (file.Conditionals.Depth > 0) Diagnostics.Error(file.Conditionals.Innermost, "unterminated conditional directive", "Every #if, #ifdef and #ifndef needs its #endif.");
        if (file is { Path: { } path, Guard: { } guard }) _guards[path] = guard;
        _files.Pop();
    }

    private (string Path, string Text, int Directory)? Find(string name, bool quoted, bool next)
    {
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal)) return null;
        if (name[0] == '/') return _environment.Read(name) is { } absolute ? (name, absolute, -1) : null;
        var includer = _files.Count > 0 ? _files.Peek() : null;
        if (quoted && !next)
        {
            string beside = includer?.Path ?? includer?.Source.Name ?? "";
            string path = Path.Combine(Path.GetDirectoryName(beside) is { Length: > 0 } directory ? directory : ".", name);
            if (_environment.Read(path) is { } text) return (path, text, includer?.Directory ?? -1);
        }
        for (int i = next ? (includer?.Directory ?? -1) + 1 : 0; i < _environment.Directories.Count; i++)
        {
            string path = _environment.Directories[i] + "/" + name;
            if (_environment.Read(path) is { } text) return (path, text, i);
        }
        return null;
    }
}

/// <summary>A text that is being read: the script's pieces of C, or a header.</summary>
internal sealed class CFile
{
    private readonly Queue<(CLexer Lexer, bool NeedsSemicolon)> _pieces = [];

    public CFile(SourceText source, IEnumerable<CDefinitionsSyntax> pieces)
    {
        Source = source;
        foreach (var piece in pieces)
        {
            var text = piece.Span.Text;
            _pieces.Enqueue((new CLexer(piece.Span.Source, piece.Span.Start, piece.Span.End), !text.StartsWith('#') && !text.EndsWith(';')));
        }
    }

    public CFile(SourceText source, string path, int directory)
    {
        (Source, Path, Directory) = (source, path, directory);
        _pieces.Enqueue((new CLexer(source, 0, source.Text.Length), false));
    }

    public SourceText Source { get; }

    /// <summary>Null for the script itself.</summary>
    public string? Path { get; }

    /// <summary>The index of the directory it was found in; -1 when it was not searched for.</summary>
    public int Directory { get; } = -1;

    /// <summary>The directive that asked for it.</summary>
    public SourceSpan IncludedFrom { get; init; }

    public CConditionals Conditionals { get; } = new();

    /// <summary>The macro that makes this file empty when it is defined; null when there is none.</summary>
    public string? Guard => GuardEnded && !_broken ? _guard : null;

    private bool GuardEnded { get; set; }

    private string? _guard;
    private bool _broken;
    private bool _sawAny;

    /// <summary>The lexer of the piece that is being read.</summary>
    public CLexer Lexer => _pieces.Peek().Lexer;

    public CToken Next()
    {
        while (_pieces.TryPeek(out var piece))
        {
            var token = piece.Lexer.Next();
            if (token.Kind != CTokenKind.End) return token;
            // The last is kept: directives at its very end still ask for it.
            if (_pieces.Count == 1 && !piece.NeedsSemicolon) return token;
            _pieces.Dequeue();
            if (_pieces.Count == 0) _pieces.Enqueue((new CLexer(Source, Source.Text.Length, Source.Text.Length), false));
            if (piece.NeedsSemicolon) return new CToken(CTokenKind.Mark, ";", token.Span);
        }
        return CToken.Nothing;
    }

    /// <summary>The tokens of the current line.</summary>
    public List<CToken> RestOfLine()
    {
        List<CToken> line = [];
        var lexer = Lexer;
        while (true)
        {
            var token = lexer.Next();
            if (token.FirstOnLine || token.Kind == CTokenKind.End)
            {
                if (token.Kind != CTokenKind.End) lexer.Unread(token);
                return line;
            }
            line.Add(token);
        }
    }

    public void SkipToDirective() => Lexer.SkipToDirective();

    /// <summary>Something outside of the guard makes it none.</summary>
    public void SawToken()
    {
        if (Conditionals.Depth == 0) _broken = true;
        _sawAny = true;
    }

    /// <summary>An <c>#ifndef</c>: the guard when it is the first thing in the file.</summary>
    public void SawIfNotDefined(string name)
    {
        if (!_sawAny && Conditionals.Depth == 0 && _guard is null) _guard = name;
        else if (Conditionals.Depth == 0) _broken = true;
        _sawAny = true;
    }

    public void SawOtherDirective()
    {
        if (Conditionals.Depth == 0) _broken = true;
        _sawAny = true;
    }

    public void SawElse()
    {
        if (Conditionals.Depth == 1) _broken = true;
    }

    public void SawEndIf()
    {
        if (Conditionals.Depth == 0) GuardEnded = true;
    }
}

/// <summary>Reports what is wrong with C, not without end, and says from where a header was included.</summary>
internal sealed class CDiagnostics(DiagnosticBag diagnostics)
{
    private const int MaxErrors = 20;

    private int _count;

    /// <summary>Whether no more is reported.</summary>
    public bool IsFull => _count >= MaxErrors;

    public ScriptDiagnostic? Error(SourceSpan span, string message, string? hint = null)
    {
        if (_count++ >= MaxErrors) return null;
        var diagnostic = diagnostics.Error(span, message);
        if (hint is not null && diagnostic.Hints.Count == 0) diagnostic.Hints.Add(hint);
        return diagnostic;
    }
}
