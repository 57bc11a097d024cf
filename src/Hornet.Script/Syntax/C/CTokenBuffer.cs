namespace Hornet.Script.Syntax.C;

/// <summary>Looks ahead in what the preprocessor gives.</summary>
internal sealed class CTokenBuffer(CPreprocessor preprocessor) : ICTokens
{
    private readonly Queue<CToken> _ahead = [];

    public CToken Peek(int ahead = 0)
    {
        while (_ahead.Count <= ahead) _ahead.Enqueue(preprocessor.Next());
        return ahead == 0 ? _ahead.Peek() : _ahead.ElementAt(ahead);
    }

    public CToken Take() => _ahead.TryDequeue(out var token) ? token : preprocessor.Next();

    /// <summary>Gives other tokens than those that were to come.</summary>
    public void Reset(IEnumerable<CToken> tokens)
    {
        _ahead.Clear();
        foreach (var token in tokens) _ahead.Enqueue(token);
    }

    public bool Match(string mark)
    {
        if (!Peek().Is(mark)) return false;
        Take();
        return true;
    }

    public bool MatchWord(string word)
    {
        if (!Peek().IsWord(word)) return false;
        Take();
        return true;
    }

    /// <summary>Takes a bracket that is next and all up to the one that closes it.</summary>
    public void SkipBalanced()
    {
        int depth = 0;
        do
        {
            var token = Take();
            if (token.Kind == CTokenKind.End) return;
            if (token.Kind != CTokenKind.Mark) continue;
            if (token.Text is "(" or "[" or "{") depth++;
            else if (token.Text is ")" or "]" or "}") depth--;
        }
        while (depth > 0);
    }
}
