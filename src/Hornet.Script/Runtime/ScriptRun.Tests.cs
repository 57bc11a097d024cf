using Hornet.Programs;
using Hornet.Script.Probes;

namespace Hornet.Script.Runtime;

// Options --test and --bench.
internal sealed partial class ScriptRun
{
    // The shortest packet that every kernel takes: programs of tests are run as if for one.
    private const int PacketLength = 14;

    private int RunTests(ref int count)
    {
        var tests = OfType(ProbeType.Test).SelectMany(p => p.Script.Targets.Select(t => (((SelfTarget)t).Point.Target, p.Program))).ToList();
        string[] names = [.. tests.Select(t => t.Target)];
        List<bool> passed = [];
        // What begin printed belongs to no test.
        Drain();
        for (int i = 0; i < tests.Count; i++, count++)
        {
            _sink.BeginCapture(discard: false);
            if (Measure(tests[i].Program, 1) is not { } run)
            {
                _sink.EndCapture();
                return Failed;
            }
            DrainCaptured();
            var (text, errors) = _sink.EndCapture();
            passed.Add(run.ReturnValue == 0 && _sink.ExitCode == 0 && errors == 0);
            _sink.TestResult(names, i, run.Nanoseconds, passed, text);
            _sink.ExitCode = 0;
        }
        return passed.Contains(false) ? 1 : 0;
    }

    private int RunBenchmarks(ref int count)
    {
        var all = OfType(ProbeType.Bench).SelectMany(p => p.Script.Targets.Select(t => (((SelfTarget)t).Point.Target, p.Program))).ToList();
        string[] names = [.. all.Select(t => t.Target)];
        int result = 0;
        Drain();
        for (int i = 0; i < all.Count; i++, count++)
        {
            // Repeated more and more often until it runs for a millisecond in all.
            for (long repeat = 1; ;)
            {
                _sink.BeginCapture(discard: true);
                if (Measure(all[i].Program, (int)repeat) is not { } run)
                {
                    _sink.EndCapture();
                    return Failed;
                }
                DrainCaptured();
                int errors = _sink.EndCapture().Errors;
                // A measurement that returns something is left out.
                if (_sink.ExitCode == 0 && run.ReturnValue != 0) break;
                double total = (double)run.Nanoseconds * repeat;
                int more = total switch { < 1_000 => 10_000, < 10_000 => 100, < 100_000 => 10, < 1_000_000 => 2, _ => 1 };
                if (more > 1 && repeat * more <= int.MaxValue)
                {
                    repeat *= more;
                    continue;
                }
                if (_sink.ExitCode != 0 || errors != 0)
                {
                    _log.Error($"Benchmark '{names[i]}' failed.");
                    result = 1;
                    _sink.ExitCode = 0;
                    break;
                }
                _sink.BenchmarkResult(names, i, run.Nanoseconds, repeat);
                break;
            }
        }
        return result;
    }

    // An exit() of one test does not end the others.
    private void DrainCaptured()
    {
        Drain();
        _isFinal = false;
    }

    private TestRunResult? Measure(BpfProgram program, int repeat)
    {
        try
        {
            return program.TestRun(new TestRunOptions { Data = new byte[PacketLength], Repeat = repeat });
        }
        catch (BpfException e)
        {
            _log.Error($"bpf_prog_test_run_opts failed: {e.Message}");
            return null;
        }
    }
}
