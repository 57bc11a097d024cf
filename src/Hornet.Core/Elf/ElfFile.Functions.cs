using System.Text;

namespace Hornet.Elf;

/// <summary>A function of an executable or library, as a probe needs it.</summary>
/// <param name="Name">The name, without its version.</param>
/// <param name="Version">The symbol version; null for none.</param>
/// <param name="FileOffset">Where its first instruction is in the file.</param>
/// <param name="Address">Its virtual address.</param>
/// <param name="Size">Bytes; 0 when not recorded.</param>
/// <param name="IsIndirect">
/// The symbol names a resolver, which runs once while the library is loaded and picks the function to call
/// (<c>STT_GNU_IFUNC</c>). A probe here sees the choice, not the calls.
/// </param>
/// <param name="IsLocal">The symbol is local to its source file (<c>static</c>).</param>
public sealed record ElfFunction(string Name, string? Version, ulong FileOffset, ulong Address, ulong Size, bool IsIndirect, bool IsLocal);

public sealed partial class ElfFile
{
    /// <summary>The functions defined here, of both symbol tables; one listed in both comes twice.</summary>
    public IEnumerable<ElfFunction> Functions()
    {
        foreach (var table in (ElfSymbolTable[])[DynamicSymbols, Symbols])
        {
            for (int i = 1; i < table.Count; i++)
            {
                if (table.TypeOf(i) is not (ElfSymbolType.Function or ElfSymbolType.IndirectFunction)) continue;
                if (ToFunction(table[i]) is { } function) yield return function;
            }
        }
    }

    /// <summary>
    /// Finds a function by name. A version may follow (<c>memcpy@GLIBC_2.2.5</c>); without one the default version is
    /// meant. A global function goes before local ones of the same name.
    /// </summary>
    /// <returns>The function, or null when there is none.</returns>
    /// <exception cref="BpfException">Several different functions have this name, and nothing says which is meant.</exception>
    public ElfFunction? FindFunction(string name)
    {
        var (wanted, version) = SplitVersion(name);
        byte[] utf8 = Encoding.UTF8.GetBytes(wanted);
        List<(ElfFunction Function, int Rank)> found = [];
        foreach (var table in (ElfSymbolTable[])[DynamicSymbols, Symbols])
        {
            for (int i = 1; i < table.Count; i++)
            {
                if (table.TypeOf(i) is not (ElfSymbolType.Function or ElfSymbolType.IndirectFunction)) continue;
                var bytes = table.NameBytes(i);
                // The linker's table writes the version into the name.
                if (!bytes.StartsWith(utf8) || (bytes.Length > utf8.Length && bytes[utf8.Length] != '@')) continue;
                var symbol = table[i];
                if (ToFunction(symbol) is not { } function || function.Name != wanted) continue;
                if (version is not null && function.Version != version) continue;
                bool hidden = function.Version is not null && !IsDefault(symbol);
                int rank = symbol.Binding == ElfSymbolBinding.Local ? 2 : hidden ? 1 : 0;
                found.Add((function, rank));
            }
        }
        if (found.Count == 0) return null;
        int best = found.Min(f => f.Rank);
        var candidates = found.Where(f => f.Rank == best).Select(f => f.Function).ToList();
        if (candidates.Select(f => f.FileOffset).Distinct().Skip(1).Any())
        {
            string places = string.Join(", ", candidates.DistinctBy(f => f.FileOffset).Take(5).Select(f => f.Version is null ? $"0x{f.FileOffset:x}" : $"{f.Name}@{f.Version}"));
            throw new BpfException($"{Name} has several functions named '{name}' ({places}). Give the version or the offset instead");
        }
        return candidates[0];
    }

    private static bool IsDefault(ElfSymbol symbol) =>
        symbol.Version is not null ? symbol.IsDefaultVersion : symbol.Name.Contains("@@", StringComparison.Ordinal);

    private static (string Name, string? Version) SplitVersion(string name)
    {
        int at = name.IndexOf('@');
        return at <= 0 ? (name, null) : (name[..at], name[at..].TrimStart('@'));
    }

    private ElfFunction? ToFunction(ElfSymbol symbol)
    {
        if (!symbol.IsInSection || symbol.Name.Length == 0) return null;
        ulong? offset;
        if (Type == ElfType.Relocatable)
        {
            if (symbol.SectionIndex >= (uint)Sections.Count) return null;
            offset = Sections[(int)symbol.SectionIndex].Offset + symbol.Value;
        }
        else
        {
            // The lowest bit of an Arm function's address says that its code is Thumb.
            offset = FileOffset(Machine == ElfMachine.Arm ? symbol.Value & ~1UL : symbol.Value);
        }
        if (offset is null) return null;
        var (name, version) = SplitVersion(symbol.Name);
        return new ElfFunction(name, symbol.Version ?? version, offset.Value, symbol.Value, symbol.Size,
            symbol.Type == ElfSymbolType.IndirectFunction, symbol.Binding == ElfSymbolBinding.Local);
    }
}
