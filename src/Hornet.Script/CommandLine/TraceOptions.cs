namespace Hornet.Script.CommandLine;

internal enum TraceMode { None, Codegen, CompilerBench, Bench, Test, Format }

internal enum TraceBuffering { Unset, Line, Full, None }

/// <summary>The command line of <c>hornet trace</c>, which is bpftrace's.</summary>
internal sealed record TraceOptions
{
    /// <summary>The text after -e; the last one counts.</summary>
    public string? Script { get; set; }
    public string? FileName { get; set; }
    public bool IsListing { get; set; }

    /// <summary>What -l looks for; null when it lists a script's probes.</summary>
    public string? Search { get; set; }
    public string? Pid { get; set; }
    public string? Command { get; set; }
    public List<string> DwarfPids { get; } = [];
    public string? OutputFile { get; set; }
    public string? Format { get; set; }

    /// <summary>--metrics: the address at which maps are given to collectors of metrics.</summary>
    public string? Metrics { get; set; }
    public TraceBuffering Buffering { get; set; }
    public bool IsQuiet { get; set; }
    public bool IsVerbose { get; set; }

    /// <summary>0 with --no-warnings, 2 with -k, else 1.</summary>
    public int Warnings { get; set; } = 1;
    public bool IsUnsafe { get; set; }
    public bool IsDryRun { get; set; }
    public bool Adapts { get; set; }

    /// <summary>--dialect: the language the script is written in; null for ours.</summary>
    public string? Dialect { get; set; }

    /// <summary>--explain: say what the script does, costs and needs instead of running it.</summary>
    public bool Explains { get; set; }
    public TraceMode Mode { get; set; }
    public List<string> IncludeFolders { get; } = [];
    public List<string> IncludeFiles { get; } = [];
    public List<string> DebugFolders { get; } = [];
    public HashSet<string> WithoutFeatures { get; } = new(StringComparer.Ordinal);
    public HashSet<string> DebugStages { get; } = new(StringComparer.Ordinal);
    public string? TraceableFunctions { get; set; }
    public string? ProbeFilter { get; set; }
    public string? ElfFile { get; set; }

    /// <summary>--aot: a file to be made that runs the script with all it needs.</summary>
    public string? AotFile { get; set; }

    /// <summary>--bundle: such a file, to be run.</summary>
    public string? BundleFile { get; set; }

    /// <summary>--emit-llvm: there is no LLVM, so our own form of the programs goes to FILE.original.ir and FILE.optimized.ir.</summary>
    public string? IrFile { get; set; }
    public bool ShowsInfo { get; set; }
    public bool ShowsVersion { get; set; }
    public bool ShowsHelp { get; set; }
    public List<string> Positional { get; } = [];
    public List<string> Named { get; } = [];
}

/// <summary>A command line that cannot be; the message goes to standard error as it is, and the usage behind it when wanted.</summary>
internal sealed class TraceUsageException(string message, bool showsUsage) : Exception(message)
{
    public bool ShowsUsage { get; } = showsUsage;
}
