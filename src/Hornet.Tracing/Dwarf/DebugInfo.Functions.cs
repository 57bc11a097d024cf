using System.Text;
using Hornet.Btf;

namespace Hornet.Tracing.Dwarf;

public sealed partial class DebugInfo
{
    // One function with more parameters is hostile.
    private const int MostParameters = 4096;

    /// <summary>
    /// The functions of a name: as the source has it (<c>main</c>), with namespaces and classes (<c>ns::Type::method</c>; with a parameter
    /// list, which is not compared), or a symbol's (<c>_ZN…</c>, <c>_R…</c>). A name that several have (static functions of several files,
    /// overloads) gives several, in the order of the debug information. A symbol that is only another name of a function
    /// (<c>malloc</c>) gives that function, by the name of its source.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <returns>The functions that have code, inlined code included; none when nothing is known of the name.</returns>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public IReadOnlyList<DebugFunction> FindFunctions(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        lock (_gate)
        {
            var (last, qualified) = SplitName(name);
            byte[] utf8 = Encoding.UTF8.GetBytes(last);
            List<DwarfDie> found = [];
            foreach (var image in Images)
            {
                foreach (var die in image.Names.Functions(utf8))
                {
                    bool byName = die.TryGetInherited(At.Name, out var own) && own.TextBytes.SequenceEqual(utf8);
                    bool byLinkage = !byName && qualified is null && (die.TryGetInherited(At.LinkageName, out own) || die.TryGetInherited(At.MipsLinkageName, out own)) && own.TextBytes.SequenceEqual(utf8);
                    if (byLinkage || (byName && (qualified is null || QualifiedNameOf(die.Source, last) == qualified))) found.Add(die);
                }
            }
            return found.Count > 0 || qualified is not null ? Group(found) : Alias(name) is { } alias ? [alias] : [];
        }
    }

    /// <summary>A symbol that is another name of a function: <c>malloc</c> is <c>__libc_malloc</c> in its source.</summary>
    private DebugFunction? Alias(string name)
    {
        try
        {
            return _binary.FindFunction(name) is { IsIndirect: false } symbol && FindFunctionAt(symbol.Address) is { } function && function.Addresses.Contains(symbol.Address) ? function : null;
        }
        catch (BpfException e) when (e is not BpfFormatException)
        {
            // Several symbols of that name: none is meant.
            return null;
        }
    }

    /// <summary>The function whose code an address is in, and where that code begins; null when none is known there.</summary>
    /// <param name="address">A virtual address of the file.</param>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public DebugFunction? FindFunctionAt(ulong address)
    {
        lock (_gate)
        {
            if (UnitAt(address) is not { } unit) return null;
            foreach (var candidate in SubprogramsOf(unit))
            {
                if (!Covers(candidate, address)) continue;
                return Group([candidate])[0];
            }
            return null;
        }
    }

    /// <summary>All functions that have code, by source name; one listed in several units comes several times.</summary>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public IReadOnlyList<DebugFunction> Functions
    {
        get
        {
            lock (_gate) return Group([.. Images.SelectMany(i => i.Names.AllFunctions)]);
        }
    }

    internal sealed record Signature(IReadOnlyList<DebugParameter> Parameters, BtfType Result, BtfType Prototype, bool Variadic);

    internal Signature SignatureOf(List<DwarfDie> instances)
    {
        lock (_gate)
        {
            var described = Described(instances);
            List<(string Name, DwarfDie? Type, bool Artificial)> parameters = [];
            bool variadic = false;
            foreach (var child in described.Children)
            {
                if (child.Tag == Tag.UnspecifiedParameters) variadic = true;
                if (child.Tag != Tag.FormalParameter) continue;
                string name = child.TryGetInherited(At.Name, out var text) ? text.Text : "";
                parameters.Add((name, child.TryType(out var type) ? type : null, child.TryGetInherited(At.Artificial, out var artificial) && artificial.Flag));
                if (parameters.Count > MostParameters) throw new BpfFormatException($"{described.Unit}: the function at {described.Offset} has more than {MostParameters} parameters");
            }
            DwarfDie? result = described.TryType(out var returned) ? returned : null;
            var prototype = _importer.ImportPrototype(result, [.. parameters.Select(p => (p.Name, p.Type))], variadic);
            var types = prototype.Parameters;
            var locations = CallingConvention.Locate(Machine, (prototype.Target, result is { } type2 && IsPassedByReference(type2)),
                [.. parameters.Select((p, i) => (types[i].Type, p.Type is { } own && IsPassedByReference(own)))]);
            return new Signature([.. parameters.Select((p, i) => new DebugParameter(p.Name, types[i].Type, locations[i], p.Artificial))], prototype.Target, prototype, variadic);
        }
    }

    internal string QualifiedNameOf(DwarfDie source, string name)
    {
        lock (_gate)
        {
            List<string> scopes = [];
            foreach (var scope in ScopesOf(source))
            {
                if (scope.Tag is Tag.Namespace) scopes.Add(scope.NameBytes.IsEmpty ? "(anonymous namespace)" : scope.Name);
                else if (scope.Tag is Tag.StructureType or Tag.ClassType or Tag.UnionType or Tag.EnumerationType or Tag.InterfaceType or Tag.Module)
                {
                    string own = scope.Complete.TryGetInherited(At.Name, out var text) ? text.Text : "";
                    if (own.Length > 0) scopes.Add(own);
                }
                else if (scope.Tag == Tag.Subprogram && scope.TryGetInherited(At.Name, out var function)) scopes.Add(function.Text);
            }
            scopes.Add(name);
            return string.Join("::", scopes);
        }
    }

    internal IReadOnlyList<ulong> InlinedCopiesOf(List<DwarfDie> instances, DwarfDie source)
    {
        lock (_gate)
        {
            // Copies name the abstract function, which may itself complete a declaration.
            HashSet<DwarfDie> origins = [source];
            foreach (var instance in instances)
            {
                var die = instance;
                for (int i = 0; i < 8; i++)
                {
                    origins.Add(die);
                    if (!die.TryOrigin(out die)) break;
                }
            }
            SortedSet<ulong> found = [];
            var home = origins.Select(o => o.Unit).ToHashSet();
            foreach (var image in Images)
            {
                foreach (var unit in image.Units)
                {
                    // References within a unit are the rule; only what a linker or dwz merged refers across.
                    if (home.Contains(unit) || unit.Abbreviations.InlinesFromOtherUnits) InlinedScan.Collect(unit, origins, found);
                }
            }
            return [.. found];
        }
    }

    private List<DebugFunction> Group(List<DwarfDie> found)
    {
        Dictionary<DwarfDie, List<DwarfDie>> bySource = [];
        List<DwarfDie> order = [];
        foreach (var die in found)
        {
            var source = die.Source;
            if (!bySource.TryGetValue(source, out var list))
            {
                bySource.Add(source, list = []);
                order.Add(source);
            }
            list.Add(die);
        }
        List<DebugFunction> functions = new(order.Count);
        foreach (var source in order)
        {
            var instances = bySource[source];
            ulong[] addresses = [.. instances.Select(DwarfRanges.Entry).OfType<ulong>().Distinct().Order()];
            functions.Add(new DebugFunction(this, source, instances, addresses));
        }
        return functions;
    }

    /// <summary>
    /// The entry whose parameters are those of the source: the abstract function, since a copy may lack some; the definition
    /// rather than a declaration in a class, whose parameters have no names.
    /// </summary>
    private static DwarfDie Described(List<DwarfDie> instances)
    {
        var die = instances[0];
        for (int i = 0; i < 8 && die.TryGet(At.AbstractOrigin, out var value) && value.TryReference(out var origin); i++) die = origin;
        if (CountParameters(die) > 0) return die;
        return die.TryGet(At.Specification, out var specification) && specification.TryReference(out var declared) && CountParameters(declared) > 0 ? declared : die;

        static int CountParameters(DwarfDie die)
        {
            int count = 0;
            foreach (var child in die.Children)
            {
                if (child.Tag is Tag.FormalParameter or Tag.UnspecifiedParameters) count++;
            }
            return count;
        }
    }

    /// <summary>The last part of a qualified name, and the whole without parameters when it is qualified.</summary>
    internal static (string Last, string? Qualified) SplitName(string name)
    {
        int end = name.Length, last = 0, depth = 0;
        for (int i = 0; i < name.Length; i++)
        {
            // What follows "operator" is its name, brackets and all.
            if (depth == 0 && name.AsSpan(i).StartsWith("operator", StringComparison.Ordinal) && i + 8 < name.Length && !char.IsAsciiLetterOrDigit(name[i + 8]) && name[i + 8] != '_' && (i == 0 || name[i - 1] == ':'))
            {
                int from = name.AsSpan(i + 8).StartsWith("()", StringComparison.Ordinal) ? i + 10 : i + 8;
                int list = name.IndexOf('(', from);
                end = list < 0 ? name.Length : list;
                break;
            }
            char c = name[i];
            if (c is '<' or '{' or '[') depth++;
            else if (c is '>' or '}' or ']') depth--;
            else if (c == '(' && depth == 0 && !name.AsSpan(i).StartsWith("(anonymous namespace)", StringComparison.Ordinal))
            {
                end = i;
                break;
            }
            else if (c == ':' && depth == 0 && i + 1 < name.Length && name[i + 1] == ':') last = ++i + 1;
        }
        if (end <= last) return (name, null);
        string whole = name[..end];
        return (whole[last..], last == 0 ? null : whole);
    }

    /// <summary>The entries around another, outermost first.</summary>
    private static List<DwarfDie> ScopesOf(DwarfDie die)
    {
        List<DwarfDie> scopes = [];
        var scope = die.Unit.Root;
        while (scope.Offset < die.Offset)
        {
            scopes.Add(scope);
            DwarfDie? inside = null;
            foreach (var child in scope.Children)
            {
                if (child.Offset > die.Offset) break;
                inside = child;
                if (child.Offset == die.Offset) break;
            }
            if (inside is not { } next || next.Offset <= scope.Offset) break;
            scope = next;
        }
        return scopes;
    }

    private static bool Covers(DwarfDie die, ulong address)
    {
        List<AddressRange> ranges = [];
        DwarfRanges.Read(die, ranges);
        foreach (var range in ranges)
        {
            if (address >= range.Start && address < range.End) return true;
        }
        return false;
    }

    /// <summary>
    /// Whether C++ passes the object's address instead of the object: the compiler says so (DWARF 5), or it has a destructor or
    /// a copy constructor that somebody wrote, or a table of virtual functions.
    /// </summary>
    private static bool IsPassedByReference(DwarfDie type, int depth = 0)
    {
        for (int i = 0; i < 16 && type.Tag is Tag.Typedef or Tag.ConstType or Tag.VolatileType; i++)
        {
            if (!type.TryType(out type)) return false;
        }
        if (type.Tag is not (Tag.StructureType or Tag.ClassType or Tag.UnionType)) return false;
        type = type.Complete;
        if (type.TryGet(At.CallingConvention, out var convention) && convention.Raw is 4 or 5) return convention.Raw == 4;
        if (depth > 4) return false;
        string name = type.Name;
        int template = name.IndexOf('<');
        if (template > 0) name = name[..template];
        foreach (var child in type.Children)
        {
            switch (child.Tag)
            {
                case Tag.Member when child.NameBytes.StartsWith("_vptr"u8): return true;
                case Tag.Member or Tag.Inheritance:
                    if (!child.Has(At.External) && child.TryType(out var part) && IsPassedByReference(part, depth + 1)) return true;
                    break;
                case Tag.Subprogram:
                    if (child.Has(At.Artificial) || child.Has(At.Defaulted)) break;
                    string method = child.Name;
                    if (method.StartsWith('~') || (method == name && IsCopyConstructor(child, type))) return true;
                    break;
            }
        }
        return false;
    }

    private static bool IsCopyConstructor(DwarfDie method, DwarfDie type)
    {
        int count = 0;
        bool takesOwn = false;
        foreach (var child in method.Children)
        {
            if (child.Tag != Tag.FormalParameter || child.Has(At.Artificial)) continue;
            count++;
            if (child.TryType(out var parameter) && parameter.Tag is Tag.ReferenceType or Tag.RvalueReferenceType && parameter.TryType(out var target))
            {
                if (target.Tag == Tag.ConstType && target.TryType(out var bare)) target = bare;
                takesOwn = target == type;
            }
        }
        return count == 1 && takesOwn;
    }
}
