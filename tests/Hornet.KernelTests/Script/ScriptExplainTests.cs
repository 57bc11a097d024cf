using System.Text.Json;

namespace Hornet.KernelTests.Script;

/// <summary>What <c>--explain</c> says of scripts, beside what the kernel says.</summary>
public class ScriptExplainTests
{
    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer)]
    public void Says_what_it_attaches_costs_can_lose_and_needs()
    {
        var (output, errors, status) = ScriptRunner.Run("--explain", "-e", "let @few = percpuhash(7); t:sched:sched_process_f*, t:sched:sched_process_exec { @few[comm] = count(); @all[pid] = 1; } i:s:1 { printf(\"%s\", comm); }");
        Assert.Equal(("", 0), (errors, status));
        Assert.StartsWith("t:sched:sched_process_f*, t:sched:sched_process_exec (stdin:1:", output, StringComparison.Ordinal);
        Assert.Contains("  tracepoint:sched:sched_process_fork\n", output.Replace("                 ", "  ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Matches(@"program +[1-9][0-9]* instructions", output);
        Assert.Matches(@"\n  @few +up to 7 keys of 16 bytes, a value of 8 bytes for each CPU, [1-9]", output);
        Assert.Matches(@"\n  @all +up to (4096|65536) keys of 4 bytes, values of 1 bytes, [1-9]", output);
        Assert.Contains("\n  new keys of @few beyond 7,", output, StringComparison.Ordinal);
        Assert.Matches(@"\n  records, when more than [1-9][0-9]+ of the largest \(24 bytes, printf\) wait", output);
        Assert.Contains("\n  Linux 5.8      map type ringbuf\n", output, StringComparison.Ordinal);
        Assert.EndsWith("it needs Linux 5.8.\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("watchpoint", output, StringComparison.Ordinal);
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer)]
    public void The_same_in_JSON()
    {
        var (output, errors, status) = ScriptRunner.Run("--explain", "-f", "json", "-e", "begin { printf(\"%d\", pid); } i:s:1 { @ = hist(pid); exit(); }");
        Assert.Equal(("", 0), (errors, status));
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.True(root.GetProperty("runs").GetBoolean());
        Assert.Equal(["begin", "interval:s:1"], root.GetProperty("probes").EnumerateArray().Select(p => p.GetProperty("places")[0].GetString()!));
        Assert.All(root.GetProperty("probes").EnumerateArray(), p => Assert.InRange(p.GetProperty("instructions").GetInt32(), 5, 5000));
        Assert.All(root.GetProperty("probes").EnumerateArray(), p => Assert.InRange(p.GetProperty("stack").GetInt32(), 0, 512));
        Assert.Equal(["printf", "exit"], root.GetProperty("records").EnumerateArray().Select(r => r.GetProperty("kind").GetString()!));
        Assert.Contains("events", root.GetProperty("probes")[0].GetProperty("maps").EnumerateArray().Select(m => m.GetString()));
        Assert.DoesNotContain("@", root.GetProperty("probes")[0].GetProperty("maps").EnumerateArray().Select(m => m.GetString()));
        Assert.Contains("@", root.GetProperty("probes")[1].GetProperty("maps").EnumerateArray().Select(m => m.GetString()));
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer)]
    public void What_the_kernel_does_not_take_is_said_with_its_reason()
    {
        // The verifier finds the loop that leads nowhere; the binder cannot.
        var (output, errors, status) = ScriptRunner.Run("--explain", "--no-warnings", "-e", "begin { $i = (uint64)rand; while ($i != 3) { $i = $i * 5 + 1; } print($i); }");
        Assert.Equal((255, ""), (status, errors));
        Assert.Contains("It does not run on this kernel (", output, StringComparison.Ordinal);
        Assert.Matches(@"program +[1-9][0-9]* instructions\n", output);
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer, Needs.Kprobes, MinKernel = "6.10")]
    public void Calls_and_returns_of_the_same_functions_are_one_program()
    {
        const string script = "kprobe:do_nanosleep { @ = count(); } kretprobe:do_nanosleep { @ = count(); }";
        var (session, _, status) = ScriptRunner.Run("--explain", "-e", script);
        Assert.Equal(0, status);
        Assert.Contains("one link for entries and returns (kprobe.session)", session, StringComparison.Ordinal);
        Assert.Contains("kretprobe:do_nanosleep\n", session, StringComparison.Ordinal);
        var (alone, _, _) = ScriptRunner.Run("--explain", "--no-feature", "kprobe_session", "-e", script);
        Assert.DoesNotContain("session", alone, StringComparison.Ordinal);
    }

    [KernelFact(Needs.VmlinuxBtf, Needs.RingBuffer)]
    public void Other_formats_are_refused()
    {
        var (_, errors, status) = ScriptRunner.Run("--explain", "-f", "csv", "-e", "begin { exit(); }");
        Assert.Equal((1, "ERROR: --explain has no output format \"csv\"\nValid formats: 'text', 'json'\n"), (status, errors));
    }
}
