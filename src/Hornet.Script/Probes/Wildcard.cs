using Hornet.Tracing;

namespace Hornet.Script.Probes;

/// <summary>Patterns of attach points: a star stands for any text. Brackets count as a pattern too, but mean themselves.</summary>
internal static class Wildcard
{
    /// <summary>Whether a text is a pattern and no name.</summary>
    public static bool Is(string text) => text.Contains('*') || (text.Contains('[') && text.Contains(']'));

    public static NamePattern Of(string text) => new(text, starsOnly: true);
}
