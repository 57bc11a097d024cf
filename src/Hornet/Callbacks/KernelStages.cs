using Hornet.Compiler;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.Isa;
using Hornet.Maps;

namespace Hornet;

/// <summary>The compiled stages of a query: functions that the program which makes the record calls, one after the other.</summary>
internal sealed class KernelStages : IDisposable
{
    private readonly List<string> _functions = [];
    private readonly List<Isa.Instruction> _code = [];
    private readonly Dictionary<string, BpfMap> _maps = [];
    private readonly List<BpfMap> _created = [];

    /// <summary>None.</summary>
    public static KernelStages None { get; } = new();

    /// <summary>The names of the functions, in the order of the calls.</summary>
    public IReadOnlyList<string> Functions => _functions;

    /// <summary>The functions' code, to be appended to the program's.</summary>
    public IReadOnlyList<Isa.Instruction> Code => _code;

    /// <summary>The maps that the code names.</summary>
    public IReadOnlyDictionary<string, BpfMap> Maps => _maps;

    /// <summary>
    /// The name of the map that holds a record until the stages have said whether it is wanted; null when it is made in the
    /// ring buffer itself and given back. A record that is given back either wakes the reader for nothing or, told not to,
    /// keeps the next one from waking it.
    /// </summary>
    public string? Record { get; private init; }

    /// <summary>Bytes of a record that are delivered.</summary>
    public int DeliveredSize { get; private init; }

    /// <summary>Compiles stages for the records of a probe.</summary>
    /// <param name="stages">The stages.</param>
    /// <param name="schema">What the records look like at first.</param>
    /// <param name="recordSize">Their size, with room for what stages make.</param>
    /// <param name="type">The kind of program.</param>
    /// <param name="isExclusive">
    /// Whether the kernel lets no second run of the program begin on a CPU while one is under way, so that a record for each CPU
    /// is enough. Programs on user-space probes may be preempted.
    /// </param>
    /// <exception cref="CompilationException">A lambda cannot run in the kernel; every reason is in it.</exception>
    public static KernelStages Compile(IReadOnlyList<KernelStage> stages, ProbeSchema schema, int recordSize, ProgramType type, bool isExclusive)
    {
        if (stages.Count == 0) return None;
        int made = stages.LastOrDefault(stage => stage.FieldsSize > 0)?.FieldsSize ?? recordSize - RecordLayout.Fields;
        KernelStages compiled = new() { Record = isExclusive ? "record" : null, DeliveredSize = (RecordLayout.Fields + made + 7) / 8 * 8 };
        try
        {
            if (compiled.Record is { } record)
            {
                var map = BpfMap.Create(new MapSpec { Name = "hornet_record", Type = MapType.PerCpuArray, KeySize = 4, ValueSize = (uint)recordSize, MaxEntries = 1 });
                compiled._created.Add(map);
                compiled._maps.Add(record, map);
            }
            for (int i = 0; i < stages.Count; i++) compiled.Add(stages[i], $"stage{i}", schema, recordSize, type);
        }
        catch
        {
            compiled.Dispose();
            throw;
        }
        return compiled;
    }

    /// <summary>Closes the maps that were made for the code; a loaded program keeps its own hold of them.</summary>
    public void Dispose()
    {
        foreach (var map in _created) map.Dispose();
        _created.Clear();
    }

    private void Add(KernelStage stage, string name, ProbeSchema schema, int recordSize, ProgramType type)
    {
        string description = $"{schema.Probe} {stage.Name}";
        if (!stage.Lambda.HasSingleTarget)
            throw new CompilationException([Diagnostic.Error(Rules.Multicast, null, $"{description} is a delegate of {stage.Lambda.GetInvocationList().Length} methods")]);
        var translation = Translator.Translate(new TranslationRequest
        {
            Name = name,
            Description = description,
            ProgramType = type,
            Method = stage.Method,
            Bind = translator =>
            {
                var record = translator.Scope.Function.AddParameter(IrType.Pointer(Record is null ? Region.RingRecord(recordSize) : Region.MapValue(recordSize)), "record");
                return [new ObjectConstant(schema), new ObjectConstant(stage.Lambda), Translator.SpanOver(typeof(Span<byte>), new Pointer(record), Translator.Number32(recordSize))];
            },
        });
        if (translation.Diagnostics.Count > 0) throw new CompilationException(translation.Diagnostics);
        var result = BpfCompiler.Compile(translation.Module, RunningKernel.Options with { DisplayName = description });
        foreach (var spec in result.Object.Maps)
        {
            if (!result.BoundMaps.TryGetValue(spec.Name, out var map)) _created.Add(map = BpfMap.Create(spec));
            _maps.Add($"{name}.{spec.Name}", map);
        }
        // Each stage has names of its own.
        _functions.Add($"{name}.{result.Program.Instructions[0].Metadata!.Symbol}");
        foreach (var instruction in result.Program.Instructions)
        {
            var renamed = instruction;
            if (instruction.Metadata is { Symbol: { } symbol }) renamed = renamed.WithSymbol($"{name}.{symbol}");
            if (instruction.Metadata is { Reference: { } reference, ReferenceKind: ReferenceKind.Function or ReferenceKind.Map or ReferenceKind.MapValue } metadata)
                renamed = renamed.WithReference($"{name}.{reference}", metadata.ReferenceKind);
            _code.Add(renamed);
        }
    }
}
