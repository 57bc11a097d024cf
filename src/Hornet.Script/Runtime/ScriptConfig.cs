using Hornet.Script.Types;

namespace Hornet.Script.Runtime;

internal enum MissingProbes { Error, Warn, Ignore }

internal enum UserSymbolCache { PerPid, PerProgram, None }

/// <summary>The variables of the block <c>config = { … }</c> and of the environment (<c>BPFTRACE_…</c>, which wins), with bpftrace's names and defaults.</summary>
internal sealed record ScriptConfig
{
    public int MaxStringLength { get; init; } = 1024;
    public uint MaxMapKeys { get; init; } = 4096;

    /// <summary>Whether the script or its user said so; else maps grow where the kernel lets them.</summary>
    public bool LimitsMaps { get; init; }
    public int MaxProbes { get; init; } = 1024;
    public int MaxPrograms { get; init; } = 1024;
    public int MaxCatBytes { get; init; } = 10240;
    public int OnStackLimit { get; init; } = 32;
    public uint LogSize { get; init; } = 1_000_000;

    /// <summary>Pages of the ring buffer; 0 leaves it to Hornet.</summary>
    public uint RingBufferPages { get; init; }
    public bool PrintMapsOnExit { get; init; } = true;
    public bool DemangleCpp { get; init; } = true;
    public bool LazySymbolication { get; init; }
    public bool ShowDebugInfo { get; init; } = true;
    public bool UseBlazesym { get; init; } = true;
    public string License { get; init; } = "GPL";
    public string TruncationTrailer { get; init; } = "..";
    public StackMode StackMode { get; init; } = StackMode.Bpftrace;
    public MissingProbes MissingProbes { get; init; } = MissingProbes.Error;
    public UserSymbolCache UserSymbols { get; init; } = UserSymbolCache.PerPid;

    /// <summary>Features that warn or are refused until they are enabled: name (<c>unstable_tseries</c>) and error, warn or enable.</summary>
    public IReadOnlyDictionary<string, string> Unstable { get; init; } = new Dictionary<string, string>();
}
