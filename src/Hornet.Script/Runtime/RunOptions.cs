using System.Text.RegularExpressions;
using Hornet.Script.Probes;
using Hornet.Script.Source;

namespace Hornet.Script.Runtime;

internal enum RunMode { Normal, Test, Bench }

/// <summary>How a compiled script is run.</summary>
internal sealed record RunOptions
{
    public RunMode Mode { get; init; }

    /// <summary>Option -p: the run ends with this process.</summary>
    public int? Process { get; init; }

    /// <summary>Option -c: started when all is attached; the run ends with it.</summary>
    public TracedChild? Child { get; init; }

    /// <summary>The processes whose stacks dw_ustack walks, besides the two above: option --dwarf-pid.</summary>
    public IReadOnlyList<int> UnwoundProcesses { get; init; } = [];

    /// <summary>Where separate debug files may be.</summary>
    public IReadOnlyList<string> DebugFolders { get; init; } = [];

    /// <summary>Option -q: no word about what was attached.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Option --dry-run: attached is enough.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Option --probe-filter.</summary>
    public Regex? ProbeFilter { get; init; }

    /// <summary>Option -d verifier: the verifier's words on every program, also when it took them.</summary>
    public Action<string, string>? VerifierLog { get; init; }
}

/// <summary>Messages of a run, on stderr as a rule, which is opened with the first: that takes longer than most of what a run begins with.</summary>
internal sealed class RunLog(Func<TextWriter> open, bool isVerbose, bool showsWarnings) : IAttachLog
{
    public bool IsColored { get; init; }

    public void Error(string text) => Write("\e[31m", "ERROR: " + text);

    public void Report(ScriptDiagnostic diagnostic)
    {
        Write(DiagnosticRenderer.Render([diagnostic], IsColored, showsWarnings));
    }

    public void Hint(string text) => Write("", "HINT: " + text);

    public void Warning(string text)
    {
        if (showsWarnings) Write("\e[33m", "WARNING: " + text);
    }

    public void Verbose(string text)
    {
        if (isVerbose) Write("", text);
    }

    private void Write(string color, string text) => Write(IsColored && color.Length > 0 ? $"{color}{text}\e[0m\n" : text + "\n");

    private void Write(string text)
    {
        var writer = open();
        writer.Write(text);
        writer.Flush();
    }
}
