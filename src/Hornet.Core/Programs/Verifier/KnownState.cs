using System.Globalization;

namespace Hornet.Programs.Verifier;

/// <summary>The verifier's notation for what a register holds, in words.</summary>
internal static class KnownState
{
    /// <summary>Words for <c>scalar(umax=255,…)</c>, <c>map_value_or_null(id=1,…)</c>, <c>fp-8</c> and so on, as of kernels 5.4 to 7.3.</summary>
    public static string Describe(string state)
    {
        int open = state.IndexOf('(');
        string name = open < 0 ? state : state[..open];
        string inside = open < 0 ? "" : state[(open + 1)..].TrimEnd(')');
        // A leading P marks a value the verifier tracks precisely; "inv" was the name of scalars before 5.18.
        if (name.Length > 1 && name[0] == 'P' && (char.IsAsciiDigit(name[1]) || name[1] is '-' or 's' || name.StartsWith("P0x", StringComparison.Ordinal))) name = name[1..];
        if (name.StartsWith("inv", StringComparison.Ordinal) && (name.Length == 3 || name[3] is 'P' or '-' || char.IsAsciiDigit(name[3])))
            name = name.TrimStart("inv").TrimStart("P") is { Length: > 0 } number ? number.ToString() : "scalar";
        if (IsNumber(name)) return $"the number {name}";
        if (name.StartsWith("fp", StringComparison.Ordinal) && (name.Length == 2 || name[2] is '-' or '+' || char.IsAsciiDigit(name[2])))
            return name is "fp0" or "fp" && inside.Length == 0 ? "the frame pointer" : $"the address {name} on the stack";
        return name switch
        {
            "scalar" or "unknown" => Range(inside),
            "ctx" => "the program's context" + AtOffset(inside),
            "map_ptr" => "a map",
            "pkt" => Packet(inside),
            "pkt_meta" => "a pointer to the packet's metadata",
            "pkt_end" => "the end of the packet",
            "map_value" => $"a pointer to a map value of {Field(inside, "vs") ?? "?"} bytes{AtOffset(inside)}",
            "map_value_or_null" => "a pointer to a map value, or NULL",
            "map_key" => "a pointer to a map key",
            "mem" or "alloc_mem" or "ringbuf_mem" => $"a pointer to {Field(inside, "sz") ?? Field(inside, "mem_size") ?? "some"} bytes of memory{AtOffset(inside)}",
            "mem_or_null" or "ringbuf_mem_or_null" or "alloc_mem_or_null" => "a pointer to memory, or NULL",
            "rdonly_mem" => "a pointer to memory that may only be read",
            "arena" => "a pointer into the arena",
            "func" => "the address of a function",
            "dynptr_ptr" => "a dynptr",
            _ => Typed(name),
        };
    }

    private static string Typed(string name)
    {
        // trusted_ptr_task_struct, rcu_ptr_or_null_cgroup, untrusted_ptr_file, sock_or_null, percpu_ptr_…
        bool orNull = name.Contains("_or_null", StringComparison.Ordinal);
        string trust = "";
        foreach (string prefix in (string[])["untrusted_", "trusted_", "rcu_", "percpu_", "user_", "rdonly_"])
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            trust = prefix switch { "untrusted_" => "untrusted ", "trusted_" => "", _ => prefix.TrimEnd('_') + " " };
            name = name[prefix.Length..];
            break;
        }
        name = name.Replace("_or_null", "", StringComparison.Ordinal);
        if (name.StartsWith("ptr_", StringComparison.Ordinal)) name = name[4..];
        return $"a{(trust.StartsWith('u') ? "n" : "")} {trust}pointer to {(name.Length == 0 ? "something" : name)}{(orNull ? ", or NULL" : "")}";
    }

    private static string Range(string inside)
    {
        string? low = null, high = null;
        foreach (var (key, value) in Fields(inside))
        {
            switch (key)
            {
                case "umin" or "umin_value": low ??= value; break;
                case "umax" or "umax_value": high = value; break;
                case "smin" or "smin_value": low = low is null || value.StartsWith('-') ? value : low; break;
                case "smax" or "smax_value": high ??= value; break;
            }
        }
        if (high is null && low is null) return "a number of which nothing is known";
        if (high is null) return low!.StartsWith('-') ? $"a number that may be as low as {low}" : $"a number of at least {low}";
        if (low is null && !inside.Contains("umax", StringComparison.Ordinal)) return $"a number of at most {high}, perhaps negative";
        return low is null || (low.StartsWith('-') && inside.Contains("umax", StringComparison.Ordinal)) ? $"a number from 0 to {high}" : $"a number from {low} to {high}";
    }

    private static string Packet(string inside) =>
        Field(inside, "r") is { } checkedBytes and not "0"
            ? $"a packet pointer{AtOffset(inside)}, {checkedBytes} bytes of the packet are known to be there"
            : $"a packet pointer{AtOffset(inside)} that was not compared with the end of the packet";

    private static string AtOffset(string inside) => Field(inside, "off") is { } offset and not "0" ? $" at offset {offset}" : "";

    private static string? Field(string inside, string name)
    {
        foreach (var (key, value) in Fields(inside))
            if (key == name) return value;
        return null;
    }

    // "smin=smin32=0,umax=255,var_off=(0x0; 0xff)": keys may share a value.
    private static IEnumerable<(string Key, string Value)> Fields(string inside)
    {
        int depth = 0, start = 0;
        for (int n = 0; n <= inside.Length; n++)
        {
            char c = n == inside.Length ? ',' : inside[n];
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c != ',' || (depth > 0 && n < inside.Length)) continue;
            string[] parts = inside[start..n].Split('=');
            for (int k = 0; k + 1 < parts.Length; k++) yield return (parts[k], parts[^1]);
            start = n + 1;
        }
    }

    private static bool IsNumber(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
        || (text.StartsWith("0x", StringComparison.Ordinal) && text.Length <= 18 && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _));

    private static string TrimStart(this string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
}
