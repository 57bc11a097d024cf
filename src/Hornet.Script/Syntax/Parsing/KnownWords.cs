namespace Hornet.Script.Syntax.Parsing;

/// <summary>Words whose meaning decides how a text is to be read: <c>(pid) - 1</c> is a difference, <c>(u64_t) -1</c> a cast.</summary>
internal static class KnownWords
{
    private static bool IsWordOfLanguage(ReadOnlySpan<char> word) => word is
        "args" or "ctx" or "kstack" or "nsecs" or "pid" or "tid" or "ustack" or
        "__builtin_comm" or "__builtin_cpid" or "__builtin_cpu" or "__builtin_dw_ustack" or "__builtin_elapsed" or "__builtin_func" or
        "__builtin_ncpus" or "__builtin_probe" or "__builtin_retval" or "__builtin_usermode";

    // Macros of the standard library that are used without parentheses: no type has such a name.
    private static bool IsMacroOfLibrary(ReadOnlySpan<char> word) => word is
        "comm" or "pcomm" or "ppid" or "uid" or "gid" or "username" or "cpu" or "ncpus" or "numaid" or "elapsed" or "rand" or "jiffies" or "curtask" or "cgroup" or
        "func" or "probe" or "probetype" or "retval" or "cpid" or "has_cpid" or "usermode" or "leader_tid" or "leader_comm" or "true" or "false" or "config";

    /// <summary>A type of the language itself.</summary>
    public static bool IsType(ReadOnlySpan<char> word) => word is
        "bool" or "int8" or "int16" or "int32" or "int64" or "uint8" or "uint16" or "uint32" or "uint64" or "void" or
        "min_t" or "max_t" or "sum_t" or "count_t" or "avg_t" or "stats_t" or "umin_t" or "umax_t" or "usum_t" or "uavg_t" or "ustats_t" or
        "timestamp" or "macaddr_t" or "cgroup_path_t" or "string" or "buffer" or "inet" or "username_t";

    /// <summary>A value of the language itself, which cannot be the name of a parameter or a record's field.</summary>
    public static bool IsBuiltin(ReadOnlySpan<char> word) => IsWordOfLanguage(word) || IsNumbered(word, "arg") || IsNumbered(word, "sarg");

    /// <summary>A word that always is a value, never a type.</summary>
    public static bool IsValue(ReadOnlySpan<char> word) => IsBuiltin(word) || IsMacroOfLibrary(word);

    /// <summary>Types that take their size in brackets: <c>string[64]</c> is not an array.</summary>
    public static bool IsSizedType(ReadOnlySpan<char> word) => word is "string" or "buffer" or "inet";

    public static bool IsCTag(ReadOnlySpan<char> word) => word is "struct" or "union" or "enum";

    private static bool IsNumbered(ReadOnlySpan<char> word, string prefix) =>
        word.Length > prefix.Length && word.StartsWith(prefix) && !word[prefix.Length..].ContainsAnyExceptInRange('0', '9');
}
