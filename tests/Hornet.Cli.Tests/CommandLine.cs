using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hornet.Cli.Tests;

/// <summary>The command as a user starts it: a process of its own, on the live kernel.</summary>
internal static partial class CommandLine
{
    public const int Interrupt = 2, Terminate = 15;

    /// <summary>The executable under test.</summary>
    public static readonly string Hornet = Path.Combine(AppContext.BaseDirectory, "Hornet.Cli");

    /// <summary>Skips the calling test where it may not look into the kernel.</summary>
    public static void NeedsRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "it looks into the kernel, which needs root");

    // Whoever runs the tests in the background hands on an ignored Ctrl-C; these commands must hear it.
    public static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("env", ["--default-signal=HUP,INT,QUIT", Hornet, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Starts a live command and comes back when it has said that it is attached.</summary>
    public static Process StartAttached(params string[] arguments)
    {
        var process = Start([.. arguments, "--verbose"]);
        string? line;
        do line = process.StandardError.ReadLine();
        while (line is not null && !line.Contains(" attached", StringComparison.Ordinal));
        Assert.NotNull(line);
        _ = process.StandardError.ReadToEndAsync();
        return process;
    }

    public static (string Output, string Errors, int Status) Run(params string[] arguments) => Read(Start(arguments));

    /// <summary>A line of shell in which <c>hornet</c> is the executable under test.</summary>
    public static (string Output, string Errors, int Status) Shell(string command) =>
        Read(Process.Start(new ProcessStartInfo("/bin/bash", ["-c", command.Replace("hornet ", Hornet + " ", StringComparison.Ordinal)]) { RedirectStandardOutput = true, RedirectStandardError = true })!);

    public static void Signal(Process process, int signal) => Assert.Equal(0, Kill(process.Id, signal));

    private static (string Output, string Errors, int Status) Read(Process process)
    {
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (output, errors.Result, process.ExitCode);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
