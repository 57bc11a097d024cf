using Hornet.Script.Output;
using Hornet.Script.Runtime;
using Hornet.Script.Types;

namespace Hornet.Script.Tests.Output;

public class DispatcherTests
{
    private static readonly ScriptMap s_names = Build.Map("@n", new StringType(8), new AggregateType(AggregateKind.Count, true));
    private static readonly ScriptMap s_scalar = Build.Map("@a", null, IntegerType.Int64);
    private static readonly TupleType s_word = new([IntegerType.Int64]), s_name = new([new StringType(8)]), s_nothing = new([]);

    private static AsyncAction Print(PrintKind kind, string format, TupleType? payload = null) =>
        new AsyncAction.Print(Places.Inner, kind, format) { Payload = payload ?? s_nothing };

    private static Recording Run(OutputKind kind, params AsyncAction[] actions) => new(kind, [s_names, s_scalar], actions);

    [Theory]
    [InlineData(OutputKind.Text, "n = 5\n")]
    [InlineData(OutputKind.Json, "{\"type\": \"printf\", \"data\": \"n = 5\\n\"}\n")]
    public void Printf_prints(object kind, string expected)
    {
        using var run = Run((OutputKind)kind, Print(PrintKind.Printf, "n = %d\n", s_word));
        run.Send(0, Build.Int(5L));
        Assert.Equal(expected, run.Printed);
    }

    [Theory]
    [InlineData(OutputKind.Text, "(5, x)\n")]
    [InlineData(OutputKind.Json, "{\"type\": \"value\", \"data\": [5,\"x\"]}\n")]
    public void Values_print(object kind, string expected)
    {
        TupleType pair = new([IntegerType.Int64, new StringType(8)]);
        using var run = Run((OutputKind)kind, new AsyncAction.PrintValue(Places.Inner) { Payload = new([pair]) });
        run.Send(0, Build.Tuple(pair, Build.Int(5L), Build.Text("x", 8)));
        Assert.Equal(expected, run.Printed);
    }

    [Theory]
    [InlineData(OutputKind.Text, "@n[b]: 2\n@n[a]: 3\n")]
    [InlineData(OutputKind.Json, "{\"type\": \"map\", \"data\": {\"@n\": {\"b\": 2, \"a\": 3}}}\n")]
    public void Maps_print_with_their_largest_only_and_divided(object kind, string expected)
    {
        using var run = Run((OutputKind)kind, new AsyncAction.PrintMap(Places.Inner, 0, 2, 10));
        run.Contents[0].Elements.AddRange([(Build.Text("a", 8), Build.Int(30L)), (Build.Text("b", 8), Build.Int(20L)), (Build.Text("c", 8), Build.Int(10L))]);
        run.Send(0);
        Assert.Equal(expected, run.Printed);
    }

    [Theory]
    [InlineData(OutputKind.Text, "@a: 0\n", "")]
    [InlineData(OutputKind.Json, "{\"type\": \"map\", \"data\": {\"@a\": 0}}\n", "")]
    public void A_scalar_that_was_never_set_prints_as_zero_but_not_at_the_end(object kind, string printed, string atEnd)
    {
        using var run = Run((OutputKind)kind, new AsyncAction.PrintMap(Places.Inner, 1, 0, 0));
        run.Dispatcher.PrintAllMaps();
        Assert.Equal(atEnd, run.Printed);
        run.Send(0);
        Assert.Equal(printed, run.Printed);
    }

    [Fact]
    public void A_histogram_that_was_never_filled_prints_nothing()
    {
        var map = Build.Map("@h", null, new AggregateType(AggregateKind.Hist, true));
        using Recording run = new(OutputKind.Text, [map], [new AsyncAction.PrintMap(Places.Inner, 0, 0, 0)]);
        run.Send(0);
        Assert.Equal("", run.Printed);
    }

    [Theory]
    [InlineData(OutputKind.Text, "7\n0\n")]
    [InlineData(OutputKind.Json, "{\"type\": \"value\", \"data\": 7}\n{\"type\": \"value\", \"data\": 0}\n")]
    public void One_element_prints_by_itself_and_is_zero_when_it_is_not_there(object kind, string expected)
    {
        using var run = Run((OutputKind)kind, new AsyncAction.PrintMapElement(Places.Inner, 0) { Payload = s_name });
        run.Contents[0].Elements.Add((Build.Text("a", 8), Build.Int(7L)));
        run.Send(0, Build.Text("a", 8));
        run.Send(0, Build.Text("b", 2));
        Assert.Equal(expected, run.Printed);
    }

    [Fact]
    public void Maps_are_cleared_and_set_to_zero()
    {
        using var run = Run(OutputKind.Text, new AsyncAction.Zero(Places.Inner, 0), new AsyncAction.Clear(Places.Inner, 0), new AsyncAction.PrintMap(Places.Inner, 0, 0, 0));
        run.Contents[0].Elements.Add((Build.Text("a", 8), Build.Int(7L)));
        run.Send(0);
        run.Send(2);
        Assert.Equal("@n[a]: 0\n", run.Printed);
        run.Send(1);
        Assert.Empty(run.Contents[0].Elements);
    }

    [Fact]
    public void All_maps_print_by_name_at_the_end()
    {
        using var run = Run(OutputKind.Text);
        run.Contents[0].Elements.Add((Build.Text("x", 8), Build.Int(1L)));
        run.Contents[1].Elements.Add((Build.Int(0L), Build.Int(4L)));
        run.Output.End();
        run.Dispatcher.PrintAllMaps();
        Assert.Equal("\n\n@a: 4\n@n[x]: 1\n", run.Printed);
    }

    [Fact]
    public void Exit_ends_what_comes_behind_it_until_the_end_probes()
    {
        using var run = Run(OutputKind.Text, new AsyncAction.Exit(Places.Inner) { Payload = new([IntegerType.UInt8]) }, Print(PrintKind.Printf, "late\n"), new AsyncAction.Clear(Places.Inner, 0));
        run.Contents[0].Elements.Add((Build.Text("a", 8), Build.Int(7L)));
        run.Send(0, 3);
        run.Send(1);
        run.Send(2);
        Assert.Equal([3], run.Exits);
        Assert.Equal("", run.Printed);
        Assert.Single(run.Contents[0].Elements);
        run.Dispatcher.Resume();
        run.Send(1);
        Assert.Equal("late\n", run.Printed);
        run.Send(0);
        Assert.Equal([3, 0], run.Exits);
    }

    [Theory]
    [InlineData(OutputKind.Text, "/bin/echo,a b\n")]
    [InlineData(OutputKind.Json, "{\"type\": \"join\", \"data\": \"/bin/echo,a b\"}\n")]
    public void Join_puts_texts_together_up_to_the_first_empty_one(object kind, string expected)
    {
        TupleType payload = new([new StringType(16), new StringType(16), new StringType(16), new StringType(16)]);
        using var run = Run((OutputKind)kind, new AsyncAction.Join(Places.Inner, ",") { Payload = payload });
        run.Send(0, Build.Tuple(payload, Build.Text("/bin/echo", 16), Build.Text("a b", 16), Build.Text("", 16), Build.Text("no", 16))[..32]);
        run.Dispatcher.Resume();
        Assert.Equal(expected, run.Printed);
    }

    [Fact]
    public void Time_is_the_present()
    {
        using var run = Run(OutputKind.Json, new AsyncAction.Time(Places.Inner, "%Y\n"));
        string before = DateTime.UtcNow.ToString("yyyy", null);
        run.Send(0);
        Assert.Contains(run.Printed, new[] { before, DateTime.UtcNow.ToString("yyyy", null) }.Select(y => $"{{\"type\": \"time\", \"data\": \"{y}\\n\"}}\n"));
    }

    [Theory]
    [InlineData(OutputKind.Text, "0123\u001b")]
    [InlineData(OutputKind.Json, "{\"type\": \"cat\", \"data\": \"0123\\u001b\"}\n")]
    public void Cat_shows_a_file_up_to_the_limit(object kind, string expected)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "0123\u001b6789");
            using Recording run = new((OutputKind)kind, [], [Print(PrintKind.Cat, "%s", new([new StringType(128)]))], config: new() { MaxCatBytes = 5 });
            run.Send(0, Build.Text(path, 128));
            Assert.Equal(expected, run.Printed);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Cat_says_when_there_is_no_such_file()
    {
        using var run = Run(OutputKind.Text, Print(PrintKind.Cat, "/does/not/exist/%d", s_word));
        run.Send(0, Build.Int(7L));
        Assert.Equal("", run.Printed);
        Assert.Equal("ERROR: failed to open file '/does/not/exist/7' (No such file or directory)\n", run.Errors);
    }

    [Theory]
    [InlineData(OutputKind.Text, "a 5\nb\n\n")]
    [InlineData(OutputKind.Json, "{\"type\": \"syscall\", \"data\": \"a 5\\nb\\n\"}\n")]
    public void System_runs_a_shell_and_shows_both_its_streams(object kind, string expected)
    {
        using var run = Run((OutputKind)kind, Print(PrintKind.System, "echo a %d; echo b >&2", s_word));
        run.IsUnsafeAllowed = true;
        run.Send(0, Build.Int(5L));
        Assert.Equal(expected, run.Printed);
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public void System_reports_a_failure_and_is_refused_in_safe_mode()
    {
        using var run = Run(OutputKind.Text, Print(PrintKind.System, "exit 3"));
        run.Send(0);
        run.IsUnsafeAllowed = true;
        run.Send(0);
        Assert.Equal("ERROR: syscall() not allowed in safe mode. Use '--unsafe'. (Operation not permitted)\nERROR: command exited with code 3\n", run.Errors);
    }

    [Fact]
    public void Errorf_and_warnf_go_to_standard_error_with_their_place()
    {
        using var run = Run(OutputKind.Text, Print(PrintKind.Errorf, "bad %d\n", s_word), Print(PrintKind.Warnf, "so so") with { ExpandedFrom = [Places.Outer] });
        run.Send(0, Build.Int(5L));
        run.Send(1);
        Assert.Equal("", run.Printed);
        Assert.Equal("""
            stdin:1:15-26: ERROR: bad 5
            stdin:1:15-26: WARNING: so so
            stdin:2:9-14: WARNING: expanded from
            begin {    bad(); }
                       ~~~~~

            """, run.Errors);
        Assert.Equal(1, run.Output.ErrorCount);
    }

    [Fact]
    public void Errorf_and_warnf_are_records_in_json()
    {
        using var run = Run(OutputKind.Json, Print(PrintKind.Errorf, "bad \"%d\"", s_word), Print(PrintKind.Warnf, "so so"));
        run.Send(0, Build.Int(5L));
        run.Send(1);
        Assert.Equal("""
            {"type": "errorf", "msg": "bad \"5\"", "filename": "stdin", "line": 1, "col": 15}
            {"type": "warnf", "msg": "so so", "filename": "stdin", "line": 1, "col": 15}

            """, run.Printed);
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public void Without_warnings_there_are_errors_only()
    {
        using Recording run = new(OutputKind.Text, [], [Print(PrintKind.Errorf, "bad"), Print(PrintKind.Warnf, "so so"), new AsyncAction.RuntimeError(Places.Inner, "odd")], options: new() { ShowsWarnings = false, UsesColors = true });
        for (int i = 0; i < 3; i++) run.Send(i);
        Assert.Equal("\u001b[31mstdin:1:15-26: ERROR: bad\u001b[0m\n", run.Errors);
    }

    [Theory]
    [InlineData("probe_read_user", -14, "Bad address")]
    [InlineData("map_lookup_elem", 0, "Can't lookup map element because it does not exist.")]
    [InlineData("map_delete_elem", -2, "Can't delete map element because it does not exist.")]
    [InlineData("map_delete_elem", -14, "Bad address")]
    [InlineData("map_update_elem", -7, "Map full; can't update element. Try increasing max_map_keys config or manually setting the max entries in a map declaration e.g. `let @a = hash(5000)`")]
    public void A_helpers_failure_is_explained(string helper, int result, string message)
    {
        AsyncAction.HelperError action = new(Places.Inner, helper) { Payload = new([IntegerType.Int32]) };
        using var text = Run(OutputKind.Text, action);
        text.Send(0, Build.Int(result, 4));
        Assert.Equal($"stdin:1:15-26: WARNING: {message}\nAdditional Info - helper: {helper}, retcode: {result}\nmacro bad() {{ errorf(\"x\"); }}\n              ~~~~~~~~~~~\n", text.Errors);
        using var json = Run(OutputKind.Json, action);
        json.Send(0, Build.Int(result, 4));
        string word = result == -14 ? "Bad address" : result == -2 ? "No such file or directory" : result == -7 ? "Argument list too long" : "Success";
        Assert.Equal($"{{\"type\": \"helper_error\", \"msg\": \"{word}\", \"helper\": \"{helper}\", \"retcode\": {result}, \"filename\": \"stdin\", \"line\": 1, \"col\": 15}}\n", json.Printed);
    }

    [Fact]
    public void What_a_program_could_not_do_is_a_warning_with_its_line()
    {
        AsyncAction.RuntimeError action = new(Places.Inner, "Divide by 0.") { ExpandedFrom = [Places.Outer] };
        using var text = Run(OutputKind.Text, action);
        text.Send(0);
        Assert.Equal("stdin:1:15-26: WARNING: Divide by 0.\nmacro bad() { errorf(\"x\"); }\n              ~~~~~~~~~~~\nstdin:2:9-14: WARNING: expanded from\nbegin {    bad(); }\n           ~~~~~\n", text.Errors);
        using var json = Run(OutputKind.Json, action);
        json.Send(0);
        Assert.Equal("{\"type\": \"runtime_error\", \"msg\": \"Divide by 0.\", \"filename\": \"stdin\", \"line\": 1, \"col\": 15}\n", json.Printed);
    }

    [Fact]
    public void Attached_probes_and_lost_events_are_told()
    {
        using var text = Run(OutputKind.Text);
        text.Output.AttachedProbes(1);
        text.Output.AttachedProbes(2);
        text.Output.LostEvents(7);
        Assert.Equal("Attached 1 probe\nAttached 2 probes\nLost 7 events\n", text.Errors);
        using var json = Run(OutputKind.Json);
        json.Output.AttachedProbes(1);
        json.Output.LostEvents(7);
        json.Output.End();
        Assert.Equal("{\"type\": \"attached_probes\", \"count\": 1, \"data\": {\"probes\": 1}}\n{\"type\": \"lost_events\", \"count\": 7, \"data\": {\"events\": 7}}\n", json.Printed);
    }

    [Fact]
    public void Tests_are_told_with_a_summary()
    {
        TestOutcome good = new("test:a", true, TimeSpan.FromMicroseconds(5), "hidden\n"), bad = new("test:b", false, TimeSpan.FromMilliseconds(12), "shown\n\nagain\n");
        using var text = Run(OutputKind.Text);
        text.Output.TestResult([good], 2);
        text.Output.TestResult([good, bad], 2);
        Assert.Equal("""
            G[==========]R Running 2 tests.
            G[ RUN      ]R test:a
            G[       OK ]R test:a (5 μs)
            G[ RUN      ]R test:b
            shown
            again
            E[  FAILED  ]R test:b (12 ms)
            G[==========]R 2 tests ran.
            G[  PASSED  ]R 1 test.
            E[  FAILED  ]R 1 test, listed below:
            E[  FAILED  ]R test:b

            """, text.Printed.Replace("\u001b[32m", "G", StringComparison.Ordinal).Replace("\u001b[31m", "E", StringComparison.Ordinal).Replace("\u001b[0m", "R", StringComparison.Ordinal));
        using var json = Run(OutputKind.Json);
        json.Output.TestResult([bad], 1);
        Assert.Equal("{\"type\": \"test_result\", \"data\": {\"test:b\": {\"duration\": 12000000, \"passed\": false, \"output\": \"shown\\n\\nagain\\n\"}}}\n", json.Printed);
    }

    [Fact]
    public void Benchmarks_are_a_table()
    {
        using var text = Run(OutputKind.Text);
        text.Output.BenchmarkResult(["a", "b"], 0, 123, 4000);
        text.Output.BenchmarkResult(["a", "b"], 1, 7, 1);
        Assert.Equal($"{"Benchmark",-41}{"Time(ns)",-15}Iterations\n{new string('-', 66)}\n{"a",-41}{"123",-15}4000\n{"b",-41}{"7",-15}1\n", text.Printed);
        using var json = Run(OutputKind.Json);
        json.Output.BenchmarkResult(["a"], 0, 123, 4000);
        Assert.Equal("{\"type\": \"benchmark_result\", \"data\": {\"a\": {\"average\": 123, \"iters\": 4000}}}\n", json.Printed);
    }

    [Fact]
    public void A_tests_own_verdict_reaches_the_run()
    {
        using var run = Run(OutputKind.Text, new AsyncAction.TestResult(Places.Inner) { Payload = new([BooleanType.Instance]) });
        run.Send(0, 1);
        run.Send(0, 0);
        Assert.Equal([true, false], run.Tests);
    }

    [Fact]
    public void Records_that_nobody_sends_are_counted_and_skipped()
    {
        using var run = Run(OutputKind.Text, Print(PrintKind.Printf, "ok\n"));
        run.Dispatcher.Dispatch([1, 2, 3]);
        run.Send(77);
        run.Send(0);
        Assert.Equal(2, run.Dispatcher.Malformed);
        Assert.Equal("ok\n", run.Printed);
    }

    [Fact]
    public void Random_records_never_end_a_run()
    {
        Random random = new(7);
        TupleType all = new([new StringType(8), new BufferType(8), InetType.Instance, new TupleType([IntegerType.Int8, MacAddressType.Instance]), TimestampType.Instance, UserSymbolType.Instance, new StackType(true, StackMode.Bpftrace, 8), NameType.Instance]);
        using Recording run = new(OutputKind.Json, [s_names, s_scalar],
        [
            Print(PrintKind.Printf, "%s %r %s %s %s %s %s %s", all), new AsyncAction.PrintValue(Places.Inner) { Payload = new([all]) }, new AsyncAction.PrintMapElement(Places.Inner, 0) { Payload = s_name },
            new AsyncAction.Join(Places.Inner, " ") { Payload = new([new StringType(8), new StringType(8)]) }, new AsyncAction.HelperError(Places.Inner, "x") { Payload = new([IntegerType.Int32]) }, Print(PrintKind.Warnf, "%s", s_name),
        ]);
        for (int i = 0; i < 20_000; i++)
        {
            var payload = new byte[random.Next(all.Size + 8)];
            random.NextBytes(payload);
            run.Send(random.Next(7), payload);
        }
        foreach (string line in run.Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries)) using (System.Text.Json.JsonDocument.Parse(line)) { }
    }

    [Fact]
    public void Packets_go_to_a_file_that_others_can_read()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (var run = Run(OutputKind.Text, new AsyncAction.PacketOutput(Places.Inner, path)))
            {
                run.Send(0, [.. Build.Int(1_500_000_000L), .. Build.Int(3, 4), 0x45, 1, 2, 99]);
                run.Send(0, [.. Build.Int(0L), .. Build.Int(0, 4)]);
            }
            var bytes = File.ReadAllBytes(path);
            Assert.Equal(24 + 16 + 3, bytes.Length);
            Assert.Equal([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0], bytes[..8]);
            Assert.Equal(101, BitConverter.ToInt32(bytes, 20));
            Assert.Equal(1_700_000_001, BitConverter.ToInt32(bytes, 24));
            Assert.Equal(500_000, BitConverter.ToInt32(bytes, 28));
            Assert.Equal([3, 0, 0, 0, 3, 0, 0, 0, 0x45, 1, 2], bytes[32..]);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
