using System.Globalization;
using System.Text.RegularExpressions;
using Hornet.Features;
using Hornet.Isa;
using Hornet.Objects;
using Hornet.Programs;
using Hornet.Script.Probes;
using Hornet.Script.Types;

namespace Hornet.Script.Runtime.Explaining;

/// <summary>Loads a script without attaching it, and says what it does, costs and needs.</summary>
internal static partial class ScriptExplainer
{
    public static ScriptExplanation Explain(CompiledScript script)
    {
        var spec = script.Compilation.Object;
        string? failure = null;
        LoadedObject? loaded = null;
        Dictionary<string, BpfProgram> probed = [];
        try
        {
            foreach (var program in script.Programs)
            {
                var of = spec.Programs.First(p => p.Name == program.ProgramName);
                if (program.Targets[0].AttachTo is { } place && string.IsNullOrEmpty(of.AttachTo)) of.AttachTo = place;
                if (program.Targets[0] is FentryTarget { ProgramId: { } id }) probed.Add(of.Name, BpfProgram.OpenById(id));
            }
            loaded = script.Compilation.Load(new LoadOptions { TargetPrograms = probed, LogLevel = VerifierLogLevel.Statistics });
        }
        catch (BpfException e)
        {
            failure = e.Message;
        }
        finally
        {
            foreach (var program in probed.Values) program.Dispose();
        }
        using (loaded)
        {
            var maps = Maps(script, loaded);
            var kinds = script.Programs.Select(p => AttachmentKind.Of(p.Targets[0], spec.Programs.First(s => s.Name == p.ProgramName).AttachType)).ToList();
            var records = Records(script);
            return new ScriptExplanation([.. script.Programs.Zip(kinds, (p, kind) => Probe(script, p, kind, loaded))], maps, records, [.. Losses(script, kinds, records)], Needs(script, kinds), failure);
        }
    }

    private static ExplainedProbe Probe(CompiledScript script, ScriptProgram program, AttachmentKind kind, LoadedObject? loaded)
    {
        var spec = script.Compilation.Object.Programs.First(p => p.Name == program.ProgramName);
        ExplainedProbe probe = new(program.Span, program.ProgramName, [.. program.Targets.Concat(program.Returns).Select(t => t.FullName)], kind.Text, spec.Instructions.Sum(i => i.Slots));
        if (loaded is null || !loaded.Programs.TryGetValue(program.ProgramName, out var live)) return probe;
        var info = live.GetInfo();
        var byId = loaded.Maps.ToDictionary(m => m.Value.Id, m => m.Key);
        return probe with
        {
            Verified = info.VerifiedInstructions > 0 ? info.VerifiedInstructions : Processed().Match(live.VerifierLog) is { Success: true } walked ? long.Parse(walked.Groups[1].Value, CultureInfo.InvariantCulture) : null,
            StackBytes = StackDepth().Match(live.VerifierLog) is { Success: true } depth ? depth.Groups[1].Value.Split('+').Sum(part => int.Parse(part, CultureInfo.InvariantCulture)) : null,
            MachineCodeBytes = info.JitedSize,
            Maps = [.. info.MapIds.Select(id => byId.TryGetValue(id, out string? name) ? NameOf(script, name) : null).OfType<string>().Where(n => !n.StartsWith('.')).Order(StringComparer.Ordinal)],
        };
    }

    private static string NameOf(CompiledScript script, string objectName) => script.Maps.FirstOrDefault(m => m.ObjectName == objectName)?.Name ?? objectName;

    private static List<ExplainedMap> Maps(CompiledScript script, LoadedObject? loaded)
    {
        List<ExplainedMap> maps = [];
        foreach (var spec in script.Compilation.Object.Maps)
        {
            ulong? memory = loaded is not null && loaded.Maps.TryGetValue(spec.Name, out var live) ? live.GetInfo().MemoryBytes : null;
            string name = NameOf(script, spec.Name);
            string? purpose = name.StartsWith('@') ? null
                : spec.Name == CompiledScript.EventsMap ? "what the script prints"
                : spec.Name == CompiledScript.ControlMap ? "exit, clear and print, when the other is full"
                : spec.Name == CompiledScript.LostMap ? "counts records that found no room"
                : spec.Name == CompiledScript.RefusedMap ? "counts updates that maps refused"
                : spec.Name == CompiledScript.EndedMap ? "says that exit() ran"
                : script.StackMaps.Values.Contains(spec.Name) ? "stacks"
                : spec.Name.EndsWith(CompiledScript.MoreStacks, StringComparison.Ordinal) ? "stacks that found their place taken"
                : "Hornet's own";
            maps.Add(new ExplainedMap(name, purpose, spec.Type, spec.KeySize, spec.ValueSize, spec.MaxEntries, memory));
        }
        return [.. maps.OrderBy(m => m.Purpose is not null).ThenBy(m => m.Name, StringComparer.Ordinal)];
    }

    private static List<ExplainedRecord> Records(CompiledScript script)
    {
        const int Head = 8, RingHead = 8;
        uint room = script.Compilation.Object.Maps.FirstOrDefault(m => m.Name == CompiledScript.EventsMap)?.MaxEntries ?? 0;
        return [.. script.Actions.Select(action =>
        {
            long bytes = Head + action.Payload.Size;
            string kind = action switch { AsyncAction.Print print => print.Kind.ToString().ToLowerInvariant(), AsyncAction.PrintMap or AsyncAction.PrintMapElement or AsyncAction.PrintValue => "print", _ => action.GetType().Name.ToLowerInvariant() };
            return new ExplainedRecord(action.Span, kind, bytes, room / ((bytes + RingHead + 7) / 8 * 8));
        })];
    }

    private static IEnumerable<string> Losses(CompiledScript script, List<AttachmentKind> kinds, List<ExplainedRecord> records)
    {
        var texts = records.Where((_, i) => script.Actions[i] is not (AsyncAction.Exit or AsyncAction.Clear or AsyncAction.Zero or AsyncAction.PrintMap or AsyncAction.HelperError)).ToList();
        if (texts.MaxBy(r => r.Bytes) is { } largest)
            yield return $"records, when more than {largest.Fit} of the largest ({largest.Bytes} bytes, {largest.Kind}) wait to be read; they are counted and reported";
        foreach (var map in script.Maps.Where(m => m.Key is not null))
        {
            yield return map.Type is MapType.LruHash or MapType.LruPerCpuHash
                ? $"the elements of {map.Name} that were not used for longest, beyond {map.MaxEntries} keys"
                : $"new keys of {map.Name} beyond {map.MaxEntries}, which is reported (more with let {map.Name} = {(map.Type == MapType.PerCpuHash ? "percpuhash" : "hash")}(N))";
        }
        int most = script.Config.MaxStringLength;
        if (script.Actions.Any(a => Texts(a.Payload, most)) || script.Maps.Any(m => m.Key is not null && Texts(m.Key, most) || Texts(m.Value, most)))
            yield return $"the ends of texts longer than {most} bytes, marked with {script.Config.TruncationTrailer} (more with config = {{ max_strlen = N }})";
        foreach (var missed in script.Programs.Zip(kinds).Where(p => p.Second.Misses is not null).GroupBy(p => p.Second.Misses))
            yield return $"{string.Join(", ", missed.Select(p => ProbeNames.NameOf(p.First.Targets[0].Type)).Distinct())}: {missed.Key}";
    }

    // Whether a text can have been cut: names of processes, which are shorter, are whole.
    private static bool Texts(ScriptType type, int most) => type switch
    {
        StringType text => text.Length >= most,
        TupleType tuple => tuple.Elements.Any(e => Texts(e, most)),
        _ => false,
    };

    private static List<ExplainedNeed> Needs(CompiledScript script, List<AttachmentKind> kinds)
    {
        Dictionary<string, ExplainedNeed> needs = [];
        foreach (string attachment in kinds.Select(k => k.Feature).OfType<string>())
        {
            if (KernelFeatures.Find(FeatureCategory.Attach, attachment) is { } feature) Add(attachment, feature);
        }
        foreach (var map in script.Compilation.Object.Maps)
        {
            if (KernelFeatures.Of(map.Type) is { } feature) Add($"map type {feature.Name}", feature);
        }
        foreach (var program in script.Compilation.Object.Programs)
        {
            foreach (var call in program.Instructions.Where(i => i.IsHelperCall))
            {
                var helper = (BpfHelper)(int)call.Constant;
                Add(HelperTable.NameOf(helper) ?? helper.ToString(), KernelFeatures.Of(helper, program.Type));
            }
        }
        return [.. needs.Values.OrderByDescending(n => n.Since).ThenBy(n => n.Name, StringComparer.Ordinal)];

        void Add(string name, KernelFeature feature)
        {
            if (needs.ContainsKey(name)) return;
            var result = feature.Probe();
            // What the probe cannot tell is told by loading.
            needs.Add(name, new ExplainedNeed(name, feature.MinimumVersion, result.State != FeatureState.Unavailable, result.Detail));
        }
    }

    [GeneratedRegex(@"processed (\d+) insns")]
    private static partial Regex Processed();

    [GeneratedRegex(@"stack depth ([\d+]+)")]
    private static partial Regex StackDepth();
}
