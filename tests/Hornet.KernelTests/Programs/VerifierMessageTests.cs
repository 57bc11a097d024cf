using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Isa;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.KernelTests.Programs;

/// <summary>Each message of the verifier that is explained, provoked on this very kernel.</summary>
public sealed partial class VerifierMessageTests : IDisposable
{
    private readonly Dictionary<string, BpfMap> _maps = [];

    public static TheoryData<string> Names => new(VerifierCases.All.Select(c => c.Name));

    [KernelTheory]
    [MemberData(nameof(Names))]
    public void The_message_is_explained(string name)
    {
        var verifierCase = VerifierCases.All.Single(c => c.Name == name);
        if (KernelVersion.Running < KernelVersion.Parse(verifierCase.Min)) Assert.Skip($"needs Linux {verifierCase.Min}");
        if (verifierCase.Until is { } until && KernelVersion.Running >= KernelVersion.Parse(until)) Assert.Skip($"accepted since Linux {until}");
        // One log line for each of a million instructions.
        if (verifierCase.IsSlow && TestMachine.IsVirtualMachine && KernelVersion.Running < new KernelVersion(7, 0)) Assert.Skip("takes minutes on an emulated processor; the newest one runs it");

        var e = Provoke(verifierCase);
        var explanation = e.Explanation;
        string report = $"{explanation}\n--- category {explanation?.Category}, template {explanation?.Template}\n--- log:\n{(e.Log.Length > 3000 ? e.Log[^3000..] : e.Log)}\n--- {e.Message}";
        TestContext.Current.TestOutputHelper?.WriteLine(report);
        Assert.True(explanation is not null, report);
        Assert.True(explanation.Template is not null, "No pattern knows this message.\n" + report);
        Assert.True(explanation.Category == verifierCase.Category, $"expected {verifierCase.Category}\n{report}");
        string words = $"{explanation.Reason} {explanation.Required} {explanation.Known} {explanation.Suggestion}";
        foreach (string word in verifierCase.Words) Assert.True(words.Contains(word, StringComparison.Ordinal), $"'{word}' is missing\n{report}");
        Assert.DoesNotContain("{", words);
        Assert.InRange(explanation.ToString().Split('\n').Length, 2, 5);
    }

    [KernelFact]
    public void At_least_sixty_distinct_messages_are_provoked_and_explained()
    {
        HashSet<string> templates = [];
        foreach (var verifierCase in VerifierCases.All)
        {
            if (verifierCase.IsSlow || KernelVersion.Running < KernelVersion.Parse(verifierCase.Min)) continue;
            if (verifierCase.Until is { } until && KernelVersion.Running >= KernelVersion.Parse(until)) continue;
            if (Provoke(verifierCase).Explanation?.Template is { } template) templates.Add(template);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{templates.Count} distinct messages:\n{string.Join('\n', templates)}");
        Assert.True(templates.Count >= 60, $"only {templates.Count} distinct messages");
    }

    public void Dispose()
    {
        foreach (var map in _maps.Values) map.Dispose();
    }

    private VerifierException Provoke(VerifierCase verifierCase)
    {
        ProgramSpec spec = new()
        {
            Name = "refused",
            Type = verifierCase.Type,
            AttachType = verifierCase.AttachType,
            License = verifierCase.License,
            Flags = verifierCase.Flags,
            Instructions = TextAssembler.Assemble(verifierCase.Code),
        };
        ProgramLoadOptions options = new() { ResolveMap = Map };
        VerifierException? refusal = null;
        Exception? other = null;
        void Load()
        {
            try
            {
                BpfProgram.Load(spec, options).Dispose();
            }
            catch (VerifierException e)
            {
                refusal = e;
            }
            catch (Exception e)
            {
                other = e;
            }
        }
        foreach (var instruction in spec.Instructions)
            if (instruction.Metadata is { ReferenceKind: ReferenceKind.Map or ReferenceKind.MapValue, Reference: { } map }) Map(map);
        if (verifierCase.WithoutPerfmon)
        {
            // Capabilities are a thread's own; the thread ends with what it gave up.
            Thread thread = new(() =>
            {
                DropPerfmon();
                Load();
            });
            thread.Start();
            thread.Join();
        }
        else
        {
            Load();
        }
        if (other is not null) throw new InvalidOperationException($"'{verifierCase.Name}' failed before the kernel was asked: {other.Message}", other);
        return refusal ?? throw new InvalidOperationException($"'{verifierCase.Name}' was accepted");
    }

    private BpfMap Map(string name)
    {
        if (_maps.TryGetValue(name, out var map)) return map;
        map = name switch
        {
            "array" => Create(MapType.Array, 4, 8, 1),
            "single" => Create(MapType.Array, 4, 64, 1),
            "wide" => Create(MapType.Array, 4, 64, 4),
            "hash" => Create(MapType.Hash, 4, 8, 16),
            "ringbuf" => Create(MapType.RingBuf, 0, 0, 4096),
            "programs" => Create(MapType.ProgramArray, 4, 4, 4),
            "readonly" => Create(MapType.Array, 4, 8, 1, MapFlags.ReadOnlyProgram),
            "writeonly" => Create(MapType.Array, 4, 8, 1, MapFlags.WriteOnlyProgram),
            "locked" => CreateLocked(),
            _ => throw new ArgumentException($"no map '{name}'"),
        };
        _maps.Add(name, map);
        return map;

        BpfMap Create(MapType type, uint key, uint value, uint entries, MapFlags flags = 0) =>
            BpfMap.Create(new() { Name = name, Type = type, KeySize = key, ValueSize = value, MaxEntries = entries, Flags = flags });
    }

    // struct value { struct bpf_spin_lock lock; int data; };
    private static BpfMap CreateLocked()
    {
        BtfBuilder types = new();
        uint number = types.AddInt("int", 4);
        uint spinLock = types.AddStruct("bpf_spin_lock", 4, new BtfMemberDefinition("val", number, 0));
        uint value = types.AddStruct("value", 8, new("lock", spinLock, 0), new("data", number, 32));
        using var btf = BpfBtf.Load(types.Build());
        return BpfMap.Create(
            new() { Name = "locked", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1, KeyTypeId = number, ValueTypeId = value },
            new() { Btf = btf.Descriptor });
    }

    private static unsafe void DropPerfmon()
    {
        uint* header = stackalloc uint[2] { 0x20080522, 0 };
        uint* sets = stackalloc uint[6];
        if (GetCapabilities(header, sets) != 0) throw new InvalidOperationException("capget failed");
        sets[0] &= ~(1u << (int)Capability.SysAdmin);
        sets[3] &= ~(1u << ((int)Capability.PerfMon - 32));
        if (SetCapabilities(header, sets) != 0) throw new InvalidOperationException("capset failed");
    }

    [LibraryImport("libc", EntryPoint = "capget")]
    private static unsafe partial int GetCapabilities(uint* header, uint* sets);

    [LibraryImport("libc", EntryPoint = "capset")]
    private static unsafe partial int SetCapabilities(uint* header, uint* sets);
}
