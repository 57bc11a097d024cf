using System.Text;

namespace Hornet.Script.Dialects;

/// <summary>Rewrites a script of a related language clause by clause, token by token; what it does not know stays as it is.</summary>
internal abstract class Translator(DialectFacts facts)
{
    private readonly List<string> _notes = [];

    protected DialectFacts Facts { get; } = facts;

    /// <summary>The attach points of the clause that is being rewritten, in our form.</summary>
    protected IReadOnlyList<string> Points { get; private set; } = [];

    protected abstract string Name { get; }
    protected abstract string Option { get; }
    protected abstract bool PredicateNeedsBlank { get; }

    /// <summary>An attach point in our form; null when we have nothing like it.</summary>
    protected abstract string? Point(string probe);

    /// <summary>A word that is no function in our form; null to leave it.</summary>
    protected abstract string? Word(string word);

    /// <summary>A call in our form; null to leave it.</summary>
    protected abstract string? Call(string name, IReadOnlyList<string> arguments);

    /// <summary>What stands at a token and is more than a word or a call; null when nothing does.</summary>
    protected virtual (string Text, int Next)? Special(IReadOnlyList<ForeignToken> tokens, int at) => null;

    /// <summary>What a clause without a body does.</summary>
    protected virtual string EmptyBody => " print(probe); ";

    protected virtual void Begin(IReadOnlyList<ForeignClause> clauses)
    {
    }

    /// <summary>The whole script; null when it cannot be cut into clauses.</summary>
    public Translation? Translate(string text)
    {
        if (ForeignLexer.Clauses(text, PredicateNeedsBlank) is not { Count: > 0 } clauses) return null;
        Begin(clauses);
        StringBuilder script = new();
        foreach (var clause in clauses)
        {
            List<string> points = [];
            foreach (string probe in clause.Probes)
            {
                if (Point(probe) is { } point) points.Add(point);
                else Note($"there is nothing like {probe} here");
            }
            if (points.Count == 0) continue;
            Points = points;
            script.Append(string.Join("\n", clause.Front.Split('\n').Where(l => !l.StartsWith('#'))).TrimStart());
            script.Append(string.Join(", ", points)).Append(' ');
            if (clause.Predicate is { } predicate) script.Append('/').Append(Rewrite(predicate)).Append("/ ");
            script.Append('{').Append(clause.Body is { } body && body.Any(t => t.Kind != ForeignTokenKind.Layout) ? Rewrite(body) : EmptyBody).Append("}\n");
        }
        return script.Length == 0 ? null : new Translation(Name, Option, script.ToString().Trim() + "\n", _notes);
    }

    protected void Note(string text)
    {
        if (!_notes.Contains(text)) _notes.Add(text);
    }

    protected string Rewrite(IReadOnlyList<ForeignToken> tokens)
    {
        StringBuilder text = new();
        for (int i = 0; i < tokens.Count;)
        {
            if (Special(tokens, i) is { } special)
            {
                text.Append(special.Text);
                i = special.Next;
                continue;
            }
            var token = tokens[i];
            // A member's name is no word of the language.
            bool isMember = Before(tokens, i) is { } before && (before.Is("->") || before.Is("."));
            int open = Skip(tokens, i + 1);
            if (token.Kind == ForeignTokenKind.Word && !isMember && open < tokens.Count && tokens[open].Is("("))
            {
                var (arguments, next) = Arguments(tokens, open);
                List<string> rewritten = [.. arguments.Select(Rewrite)];
                text.Append(Call(token.Text, rewritten) ?? $"{token.Text}({string.Join(", ", rewritten)})");
                i = next;
                continue;
            }
            text.Append(token.Kind == ForeignTokenKind.Word && !isMember ? Word(token.Text) ?? token.Text : token.Text);
            i++;
        }
        return text.ToString();
    }

    protected static int Skip(IReadOnlyList<ForeignToken> tokens, int at)
    {
        while (at < tokens.Count && tokens[at].Kind == ForeignTokenKind.Layout) at++;
        return at;
    }

    /// <summary>The parts between brackets, divided by commas, and the place behind the closing one.</summary>
    protected static (List<List<ForeignToken>> Parts, int Next) Arguments(IReadOnlyList<ForeignToken> tokens, int open)
    {
        List<List<ForeignToken>> parts = [[]];
        int depth = 0, at = open;
        for (; at < tokens.Count; at++)
        {
            var token = tokens[at];
            if (token.Is("(") || token.Is("["))
            {
                if (depth++ == 0) continue;
            }
            else if ((token.Is(")") || token.Is("]")) && --depth == 0)
            {
                break;
            }
            else if (token.Is(",") && depth == 1)
            {
                parts.Add([]);
                continue;
            }
            if (token.Kind != ForeignTokenKind.Layout || parts[^1].Count > 0) parts[^1].Add(token);
        }
        if (parts is [{ Count: 0 }]) parts.Clear();
        return (parts, Math.Min(at + 1, tokens.Count));
    }

    private static ForeignToken? Before(IReadOnlyList<ForeignToken> tokens, int at)
    {
        for (at--; at >= 0 && tokens[at].Kind == ForeignTokenKind.Layout; at--)
        {
        }
        return at < 0 ? null : tokens[at];
    }
}
