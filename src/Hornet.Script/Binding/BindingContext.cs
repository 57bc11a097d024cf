using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>What all bodies of a script share while they are bound.</summary>
internal sealed class BindingContext(BindOptions options, ScriptConfig config, ITypeSource? types, DiagnosticBag diagnostics)
{
    private readonly Dictionary<string, MapSlot> _maps = new(StringComparer.Ordinal);
    private readonly List<MapSlot> _mapOrder = [];

    public BindOptions Options { get; } = options;
    public ScriptConfig Config { get; } = config;
    public ITypeSource? Types { get; } = types;
    public MacroTable Macros { get; } = new(options, diagnostics);
    public OptionTable NamedOptions { get; } = new(options);
    public Dictionary<string, FunctionBody> Functions { get; } = new(StringComparer.Ordinal);

    /// <summary>Functions of imported objects.</summary>
    public Dictionary<string, ImportedFunction> ImportedFunctions { get; } = new(StringComparer.Ordinal);

    /// <summary>Where messages go: what is said while types are still looked for is thrown away, the last pass says it again.</summary>
    public DiagnosticBag Diagnostics { get; set; } = diagnostics;

    /// <summary>Whether this is the last pass, whose result is kept.</summary>
    public bool IsFinal { get; set; }

    /// <summary>Whether maps that nothing was found for have got the type of a zero.</summary>
    public bool MapsAreSettled { get; set; }

    public List<AsyncAction> Actions { get; } = [];
    public List<string> TimeFormats { get; } = [];
    public List<string> CgroupFilters { get; } = [];
    public List<string> Names { get; } = [];
    public IReadOnlyList<MapSlot> Maps => _mapOrder;

    /// <summary>Bodies that have to be looked at again since a map they use has changed.</summary>
    public Queue<Body> Pending { get; } = [];

    public MapSlot Map(string name)
    {
        if (_maps.TryGetValue(name, out var slot)) return slot;
        slot = new MapSlot(name, _mapOrder.Count);
        _maps.Add(name, slot);
        _mapOrder.Add(slot);
        return slot;
    }

    public MapSlot? FindMap(string name) => _maps.GetValueOrDefault(name);

    public void Enqueue(Body body)
    {
        if (body.IsPending) return;
        body.IsPending = true;
        Pending.Enqueue(body);
    }

    public int AddAction(AsyncAction action)
    {
        Actions.Add(action);
        return Actions.Count - 1;
    }

    public static int Number(List<string> list, string text)
    {
        int at = list.IndexOf(text);
        if (at >= 0) return at;
        list.Add(text);
        return list.Count - 1;
    }
}
