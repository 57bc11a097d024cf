using System.Globalization;
using System.Text;

namespace Hornet.Kernel;

/// <summary>
/// The kernel's own symbols (<c>/proc/kallsyms</c>). Addresses are shown to processes with <c>CAP_SYSLOG</c> unless
/// <c>kernel.kptr_restrict</c> is 2; to others they are all zero. Variables are there only with <c>CONFIG_KALLSYMS_ALL</c>.
/// </summary>
public static class KernelSymbols
{
    private const string Path = "/proc/kallsyms";

    /// <summary>
    /// Looks symbols up by name, reading the file once for all of them. Of several with the same name the first is taken,
    /// which is the kernel's own before a module's.
    /// </summary>
    /// <param name="names">The names.</param>
    /// <param name="restricted">Whether there are symbols but the addresses are hidden from this process.</param>
    /// <returns>The addresses of those that exist; hidden ones are 0.</returns>
    public static Dictionary<string, ulong> Find(IReadOnlyCollection<string> names, out bool restricted)
    {
        Dictionary<string, ulong> found = [];
        restricted = false;
        if (names.Count == 0) return found;
        var wanted = names.ToHashSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        bool anyAddress = false, anySymbol = false;
        try
        {
            using StreamReader reader = new(Path, Encoding.UTF8, false, 1 << 16);
            char[] buffer = new char[1 << 16];
            int kept = 0;
            while (reader.Read(buffer, kept, buffer.Length - kept) is > 0 and var read)
            {
                var text = buffer.AsSpan(0, kept + read);
                int end;
                while ((end = text.IndexOf('\n')) >= 0)
                {
                    var line = text[..end];
                    text = text[(end + 1)..];
                    int space = line.IndexOf(' ');
                    if (space <= 0 || line.Length < space + 4) continue;
                    anySymbol = true;
                    if (!anyAddress) anyAddress = line[..space].ContainsAnyExcept('0');
                    var name = line[(space + 3)..];
                    int tab = name.IndexOf('\t');
                    if (tab >= 0) name = name[..tab];
                    if (!wanted.Contains(name)) continue;
                    found.TryAdd(name.ToString(), ulong.Parse(line[..space], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                }
                text.CopyTo(buffer);
                kept = text.Length;
                if (kept == buffer.Length) kept = 0;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No kallsyms (CONFIG_KALLSYMS off) is the same as no symbols.
            return found;
        }
        restricted = anySymbol && !anyAddress;
        return found;
    }

    /// <summary>The names of the functions that begin at the addresses, reading the file once. Needs what showing addresses needs.</summary>
    internal static Dictionary<ulong, string> NamesAt(IReadOnlySet<ulong> addresses)
    {
        Dictionary<ulong, string> found = [];
        try
        {
            foreach (string line in File.ReadLines(Path))
            {
                int space = line.IndexOf(' ');
                if (space <= 0 || line.Length < space + 4 || !ulong.TryParse(line.AsSpan(0, space), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong address)) continue;
                if (addresses.Contains(address)) found.TryAdd(address, line[(space + 3)..].Split('\t')[0]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No kallsyms, no names.
        }
        return found;
    }

    /// <summary>
    /// The functions and the module each is in (null for the kernel itself), in the order of the file. Names are shown to
    /// everybody. Empty without <c>CONFIG_KALLSYMS</c>.
    /// </summary>
    public static IEnumerable<(string Name, string? Module)> Functions()
    {
        if (!File.Exists(Path)) yield break;
        foreach (string line in File.ReadLines(Path))
        {
            int space = line.IndexOf(' ');
            if (space < 0 || line.Length < space + 4 || line[space + 1] is not ('t' or 'T' or 'w' or 'W')) continue;
            int tab = line.IndexOf('\t');
            yield return tab < 0 ? (line[(space + 3)..], null) : (line[(space + 3)..tab], line[(tab + 1)..].Trim('[', ']'));
        }
    }

    /// <summary>Whether a symbol exists. Works without privileges: names are never hidden.</summary>
    public static bool Exists(string name) => Find([name], out _).ContainsKey(name);
}
