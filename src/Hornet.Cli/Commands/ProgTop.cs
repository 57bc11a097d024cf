using System.CommandLine;
using System.Diagnostics;
using Hornet.Cli.Common;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet prog top</c>: how often each program runs and how long it takes, interval by interval.</summary>
internal static class ProgTop
{
    public static Command Create()
    {
        var interval = new Option<TimeSpan?>("--interval", "-i") { Description = "Between two summaries (default 1s)", HelpName = "TIME", CustomParser = Units.ParseDuration };
        var duration = new Option<TimeSpan?>("--duration", "-d") { Description = "Stop after this time", HelpName = "TIME", CustomParser = Units.ParseDuration };
        var command = new Command("top", "Show how often programs run and what they cost. The kernel counts only while this runs (kernel 5.1; by descriptor 5.8).") { interval, duration };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var statistics = BpfStatistics.Enable();
            using var sink = output.Open(parsed);
            using var interruption = new Interruption(sink);
            interruption.EndAfter(parsed.GetValue(duration));
            var pause = parsed.GetValue(interval) ?? TimeSpan.FromSeconds(1);
            var before = Snapshot();
            long then = Stopwatch.GetTimestamp();
            bool over;
            do
            {
                over = interruption.Token.WaitHandle.WaitOne(pause);
                var now = Snapshot();
                double seconds = Stopwatch.GetElapsedTime(then).TotalSeconds;
                then = Stopwatch.GetTimestamp();
                using var rows = output.List(parsed, sink, new("id", "ID", -1), new("type", "TYPE"), new("name", "NAME"), new("runs_per_second", "RUNS/s", -1),
                    new("ns_per_run", "ns/RUN", -1), new("cpu_percent", "CPU%", -1), new("runs", "RUNS", -1));
                rows.Start();
                foreach (var (info, runs, nanoseconds) in now.Values.Select(i => Since(i, before)).Where(d => d.Runs > 0).OrderByDescending(d => d.Nanoseconds))
                {
                    rows.BeginRow();
                    rows.Add(info.Id);
                    rows.Add(info.Type.ToString());
                    rows.Add(info.Name.Length == 0 ? null : info.Name);
                    rows.Add(runs / seconds, 0);
                    rows.Add((double)nanoseconds / runs, 1);
                    rows.Add(nanoseconds / seconds / 1e7, 2);
                    rows.Add(runs);
                    rows.EndRow();
                }
                rows.Finish();
                before = now;
            }
            while (!over);
            return interruption.ExitStatus;
        });
        return command;
    }

    private static (ProgramInfo Info, ulong Runs, ulong Nanoseconds) Since(ProgramInfo now, Dictionary<uint, ProgramInfo> before) =>
        before.TryGetValue(now.Id, out var old)
            ? (now, now.RunCount - old.RunCount, now.RunTimeNanoseconds - old.RunTimeNanoseconds)
            : (now, now.RunCount, now.RunTimeNanoseconds);

    private static Dictionary<uint, ProgramInfo> Snapshot()
    {
        Dictionary<uint, ProgramInfo> all = [];
        foreach (var program in BpfProgram.OpenAll())
        {
            using (program)
            {
                var info = program.GetInfo();
                all[info.Id] = info;
            }
        }
        return all;
    }
}
