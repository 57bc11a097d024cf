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
        command.Subcommands.Add(ObjectCommands.List("links", s_columns, BpfFdLink.Enumerate, Write));
        command.Subcommands.Add(ObjectCommands.Show("link", References.Argument("LINK", "A link: its id, or the path where it is pinned"), s_columns,
            References.Link, (rows, link, owners, pins) => Write(rows, link.GetInfo(), owners, pins)));
        command.Subcommands.Add(ObjectCommands.Pin(References.Argument("LINK", "A link: its id"), "Keep a link when its process ends, by pinning it",
            References.Link, (link, path) => link.Pin(path)));
        command.Subcommands.Add(Pins.Unpin("link"));
        command.Subcommands.Add(Detach());
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
