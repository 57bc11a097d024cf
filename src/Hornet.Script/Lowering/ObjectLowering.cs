using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Maps;
using Hornet.Script.Binding;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Lowering;

/// <summary>What the programs of a script share: maps, constants, actions, the kernel's abilities, errors.</summary>
internal sealed class ObjectLowering
{
    private readonly DiagnosticBag _errors = new();
    private readonly Dictionary<SourceLocation, SourceSpan> _spans = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SpanKey, SourceLocation> _locations = [];
    private readonly Dictionary<StackKey, StackMapSpecs> _stacks = [];
    private readonly Dictionary<StackType, string> _stackMaps = [];
    private readonly List<AsyncAction> _actions;
    private readonly List<MapSpec> _maps = [];
    private readonly HashSet<string> _names = [];

    public ObjectLowering(BoundScript script, LoweringOptions options)
    {
        Script = script;
        Options = options;
        _actions = [.. script.Actions];
        if (!options.Has(5, 8)) Error(default, $"scripts need ring buffers, which exist since kernel 5.8; this one is {options.Kernel.ToString(2)}");
        Events = Add(new MapSpec { Name = CompiledScript.EventsMap, Type = MapType.RingBuf, MaxEntries = RingSize(script) });
        Control = Add(new MapSpec { Name = CompiledScript.ControlMap, Type = MapType.RingBuf, MaxEntries = (uint)Math.Max(Environment.SystemPageSize, 64 << 10) });
        Lost = Add(new MapSpec { Name = CompiledScript.LostMap, Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        Asleep = Add(new MapSpec { Name = CompiledScript.AsleepMap, Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1, Flags = MapFlags.Mmapable });
        if (script.Actions.Any(a => a is AsyncAction.Exit))
            Ended = Add(new MapSpec { Name = CompiledScript.EndedMap, Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        if (script.Maps.Count > 0 && script.HelperErrors > 0)
            Refused = Add(new MapSpec { Name = CompiledScript.RefusedMap, Type = MapType.Array, KeySize = 4, ValueSize = (uint)(8 * script.Maps.Count), MaxEntries = 1 });
        MapSpecs = [.. script.Maps.Select(Describe)];
        ScriptMaps = [.. script.Maps.Select((m, i) => new ScriptMap("@" + m.Name, MapSpecs[i].Name, m.Key, m.KeyIsList, m.Value, m.Type, MapSpecs[i].MaxEntries))];
    }

    public BoundScript Script { get; }

    /// <summary>What the programs were made of, in their order.</summary>
    public List<ProgramPart> Parts { get; } = [];
    public LoweringOptions Options { get; }
    public ObjectConstants Constants { get; } = new();
    public MapSpec Events { get; }
    public MapSpec Control { get; }
    public MapSpec Lost { get; }
    public MapSpec Asleep { get; }

    /// <summary>What says that the script has ended; null when it never does by itself.</summary>
    public MapSpec? Ended { get; }

    /// <summary>What counts, for each map of the script, the updates it refused; null when nobody is told.</summary>
    public MapSpec? Refused { get; }

    /// <summary>The script's maps, in their order.</summary>
    public IReadOnlyList<MapSpec> MapSpecs { get; }
    public IReadOnlyList<ScriptMap> ScriptMaps { get; }
    public IReadOnlyList<AsyncAction> Actions => _actions;
    public IReadOnlyDictionary<StackType, string> StackMaps => _stackMaps;

    /// <summary>When the script began, in nanoseconds of the monotonic clock: what <c>elapsed</c> counts from. Whoever runs it may set it anew.</summary>
    public MapSpec Began => field ??= Add(new MapSpec
    {
        Name = CompiledScript.BeganMap,
        Type = MapType.Array,
        KeySize = 4,
        ValueSize = 8,
        MaxEntries = 1,
        Contents = { (new byte[4], BitConverter.GetBytes(System.Diagnostics.Stopwatch.GetTimestamp())) },
    });

    /// <summary>What code lies where in processes whose stacks are walked (<see cref="UnwindLayout"/>).</summary>
    public MapSpec UnwindCode => field ??= Add(new MapSpec
    {
        Name = UnwindLayout.CodeMap,
        Type = MapType.LpmTrie,
        KeySize = UnwindLayout.KeySize,
        ValueSize = UnwindLayout.CodeSize,
        MaxEntries = UnwindLayout.MostCode,
        Flags = MapFlags.NoPrealloc,
    });

    /// <summary>The rows of each binary.</summary>
    public MapSpec UnwindTables => field ??= Add(new MapSpec
    {
        Name = UnwindLayout.TablesMap,
        Type = MapType.ArrayOfMaps,
        KeySize = 4,
        ValueSize = 4,
        MaxEntries = UnwindLayout.MostTables,
        InnerMap = Runtime.UnwindTables.RowsSpec(1),
    });

    /// <summary>The page whose code user space was asked for last.</summary>
    public MapSpec UnwindAsked => field ??= Add(new MapSpec { Name = UnwindLayout.AskedMap, Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });

    /// <summary>The action by which a program asks for the code that a process has loaded since.</summary>
    public int UnwindRequest => field > 0 ? field : field = AddAction(new AsyncAction.UnwindRequest(default) { Payload = new TupleType([IntegerType.UInt32]) });

    /// <summary>How far International Atomic Time is ahead of the time since boot, in nanoseconds.</summary>
    public long TaiAheadOfBoot { get; } = Clocks.TaiAheadOfBoot();

    public void Error(SourceSpan span, string message, string? hint = null)
    {
        var diagnostic = _errors.Error(span, message);
        if (hint is not null && diagnostic.Hints.Count == 0) diagnostic.Hints.Add(hint);
    }

    public void ThrowOnErrors()
    {
        if (_errors.HasErrors) throw new ScriptException(_errors.All);
    }

    /// <summary>Adds what only the code generator reports, and returns its number.</summary>
    public int AddAction(AsyncAction action)
    {
        _actions.Add(action);
        return _actions.Count - 1;
    }

    /// <summary>The first program has all maps, also those that only user space looks at.</summary>
    public void AddAllMaps(IrModule module)
    {
        foreach (var spec in _maps)
        {
            if (!module.Maps.Any(m => ReferenceEquals(m.Spec, spec))) module.AddMap(spec);
        }
    }

    /// <summary>Where stacks of a type are kept.</summary>
    public StackMapSpecs StacksOf(StackType type)
    {
        bool builds = type is { Mode: StackMode.BuildId, IsUser: true };
        StackKey key = new(type.Limit, builds);
        if (!_stacks.TryGetValue(key, out var specs))
        {
            int frame = builds ? 32 : 8;
            string suffix = $"{type.Limit}{(builds ? "b" : "")}";
            _stacks.Add(key, specs = new StackMapSpecs(Add(new MapSpec
            {
                Name = $"stacks_{suffix}",
                Type = MapType.StackTrace,
                KeySize = 4,
                ValueSize = (uint)(type.Limit * frame),
                // Memory is taken at once: 8 MiB for the usual limit.
                MaxEntries = Options.StackEntries ?? (uint)Math.Clamp(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)((8 << 20) / (type.Limit * frame) / 2 + 1)), 1024, 64 << 10),
                Flags = builds ? MapFlags.StackBuildId : MapFlags.None,
            }), Add(new MapSpec
            {
                Name = $"stacks_{suffix}{CompiledScript.MoreStacks}",
                Type = MapType.Hash,
                KeySize = 8,
                ValueSize = (uint)(type.Limit * frame),
                MaxEntries = Options.Has(6, 1) ? 16384u : 1024u,
                Flags = Options.Has(6, 1) ? MapFlags.NoPrealloc : MapFlags.None,
            }), type.Limit * frame));
        }
        _stackMaps[type] = specs.Stacks.Name;
        return specs;
    }

    /// <summary>The place of the beginning of a span, one object for equal spans.</summary>
    public SourceLocation? Locate(SourceSpan span)
    {
        if (span.Source is null) return null;
        SpanKey key = new(span.Source, span.Start, span.End);
        if (_locations.TryGetValue(key, out var known)) return known;
        var (line, column) = span.Source.LineAndColumn(span.Start);
        var (endLine, endColumn) = span.Source.LineAndColumn(Math.Max(span.Start, span.End));
        SourceLocation location = new()
        {
            File = span.Source.Name,
            Line = line,
            Column = column,
            EndLine = endLine,
            EndColumn = endColumn,
            SourceText = span.Source.Line(line).ToString(),
        };
        _locations.Add(key, location);
        _spans.Add(location, span);
        return location;
    }

    /// <summary>All places that something was made of.</summary>
    public IReadOnlyCollection<SourceSpan> Places => _spans.Values;

    /// <summary>The span behind a place.</summary>
    public SourceSpan SpanOf(SourceLocation? location) => location is not null && _spans.TryGetValue(location, out var span) ? span : default;

    /// <summary>What the compiler found, as a message about the script.</summary>
    public ScriptDiagnostic Translate(Diagnostic diagnostic)
    {
        var span = diagnostic.Location is { } location && _spans.TryGetValue(location, out var known) ? known : default;
        ScriptDiagnostic translated = new(ScriptSeverity.Error, span, diagnostic.Message);
        if (diagnostic.Why is { Length: > 0 } why) translated.Hints.Add(why);
        return translated;
    }

    private MapSpec Add(MapSpec spec)
    {
        string name = spec.Name;
        for (int i = 1; !_names.Add(spec.Name); i++) spec.Name = $"{name}_{i}";
        _maps.Add(spec);
        return spec;
    }

    private MapSpec Describe(BoundMap map)
    {
        uint key = map.Key is null ? MapShape.IsArray(map.Type) ? 4u : 8u : (uint)map.Key.Size;
        uint value = (uint)Math.Max(1, map.Value.Size);
        return Add(new MapSpec
        {
            Name = "AT_" + map.Name,
            Type = map.Type,
            KeySize = key,
            ValueSize = value,
            MaxEntries = MapShape.EntriesOf(map, Options),
            Flags = MapShape.FlagsOf(map, Options),
        });
    }

    // Text comes through it by the thousand; without text a few records do.
    private static uint RingSize(BoundScript script)
    {
        uint page = (uint)Environment.SystemPageSize;
        if (script.Config.RingBufferPages > 0) return System.Numerics.BitOperations.RoundUpToPowerOf2(script.Config.RingBufferPages) * page;
        bool prints = script.Actions.Any(a => a is AsyncAction.Print or AsyncAction.PrintValue or AsyncAction.Join or AsyncAction.PacketOutput);
        return Math.Max(page, prints ? 8u << 20 : 256u << 10);
    }

    // Keys are objects: dictionaries of those are precompiled.
    private sealed record StackKey(int Limit, bool BuildIds);

    private sealed record SpanKey(SourceText Source, int Start, int End);
}

/// <summary>Where stacks of one limit are kept.</summary>
/// <param name="Stacks">The kernel's own map of stacks.</param>
/// <param name="More">The map of those that found their place in it taken, by number.</param>
/// <param name="Size">Bytes of a whole stack.</param>
internal sealed record StackMapSpecs(MapSpec Stacks, MapSpec More, int Size);
