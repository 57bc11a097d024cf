namespace Hornet.Tracing.Symbols;

/// <summary>How addresses of processes are given names.</summary>
public sealed class UserSymbolizerOptions
{
    /// <summary>Where separate debug files may be besides the usual places.</summary>
    public IReadOnlyList<string> DebugFolders { get; init; } = [];

    /// <summary>Whether names of C++ and Rust are written as their sources have them (<see cref="Demangler"/>).</summary>
    public bool Demangle { get; init; } = true;

    /// <summary>Whether to look at maps that just-in-time compilers write (<see cref="PerfMap"/>).</summary>
    public bool UsePerfMaps { get; init; } = true;

    /// <summary>How many binaries' symbols are kept; beyond that, all are read again when they are needed.</summary>
    public int MostBinaries { get; init; } = 1024;

    /// <summary>How many processes' mappings are kept; beyond that, those that ended are forgotten.</summary>
    public int MostProcesses { get; init; } = 4096;
}
