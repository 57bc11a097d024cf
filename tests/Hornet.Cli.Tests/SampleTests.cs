using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hornet.Cli.Tests;

/// <summary>Each sample of samples/, run against a live workload that it must see.</summary>
public sealed partial class SampleTests
{
    private static readonly string s_folder = Path.Combine(DocumentationTests.Root, "artifacts/bin/Hornet.Samples/release");

    [Fact]
    public void Every_sample_is_short_and_has_a_test()
    {
        string[] tested = ["bind", "drop", "execs", "hello", "latency", "opens", "packets", "resolve", "switches", "syscalls", "unix"];
        string[] samples = [.. Directory.GetFiles(Path.Combine(DocumentationTests.Root, "samples"), "*.cs").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];
        Assert.Equal(tested, samples);
        foreach (string sample in samples)
        {
            int lines = File.ReadAllLines(Path.Combine(DocumentationTests.Root, "samples", sample + ".cs")).Length;
            Assert.True(lines <= 40, $"{sample}.cs has {lines} lines");
        }
    }

    [Fact]
    public Task Hello_sees_a_process_that_is_made() => Until("hello", "Hello, World!", () => Process.Start("/bin/true").WaitForExit());

    [Fact]
    public Task Bind_sees_a_socket_of_this_process() => Until("bind", $" {Environment.ProcessId} ", () =>
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
    });

    [Fact]
    public Task Execs_sees_a_program_that_is_executed() => Until("execs", "/bin/true", () => Process.Start("/bin/true").WaitForExit());

    [Fact]
    public Task Resolve_sees_the_name_that_is_looked_up() => Until("resolve", "localhost.hornet.invalid", () => Process.Start("/usr/bin/getent", ["ahosts", "localhost.hornet.invalid"]).WaitForExit());

    [Fact]
    public Task Unix_sees_a_connection_that_fails()
    {
        string path = Path.Combine(Path.GetTempPath(), $"hornet-absent-{Environment.ProcessId}");
        return Until("unix", path, () =>
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            Assert.Throws<SocketException>(() => socket.Connect(new UnixDomainSocketEndPoint(path)));
        });
    }

    [Fact]
    public async Task Switches_sees_the_thread_it_is_told()
    {
        CommandLine.NeedsRoot();
        using var busy = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "while read line; do :; done"]) { RedirectStandardInput = true })!;
        try
        {
            // Whoever is woken and sleeps again is switched away from.
            await Until("switches", $" {busy.Id} ", () => busy.StandardInput.WriteLine("again"), $"{busy.Id}");
        }
        finally
        {
            busy.StandardInput.Close();
            await busy.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Opens_counts_the_files_of_this_process()
    {
        string output = await While("opens", () => File.ReadAllText("/proc/self/stat"));
        Assert.Matches($@"(?m)^{Environment.ProcessId} +[1-9]\d*$", output);
    }

    [Fact]
    public async Task Latency_draws_a_histogram_of_reads() =>
        Assert.Matches(@"(?m)^ *\d+ \.\. \d+ +[1-9]\d* #+$", await While("latency", () => File.ReadAllText("/proc/self/stat")));

    [Fact]
    public async Task Syscalls_counts_calls_and_failures()
    {
        string output = await While("syscalls", () => _ = GetProcessGroup(int.MaxValue));
        // All of these calls fail: there is no such process.
        Assert.Matches(@"(?m)^getpgid +([1-9]\d*) +\1 +\d+\.\d$", output);
    }

    [Fact]
    public async Task Packets_counts_by_source_and_destination() =>
        Assert.Matches(@"(?m)^127\.0\.0\.1 +127\.0\.0\.1 +[1-9]\d*$", await InNamespace("packets", "lo", "3"));

    [Fact]
    public async Task Drop_drops_the_packets_of_a_network() =>
        Assert.Matches(@"(?m)^[1-9]\d* packets dropped$", await InNamespace("drop", "lo", "127.0.0.0/8", "3"));

    // Starts a sample and does something until the sample has written what is expected.
    private static async Task Until(string sample, string expected, Action work, params string[] arguments)
    {
        CommandLine.NeedsRoot();
        using var process = Start(sample, arguments);
        ConcurrentQueue<string> lines = [];
        var reading = Read(process.StandardOutput, lines);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            var clock = Stopwatch.StartNew();
            while (!lines.Any(line => line.Contains(expected, StringComparison.Ordinal)))
            {
                Assert.False(process.HasExited, process.HasExited ? $"{sample} ended: {await errors}" : null);
                Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"{sample} did not write '{expected}', but:\n{string.Join('\n', lines.Take(40))}");
                work();
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            await reading;
        }
    }

    // Does something for as long as a sample runs by itself.
    private static async Task<string> While(string sample, Action work)
    {
        CommandLine.NeedsRoot();
        using var process = Start(sample, ["3"]);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (!process.HasExited)
        {
            for (int i = 0; i < 100; i++) work();
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }

    // In a network namespace of its own, whose loopback interface carries packets meanwhile. It goes with its last process.
    private static async Task<string> InNamespace(string sample, params string[] arguments)
    {
        CommandLine.NeedsRoot();
        string script = $"ip link set lo up; {string.Join(' ', Command(sample, arguments))} & p=$!; while kill -0 $p 2> /dev/null; do echo x > /dev/udp/127.0.0.1/9; sleep 0.02; done 2> /dev/null; wait $p";
        using var process = Process.Start(new ProcessStartInfo("unshare", ["-n", "/bin/bash", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        return output;
    }

    private static async Task Read(StreamReader reader, ConcurrentQueue<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line) lines.Enqueue(line);
    }

    private static string[] Command(string sample, string[] arguments) =>
        ["dotnet", "exec", "--runtimeconfig", Path.Combine(s_folder, "Hornet.Samples.runtimeconfig.json"), Path.Combine(s_folder, $"samples.{sample}.dll"), .. arguments];

    private static Process Start(string sample, string[] arguments)
    {
        string[] command = Command(sample, arguments);
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    [LibraryImport("libc", EntryPoint = "getpgid")]
    private static partial int GetProcessGroup(int process);
}
