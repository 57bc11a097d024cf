using System.Collections.Concurrent;
using System.Diagnostics;

namespace Hornet.Cli.Tests;

/// <summary>A sample that runs, as a user starts and ends it: Ctrl-C must end it well, having printed what the pages show.</summary>
internal sealed class SampleProcess : IDisposable
{
    private static readonly string s_folder = Path.Combine(DocumentationTests.Root, "artifacts/bin/Hornet.Samples/release");

    private readonly string _sample;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private SampleProcess(string sample, string[] command)
    {
        _sample = sample;
        // Whoever runs the tests in the background hands on an ignored Ctrl-C.
        _process = Process.Start(new ProcessStartInfo("env", ["--default-signal=HUP,INT,QUIT", .. command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _reading = Read();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public static SampleProcess Start(string sample, params string[] arguments) => new(sample, Command(sample, arguments));

    /// <summary>In a network namespace of its own, which goes with its last process.</summary>
    public static SampleProcess StartInNamespace(string sample, params string[] arguments) =>
        new(sample, ["unshare", "-n", "/bin/bash", "-c", "ip link set lo up && exec \"$@\"", "sample", .. Command(sample, arguments)]);

    /// <summary>Without any privilege, whoever runs the tests.</summary>
    public static SampleProcess StartUnprivileged(string sample, params string[] arguments) =>
        new(sample, Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all", .. Command(sample, arguments)] : Command(sample, arguments));

    /// <summary>Does something until the sample has written a line with this text.</summary>
    public void Until(string expected, Action? work = null)
    {
        var clock = Stopwatch.StartNew();
        while (!_lines.Any(line => line.Contains(expected, StringComparison.Ordinal)))
        {
            Assert.False(_process.HasExited, _process.HasExited ? $"{_sample} ended: {_errors.Result}" : null);
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"{_sample} did not write '{expected}', but:\n{string.Join('\n', _lines.Take(40))}");
            work?.Invoke();
            Thread.Sleep(50);
        }
    }

    /// <summary>Waits for the end of a sample that fails by itself; its exit code, and what it wrote to standard error.</summary>
    public (int Status, string Errors) WaitForFailure()
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromMinutes(2)), $"{_sample} goes on");
        return (_process.ExitCode, _errors.Result);
    }

    /// <summary>Ends the sample by Ctrl-C. What it printed must be what the pages show.</summary>
    public string Interrupt()
    {
        Signal(CommandLine.Interrupt);
        return End();
    }

    /// <summary>A signal, when the sample hears it: WaitForShutdown takes SIGHUP last, and nothing else in .NET takes it.</summary>
    public void Signal(int signal)
    {
        const ulong HangUp = 1;
        Assert.True(SpinWait.SpinUntil(() => (Caught() & HangUp) != 0, TimeSpan.FromMinutes(2)), $"{_sample} does not wait for signals");
        CommandLine.Signal(_process, signal);
    }

    private ulong Caught() => Convert.ToUInt64(File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("SigCgt:", StringComparison.Ordinal))[7..].Trim(), 16);

    /// <summary>Waits until the sample has ended by itself. What it printed must be what the pages show.</summary>
    public string End()
    {
        var (output, errors, status) = WaitForExit();
        Assert.True((errors, status) == ("", 0), $"{_sample} ended with {status}: {errors}");
        foreach (var block in DocumentationTests.Blocks().Where(b => Name(b) == _sample))
        {
            string? problem = DocumentationTests.Compare([.. block.Text.Split('\n').Skip(1)], output.TrimEnd('\n').Split('\n'));
            Assert.True(problem is null, $"{block.File}:{block.Line}: {problem}\nIt printed:\n{output}");
        }
        return output;
    }

    public (string Output, string Errors, int Status) WaitForExit()
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromMinutes(2)), $"{_sample} does not end");
        _reading.Wait();
        return (string.Concat(_lines.Select(line => line + "\n")), _errors.Result, _process.ExitCode);
    }

    /// <summary>Which sample a block of the page is about; null for none.</summary>
    public static string? Name(DocumentationTests.Block block) =>
        block.Text.StartsWith("$ dotnet run samples/", StringComparison.Ordinal) ? block.Text["$ dotnet run samples/".Length..block.Text.IndexOf(".cs", StringComparison.Ordinal)] : null;

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _reading.Wait();
        _process.Dispose();
    }

    private static string[] Command(string sample, string[] arguments) =>
        ["dotnet", "exec", "--runtimeconfig", Path.Combine(s_folder, "Hornet.Samples.runtimeconfig.json"), Path.Combine(s_folder, $"samples.{sample}.dll"), .. arguments];

    private async Task Read()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line) _lines.Enqueue(line);
    }
}
