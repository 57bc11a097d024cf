using Hornet.Elf;
using Hornet.Links;

namespace Hornet.Tracing;

/// <summary>A function of an executable or library.</summary>
public sealed class UprobeProbe : Probe
{
    private UprobeProbe(string path, ElfFunction function) : base(ProbeKind.Uprobe, $"{path}:{function.Name}") => (Path, Function) = (path, function);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The function.</summary>
    public ElfFunction Function { get; }

    /// <summary>Unknown: a symbol table has names and places, no types.</summary>
    public override IReadOnlyList<ProbeArgument>? Arguments => null;

    /// <summary>The functions of a binary that match a pattern, sorted; each place once per name.</summary>
    /// <param name="binary">A path, or the name of an executable or library (see <see cref="UserBinary"/>).</param>
    /// <param name="pattern">A name with wildcards.</param>
    /// <exception cref="BpfException">There is no such file, or it is no ELF file.</exception>
    public static IReadOnlyList<UprobeProbe> Find(string binary, string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        NamePattern name = new(pattern);
        string path = UserBinary.Find(binary);
        using var file = ElfFile.Open(path);
        return [.. file.Functions().Where(f => name.Matches(f.Name.AsSpan())).DistinctBy(f => (f.Name, f.FileOffset))
            .OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => new UprobeProbe(path, f))];
    }
}
