using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Cli.Output;

namespace Hornet.Cli.Commands;

/// <summary>The subcommands that programs, maps and links have alike.</summary>
internal static class ObjectCommands
{
    /// <summary>Writes the row of one object.</summary>
    public delegate void WriteRow<in T>(RowWriter rows, T what, Owners owners, Pins pins);

    /// <summary><c>list</c>: all there are, one a row.</summary>
    /// <param name="many">What they are called: <c>maps</c>.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="all">Goes through them; each is used up before the next.</param>
    /// <param name="write">Writes one.</param>
    public static Command List<T>(string many, Column[] columns, Func<IEnumerable<T>> all, WriteRow<T> write)
    {
        var command = new Command("list", $"List all {many}");
        command.Aliases.Add("ls");
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, columns);
            var owners = Owners.Scan();
            var pins = Pins.Scan();
            rows.Start();
            foreach (var one in all())
            {
                using (one as IDisposable) write(rows, one, owners, pins);
            }
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>show</c>: one in detail.</summary>
    /// <param name="one">What it is called: <c>map</c>.</param>
    /// <param name="reference">How it is named on the command line.</param>
    /// <param name="columns">The fields.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="write">Writes it.</param>
    public static Command Show<T>(string one, Argument<string> reference, Column[] columns, Func<string, T> open, WriteRow<T> write) where T : IDisposable
    {
        var command = new Command("show", $"Show one {one} in detail") { reference };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var opened = open(parsed.GetValue(reference)!);
            using var sink = output.Open(parsed);
            using var rows = output.Detail(parsed, sink, columns);
            rows.Start();
            write(rows, opened, Owners.Scan(), Pins.Scan());
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>pin</c>: a name in the BPF file system.</summary>
    /// <param name="reference">How the object is named on the command line.</param>
    /// <param name="description">What pinning does to it.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="pin">Pins it at a path.</param>
    public static Command Pin<T>(Argument<string> reference, string description, Func<string, T> open, Action<T, string> pin) where T : IDisposable
    {
        var path = new Argument<string>("PATH") { Description = "Where to pin it, in a BPF file system; folders that are missing there are made" };
        var command = new Command("pin", description) { reference, path };
        command.SetAction(parsed =>
        {
            using var opened = open(parsed.GetValue(reference)!);
            pin(opened, parsed.GetValue(path)!);
            return ExitCode.Done;
        });
        return command;
    }
}
