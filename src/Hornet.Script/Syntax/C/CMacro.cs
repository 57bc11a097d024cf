using System.Text;

namespace Hornet.Script.Syntax.C;

/// <summary>A macro of the preprocessor.</summary>
/// <param name="Name">The name.</param>
/// <param name="Parameters">The names of its parameters; null when it takes none and stands without parentheses.</param>
/// <param name="IsVariadic">Whether the last parameter (named <c>__VA_ARGS__</c> when it has no name) takes all further arguments.</param>
/// <param name="Tokens">What it is replaced by.</param>
internal sealed record CMacro(string Name, IReadOnlyList<string>? Parameters, bool IsVariadic, IReadOnlyList<CToken> Tokens)
{
    /// <summary>Whether the preprocessor itself made it: it is no constant of the script.</summary>
    public bool IsPredefined { get; init; }

    /// <summary>What it is replaced by, as it was written.</summary>
    public string Body
    {
        get
        {
            StringBuilder text = new();
            for (int i = 0; i < Tokens.Count; i++)
            {
                if (i > 0 && Tokens[i].SpaceBefore) text.Append(' ');
                text.Append(Tokens[i].Text);
            }
            return text.ToString();
        }
    }

    public bool IsSameAs(CMacro other) => Name == other.Name && IsVariadic == other.IsVariadic && Body == other.Body &&
        (Parameters is null ? other.Parameters is null : other.Parameters is not null && Parameters.SequenceEqual(other.Parameters));
}
