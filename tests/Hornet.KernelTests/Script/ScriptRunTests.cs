using System.Text;
using Hornet.Script.Output;
using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using LiveRun = Hornet.Script.Runtime.ScriptRun;

namespace Hornet.KernelTests.Script;

/// <summary>Whole runs of scripts inside this process: what they print, how they end.</summary>
public class ScriptRunTests
{
    private sealed class CountedStream : MemoryStream
    {
        public int Writes { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Writes++;
            base.Write(buffer);
        }
    }

    private static (int Status, string Output, string Messages) Run(string text, RunMode mode = RunMode.Normal, TracedChild? child = null, int? process = null, bool isUnsafe = false, MemoryStream? into = null)
    {
        DiagnosticBag diagnostics = new();
        ScriptOptions options = new() { Child = child?.Id, Process = process, IsUnsafe = isUnsafe, Probes = new ScriptProbeOptions { Process = process, IsUnsafe = isUnsafe } };
        var syntax = ScriptCompiler.Parse(new SourceText("stdin", text), diagnostics);
        var bound = syntax is null ? null : ScriptCompiler.Bind(syntax, options, diagnostics);
        Assert.True(bound is not null, DiagnosticRenderer.Render(diagnostics.All));
        var script = ScriptCompiler.Lower(bound, options);
        using MemoryStream results = into ?? new(), messages = new();
        using var sink = OutputSink.ToStream(results, BufferingMode.Line);
        using var errors = OutputSink.ToStream(messages, BufferingMode.Line);
        OutputOptions looks = new();
        StackMaps stacks = new(script);
        using LiveSymbols symbols = new(script.Programs, [], null);
        ValueFormatter formatter = new(ValueContext.Of(script, symbols, stacks, false));
        StringWriter log = new();
        int status;
        using (OutputScriptSink shown = new(script, OutputKinds.Create(OutputKind.Text, sink, errors, formatter, looks), isUnsafe, (like, to, said) => OutputKinds.Create(OutputKind.Text, to, said, like.Formatter, looks)))
        {
            using LiveRun run = new(script, new RunOptions { Mode = mode, Child = child, Process = process }, shown, new RunLog(() => log, true, true));
            run.Loaded += loaded =>
            {
                shown.Use(loaded);
                stacks.Use(loaded);
            };
            status = run.Run();
        }
        return (status, Encoding.UTF8.GetString(results.ToArray()), Encoding.UTF8.GetString(messages.ToArray()) + log);
    }

    [KernelFact]
    public void Begin_and_end_run_once_and_maps_are_printed()
    {
        var (status, output, messages) = Run("begin { printf(\"begin\\n\"); @x = 7; } end { printf(\"end\\n\"); }");
        Assert.Equal(0, status);
        Assert.Equal("begin\nend\n\n\n@x: 7\n", output);
        Assert.Contains("Attached 2 probes\n", messages, StringComparison.Ordinal);
    }

    [KernelFact(MinKernel = "5.10")]
    public void Lines_that_come_together_are_written_together()
    {
        CountedStream written = new();
        var (_, output, messages) = Run("begin { $i = 0; while ($i < 1000) { printf(\"%d\\n\", $i); $i++; } exit(); }", into: written);
        Assert.True(output.StartsWith(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i}\n")), StringComparison.Ordinal), messages);
        // Of a slow machine some more: no line waits for long.
        Assert.InRange(written.Writes, 1, 50);
    }

    [KernelFact]
    public void Exit_ends_the_run_with_its_number_and_what_follows_is_not_shown()
    {
        var (status, output, _) = Run("begin { printf(\"one\\n\"); exit(5); printf(\"two\\n\"); } interval:s:1 { printf(\"three\\n\"); }");
        Assert.Equal(5, status);
        Assert.StartsWith("one\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("two", output, StringComparison.Ordinal);
        Assert.DoesNotContain("three", output, StringComparison.Ordinal);
    }

    [KernelFact]
    public void No_probe_does_anything_after_an_exit_although_it_is_still_attached()
    {
        var (_, output, _) = Run("interval:us:20 { @fired++; if (@fired == 20) { exit(); } } end { @last = 1; }");
        Assert.Equal("\n\n@fired: 20\n@last: 1\n", output);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void A_walk_goes_to_its_end_also_after_an_exit()
    {
        var (status, output, messages) = Run("iter:task { printf(\"task\\n\"); @seen++; print(\"not after the exit\"); exit(4); }");
        Assert.True(status == 4, messages);
        int tasks = output.Split('\n').Count(l => l == "task");
        Assert.True(tasks > 2, output);
        Assert.Contains($"@seen: {tasks}\n", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), l => l == "not after the exit");
    }

    [KernelFact]
    public void An_end_probe_speaks_after_an_exit()
    {
        var (_, output, _) = Run("interval:ms:1 { exit(); } end { printf(\"last\\n\"); printf(\"words\\n\"); }");
        Assert.StartsWith("last\nwords\n", output, StringComparison.Ordinal);
    }

    [KernelFact]
    public void A_run_ends_with_its_child_and_sees_only_that()
    {
        using var child = TracedChild.Create("/bin/true");
        var (status, output, _) = Run("tracepoint:syscalls:sys_enter_exit_group /pid == cpid/ { printf(\"gone %d\\n\", args.error_code); }", child: child);
        Assert.Equal(0, status);
        Assert.StartsWith("gone 0\n", output, StringComparison.Ordinal);
        Assert.Equal(0, child.ExitCode);
    }

    [KernelFact]
    public void A_child_that_does_not_exist_is_said_at_once() =>
        Assert.Equal("Path '/no/such/program' does not exist or is not executable (No such file or directory)", Assert.Throws<BpfException>(() => TracedChild.Create("/no/such/program")).Message);

    [KernelFact]
    public void Tests_pass_and_fail_each_by_itself()
    {
        var (status, output, _) = Run("test:good { assert(1 == 1, \"well\"); } test:bad { return 1; }", RunMode.Test);
        Assert.Equal(1, status);
        Assert.Contains("good", output, StringComparison.Ordinal);
        Assert.Contains("FAILED", output, StringComparison.Ordinal);
        Assert.Contains("1 test.", output, StringComparison.Ordinal);
    }

    [KernelFact]
    public void A_benchmark_is_repeated_until_it_is_measured()
    {
        var (status, output, messages) = Run("bench:adds { @ = 1; }", RunMode.Bench);
        Assert.Equal(0, status);
        Assert.Contains("Iterations", output, StringComparison.Ordinal);
        Assert.DoesNotContain("ERROR", messages, StringComparison.Ordinal);
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void An_iterator_runs_through_and_the_run_ends()
    {
        var (status, output, messages) = Run($"iter:task {{ if (ctx.task != 0 && ctx.task.pid == {Environment.ProcessId}) {{ printf(\"found %d\\n\", ctx.task.pid); }} }}");
        Assert.True(status == 0, messages);
        Assert.Contains($"found {Environment.ProcessId}\n", output, StringComparison.Ordinal);
    }

    [KernelFact]
    public void Test_probes_need_the_option()
    {
        var (status, _, messages) = Run("test:lonely { assert(1, \"x\"); }");
        Assert.Equal(LiveRun.Failed, status);
        Assert.Contains("No probes attached; use --test to run test probes.", messages, StringComparison.Ordinal);
    }

    [KernelFact]
    public void What_cannot_be_attached_is_named_and_ends_the_run()
    {
        var (status, _, messages) = Run("uprobe:libc:malloc+1000000 { exit(); }");
        Assert.Equal(LiveRun.Failed, status);
        Assert.Contains("ERROR: Offset outside the function bounds ('malloc' size is ", messages, StringComparison.Ordinal);
        Assert.Contains("If this is expected, set the 'missing_probes' config variable to 'warn'.", messages, StringComparison.Ordinal);
    }

    [KernelFact(Needs.UprobeMulti)]
    public void Functions_of_a_program_fire_in_the_order_of_the_script()
    {
        using var child = TracedChild.Create("/bin/true");
        var (_, output, _) = Run("uprobe:libc:_exit { printf(\"first\\n\"); } uprobe:libc:_exit { printf(\"second\\n\"); exit(); }", child: child);
        Assert.StartsWith("first\nsecond\n", output, StringComparison.Ordinal);
    }
}
