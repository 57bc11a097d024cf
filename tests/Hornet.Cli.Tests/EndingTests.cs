using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Hornet.Links;

namespace Hornet.Cli.Tests;

/// <summary>
/// How the live commands end: by a signal, when nobody reads them any more, on a full disk. Each time they detach, write
/// what they still can, and say by their exit status what it was.
/// </summary>
public sealed partial class EndingTests : IDisposable
{
    // getppid(2) is what the runtime never calls; each call is counted and sent.
    private const string Source = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");
        const volatile __u32 only;
        SEC("tp/syscalls/sys_enter_getppid") int count(void *ctx)
        {
            __u32 key = 0;
            __u64 *value = bpf_map_lookup_elem(&counts, &key);
            if (!value || bpf_get_current_pid_tgid() >> 32 != only) return 0;
            __sync_fetch_and_add(value, 1);
            bpf_ringbuf_output(&events, &only, sizeof only, 0);
            return 0;
        }
        char LICENSE[] SEC("license") = "GPL";
        """;

    private const int Events = 50;

    // Nobody waits so long unless something hangs.
    private const int Patience = 60_000;

    private static readonly string s_self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private readonly ObjectFile? _object = Environment.IsPrivilegedProcess ? new(Source) : null;

    public void Dispose() => _object?.Dispose();

    public static TheoryData<string> Tools => ["opensnoop", "syscount", "run"];

    public static TheoryData<string, int> ToolsAndSignals
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (string tool in (string[])["opensnoop", "syscount", "run"])
            {
                data.Add(tool, CommandLine.Interrupt);
                data.Add(tool, CommandLine.Terminate);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ToolsAndSignals))]
    public void A_signal_ends_it_detached_and_with_everything_written(string tool, int signal)
    {
        CommandLine.NeedsRoot();
        using var process = StartAttached(tool, out uint[] links, "--json");
        Provoke(tool);
        CommandLine.Signal(process, signal);
        string output = process.StandardOutput.ReadToEnd();
        AssertEnded(process, 130, links);
        string[] rows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        switch (tool)
        {
            case "opensnoop":
                Assert.Equal(Events, rows.Length);
                Assert.All(rows, r => Assert.Contains("/no/such/ending", r));
                break;
            case "syscount":
                using (var document = JsonDocument.Parse(output)) Assert.Equal(Events, Assert.Single(document.RootElement.EnumerateArray()).GetProperty("count").GetInt32());
                break;
            default:
                Assert.Equal(Events, rows.Count(r => r.StartsWith("{\"map\":\"events\"", StringComparison.Ordinal)));
                Assert.Contains($"{{\"map\":\"counts\",\"key\":0,\"value\":{Events}}}", rows);
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public void It_ends_when_nobody_reads_it_any_more_even_when_it_has_nothing_to_say(string tool)
    {
        CommandLine.NeedsRoot();
        using var process = StartAttached(tool, out uint[] links);
        process.StandardOutput.Close();
        AssertEnded(process, 141, links);
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public void A_full_disk_is_said_and_ends_it(string tool)
    {
        CommandLine.NeedsRoot();
        // Events begin with headings; a summary is written at the end, and as JSON even when there is nothing to sum up.
        using var process = Start(tool, ["--output", "/dev/full", "--duration", "200ms", .. tool == "syscount" ? (string[])["--json"] : []]);
        string errors = process.StandardError.ReadToEnd();
        AssertEnded(process, 2, []);
        Assert.Contains("No space left on device", errors);
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public void A_full_disk_behind_stderr_changes_nothing_else(string tool)
    {
        CommandLine.NeedsRoot();
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", $"exec \"$0\" \"$@\" 2> /dev/full", CommandLine.Hornet, .. Arguments(tool, "--duration", "200ms", "--verbose")]) { RedirectStandardOutput = true })!;
        _ = process.StandardOutput.ReadToEnd();
        AssertEnded(process, 0, []);
    }

    [Fact]
    public void A_script_ends_when_nobody_reads_it_any_more()
    {
        CommandLine.NeedsRoot();
        var (output, _, _) = CommandLine.Shell("timeout 60 hornet trace -q -e 'interval:ms:20 { printf(\"%d\\n\", 7); }' | head -1; echo ${PIPESTATUS[0]}");
        Assert.Equal("7\n141\n", output);
    }

    [Fact]
    public void A_script_ends_with_an_error_when_its_output_can_not_be_written()
    {
        CommandLine.NeedsRoot();
        var (output, errors, status) = CommandLine.Shell("timeout 60 hornet trace -q -e 'interval:ms:20 { printf(\"%d\\n\", 7); }' > /dev/full; echo $? >&2");
        Assert.Equal(("", 0), (output, status));
        Assert.Matches("Cannot write output: No space left on device; [0-9]+ bytes of it are lost", errors);
        Assert.EndsWith("255\n", errors);
    }

    [Fact]
    public void A_signal_ends_it_although_its_reader_has_stopped_reading()
    {
        CommandLine.NeedsRoot();
        using var process = StartAttached("opensnoop", out uint[] links);
        // More than a pipe holds, and nobody reads it.
        for (int i = 0; i < 40; i++) Provoke("opensnoop");
        CommandLine.Signal(process, CommandLine.Interrupt);
        AssertEnded(process, 130, links);
    }

    private string[] Arguments(string tool, params string[] more) => tool switch
    {
        "opensnoop" => ["opensnoop", "--pid", s_self, "--path", "/no/such/ending", .. more],
        "syscount" => ["syscount", "--pid", s_self, "--syscall", "getppid", .. more],
        _ => ["run", _object!.Path, "--set", $"only={s_self}", .. more],
    };

    private Process Start(string tool, params string[] more) => CommandLine.Start(Arguments(tool, more));

    // Returns when it has said that it is attached; the links are those it holds then.
    private Process StartAttached(string tool, out uint[] links, params string[] more)
    {
        var process = CommandLine.StartAttached(Arguments(tool, more));
        links = [.. LinksOf(process.Id)];
        Assert.NotEmpty(links);
        return process;
    }

    private static void Provoke(string tool)
    {
        for (int i = 0; i < Events; i++)
        {
            if (tool == "opensnoop") Assert.False(TryOpen($"/no/such/ending{i}"));
            else Assert.True(GetParentId() > 0);
        }
    }

    private static bool TryOpen(string path)
    {
        try
        {
            File.OpenHandle(path).Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void AssertEnded(Process process, int status, uint[] links)
    {
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            Assert.Fail($"it still ran after {Patience} ms");
        }
        Assert.Equal(status, process.ExitCode);
        Assert.True(SpinWait.SpinUntil(() => !BpfFdLink.Enumerate().Select(l => l.Id).Intersect(links).Any(), Patience), "it left something attached");
    }

    private static IEnumerable<uint> LinksOf(int process)
    {
        foreach (string info in Directory.EnumerateFiles($"/proc/{process}/fdinfo"))
        {
            string? line;
            try
            {
                line = File.ReadLines(info).FirstOrDefault(l => l.StartsWith("link_id:", StringComparison.Ordinal));
            }
            catch (IOException)
            {
                continue; // closed meanwhile
            }
            if (line is not null) yield return uint.Parse(line.AsSpan("link_id:".Length).Trim(), CultureInfo.InvariantCulture);
        }
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentId();
}
