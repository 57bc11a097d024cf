using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hornet.Cli.Tests;

/// <summary>Each sample of samples/, run against a live workload that it must see, printing what samples/README.md shows.</summary>
public sealed partial class SampleTests
{
    [Fact]
    public void Every_sample_is_short_and_on_the_page()
    {
        string folder = Path.Combine(DocumentationTests.Root, "samples"), page = File.ReadAllText(Path.Combine(folder, "README.md"));
        string[] samples = [.. Directory.GetFiles(folder, "*.cs").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];
        Assert.Equal(samples, DocumentationTests.Blocks().Where(b => b.File == "samples/README.md").Select(SampleProcess.Name).Order(StringComparer.Ordinal));
        foreach (string sample in samples)
        {
            string[] lines = File.ReadAllLines(Path.Combine(folder, sample + ".cs"));
            Assert.True(lines.Length <= 40, $"{sample}.cs has {lines.Length} lines");
            Assert.Contains($"[{sample}]({sample}.cs)", page);
            Assert.Contains(lines, line => line.StartsWith("//", StringComparison.Ordinal) && line.Contains($"dotnet run samples/{sample}.cs", StringComparison.Ordinal));
            Assert.Contains(typeof(SampleTests).GetMethods(), m => m.Name.StartsWith(sample + "_", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void A_sample_without_privileges_says_so_in_one_line()
    {
        using var sample = SampleProcess.StartUnprivileged("hello");
        var (status, errors) = sample.WaitForFailure();
        Assert.Equal(1, status);
        string line = Assert.Single(errors.TrimEnd().Split('\n'));
        Assert.Contains("EPERM", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Hello_sees_a_process_that_is_made() => Live("hello", "bash  ", () => Shell("/bin/true; true"));

    [Fact]
    public void Print_sees_a_program_that_is_executed() => Live("print", " is true now", () => Shell("/bin/true"));

    [Fact]
    public void Bind_sees_a_thread_that_binds_31337() => Live("bind", "binder  ", () =>
    {
        Thread binder = new(() =>
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 31337));
            }
            catch (SocketException)
            {
                // Taken: the call was made all the same.
            }
        })
        { Name = "binder" };
        binder.Start();
        binder.Join();
    });

    [Fact]
    public void Execs_sees_a_program_that_is_executed() => Live("execs", "/bin/true", () => Shell("/bin/true"));

    [Fact]
    public void Resolve_sees_the_name_that_is_looked_up() => Live("resolve", "hornet.invalid", () => Shell("getent ahosts hornet.invalid"));

    [Fact]
    public void Unix_sees_a_connection_that_fails() => Live("unix", "/tmp/hornet-absent", () =>
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.Throws<SocketException>(() => socket.Connect(new UnixDomainSocketEndPoint("/tmp/hornet-absent")));
    });

    [Fact]
    public void Urandom_sees_a_read_of_16_bytes() => Live("urandom", "head  ", () => Shell("head -c 16 /dev/urandom; head -c 32 /dev/zero"), output =>
    {
        Assert.Matches(@"(?m)^\d+\.\d{9} +head +\d+ +128$", output);
        Assert.DoesNotMatch(@"(?m)head +\d+ +256$", output);
    });

    [Fact]
    public void Switches_sees_the_thread_it_is_told()
    {
        CommandLine.NeedsRoot();
        using var busy = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "while read line; do :; done"]) { RedirectStandardInput = true })!;
        try
        {
            // Whoever is woken and sleeps again is switched away from.
            Live("switches", $" {busy.Id} ", () => busy.StandardInput.WriteLine("again"), null, $"{busy.Id}");
        }
        finally
        {
            busy.StandardInput.Close();
            busy.WaitForExit();
        }
    }

    [Fact]
    public void Opens_counts_the_files_of_this_process()
    {
        string output = Summary("opens", "Ctrl-C", () => Repeat(500, () => File.ReadAllText("/proc/self/stat")));
        string line = output.Split('\n').First(l => l.StartsWith($"{Environment.ProcessId} ", StringComparison.Ordinal));
        Assert.True(int.Parse(line[8..], System.Globalization.CultureInfo.InvariantCulture) >= 500, output);
    }

    [Fact]
    public void Latency_draws_a_histogram_of_reads() => Summary("latency", "Ctrl-C", () => Repeat(500, () => File.ReadAllText("/proc/self/stat")));

    [Fact]
    public void Waits_draws_a_histogram_of_waits() => Summary("waits", "Ctrl-C", () => Repeat(200, () => Thread.Sleep(1)));

    [Fact]
    public void Syscalls_counts_calls_and_failures()
    {
        // All of these calls fail: there is no such process.
        string output = Summary("syscalls", "Ctrl-C", () => Repeat(20_000, () => _ = GetProcessGroup(int.MaxValue)));
        Assert.Matches(@"(?m)^getpgid +(\d{5}) +\1 +\d+\.\d$", output);
    }

    [Fact]
    public void Packets_counts_by_source_and_destination()
    {
        CommandLine.NeedsRoot();
        using var sample = SampleProcess.StartInNamespace("packets", "lo");
        sample.Until("Ctrl-C");
        SendPackets(sample, 3);
        Assert.Matches(@"(?m)^127\.0\.0\.1 +127\.0\.0\.1 +[1-9]\d*$", sample.Interrupt());
    }

    [Fact]
    public void Drop_drops_the_packets_of_a_network()
    {
        CommandLine.NeedsRoot();
        using var sample = SampleProcess.StartInNamespace("drop", "lo", "127.0.0.0/8", "203.0.113.0/24");
        sample.Until("Ctrl-C");
        SendPackets(sample, 4);
        Assert.Contains("127.0.0.0/8: 4 packets dropped", sample.Interrupt());
    }

    [Fact]
    public void Deny_denies_a_control_group_a_port()
    {
        CommandLine.NeedsRoot();
        string? mount = File.ReadLines("/proc/mounts").Select(l => l.Split(' ')).FirstOrDefault(f => f[2] == "cgroup2")?[1];
        Assert.SkipWhen(mount is null, "no cgroup2 is mounted");
        string cgroup = $"{mount}/hornet-sample-{Environment.ProcessId}";
        Directory.CreateDirectory(cgroup);
        try
        {
            using var sample = SampleProcess.Start("deny", cgroup, "25");
            sample.Until("Ctrl-C");
            string said = Shell($"echo $$ > {cgroup}/cgroup.procs && echo > /dev/tcp/127.0.0.1/25");
            Assert.Contains("Operation not permitted", said);
            sample.Until("may not connect to port 25");
            sample.Interrupt();
        }
        finally
        {
            Directory.Delete(cgroup);
        }
    }

    [Fact]
    public void Congestion_is_chosen_by_a_connection()
    {
        const int Tcp = 6, Congestion = 13;
        CommandLine.NeedsRoot();
        using var sample = SampleProcess.Start("congestion");
        sample.Until("Ctrl-C");
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        client.SetRawSocketOption(Tcp, Congestion, "hornet_reno"u8);
        client.Connect(listener.LocalEndPoint!);
        using var server = listener.Accept();
        byte[] data = new byte[1 << 16];
        for (int i = 0; i < 4; i++)
        {
            client.Send(data);
            for (int got = 0; got < data.Length;) got += server.Receive(data);
        }
        Assert.Matches(@"(?m)^1 connections, [1-9]\d* acknowledgements$", sample.Interrupt());
    }

    [Fact]
    public void Fair_schedules_or_says_why_it_cannot()
    {
        CommandLine.NeedsRoot();
        using var sample = SampleProcess.Start("fair");
        if (Directory.Exists("/sys/kernel/sched_ext"))
        {
            sample.Until("Ctrl-C");
            Assert.Matches(@"(?m)^\d+ times a thread waited for a CPU$", sample.Interrupt());
            return;
        }
        var (output, errors, status) = sample.WaitForExit();
        Assert.Equal(("", 1), (output, status));
        Assert.Matches(@"^(This kernel takes no schedulers: it was built without CONFIG_SCHED_CLASS_EXT|Schedulers \(sched_ext\) need Linux 6\.12; this is [^ ]+)\.\n$", errors);
    }

    [Fact]
    public void Tasks_lists_a_shell_and_its_parent() => OfShell(shell =>
    {
        using var sample = SampleProcess.Start("tasks");
        Assert.Matches($@"(?m)^{shell} +{shell} +{Environment.ProcessId} +bash$", sample.End());
    });

    [Fact]
    public void Ancestors_goes_up_from_a_shell() => OfShell(shell =>
    {
        using var sample = SampleProcess.Start("ancestors", $"{shell}");
        Assert.Matches($@"^PID +NAME\n{shell} +bash\n{Environment.ProcessId} +", sample.End());
    });

    [Fact]
    public void Rootless_tests_a_filter_without_privileges()
    {
        using var sample = SampleProcess.StartUnprivileged("rootless");
        sample.End();
    }

    [Theory]
    [InlineData("switches", "usage: switches.cs PID: one number")]
    [InlineData("switches", "usage: switches.cs PID: one number", "bash")]
    [InlineData("ancestors", "usage: ancestors.cs PID: one number")]
    [InlineData("ancestors", "there is no process 2147483647", "2147483647")]
    [InlineData("packets", "usage: packets.cs INTERFACE")]
    [InlineData("packets", "There is no network interface 'hornet-absent'", "hornet-absent")]
    [InlineData("drop", "usage: drop.cs INTERFACE NETWORK…", "lo")]
    [InlineData("drop", "usage: drop.cs INTERFACE NETWORK…", "lo", "203.0.113.0/33")]
    [InlineData("drop", "usage: drop.cs INTERFACE NETWORK…", "lo", "2001:db8::/32")]
    [InlineData("deny", "usage: deny.cs CGROUP-FOLDER PORT", "/sys/fs/cgroup", "65536")]
    [InlineData("deny", "open cgroup '/hornet-absent': ENOENT", "/hornet-absent", "25")]
    public void A_mistake_is_told_in_one_sentence(string name, string message, params string[] arguments)
    {
        CommandLine.NeedsRoot();
        using var sample = SampleProcess.Start(name, arguments);
        var (output, errors, status) = sample.WaitForExit();
        Assert.Equal(("", 1), (output, status));
        Assert.StartsWith(message, errors);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData(CommandLine.Terminate)]
    [InlineData(1)] // SIGHUP: the terminal is closed
    public void Other_signals_end_a_sample_like_an_interrupt(int signal)
    {
        CommandLine.NeedsRoot();
        using var sample = SampleProcess.Start("opens");
        sample.Until("Ctrl-C");
        File.ReadAllText("/proc/self/stat");
        sample.Signal(signal);
        sample.End();
    }

    // Something is done until the sample has told of it.
    private static void Live(string name, string expected, Action work, Action<string>? check = null, params string[] arguments)
    {
        CommandLine.NeedsRoot();
        using var sample = SampleProcess.Start(name, arguments);
        sample.Until(expected, work);
        string output = sample.Interrupt();
        check?.Invoke(output);
    }

    // Something is done between the sample's beginning and its end.
    private static string Summary(string name, string begun, Action work)
    {
        CommandLine.NeedsRoot();
        using var sample = SampleProcess.Start(name);
        sample.Until(begun);
        work();
        return sample.Interrupt();
    }

    private static void OfShell(Action<int> look)
    {
        CommandLine.NeedsRoot();
        using var shell = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", "read line"]) { RedirectStandardInput = true })!;
        try
        {
            // Until it has become bash it carries the name of the thread that made it.
            Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{shell.Id}/comm") == "bash\n", TimeSpan.FromMinutes(1)));
            // The kernel counts processes of the whole machine; in a container they have other numbers.
            Assert.SkipUnless(new FileInfo("/proc/self/ns/pid").LinkTarget == "pid:[4026531836]", "processes have other numbers here");
            look(shell.Id);
        }
        finally
        {
            shell.StandardInput.Close();
            shell.WaitForExit();
        }
    }

    private static void Repeat(int times, Action work)
    {
        for (int i = 0; i < times; i++) work();
    }

    private static void SendPackets(SampleProcess sample, int count) =>
        Assert.Equal("", Shell($"nsenter -t {sample.Id} -n /bin/bash -c 'exec 3> /dev/udp/127.0.0.1/9 && for i in {string.Join(' ', Enumerable.Range(1, count))}; do echo x >&3 || true; done' 2> /dev/null"));

    private static string Shell(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + errors.Result;
    }

    [LibraryImport("libc", EntryPoint = "getpgid")]
    private static partial int GetProcessGroup(int process);
}
