using Hornet.Script.Source;

namespace Hornet.Script.Binding;

/// <summary>The part of the standard library that is written in the language itself.</summary>
internal static class StandardLibrary
{
    private static readonly Dictionary<string, string> s_files = new(StringComparer.Ordinal);

    static StandardLibrary()
    {
        Add("base", "assert", "ppid", "pcomm", "leader_tid", "leader_comm", "is_err");
        Add("meta", "is_str", "is_ptr", "is_array", "is_integer", "is_unsigned_integer", "static_assert", "container_of");
        Add("strings", "assert_str", "default_str_length", "strcap", "strcontains");
    }

    public static IEnumerable<string> Names => s_files.Keys;

    public static IEnumerable<string> Files => s_files.Values.Distinct();

    /// <summary>The file that has a macro; null when none has.</summary>
    public static string? FileOf(string macro) => s_files.GetValueOrDefault(macro);

    public static SourceText Read(string file)
    {
        using var stream = typeof(StandardLibrary).Assembly.GetManifestResourceStream($"stdlib/{file}.bt")!;
        using StreamReader reader = new(stream);
        return new SourceText($"stdlib/{file}.bt", reader.ReadToEnd());
    }

    private static void Add(string file, params string[] macros)
    {
        foreach (string macro in macros) s_files.Add(macro, file);
    }
}
