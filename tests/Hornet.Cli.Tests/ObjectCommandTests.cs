using System.Globalization;
using System.Text.Json;
using Hornet.Kernel;
using Hornet.Links;
using Hornet.Maps;
using Hornet.Programs;

namespace Hornet.Cli.Tests;

/// <summary>Object files from the command line: loaded, pinned, attached, refused.</summary>
public class ObjectCommandTests
{
    // Programs that do nothing, but for one that counts getpid(2).
    private const string Source = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
        const volatile __u64 step = 1;
        SEC("tp/syscalls/sys_enter_getpid") int count(void *ctx)
        {
            __u32 key = 0;
            __u64 *value = bpf_map_lookup_elem(&counts, &key);
            if (value) __sync_fetch_and_add(value, step);
            return 0;
        }
        SEC("xdp") int pass(struct xdp_md *ctx) { return XDP_PASS; }
        SEC("cgroup/connect4") int allow(struct bpf_sock_addr *ctx) { return 1; }
        char LICENSE[] SEC("license") = "GPL";
        """;

    private const string Refused = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
        SEC("xdp") int refused(struct xdp_md *ctx)
        {
            __u32 key = 0;
            __u64 *value = bpf_map_lookup_elem(&counts, &key);
            return *value;
        }
        char LICENSE[] SEC("license") = "GPL";
        """;

    private static string PinFolder => $"{Mounts.Ensure("bpf")}/hornet_cli_{Environment.ProcessId}";

    [Fact]
    public void An_object_is_loaded_pinned_attached_and_taken_away_again()
    {
        CommandLine.NeedsRoot();
        using ObjectFile file = new(Source);
        string pins = PinFolder;
        try
        {
            var (output, errors, status) = CommandLine.Run("prog", "load", file.Path, "--pin", pins, "--attach", "--set", "step=5", "--json");
            Assert.True(status == 0, errors);
            Assert.Contains("'pass' is not attached: it needs an interface", errors);
            using (var document = JsonDocument.Parse(output))
            {
                string[] rows = [.. document.RootElement.EnumerateArray().Select(r => $"{r.GetProperty("kind")} {r.GetProperty("name")} {r.GetProperty("type")} {r.GetProperty("pinned").GetString()![pins.Length..]}")];
                Assert.Contains("prog count Tracepoint /prog/count", rows);
                Assert.Contains("map .rodata Array /map/_rodata", rows);
                Assert.Contains("link count PerfEvent /link/count", rows);
            }
            using (var map = BpfMap.OpenPinned($"{pins}/map/counts"))
            {
                ulong before = BitConverter.ToUInt64(map.Lookup(new byte[4])!);
                _ = CommandLine.Shell("exec true"); // bash asks for its process id
                ulong after = BitConverter.ToUInt64(map.Lookup(new byte[4])!);
                Assert.True(after > before && after % 5 == 0, $"{before} {after}");
            }
            // What is there already stays, and nothing of the second attempt does.
            var again = CommandLine.Run("prog", "load", file.Path, "--pin", pins);
            Assert.Equal(2, again.Status);
            Assert.Contains("EEXIST", again.Errors);
            Assert.True(File.Exists($"{pins}/prog/count"));
        }
        finally
        {
            if (Directory.Exists(pins)) Directory.Delete(pins, recursive: true);
        }
    }

    [Fact]
    public void A_failure_half_way_leaves_no_pin_behind()
    {
        CommandLine.NeedsRoot();
        using ObjectFile file = new(Source);
        string pins = PinFolder;
        Directory.CreateDirectory($"{pins}/map");
        try
        {
            using (var other = BpfMap.Create(new MapSpec { Name = "taken", Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 })) other.Pin($"{pins}/map/_rodata");
            Assert.Equal(2, CommandLine.Run("prog", "load", file.Path, "--pin", pins, "--attach").Status);
            Assert.Equal([$"{pins}/map/_rodata"], Directory.EnumerateFileSystemEntries(pins, "*", SearchOption.AllDirectories).Where(File.Exists));
            Assert.False(Directory.Exists($"{pins}/prog"));
        }
        finally
        {
            Directory.Delete(pins, recursive: true);
        }
    }

    [Fact]
    public void One_program_is_loaded_with_a_map_that_was_there()
    {
        CommandLine.NeedsRoot();
        using ObjectFile file = new(Source);
        using var map = BpfMap.Create(new MapSpec { Name = "cli_there", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        string id = map.GetInfo().Id.ToString(CultureInfo.InvariantCulture);
        var (output, errors, status) = CommandLine.Run("prog", "load", file.Path, "--program", "count", "--map", $"counts={id}", "--csv");
        Assert.True(status == 0, errors);
        Assert.Contains("nothing was kept", errors);
        string[] rows = output.Split('\n');
        Assert.Single(rows, r => r.StartsWith("prog,", StringComparison.Ordinal));
        Assert.Contains(rows, r => r.StartsWith($"map,{id},counts,", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_is_explained_in_a_few_lines_and_the_log_is_there_on_demand()
    {
        CommandLine.NeedsRoot();
        using ObjectFile file = new(Refused);
        foreach (string[] command in (string[][])[["prog", "load", file.Path], ["run", file.Path]])
        {
            var (_, few, status) = CommandLine.Run(command);
            Assert.Equal(2, status);
            Assert.Contains("return *value;", few);
            Assert.Contains("Why: ", few);
            Assert.Contains("--verbose prints it", few);
            Assert.DoesNotContain("processed ", few);
            Assert.InRange(few.TrimEnd('\n').Split('\n').Length, 3, 9);
            string all = CommandLine.Run([.. command, "--verbose"]).Errors;
            Assert.Contains("Why: ", all);
            Assert.Contains("processed ", all);
            Assert.Contains("R0 invalid mem access", all);
        }
    }

    [Fact]
    public void What_would_outlive_a_kill_is_said_when_it_is_attached()
    {
        CommandLine.NeedsRoot();
        // A table without a link takes effect when it is written, and stays when its process is killed.
        using ObjectFile file = new("""
            #include <linux/bpf.h>
            #include <bpf/bpf_helpers.h>
            #include <bpf/bpf_tracing.h>
            struct sock;
            struct tcp_congestion_ops {
                __u32 (*ssthresh)(struct sock *sk); __u32 (*undo_cwnd)(struct sock *sk);
                void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked); char name[16];
            };
            SEC("struct_ops/ssthresh") __u32 BPF_PROG(cli_ssthresh, struct sock *sk) { return 5; }
            SEC("struct_ops/undo_cwnd") __u32 BPF_PROG(cli_undo, struct sock *sk) { return 10; }
            SEC("struct_ops/cong_avoid") void BPF_PROG(cli_avoid, struct sock *sk, __u32 ack, __u32 acked) { }
            SEC(".struct_ops") struct tcp_congestion_ops hornet_cli = {
                .ssthresh = (void *)cli_ssthresh, .undo_cwnd = (void *)cli_undo, .cong_avoid = (void *)cli_avoid, .name = "hornet_cli",
            };
            char LICENSE[] SEC("license") = "GPL";
            """);
        var (_, errors, status) = CommandLine.Run("run", file.Path, "--duration", "100ms");
        Assert.True(status == 0, errors);
        Assert.Contains("struct_ops hornet_cli stays attached if this process is killed; `hornet cleanup` removes it then", errors);
        Assert.DoesNotContain("hornet_cli", File.ReadAllText("/proc/sys/net/ipv4/tcp_available_congestion_control"));
    }

    [Fact]
    public void A_program_is_attached_for_a_while_or_for_as_long_as_its_pin()
    {
        CommandLine.NeedsRoot();
        using ObjectFile file = new(Source);
        string pins = PinFolder;
        try
        {
            Assert.Equal(0, CommandLine.Run("prog", "load", file.Path, "--pin", pins).Status);
            using (var held = JsonDocument.Parse(CommandLine.Run("prog", "attach", $"{pins}/prog/count", "tracepoint", "syscalls/sys_enter_getpid", "--duration", "10ms", "--json").Output))
            {
                uint id = held.RootElement.GetProperty("id").GetUInt32();
                Assert.True(SpinWait.SpinUntil(() => BpfFdLink.Enumerate().All(l => l.Id != id), 5000), "the link outlived the command");
            }
            Directory.CreateDirectory($"{pins}/link");
            var unsaid = CommandLine.Run("prog", "attach", $"{pins}/prog/allow", "cgroup", Mounts.Ensure("cgroup2"));
            Assert.Equal(2, unsaid.Status);
            Assert.Contains("does not tell which hook program 'allow' was loaded for: name one of CgroupInet4Bind", unsaid.Errors);
            var (output, errors, status) = CommandLine.Run("prog", "attach", $"{pins}/prog/allow", "cgroup", Mounts.Ensure("cgroup2"), "--hook", "cgroup-inet4-connect", "--pin", $"{pins}/link/allow", "--json");
            Assert.True(status == 0, errors);
            using var pinned = JsonDocument.Parse(output);
            uint link = pinned.RootElement.GetProperty("id").GetUInt32();
            Assert.Equal($"{pins}/link/allow", pinned.RootElement.GetProperty("pinned").GetString());
            Assert.Equal(0, CommandLine.Run("link", "detach", $"{pins}/link/allow").Status);
            Assert.Equal(0, CommandLine.Run("link", "unpin", $"{pins}/link/allow").Status);
            Assert.True(SpinWait.SpinUntil(() => BpfFdLink.Enumerate().All(l => l.Id != link), 5000), "the link outlived its pin");
        }
        finally
        {
            if (Directory.Exists(pins)) Directory.Delete(pins, recursive: true);
        }
    }

    [Theory]
    [InlineData("xpd lo", "Did you mean 'xdp'?")]
    [InlineData("xdp", "xdp wants a target: INTERFACE")]
    [InlineData("tracing lo", "tracing takes no target")]
    [InlineData("xdp lo --hook ingress", "--hook does not go with xdp")]
    [InlineData("perf_event cpu-clok --frequency 9", "Did you mean 'cpuclock'?")]
    [InlineData("perf_event cpu-clock", "cpu-clock wants --frequency")]
    [InlineData("kprobe vfs_read+x", "'x' is not an offset")]
    [InlineData("uprobe /bin/true", "is not of the form BINARY:FUNCTION")]
    [InlineData("netfilter ipv4", "is not of the form PROTOCOL/HOOK")]
    [InlineData("netfilter ipv4/local-in/2147483647", "is reserved")]
    public void A_wrong_attachment_is_answered_in_one_sentence(string attachment, string answer)
    {
        CommandLine.NeedsRoot();
        var type = attachment.StartsWith("netfilter", StringComparison.Ordinal) ? ProgramType.Netfilter : ProgramType.SocketFilter;
        var spec = new ProgramSpec { Name = "cli_attach", Type = type, AttachType = type == ProgramType.Netfilter ? AttachType.Netfilter : 0, Instructions = new Isa.Assembler().Mov(Isa.Register.R0, 0).Exit().Build() };
        using var program = BpfProgram.Load(spec);
        var (output, errors, status) = CommandLine.Run(["prog", "attach", program.GetInfo().Id.ToString(CultureInfo.InvariantCulture), .. attachment.Split(' ')]);
        Assert.True(status == 1, $"status {status}: {output}{errors}");
        Assert.Contains(answer, errors + output);
        Assert.DoesNotContain("   at ", errors);
    }

    [Theory]
    [InlineData("--attach", "--attach needs --pin")]
    [InlineData("--pin /tmp/x", "is not in a BPF file system")]
    [InlineData("--program counts", "Did you mean 'count'?")]
    [InlineData("--map cuonts=1 --map cuonts=2", "names 'cuonts' twice")]
    [InlineData("--target counts=1", "the object has no program 'counts'")]
    public void A_wrong_load_is_answered_in_one_sentence(string options, string answer)
    {
        CommandLine.NeedsRoot();
        using ObjectFile file = new(Source);
        var (output, errors, status) = CommandLine.Run(["prog", "load", file.Path, .. options.Split(' ')]);
        Assert.True(status is 1 or 2, $"status {status}: {output}{errors}");
        Assert.Contains(answer, errors + output);
        Assert.False(Directory.Exists("/tmp/x/prog"));
    }
}
