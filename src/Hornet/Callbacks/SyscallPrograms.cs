using Hornet.Kernel;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Programs;
using Hornet.Tracing;

namespace Hornet;

/// <summary>
/// The programs of a callback for system calls: two at the raw tracepoints <c>sys_enter</c> and <c>sys_exit</c>, which go on with
/// the program for the call's kind of arguments. A single call's programs are attached themselves.
/// </summary>
internal sealed class SyscallPrograms(CallbackEngine engine, ProbeSubscription subscription, ProbeOptions options, bool atEntry, IReadOnlyList<KernelStage> stages, GroupMaker make, bool isSingle)
{
    // Numbers go to about 470; both arrays hold a pointer each.
    private const uint MostNumbers = 1024;

    // A task's storage has been found without a lock, which may be taken, since 6.2.
    private static readonly KernelVersion s_taskStorage = new(6, 2);

    private BpfProgramArray? _enters, _exits;
    private BpfProgram? _enter, _exit;
    private BpfMap? _kept;

    /// <summary>What is kept with a task.</summary>
    private unsafe struct KeptCall
    {
        public fixed ulong Words[CaptureCode.KeptSize / 8];
    }

    /// <summary>execve and execveat: what their arguments point at is gone when they return.</summary>
    public static bool ReplacesMemory(SyscallProbe probe) => probe.Name is "execve" or "execveat";

    public static uint NumberOf(SyscallProbe probe) => probe.Number is { } number
        ? (uint)number
        : throw new BpfException($"The number of system call '{probe.Name}' is not known to this version of Hornet.");

    /// <summary>Loads what calls with arguments of the same kinds need.</summary>
    public void Add(IReadOnlyList<SyscallProbe> probes, CapturePlan plan, IReadOnlyList<ProbeSchema> schemas)
    {
        Dictionary<uint, ProbeSchema> byNumber = [];
        for (int i = 0; i < probes.Count; i++) byNumber[NumberOf(probes[i])] = schemas[i];
        int group = subscription.AddGroup(_ => make(byNumber));
        using var compiled = KernelStages.Compile(stages, schemas[0], plan.RecordSize, ProgramType.RawTracepoint, isExclusive: true);
        bool returns = !atEntry && !probes[0].NeverReturns, replaces = returns && ReplacesMemory(probes[0]);
        if (returns && !replaces && _kept is null && KernelVersion.Running >= s_taskStorage && TaskFields.OfRunningKernel is not null)
            _kept = subscription.Own(BpfTaskStorage<KeptCall>.Create("hornet_kept")).Map;
        CaptureCode Code() => new(plan, options, group, engine.ReaderThread, compiled) { KeepsWithTask = _kept is not null, Only = isSingle ? NumberOf(probes[0]) : null };
        (string, BpfMap)[] kept = _kept is null || !returns ? [] : [(CaptureCode.Kept, _kept)];
        BpfProgram enter;
        BpfProgram? exit = null;
        if (!returns)
        {
            enter = Load("sys_enter", Code().EnterOnly(), compiled);
        }
        else if (replaces)
        {
            uint size = (uint)Code().KeptTextsSize;
            var texts = subscription.Own(BpfMap.Create(new MapSpec { Name = "hornet_texts", Type = MapType.Hash, KeySize = 8, ValueSize = size, MaxEntries = 1024 }));
            var scratch = subscription.Own(BpfMap.Create(new MapSpec { Name = "hornet_scratch", Type = MapType.PerCpuArray, KeySize = 4, ValueSize = size, MaxEntries = 1 }));
            enter = Load("sys_enter", Code().EnterWithTexts(), null, (CaptureCode.Texts, texts), (CaptureCode.Scratch, scratch));
            exit = Load("sys_exit", Code().Exit(textsKept: true), compiled, (CaptureCode.Texts, texts));
        }
        else
        {
            enter = Load("sys_enter", Code().Enter(), null, kept);
            exit = Load("sys_exit", Code().Exit(), compiled, kept);
        }
        if (isSingle)
        {
            (_enter, _exit) = (enter, exit);
            subscription.ProbeNames.Add(probes[0].ToString());
            return;
        }
        _enters ??= subscription.Own(BpfProgramArray.Create("hornet_enters", MostNumbers));
        if (exit is not null) _exits ??= subscription.Own(BpfProgramArray.Create("hornet_exits", MostNumbers));
        foreach (var probe in probes)
        {
            _enters.Set(NumberOf(probe), enter.Descriptor);
            if (exit is not null) _exits!.Set(NumberOf(probe), exit.Descriptor);
            subscription.ProbeNames.Add(probe.ToString());
        }
    }

    /// <summary>Attaches. The returns first: an entry whose return is missed would be kept forever.</summary>
    public void Attach()
    {
        if (_exit is not null) subscription.Own(RawTracepointLink.Attach(_exit, "sys_exit"));
        if (_enter is not null) subscription.Own(RawTracepointLink.Attach(_enter, "sys_enter"));
        if (_exits is not null) Attach("sys_exit", _exits, atReturn: true);
        if (_enters is not null) Attach("sys_enter", _enters, atReturn: false);
    }

    private void Attach(string tracepoint, BpfProgramArray programs, bool atReturn)
    {
        var dispatcher = Load(tracepoint, CaptureCode.Dispatch(atReturn), null, (CaptureCode.Programs, programs.Map));
        subscription.Own(RawTracepointLink.Attach(dispatcher, tracepoint));
    }

    private BpfProgram Load(string name, Isa.Instruction[] code, KernelStages? stages, params ReadOnlySpan<(string, BpfMap)> maps) =>
        subscription.Own(engine.Load(name, ProgramType.RawTracepoint, code, stageMaps: stages?.Maps, maps: maps));
}
