using System.Diagnostics;

namespace Hornet.Cli.Tests;

/// <summary>The SDK's command, as a user starts it in a project's folder.</summary>
internal static class DotnetProcess
{
    /// <summary>Builds. No process may stay behind that holds the output open: no build nodes, no compiler server, nothing to read from.</summary>
    public static readonly string[] Build = ["build", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:NuGetAudit=false", "--disable-build-servers", "-v:q", "-nologo"];

    /// <summary>Runs it to its end; what it wrote, and its exit code.</summary>
    public static async Task<(string Output, int Status)> Run(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment.Remove("MSBUILD_EXE_PATH");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(5));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (await output + await errors, process.ExitCode);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
