using System.Collections.Frozen;

namespace Hornet.Script.Syntax.Parsing;

/// <summary>Words whose meaning decides how a text is to be read: <c>(pid) - 1</c> is a difference, <c>(u64_t) -1</c> a cast.</summary>
internal static class KnownWords
{
    private static readonly FrozenSet<string> Builtins = FrozenSet.Create(
        "args", "ctx", "kstack", "nsecs", "pid", "tid", "ustack",
        "__builtin_comm", "__builtin_cpid", "__builtin_cpu", "__builtin_dw_ustack", "__builtin_elapsed", "__builtin_func",
        "__builtin_ncpus", "__builtin_probe", "__builtin_retval", "__builtin_usermode");

    // Macros of the standard library that are used without parentheses: no type has such a name.
    private static readonly FrozenSet<string> Values = FrozenSet.Create(
        "comm", "pcomm", "ppid", "uid", "gid", "username", "cpu", "ncpus", "numaid", "elapsed", "rand", "jiffies", "curtask", "cgroup",
        "func", "probe", "probetype", "retval", "cpid", "has_cpid", "usermode", "leader_tid", "leader_comm", "true", "false", "config");

    private static readonly FrozenSet<string> Types = FrozenSet.Create(
        "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "void",
        "min_t", "max_t", "sum_t", "count_t", "avg_t", "stats_t", "umin_t", "umax_t", "usum_t", "uavg_t", "ustats_t",
        "timestamp", "macaddr_t", "cgroup_path_t", "string", "buffer", "inet", "username_t");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> BuiltinLookup = Builtins.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> ValueLookup = Values.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> TypeLookup = Types.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A value of the language itself, which cannot be the name of a parameter or a record's field.</summary>
    public static bool IsBuiltin(ReadOnlySpan<char> word) => BuiltinLookup.Contains(word) || IsNumbered(word, "arg") || IsNumbered(word, "sarg");

    /// <summary>A word that always is a value, never a type.</summary>
    public static bool IsValue(ReadOnlySpan<char> word) => IsBuiltin(word) || ValueLookup.Contains(word);

    /// <summary>A type of the language itself.</summary>
    public static bool IsType(ReadOnlySpan<char> word) => TypeLookup.Contains(word);

    /// <summary>Types that take their size in brackets: <c>string[64]</c> is not an array.</summary>
    public static bool IsSizedType(ReadOnlySpan<char> word) => word is "string" or "buffer" or "inet";

    public static bool IsCTag(ReadOnlySpan<char> word) => word is "struct" or "union" or "enum";

    private static bool IsNumbered(ReadOnlySpan<char> word, string prefix) =>
        word.Length > prefix.Length && word.StartsWith(prefix) && !word[prefix.Length..].ContainsAnyExceptInRange('0', '9');
}
