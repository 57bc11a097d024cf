using Hornet.Script.Runtime;
using Hornet.Script.Source;

namespace Hornet.Script.Output;

/// <summary>What numbers in values mean: everything that a value's bytes alone do not tell.</summary>
internal sealed class ValueContext
{
    public IReadOnlyList<string> Names { get; init; } = [];
    public IReadOnlyList<string> TimeFormats { get; init; } = [];
    public IReadOnlyList<string> CgroupFilters { get; init; } = [];
    public ISymbols Symbols { get; init; } = NoSymbols.Instance;
    public IStacks Stacks { get; init; } = NoSymbols.Instance;
    public ISystemNames System { get; init; } = new SystemNames();
    public ScriptClock Clock { get; init; } = new();

    /// <summary>What is written behind a text that was cut off.</summary>
    public byte[] TruncationTrailer { get; init; } = ".."u8.ToArray();

    /// <summary>Whether stacks show inlined functions and places in source files.</summary>
    public bool ShowDebugInfo { get; init; } = true;

    /// <summary>Whether texts of the kernel and of processes are shown on a terminal: control characters in them are escaped then.</summary>
    public bool IsTerminal { get; init; }

    public static ValueContext Of(CompiledScript script, ISymbols symbols, IStacks stacks, bool isTerminal) => new()
    {
        Names = script.Names,
        TimeFormats = script.TimeFormats,
        CgroupFilters = script.CgroupFilters,
        TruncationTrailer = ScriptBytes.Of(script.Config.TruncationTrailer),
        ShowDebugInfo = script.Config.ShowDebugInfo,
        Symbols = symbols,
        Stacks = stacks,
        IsTerminal = isTerminal,
    };
}
