using System.Text;
using Hornet.Btf;

namespace Hornet.Tracing.Dwarf;

public sealed partial class DebugInfo
{
    // A program may define one name a thousand times, once in each of its files; all agree.
    private const int MostCandidates = 256;

    /// <summary>
    /// A type by name: <c>struct foo</c>, <c>union u</c>, <c>enum e</c>, <c>class c</c>, or a name alone (a typedef or an integer before a struct of
    /// the same name), with namespaces or without. What it needs comes with it, in the kernel's own model of types: members with
    /// their offsets, bitfields, base classes as members without a name (so that their fields are found), C++ references as pointers.
    /// Names of types are without namespaces.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <returns>The type; null when no unit defines it.</returns>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public BtfType? FindType(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        lock (_gate)
        {
            var (keyword, bare) = SplitKeyword(name);
            return FindDie(keyword, bare) is { } die ? _importer.Import(die) : null;
        }
    }

    /// <summary>The names of all types, sorted, with the keyword C wants: <c>struct foo</c>, <c>size_t</c>.</summary>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public IReadOnlyList<string> TypeNames
    {
        get
        {
            lock (_gate)
            {
                HashSet<string> names = [];
                foreach (var die in Images.SelectMany(i => i.Names.AllTypes)) names.Add(KeywordOf(die.Tag) + (die.TryGetInherited(At.Name, out var name) ? name.Text : ""));
                return [.. names.Order(StringComparer.Ordinal)];
            }
        }
    }

    private static string KeywordOf(Tag tag) => tag switch
    {
        Tag.StructureType or Tag.ClassType => "struct ",
        Tag.UnionType => "union ",
        Tag.EnumerationType => "enum ",
        _ => "",
    };

    private static (string Keyword, string Name) SplitKeyword(string name)
    {
        foreach (string keyword in (ReadOnlySpan<string>)["struct ", "class ", "union ", "enum "])
        {
            if (name.StartsWith(keyword, StringComparison.Ordinal)) return (keyword == "class " ? "struct " : keyword, name[keyword.Length..].Trim());
        }
        return ("", name.Trim());
    }

    private DwarfDie? FindDie(string keyword, string name)
    {
        var (last, qualified) = SplitName(name);
        byte[] utf8 = Encoding.UTF8.GetBytes(last);
        DwarfDie? second = null;
        foreach (var image in Images)
        {
            int tried = 0;
            foreach (var die in image.Names.Types(utf8))
            {
                if (++tried > MostCandidates) break;
                if (!die.TryGetInherited(At.Name, out var own) || !own.TextBytes.SequenceEqual(utf8)) continue;
                string its = KeywordOf(die.Tag);
                if (keyword.Length > 0 && its != keyword) continue;
                if (qualified is not null && QualifiedNameOf(die.Source, last) != qualified) continue;
                if (keyword.Length > 0 || its.Length == 0) return die;
                second ??= die;
            }
        }
        return second;
    }

    /// <summary>The definition of a type that its unit only declares, from another unit.</summary>
    private DwarfDie? FindDefinition(DwarfDie declaration)
    {
        string name = declaration.Name;
        if (name.Length == 0) return null;
        return FindDie(KeywordOf(declaration.Tag), ScopesOf(declaration).Any(s => s.Tag is Tag.Namespace) ? QualifiedNameOf(declaration, name) : name) is { } found && !found.IsDeclaration ? found : null;
    }
}
