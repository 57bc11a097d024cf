using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Hornet.Kernel;
using Hornet.Maps;
using Hornet.Objects;
using Hornet.Programs;

namespace Hornet.Cli.Tests;

/// <summary>C# methods compiled ahead of time: what the object holds, and that every loader runs it.</summary>
public sealed partial class CompileCommandTests : IDisposable
{
    private static readonly string s_assembly = Path.Combine(AppContext.BaseDirectory, "Hornet.AheadOfTime.dll");
    private readonly string _folder = Directory.CreateTempSubdirectory("hornet-compile-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_object_has_sections_maps_named_constants_and_lines()
    {
        var spec = BpfObject.Open(Compile());
        Assert.Equal(["OnGetpgid", "drop"], spec.Programs.Select(p => p.Name));
        Assert.Equal(["tracepoint/syscalls/sys_enter_getpgid", "xdp"], spec.Programs.Select(p => p.SectionName));
        Assert.Equal("GPL", spec.License);
        var calls = spec.Maps["calls"];
        Assert.Equal((MapType.Hash, 4u, 8u, 64u), (calls.Type, calls.KeySize, calls.ValueSize, calls.MaxEntries));
        Assert.Equal(["DropLength", "Enabled", "OnlyProcess", "Step"], spec.GlobalNames.Order(StringComparer.Ordinal));
        Assert.True(spec.GetGlobal<bool>("Enabled"));
        Assert.Equal(1ul, spec.GetGlobal<ulong>("Step"));
        Assert.Equal(64, spec.GetGlobal<ushort>("DropLength"));
        Assert.Contains(spec.Programs["OnGetpgid"].Instructions, i => i.Metadata?.Source is { Text: "Calls[Bpf.Tgid] += Step;" } source && source.File.EndsWith("Counter.cs", StringComparison.Ordinal));
    }

    [Fact]
    public void Compiling_needs_no_privileges()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "it gives privileges up, which needs some");
        var readable = Directory.CreateDirectory(Path.Combine(_folder, "out"));
        File.SetUnixFileMode(_folder, (UnixFileMode)0x1ff);
        File.SetUnixFileMode(readable.FullName, (UnixFileMode)0x1ff);
        string file = Path.Combine(readable.FullName, "my.bpf.o");
        var (_, errors, status) = CommandLine.Shell($"setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all hornet compile {s_assembly} Counter -o {file}");
        Assert.True(status == 0, errors);
        Assert.Equal(2, BpfObject.Open(file).Programs.Count);
    }

    [Fact]
    public void Hornet_loads_the_object_with_other_constants()
    {
        CommandLine.NeedsRoot();
        var spec = BpfObject.Open(Compile());
        spec.SetGlobal("OnlyProcess", (uint)Environment.ProcessId);
        spec.SetGlobal("Step", 5ul);
        spec.SetGlobal<ushort>("DropLength", 70);
        using var loaded = spec.Load();
        BpfHashMap<uint, ulong> calls = new(loaded.Map("calls"));
        using (loaded.AttachAll(ignoreErrors: true))
        {
            for (int i = 0; i < 3; i++) _ = GetProcessGroup(0);
        }
        Assert.Equal(15ul, calls[(uint)Environment.ProcessId]);
        // Of 64 bytes the table says 3 (index 0), of 70 it says 2 (index 6); dropped is what is 70 bytes long.
        Assert.Equal((uint)XdpAction.Pass, loaded.Program("drop").TestRun(new byte[64]).ReturnValue);
        Assert.Equal((uint)XdpAction.Drop, loaded.Program("drop").TestRun(new byte[70]).ReturnValue);
        Assert.Equal((1ul, 1ul), (calls[3], calls[2]));
    }

    [Fact]
    public void A_constant_switches_the_program_off()
    {
        CommandLine.NeedsRoot();
        var spec = BpfObject.Open(Compile());
        spec.SetGlobal("OnlyProcess", (uint)Environment.ProcessId);
        spec.SetGlobal("Enabled", false);
        using var loaded = spec.Load();
        BpfHashMap<uint, ulong> calls = new(loaded.Map("calls"));
        using (loaded.AttachAll(ignoreErrors: true)) _ = GetProcessGroup(0);
        Assert.Equal(0, calls.Count());
    }

    [Fact]
    public void Run_attaches_the_object_and_prints_its_map()
    {
        CommandLine.NeedsRoot();
        string file = Compile();
        using var process = CommandLine.Start("run", file, "--set", $"OnlyProcess={Environment.ProcessId}", "--json");
        while (process.StandardError.ReadLine() is { } line && !line.Contains(" attached", StringComparison.Ordinal)) Assert.DoesNotContain("error", line);
        _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        for (int i = 0; i < 4; i++) _ = GetProcessGroup(0);
        CommandLine.Signal(process, CommandLine.Interrupt);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Contains(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line =>
        {
            using var row = JsonDocument.Parse(line);
            return row.RootElement.GetProperty("map").GetString() == "calls" && row.RootElement.GetProperty("value").ToString() == "4";
        });
    }

    [Fact]
    public void Bpftool_loads_the_object_and_shows_the_lines()
    {
        CommandLine.NeedsRoot();
        Assert.SkipUnless(File.Exists("/usr/sbin/bpftool"), "there is no bpftool");
        string pins = $"{Mounts.Ensure("bpf")}/hornet_compile_{Environment.ProcessId}";
        try
        {
            var (_, errors, status) = CommandLine.Shell($"bpftool prog loadall {Compile()} {pins}");
            Assert.True(status == 0, errors);
            Assert.Contains("Calls[Bpf.Tgid] += Step;", CommandLine.Shell($"bpftool prog dump xlated pinned {pins}/OnGetpgid").Output);
        }
        finally
        {
            RemovePins(pins);
        }
    }

    [Fact]
    public void Programs_of_many_kinds_are_one_object_that_every_loader_takes()
    {
        CommandLine.NeedsRoot();
        string file = Compile("Kinds");
        var spec = BpfObject.Open(file);
        Assert.Equal(
            ["Fields tracepoint/syscalls/sys_enter_kill", "Typed tp_btf/sched_process_fork", "Raw raw_tracepoint/sched_process_exit", "Probe uprobe/libc.so.6:getaddrinfo", "Run syscall", "Ask syscall", "Traffic tc", "Egress cgroup_skb/egress", "Lookup sk_lookup"],
            spec.Programs.Select(p => $"{p.Name} {p.SectionName}"));
        spec.SetGlobal("Process", (uint)Environment.ProcessId);
        using var loaded = spec.Load();
        Assert.Equal(9, loaded.Programs.Count);
        BpfHashMap<uint, ulong> seen = new(loaded.Map("seen"));
        using (var links = loaded.AttachAll(ignoreErrors: true))
        {
            Assert.DoesNotContain("Typed", links.NotAttached.Keys);
            // Signal 0 is no signal: only whether it could be sent is asked.
            CommandLine.Signal(Process.GetCurrentProcess(), 0);
            using var child = Process.Start("/bin/true");
            child.WaitForExit();
            Thread thread = new(() => { });
            thread.Start();
            thread.Join();
            Assert.True(SpinWait.SpinUntil(() => seen.TryGetValue(101, out ulong exits) && exits > 0, TimeSpan.FromSeconds(30)), "no exit of a thread was seen");
        }
        Assert.Equal((ulong)Environment.ProcessId, seen[0]);
        // What is kept with the thread has its types from the object.
        Assert.Equal(1ul, seen[103]);
        // The parent's thread group, read through two kernel types whose layout the loader filled in.
        Assert.Equal((ulong)Environment.ProcessId, seen[100]);
        Assert.Equal(10u, loaded.Program("Ask").TestRun(new TestRunOptions()).ReturnValue);
        Assert.Equal(7u, loaded.Program("Run").TestRun(new TestRunOptions()).ReturnValue);

        string pins = $"{Mounts.Ensure("bpf")}/hornet_kinds_{Environment.ProcessId}";
        Assert.SkipUnless(File.Exists("/usr/sbin/bpftool"), "there is no bpftool");
        try
        {
            var (_, errors, status) = CommandLine.Shell($"bpftool prog loadall {file} {pins}");
            Assert.True(status == 0, errors);
            Assert.Equal(9, Directory.GetFiles(pins).Length);
        }
        finally
        {
            RemovePins(pins);
        }
    }

    [Fact]
    public void A_class_becomes_an_object_named_after_it()
    {
        var (output, errors, status) = CommandLine.Run("compile", s_assembly, "Counter", "--object-folder", _folder, "--json");
        Assert.True(status == 0, errors);
        Assert.Equal(2, BpfObject.Open(Path.Combine(_folder, "Hornet.AheadOfTime.Counter.bpf.o")).Programs.Count);
        using var rows = JsonDocument.Parse(output);
        Assert.All(rows.RootElement.EnumerateArray(), row => Assert.Equal(".rodata calls", row.GetProperty("maps").GetString()));
    }

    [Fact]
    public void Stages_go_from_IL_to_machine_code()
    {
        CommandLine.NeedsRoot();
        var (output, errors, status) = CommandLine.Run("compile", s_assembly, "Counter.OnGetpgid", "--stages");
        Assert.True(status == 0, errors);
        int last = -1;
        foreach (string part in (string[])["== IL of Counter.OnGetpgid ==", "ldsfld     Counter.OnlyProcess", "== IR: front end ==", "%0 = alloca", "== IR: Simplify ==", "== eBPF ==", "; Calls[Bpf.Tgid] += Step;", "== verifier ==", "processed ", "== machine code ==", "; Calls[Bpf.Tgid] += Step;"])
        {
            int at = output.IndexOf(part, last + 1, StringComparison.Ordinal);
            Assert.True(at > last, $"'{part}' does not come after what should come before it");
            last = at;
        }
    }

    [Fact]
    public void All_mistakes_are_told_at_once_at_their_lines()
    {
        var (_, errors, status) = CommandLine.Run("compile", s_assembly, "Mistakes", "-o", Path.Combine(_folder, "never.bpf.o"));
        Assert.Equal(1, status);
        Assert.Contains("Mistakes.cs(7,", errors);
        Assert.Contains("error HRN1001: a new object is allocated", errors);
        Assert.Contains("error HRN2140: Mistakes.Returns is marked [Xdp] and must be static XdpAction Method(XdpContext context)", errors);
        Assert.Contains("error HRN2140: Mistakes.Instance is an instance method", errors);
        Assert.Contains("error HRN2140: Mistakes.Generic has type parameters", errors);
        Assert.False(File.Exists(Path.Combine(_folder, "never.bpf.o")));
    }

    [Theory]
    [InlineData("there is no file 'absent.dll'", "absent.dll")]
    [InlineData("is no .NET assembly", "/bin/sh")]
    [InlineData("has no methods that are marked", "Hornet.Core.dll")]
    [InlineData("no marked method or class is called 'Countr'. Did you mean", "Hornet.AheadOfTime.dll", "Countr")]
    [InlineData("'five' is no kernel version", "Hornet.AheadOfTime.dll", "Counter", "--kernel", "five")]
    public void A_mistake_is_told_in_one_sentence(string message, params string[] arguments)
    {
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, arguments[0]))) arguments[0] = Path.Combine(AppContext.BaseDirectory, arguments[0]);
        var (_, errors, status) = CommandLine.Run(["compile", .. arguments]);
        Assert.Equal(1, status);
        Assert.Contains(message, errors);
    }

    [Fact]
    public void A_folder_is_no_assembly()
    {
        var (_, errors, status) = CommandLine.Run("compile", _folder);
        Assert.Equal((1, $"hornet: '{_folder}' is a folder; name the assembly in it, as in {_folder}/My.dll.\n"), (status, errors));
    }

    [Theory]
    [InlineData("there is no struct or union 'task_strukt' in vmlinux. Did you mean 'task_struct'", "types", "task_strukt")]
    [InlineData("no tracepoint matches 'sched:sched_swich'. Did you mean 'sched:sched_switch'", "tracepoint", "sched:sched_swich")]
    [InlineData("no tracepoint matches 'shed:sched_switch'. Did you mean 'sched:sched_switch'", "tracepoint", "shed:sched_switch")]
    [InlineData("'sched_switch' is no tracepoint; write group:name", "tracepoint", "sched_switch")]
    public void Generate_names_what_was_meant(string message, params string[] arguments)
    {
        CommandLine.NeedsRoot();
        var (output, errors, status) = CommandLine.Run(["generate", .. arguments]);
        Assert.Equal(("", 1), (output, status));
        Assert.StartsWith($"hornet: {message}", errors);
    }

    private static void RemovePins(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (string pin in Directory.GetFiles(folder)) File.Delete(pin);
        Directory.Delete(folder);
    }

    private string Compile(string type = "Counter")
    {
        string file = Path.Combine(_folder, "my.bpf.o");
        var (_, errors, status) = CommandLine.Run("compile", s_assembly, type, "-o", file);
        Assert.True(status == 0, errors);
        return file;
    }

    [LibraryImport("libc", EntryPoint = "getpgid")]
    private static partial int GetProcessGroup(int process);
}
