using System.Text;
using Hornet.Script.Runtime;
using Hornet.Script.Source;

namespace Hornet.Script.CommandLine;

/// <summary>
/// <c>hornet trace</c>, and the executable <c>bpftrace</c>: runs scripts. Streams and exit statuses are bpftrace's: 1 for what is wrong
/// with the command line or the script, 255 when it cannot be loaded or attached, else what <c>exit(n)</c> says.
/// </summary>
internal static class TraceCommand
{
    public const string Version = "v0.27.0";

    /// <summary>Runs it.</summary>
    /// <param name="arguments">The options.</param>
    /// <param name="program">As what it was called: <c>bpftrace</c>, or <c>hornet trace</c>.</param>
    public static int Run(string[] arguments, string program)
    {
        TraceOptions options;
        try
        {
            options = new TraceParser(arguments, program).Parse();
        }
        catch (TraceUsageException e)
        {
            if (e.Message.Length > 0) Console.Error.WriteLine(e.Message);
            if (e.ShowsUsage) Console.Error.Write(TraceUsage.Text(program));
            return 1;
        }
        if (options.ShowsHelp) return Print(TraceUsage.Text(program));
        if (options.ShowsVersion) return Print(program == "bpftrace" ? $"bpftrace {Version}\n" : $"hornet trace, the language of bpftrace {Version}\n");
        using TraceSession session = new(options, program);
        try
        {
            if (options.ShowsInfo) return IsPrivileged(session.Log, program) ? Print(TraceInfo.Text(Version, options.WithoutFeatures)) : 1;
            return session.Run();
        }
        catch (ScriptException e)
        {
            session.Report(e.Diagnostics);
            return 1;
        }
        catch (TraceFailure e)
        {
            session.Log.Error(e.Message);
            return e.Status;
        }
        catch (BpfException e)
        {
            session.Log.Error(e.Message);
            return ScriptRun.Failed;
        }
    }

    /// <summary>Whether programs can be loaded; says why not.</summary>
    public static bool IsPrivileged(RunLog log, string program)
    {
        if (RunningKernel.IsPrivileged) return true;
        log.Error($"Missing CAP_BPF capability, please run {program} as the root user.");
        return false;
    }

    private static int Print(string text)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(text));
        return 0;
    }
}

/// <summary>What ends a run before it began.</summary>
internal sealed class TraceFailure(string message, int status = 1) : Exception(message)
{
    public int Status { get; } = status;
}
