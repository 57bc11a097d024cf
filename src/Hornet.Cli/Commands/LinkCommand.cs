using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Links;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet link</c>: the attachments that are in the kernel.</summary>
internal static class LinkCommand
{
    private static readonly Column[] s_columns =
    [
        new("id", "ID", -1), new("type", "TYPE"), new("prog_id", "PROG", -1), new("attached_to", "ATTACHED TO"),
        new("pinned", "PINNED"), new("owners", "OWNERS"),
    ];

    public static Command Create()
    {
        var command = new Command("link", """
            Attachments (BPF links) in the kernel.

            Examples:
              hornet link list                       every link, what it is attached to, and who holds it
              hornet link show 12                    one link in detail
              hornet link pin 12 /sys/fs/bpf/mine    keep it when its process ends
              hornet link detach 12                  detach by force, whoever holds it
            """);
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Pin());
        command.Subcommands.Add(Pins.Unpin("link"));
        command.Subcommands.Add(Detach());
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List all links");
        command.Aliases.Add("ls");
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, s_columns);
            var owners = Owners.Scan();
            var pins = Pins.Scan();
            rows.Start();
            foreach (var info in BpfFdLink.Enumerate()) Write(rows, info, owners, pins);
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var reference = References.Argument("LINK", "A link: its id, or the path where it is pinned");
        var command = new Command("show", "Show one link") { reference };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var link = References.Link(parsed.GetValue(reference)!);
            using var sink = output.Open(parsed);
            using var rows = output.Detail(parsed, sink, s_columns);
            rows.Start();
            Write(rows, link.GetInfo(), Owners.Scan(), Pins.Scan());
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Pin()
    {
        var reference = References.Argument("LINK", "A link: its id");
        var path = new Argument<string>("PATH") { Description = "Where to pin it, in a BPF file system" };
        var command = new Command("pin", "Keep a link when its process ends, by pinning it") { reference, path };
        command.SetAction(parsed =>
        {
            using var link = References.Link(parsed.GetValue(reference)!);
            link.Pin(parsed.GetValue(path)!);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Detach()
    {
        var reference = References.Argument("LINK", "A link: its id, or the path where it is pinned");
        var command = new Command("detach", "Detach a link by force, whoever holds it (kernel 5.9)") { reference };
        command.SetAction(parsed =>
        {
            using var link = References.Link(parsed.GetValue(reference)!);
            link.Detach();
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(RowWriter rows, LinkInfo info, Owners owners, Pins pins)
    {
        rows.BeginRow();
        rows.Add(info.Id);
        rows.Add(info.Type.ToString());
        if (info.ProgramId == 0) rows.AddNothing();
        else rows.Add(info.ProgramId);
        rows.Add(info.Describe());
        rows.Add(pins.Of(OwnedKind.Link, info.Id));
        rows.Add(owners.Of(OwnedKind.Link, info.Id));
        rows.EndRow();
    }
}
