using System.Globalization;
using System.IO.Enumeration;
using Hornet.Interop;
using Hornet.Kernel;

namespace Hornet.Links;

/// <summary>The functions of the kernel that can be probed, by name and pattern.</summary>
internal static class KernelFunctions
{
    // The prefixes of system calls behind CONFIG_ARCH_HAS_SYSCALL_WRAPPER, and what came before it (4.17).
    private static readonly string[] s_syscallPrefixes = ["__x64_sys_", "__arm64_sys_", "__se_sys_", "sys_"];

    /// <summary>The names of all functions, from kallsyms, which shows names to everybody.</summary>
    public static IEnumerable<string> Names() => KernelSymbols.Functions().Select(f => f.Name);

    public static string? Suggest(string name) => CloseNames.Suggest(name, Names());

    /// <summary>
    /// The function behind a system call: <c>__x64_sys_openat</c> for <c>openat</c>. Told by kallsyms, since a probe for
    /// the wrapper gives the wrong answer on kernels without kprobes.
    /// </summary>
    public static string OfSystemCall(string name)
    {
        var candidates = s_syscallPrefixes.Select(prefix => prefix + name).ToHashSet(StringComparer.Ordinal);
        var found = Names().Where(candidates.Contains).ToHashSet(StringComparer.Ordinal);
        if (found.Count > 0) return s_syscallPrefixes.Select(prefix => prefix + name).First(found.Contains);
        string[] calls = [.. Names().Where(n => n.StartsWith(s_syscallPrefixes[0], StringComparison.Ordinal) || n.StartsWith(s_syscallPrefixes[1], StringComparison.Ordinal))
            .Select(n => n[(n.IndexOf("sys_", StringComparison.Ordinal) + 4)..])];
        throw new BpfSyscallException($"find system call '{name}'", Errno.ENOENT, CloseNames.Suggest(name, calls));
    }

    /// <summary>A function that can be probed.</summary>
    /// <param name="Name">The name.</param>
    /// <param name="Address">The address; 0 when the kernel does not tell.</param>
    public readonly record struct Traceable(string Name, ulong Address);

    /// <summary>
    /// The traceable functions whose name matches a pattern. Addresses are told since 6.5
    /// (<c>available_filter_functions_addrs</c>); with them functions that share a name are told apart.
    /// </summary>
    public static List<Traceable> Matching(string pattern)
    {
        string mount = Tracefs.Mount;
        string withAddresses = Path.Combine(mount, "available_filter_functions_addrs"), names = Path.Combine(mount, "available_filter_functions");
        List<Traceable> result = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        bool addresses = File.Exists(withAddresses);
        try
        {
            foreach (string line in File.ReadLines(addresses ? withAddresses : names))
            {
                var rest = line.AsSpan();
                ulong address = 0;
                if (addresses)
                {
                    int space = rest.IndexOf(' ');
                    if (space < 0 || !ulong.TryParse(rest[..space].TrimStart("0x"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out address)) continue;
                    rest = rest[(space + 1)..];
                }
                int end = rest.IndexOfAny(' ', '\t');
                var name = end < 0 ? rest : rest[..end];
                // Functions whose code was discarded are listed as __ftrace_invalid_address___NNN.
                if (name.StartsWith("__ftrace_invalid_address") || !FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)) continue;
                string text = name.ToString();
                if (address != 0 || seen.Add(text)) result.Add(new Traceable(text, address));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BpfException($"find kernel functions like '{pattern}': the list of traceable functions cannot be read ({e.Message}). Without it, give the functions by name.", e);
        }
        return result;
    }
}
