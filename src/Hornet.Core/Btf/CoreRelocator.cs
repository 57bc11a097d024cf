namespace Hornet.Btf;

/// <summary>
/// Solves the CO-RE relocations of a program ("compile once, run everywhere") against the types of a kernel.
/// <para>All relocations of one local type are solved against one candidate: the one with the fewest things missing. Values of two
/// layouts that happen to share a name are never mixed. When two candidates are equally good and differ, that is an error.</para>
/// </summary>
public sealed class CoreRelocator
{
    private readonly BtfSpec _local;
    private readonly BtfSpec _target;
    private readonly Func<IReadOnlyList<BtfSpec>>? _moreTargets;
    private readonly CoreMatcher _matcher = new();
    private readonly Dictionary<uint, List<BtfType>> _candidates = [];
    private IReadOnlyList<BtfSpec>? _more;

    /// <summary>A relocator against one set of types, such as another kernel's from a file.</summary>
    /// <param name="local">The program's own types.</param>
    /// <param name="target">The kernel's types.</param>
    /// <param name="moreTargets">Sets to look through for types that <paramref name="target"/> does not have; asked for only then.</param>
    public CoreRelocator(BtfSpec local, BtfSpec target, Func<IReadOnlyList<BtfSpec>>? moreTargets = null)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(target);
        _local = local;
        _target = target;
        _moreTargets = moreTargets;
    }

    /// <summary>A relocator against the running kernel: vmlinux, then the modules.</summary>
    /// <exception cref="BpfNotSupportedException">The kernel does not tell its types.</exception>
    public static CoreRelocator ForKernel(BtfSpec local) => new(local, KernelBtf.Vmlinux, KernelBtf.ReadModules);

    /// <summary>Solves relocations. Give all of a program at once: those of one type belong together.</summary>
    /// <param name="relocations">The relocations, from <see cref="BtfExtSection.Relocations"/>.</param>
    /// <returns>One fixup for each, in the same order.</returns>
    /// <exception cref="BpfFormatException">A relocation or a type is malformed.</exception>
    /// <exception cref="CoreAmbiguityException">Two types of the target fit equally well and differ.</exception>
    public IReadOnlyList<CoreFixup> Solve(IReadOnlyList<CoreRelocation> relocations)
    {
        ArgumentNullException.ThrowIfNull(relocations);
        var fixups = new CoreFixup[relocations.Count];
        Dictionary<uint, List<int>> groups = [];
        for (int i = 0; i < relocations.Count; i++)
        {
            CoreRelocation relocation = relocations[i];
            if (relocation.Kind == CoreRelocationKind.TypeIdLocal)
            {
                CorePath path = CorePath.Parse(_local, relocation);
                CoreValue value = CoreValue.Of(relocation.Kind, path.Root, 0, default);
                fixups[i] = new CoreFixup(path, value, value, null);
                continue;
            }
            if (!groups.TryGetValue(relocation.TypeId, out var group)) groups.Add(relocation.TypeId, group = []);
            group.Add(i);
        }
        foreach (var (typeId, group) in groups) SolveGroup(typeId, group, relocations, fixups);
        return fixups;
    }

    private void SolveGroup(uint typeId, List<int> group, IReadOnlyList<CoreRelocation> relocations, CoreFixup[] fixups)
    {
        var paths = new CorePath[group.Count];
        var locals = new CoreValue[group.Count];
        for (int i = 0; i < paths.Length; i++)
        {
            CorePath path = paths[i] = CorePath.Parse(_local, relocations[group[i]]);
            locals[i] = CoreValue.Of(path.Relocation.Kind, path.Root, path.BitOffset, path.Accessors.Count == 0 ? default : path.Accessors[^1]);
        }
        CoreFixup[]? best = null, rival = null;
        int fewest = int.MaxValue;
        foreach (BtfType candidate in Candidates(typeId))
        {
            CoreFixup[] results = SolveAgainst(candidate, paths, locals, out int missing);
            if (missing < fewest) (best, rival, fewest) = (results, null, missing);
            else if (missing == fewest && rival is null && Difference(best!, results) >= 0) rival = results;
        }
        if (rival is not null)
        {
            int i = Difference(best!, rival);
            throw new CoreAmbiguityException(
                $"{_local.Name}: CO-RE relocation {paths[i]} is ambiguous: {best![i].DescribeResult()}, {rival[i].DescribeResult()}. " +
                "Declare more of the type's members in the program, so that only one of the two fits.");
        }
        for (int i = 0; i < paths.Length; i++)
            fixups[group[i]] = best?[i] ?? new CoreFixup(paths[i], locals[i], CoreValue.OfMissing(paths[i].Relocation.Kind), null);
    }

    private CoreFixup[] SolveAgainst(BtfType candidate, CorePath[] paths, CoreValue[] locals, out int missing)
    {
        var results = new CoreFixup[paths.Length];
        missing = 0;
        for (int i = 0; i < paths.Length; i++)
        {
            CoreRelocationKind kind = paths[i].Relocation.Kind;
            bool found = _matcher.TryMatch(paths[i], candidate, out CorePlace place);
            if (!found) missing++;
            results[i] = new CoreFixup(paths[i], locals[i], found ? CoreValue.Of(kind, place.Root, place.BitOffset, place.Last) : CoreValue.OfMissing(kind), candidate);
        }
        return results;
    }

    private static int Difference(CoreFixup[] one, CoreFixup[] other)
    {
        for (int i = 0; i < one.Length; i++)
        {
            // Two types with one name always have two ids; which of them is meant cannot be told, and that is ambiguous too.
            if (!one[i].SameResult(other[i])) return i;
        }
        return -1;
    }

    /// <summary>The types of the target with the same name up to a flavor, and of the same kind. Modules are looked through only when the kernel itself has none.</summary>
    private List<BtfType> Candidates(uint typeId)
    {
        if (_candidates.TryGetValue(typeId, out var found)) return found;
        found = [];
        BtfType local = _local[typeId];
        string name = local.EssentialName;
        if (name.Length == 0) throw new BpfFormatException($"{_local.Name}: a CO-RE relocation refers to {local}, which has no name to find it by in the target");
        Collect(_target, ownOnly: false);
        if (found.Count == 0 && _moreTargets is not null)
        {
            foreach (BtfSpec more in _more ??= _moreTargets()) Collect(more, ownOnly: true);
        }
        _candidates.Add(typeId, found);
        return found;

        void Collect(BtfSpec spec, bool ownOnly)
        {
            foreach (BtfType type in spec.FindAllByEssentialName(name))
            {
                if (ownOnly && type.Spec != spec) continue;
                if (CoreMatcher.KindsAreCompatible(local, type)) found.Add(type);
            }
        }
    }
}

/// <summary>Two types of the target fit a program's type equally well, and differ in what the program asks.</summary>
public sealed class CoreAmbiguityException : BpfException
{
    internal CoreAmbiguityException(string message) : base(message) { }
}
