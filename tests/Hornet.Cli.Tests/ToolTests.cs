using System.Globalization;
using System.Text.Json;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Cli.Tests;

/// <summary>The command as a user starts it: a process of its own, on the live kernel.</summary>
public class ToolTests
{
    // Opens the path again and again until the tool has shown it: attaching takes a moment.
    private static string WatchOpens(string path, string until, params string[] arguments)
    {
        using var process = CommandLine.Start(["opensnoop", "--duration", "20", .. arguments]);
        _ = process.StandardError.ReadToEndAsync();
        string shown = "";
        using var stop = new CancellationTokenSource();
        var opening = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                // From another process: the tool does not report its own, but ours it must.
                try { using var file = File.OpenRead(path); } catch (IOException) { }
                Thread.Sleep(20);
            }
        });
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.Contains(until, StringComparison.Ordinal)) continue;
            shown = line;
            break;
        }
        stop.Cancel();
        opening.Wait();
        CommandLine.Signal(process, CommandLine.Interrupt);
        // The rest must be read, or the process waits on a full pipe.
        _ = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), "opensnoop did not end after SIGINT");
        Assert.Equal(130, process.ExitCode);
        return shown;
    }

    [Fact]
    public void Opensnoop_shows_who_opened_what_with_which_result()
    {
        CommandLine.NeedsRoot();
        string line = WatchOpens("/etc/hostname", "/etc/hostname", "--pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--json");
        using var document = JsonDocument.Parse(line);
        var row = document.RootElement;
        Assert.Equal("/etc/hostname", row.GetProperty("path").GetString());
        Assert.Equal(Environment.ProcessId, row.GetProperty("pid").GetInt32());
        Assert.Equal(0, row.GetProperty("uid").GetInt32());
        Assert.True(row.GetProperty("fd").GetInt32() > 2);
        Assert.Equal(JsonValueKind.Null, row.GetProperty("error").ValueKind);
        Assert.Contains("O_RDONLY", row.GetProperty("flags").GetString());
    }

    [Fact]
    public void Opensnoop_shows_failures_only_when_asked()
    {
        CommandLine.NeedsRoot();
        string line = WatchOpens("/no/such/file", "/no/such/file", "--failed", "--path", "/no/such");
        Assert.Contains("ENOENT", line);
    }

    [Fact]
    public void A_hostile_file_name_reaches_the_terminal_spelled_out()
    {
        CommandLine.NeedsRoot();
        string path = Path.Combine(Path.GetTempPath(), "hornet-\u001b[2J\u202e-test");
        File.WriteAllText(path, "");
        try
        {
            string line = WatchOpens(path, "hornet-", "--pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--path", "-test");
            Assert.Contains(@"hornet-\x1b[2J\u{202e}-test", line);
            Assert.DoesNotContain('\u001b', line);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Syscount_counts_exactly()
    {
        CommandLine.NeedsRoot();
        using var process = CommandLine.StartAttached("syscount", "--comm", "dd", "--syscall", "write", "--json");
        Assert.Equal(0, CommandLine.Shell("dd if=/dev/zero of=/dev/null bs=1 count=1000").Status);
        CommandLine.Signal(process, CommandLine.Interrupt);
        string output = process.StandardOutput.ReadToEnd();
        using var document = JsonDocument.Parse(output);
        var row = Assert.Single(document.RootElement.EnumerateArray());
        Assert.Equal("write", row.GetProperty("syscall").GetString());
        // A thousand blocks, and up to four lines of statistics.
        Assert.InRange(row.GetProperty("count").GetInt64(), 1000, 1004);
        Assert.Equal(0, row.GetProperty("errors").GetInt64());
    }

    [Fact]
    public void A_reader_that_goes_away_ends_the_tool_quietly()
    {
        CommandLine.NeedsRoot();
        var (output, errors, _) = CommandLine.Shell("(for i in $(seq 200); do cat /etc/hostname > /dev/null; sleep 0.02; done) & hornet opensnoop --duration 30 | head -2 | wc -l; echo status ${PIPESTATUS[0]}; kill $!");
        Assert.Contains("status 141", output);
        Assert.DoesNotContain("rror", errors);
    }

    [Fact]
    public void A_full_disk_is_said_and_ends_the_tool()
    {
        CommandLine.NeedsRoot();
        var (_, errors, status) = CommandLine.Shell("(for i in $(seq 100); do cat /etc/hostname > /dev/null; sleep 0.02; done) & hornet opensnoop --duration 10 --output /dev/full; s=$?; kill $!; exit $s");
        Assert.Equal(2, status);
        Assert.Contains("No space left on device", errors);
    }

    [Theory]
    [InlineData("opensnop", "Did you mean 'opensnoop'?")]
    [InlineData("opensnoop --pid 99999999", "there is no process 99999999")]
    [InlineData("opensnoop --duration soon", "is not a duration")]
    [InlineData("syscount --errno EWHAT", "is not an error number")]
    [InlineData("syscount --syscall opanat", "Did you mean 'openat'")]
    [InlineData("run /no-such-file.o", "there is no such file")]
    [InlineData("map dump no_such_map", "there is no map 'no_such_map'")]
    [InlineData("btf dump vmlinux --c task_strukt", "Did you mean 'task_struct'")]
    [InlineData("link unpin /etc/hostname", "is not a pinned BPF object")]
    public void A_mistake_is_answered_in_one_sentence_and_exit_code_1(string command, string answer)
    {
        CommandLine.NeedsRoot();
        var (output, errors, status) = CommandLine.Run(command.Split(' '));
        Assert.True(status == 1, $"status {status}: {output}{errors}");
        Assert.Contains(answer, errors + output);
        Assert.DoesNotContain("   at ", errors);
        Assert.True(File.Exists("/etc/hostname"));
    }

    [Fact]
    public void A_map_is_dumped_looked_up_changed_and_emptied()
    {
        CommandLine.NeedsRoot();
        string name = $"clitest{Environment.ProcessId % 10000}";
        using var map = BpfMap.Create(new MapSpec { Name = name, Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 8 });
        map.Update(BitConverter.GetBytes(7), BitConverter.GetBytes(42L));
        using (var dump = JsonDocument.Parse(CommandLine.Run("map", "dump", name, "--json").Output))
        {
            var element = Assert.Single(dump.RootElement.EnumerateArray());
            Assert.Equal(7, element.GetProperty("key").GetInt32());
            Assert.Equal(42, element.GetProperty("value").GetInt64());
        }
        Assert.Equal(0, CommandLine.Run("map", "update", name, "9", "hex:0100000000000000").Status);
        Assert.Equal(1L, BitConverter.ToInt64(map.Lookup(BitConverter.GetBytes(9))!));
        Assert.Equal(0, CommandLine.Run("map", "delete", name, "7").Status);
        Assert.Null(map.Lookup(BitConverter.GetBytes(7)));
        Assert.Equal(1, CommandLine.Run("map", "lookup", name, "7").Status);
    }

    [Fact]
    public void A_program_is_listed_with_its_owner_dumped_and_run()
    {
        CommandLine.NeedsRoot();
        var code = new Hornet.Isa.Assembler().Mov(Hornet.Isa.Register.R0, 17).Exit().Build();
        using var program = BpfProgram.Load(new ProgramSpec { Name = "cli_test_prog", Type = ProgramType.SocketFilter, Instructions = code });
        string id = program.GetInfo().Id.ToString(CultureInfo.InvariantCulture);
        Assert.Contains($"({Environment.ProcessId})", CommandLine.Run("prog", "list").Output.Split('\n').First(l => l.Contains("cli_test_prog", StringComparison.Ordinal)));
        Assert.Contains("r0 = 17", CommandLine.Run("prog", "dump", id).Output);
        using var run = JsonDocument.Parse(CommandLine.Run("prog", "run", id, "--data", new string('0', 128), "--json").Output);
        Assert.Equal(17, run.RootElement.GetProperty("return_value").GetInt32());
    }
}
