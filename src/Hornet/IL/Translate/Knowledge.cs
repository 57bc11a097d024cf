using Hornet.Compiler.IR;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

/// <summary>
/// What earlier attempts at translating a program found out. The translator first takes loops to change nothing that is
/// not plainly assigned in them, and variables to need no memory; where that proves wrong it notes so and begins again.
/// </summary>
internal sealed class Knowledge
{
    private readonly HashSet<VariableKey> _inMemory = [];
    private readonly HashSet<(object Block, VariableKey Variable, int Leaf)> _changing = [];
    private readonly Dictionary<(object Block, VariableKey Variable, int Leaf), Region> _regions = [];

    private readonly HashSet<SharedKey> _shared = [];

    /// <summary>Whether something was learned in this attempt.</summary>
    public bool IsNew { get; private set; }

    /// <summary>Begins an attempt.</summary>
    public void Begin() => IsNew = false;

    /// <summary>Whether a variable lies in memory.</summary>
    public bool IsInMemory(VariableKey variable) => _inMemory.Contains(variable);

    /// <summary>Notes that a variable must lie in memory.</summary>
    public void NeedsMemory(VariableKey variable) => IsNew |= _inMemory.Add(variable);

    /// <summary>Whether a callback changes a number that was thought to be a constant for it.</summary>
    public bool IsShared(SharedKey key) => _shared.Contains(key);

    /// <summary>Notes that a callback changes a number.</summary>
    public void LearnShared(SharedKey key) => IsNew |= _shared.Add(key);

    private readonly HashSet<System.Reflection.MethodBase> _functions = [];

    /// <summary>Whether a method is to be a function of its own.</summary>
    public bool IsFunction(System.Reflection.MethodBase method) => _functions.Contains(method);

    /// <summary>Notes that a method is to be a function of its own.</summary>
    public void LearnFunction(System.Reflection.MethodBase method) => IsNew |= _functions.Add(method);

    /// <summary>Whether functions are made for each combination of constant arguments: one of them must be known in it.</summary>
    public bool Specializes { get; private set; }

    /// <summary>Whether every method is compiled into its callers after all.</summary>
    public bool InlinesAll { get; private set; }

    /// <summary>An attempt with functions did not succeed: the next one makes less use of them.</summary>
    public void UseFunctionsLess()
    {
        InlinesAll = Specializes;
        Specializes = true;
        IsNew = true;
    }

    /// <summary>Whether a loop changes a leaf.</summary>
    public bool Changes(FlowBlock header, LeafVariable leaf) => _changing.Contains((header.Key, leaf.Variable.Key, leaf.Index));

    /// <summary>Notes that a loop changes a leaf.</summary>
    public void LearnChange(FlowBlock header, LeafVariable leaf) => IsNew |= _changing.Add((header.Key, leaf.Variable.Key, leaf.Index));

    /// <summary>The region of a pointer that a loop changes, when an attempt found it.</summary>
    public Region? RegionOf(FlowBlock header, LeafVariable leaf) =>
        _regions.TryGetValue((header.Key, leaf.Variable.Key, leaf.Index), out var region) ? region : null;

    /// <summary>Notes that a pointer which a loop changes has another region than was thought.</summary>
    /// <returns>False when the regions do not go together.</returns>
    public bool LearnRegion(FlowBlock header, LeafVariable leaf, Region thought, Region found)
    {
        bool kernel = thought.Kind is RegionKind.Kernel or RegionKind.KernelUntrusted && found.Kind is RegionKind.Kernel or RegionKind.KernelUntrusted;
        if (thought.Kind != RegionKind.Unknown && thought.Kind != found.Kind && !kernel) return false;
        var region = thought.Kind == RegionKind.Unknown || thought == found ? found
            : kernel ? Region.KernelUntrusted(thought.TypeName == found.TypeName ? found.TypeName : null)
            : new Region(thought.Kind, Math.Min(thought.Size, found.Size));
        var key = (header.Key, leaf.Variable.Key, leaf.Index);
        if (!_regions.TryGetValue(key, out var present) || present != region)
        {
            _regions[key] = region;
            IsNew = true;
        }
        return true;
    }
}

/// <summary>The translation of a program grew beyond all bounds.</summary>
internal sealed class TranslationLimitException : Exception;
