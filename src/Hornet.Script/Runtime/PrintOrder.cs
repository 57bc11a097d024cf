namespace Hornet.Script.Runtime;

/// <summary>The order in which the elements of a map are printed.</summary>
internal enum PrintOrder
{
    /// <summary>The largest value last, where a terminal shows it.</summary>
    Ascending,
    Descending,
    ByKey,
    ByKeyDescending,
}

/// <summary>The orders as a script writes them.</summary>
internal static class PrintOrders
{
    public static IReadOnlyList<string> Words { get; } = ["ascending", "descending", "by_key", "by_key_descending"];

    public static PrintOrder? Parse(string word) => Words.IndexOf(word) is >= 0 and var index ? (PrintOrder)index : null;

    private static int IndexOf(this IReadOnlyList<string> words, string word)
    {
        for (int i = 0; i < words.Count; i++)
        {
            if (words[i] == word) return i;
        }
        return -1;
    }
}
