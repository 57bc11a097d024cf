using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Links;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet cleanup</c>: removes what processes left behind that died without detaching.</summary>
internal static class CleanupCommand
{
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run", "-n") { Description = "Only show what would be removed" };
        var all = new Option<bool>("--all", "-a") { Description = "With --dry-run: also what living processes hold" };
        var command = new Command("cleanup", """
            Remove what dead owners left.

            Most attachments are BPF links: the kernel drops them with their process, even after kill -9. A few kinds cannot
            be (XDP and tc filters by netlink, legacy cgroup attachments); Hornet notes those down when it makes them. This
            command removes the ones whose process is gone, after checking that the very program is still attached there.

            Examples:
              hornet cleanup --dry-run     show what is left
              hornet cleanup               remove it
            """) { dryRun, all };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, new("outcome", "OUTCOME"), new("pid", "PID", -1), new("attachment", "ATTACHMENT"), new("message", "MESSAGE"));
            rows.Start();
            int failed = 0, count = 0;
            if (parsed.GetValue(dryRun))
            {
                foreach (var attachment in parsed.GetValue(all) ? AttachmentJournal.List() : AttachmentJournal.FindOrphans())
                {
                    count++;
                    rows.BeginRow();
                    rows.Add(attachment.OwnerIsAlive switch { true => "InUse", false => "Orphan", _ => "Unknown" });
                    rows.Add((long)attachment.ProcessId);
                    rows.Add(attachment.Description);
                    rows.AddNothing();
                    rows.EndRow();
                }
            }
            else
            {
                foreach (var result in AttachmentJournal.Cleanup())
                {
                    count++;
                    if (result.Outcome == CleanupOutcome.Failed) failed++;
                    rows.BeginRow();
                    rows.Add(result.Outcome.ToString());
                    if (result.Attachment is { } attachment) rows.Add((long)attachment.ProcessId);
                    else rows.AddNothing();
                    rows.Add(result.Attachment?.Description);
                    rows.Add(result.Message);
                    rows.EndRow();
                }
            }
            rows.Finish();
            if (count == 0) Errors.Note("nothing was left behind");
            return failed > 0 ? ExitCode.Refused : ExitCode.Done;
        });
        return command;
    }
}
