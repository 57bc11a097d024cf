using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Cli.Output;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet doctor</c>: what works on this machine, what does not, why, and what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var problems = new Option<bool>("--problems", "-p") { Description = "Only what is limited or missing" };
        var command = new Command("doctor", """
            What works on this machine, what does not, why, and what to do about it. Nothing is changed.

            Examples:
              hornet doctor               every check
              hornet doctor --problems    only what is limited or missing
            """) { problems };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            var findings = DoctorChecks.All().Where(f => !parsed.GetValue(problems) || f.Health != Health.Good).ToList();
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, new("area", "AREA"), new("check", "CHECK"), new("health", "HEALTH"), new("detail", "WHAT WAS SEEN"), new("advice", "WHAT TO DO"));
            rows.Start();
            foreach (var finding in findings)
            {
                rows.BeginRow();
                rows.Add(finding.Area);
                rows.Add(finding.Name);
                rows.Add(finding.Health switch { Health.Good => "good", Health.Limited => "limited", _ => "missing" });
                rows.Add(finding.Detail);
                rows.Add(finding.Advice);
                rows.EndRow();
            }
            rows.Finish();
            if (findings.Count == 0 && output.Format(parsed) == OutputFormat.Text) Errors.Note("everything works here");
            return ExitCode.Done;
        });
        return command;
    }
}
