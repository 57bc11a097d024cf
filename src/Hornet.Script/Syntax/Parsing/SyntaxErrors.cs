using Hornet.Script.Source;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>
/// Reports what is wrong with the form of a script. A failure leaves the parser in the middle of something (it then
/// continues behind the broken statement); a complaint does not.
/// </summary>
internal sealed class SyntaxErrors(Scanner scanner, DiagnosticBag diagnostics)
{
    /// <summary>More than these help nobody, and each is looked up among the others.</summary>
    private const int MaxErrors = 64;

    private int _count;

    /// <summary>Whether something failed since the last place where the parser knew where it stands.</summary>
    public bool IsPanicking { get; private set; }

    /// <summary>Nothing further is reported or read.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The parser knows again where it stands.</summary>
    public void Recovered() => IsPanicking = false;

    /// <summary>Something else was expected than the next token, which is underlined.</summary>
    public void Fail(string message, string? hint = null)
    {
        ComplainHere(message, hint);
        IsPanicking = true;
    }

    public void FailAt(int start, int end, string message, string? hint = null)
    {
        Complain(start, end, message, hint);
        IsPanicking = true;
    }

    /// <summary>The next token is wrong, but it is clear what follows.</summary>
    public void ComplainHere(string message, string? hint = null)
    {
        int start = scanner.LayoutEnd(scanner.Position);
        Complain(start, scanner.TokenEnd(start), message, hint);
    }

    public void Complain(int start, int end, string message, string? hint = null)
    {
        if (IsOver) return;
        var diagnostic = diagnostics.Error(scanner.Span(start, end), "syntax: " + message);
        if (hint is not null && diagnostic.Hints.Count == 0) diagnostic.Hints.Add(hint);
        if (++_count >= MaxErrors) Stop();
    }

    /// <summary>Says something and reads no further.</summary>
    public void GiveUp(string message, string? hint = null)
    {
        Fail(message, hint);
        Stop();
    }

    public bool Expect(char c)
    {
        if (scanner.Match(c)) return true;
        Fail($"expected '{c}'");
        return false;
    }

    public bool Expect(string word)
    {
        if (scanner.MatchWord(word)) return true;
        Fail($"expected '{word}'");
        return false;
    }

    public string? ExpectIdentifier(string message)
    {
        var name = scanner.Identifier();
        if (name is null) Fail(message);
        return name;
    }

    private void Stop()
    {
        IsOver = true;
        IsPanicking = true;
        scanner.Position = scanner.Length;
    }
}
