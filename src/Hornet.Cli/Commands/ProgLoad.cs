using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Objects;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet prog load</c>: brings an object file into the kernel and leaves it there, pinned.</summary>
internal static class ProgLoad
{
    private static readonly Column[] s_columns = [new("kind", "KIND"), new("id", "ID", -1), new("name", "NAME"), new("type", "TYPE"), new("pinned", "PINNED")];

    public static Command Create()
    {
        var command = new Command("load", """
            Load an object file. With --pin its programs, maps and links stay when the command ends, as DIR/prog/NAME,
            DIR/map/NAME and DIR/link/NAME; without, it is only shown whether the kernel takes them. When anything fails,
            nothing stays. 'rm -r DIR' takes all of it away again.

            Examples:
              hornet prog load x.bpf.o                               does it load?
              hornet prog load x.bpf.o --pin /sys/fs/bpf/x           load and keep
              hornet prog load x.bpf.o --pin /sys/fs/bpf/x --attach  and attach what its section names say
              hornet prog load x.bpf.o --program count --verbose     one program, with the verifier's log
              hornet prog load x.bpf.o --map counts=/sys/fs/bpf/c    with a map that is there already
            """);
        var objects = new ObjectOptions(command);
        var pin = new Option<string?>("--pin") { Description = "Keep everything by pinning it below this folder of a BPF file system", HelpName = "DIR" };
        var attach = new Option<bool>("--attach") { Description = "Attach what the section names say, and pin the links too" };
        command.Options.Add(pin);
        command.Options.Add(attach);
        var output = new OutputOptions(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(attach) && result.GetValue(pin) is null) result.AddError("--attach needs --pin, or the attachments would end with the command. 'hornet run' attaches until Ctrl-C.");
        });
        command.SetAction(parsed =>
        {
            var spec = objects.Read(parsed);
            using var folder = parsed.GetValue(pin) is { } path ? new PinFolder(path) : null;
            if (parsed.GetValue(attach)) Tools.ToolSession.EnsureTracefs();
            using var loaded = objects.Load(parsed, spec);
            using var links = parsed.GetValue(attach) ? loaded.AttachAll() : new AttachedLinks();
            foreach (var (name, reason) in links.NotAttached) Errors.Note($"'{name}' is not attached: {reason}. See 'hornet prog attach'.");
            using var sink = output.Open(parsed);
            using var rows = output.List(parsed, sink, s_columns);
            rows.Start();
            foreach (var (name, program) in loaded.Programs)
                Write(rows, "prog", program.GetInfo().Id, name, program.Type.ToString(), folder?.Add("prog", name, program.Pin));
            foreach (var (name, map) in loaded.Maps)
                Write(rows, "map", map.GetInfo().Id, name, map.Type.ToString(), folder?.Add("map", name, map.Pin));
            foreach (var (name, link) in links.Links)
            {
                string? pinned = folder?.Add("link", name, link.Pin);
                var info = link.GetInfo();
                Write(rows, "link", info.Id, name, info.Type.ToString(), pinned);
            }
            rows.Finish();
            folder?.Keep();
            if (folder is null) Errors.Note("all of it loads; nothing was kept, as --pin was not given");
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(RowWriter rows, string kind, uint id, string name, string type, string? pinned)
    {
        rows.BeginRow();
        rows.Add(kind);
        rows.Add(id);
        rows.Add(name);
        rows.Add(type);
        rows.Add(pinned);
        rows.EndRow();
    }
}
