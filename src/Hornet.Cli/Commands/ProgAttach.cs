using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Links;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet prog attach</c>: attaches a program that is in the kernel, until Ctrl-C or for good.</summary>
internal static class ProgAttach
{
    public static Command Create()
    {
        var command = new Command("attach", $"""
            Attach a program that is in the kernel: until Ctrl-C, or with --pin for as long as the pin exists
            ('hornet link unpin' detaches then).

            Kinds, and their targets:
            {string.Join('\n', AttachKinds.All.Select(k => $"  {k.Name,-15} {k.Target ?? "(none: it was loaded for its target)"}{(k.Extra is { } extra ? $", with {extra}" : "")}"))}

            Examples:
              hornet prog attach /sys/fs/bpf/x/prog/count tracepoint sched/sched_switch
              hornet prog attach 42 xdp eth0 --mode generic --pin /sys/fs/bpf/my_xdp
              hornet prog attach filter cgroup /sys/fs/cgroup/my.service --hook cgroup-inet-egress
              hornet prog attach sample perf_event cpu-clock --frequency 99 --duration 10
            """);
        var reference = References.Argument("PROG", "A program: its id, its name, or the path where it is pinned");
        var kindName = new Argument<string>("KIND") { Description = "How to attach it" };
        var target = new Argument<string?>("TARGET") { Description = "What to attach it to", Arity = ArgumentArity.ZeroOrOne };
        var pin = new Option<string?>("--pin") { Description = "Pin the link here, and leave it attached", HelpName = "PATH" };
        var duration = new Option<TimeSpan?>("--duration", "-d") { Description = "Detach after this time", HelpName = "TIME", CustomParser = Units.ParseDuration };
        var hook = new Option<string?>("--hook") { Description = "The hook of a cgroup or sockmap, where the program's type has several: cgroup-inet4-connect", HelpName = "NAME" };
        var mode = new Option<XdpMode?>("--mode") { Description = "Where XDP runs: any, generic, native, hardware", HelpName = "MODE" };
        var frequency = new Option<ulong?>("--frequency") { Description = "How often a second a perf event fires", HelpName = "HZ" };
        foreach (Argument argument in (Argument[])[reference, kindName, target]) command.Arguments.Add(argument);
        foreach (Option option in (Option[])[pin, duration, hook, mode, frequency]) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(pin) is not null && result.GetValue(duration) is not null) result.AddError("--pin keeps the program attached; --duration does not go with it.");
        });
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            var kind = AttachKinds.Find(parsed.GetValue(kindName)!);
            AttachExtras extras = new(parsed.GetValue(hook), parsed.GetValue(mode), parsed.GetValue(frequency));
            if (extras.Given.FirstOrDefault(o => o != kind.Extra) is { } extra) throw new UserException($"{extra} does not go with {kind.Name}.");
            string? place = parsed.GetValue(target);
            if (kind.Target is null && place is not null) throw new UserException($"{kind.Name} takes no target: the program was loaded for its own.");
            if (kind.Target is not null && place is null) throw new UserException($"{kind.Name} wants a target: {kind.Target}.");
            if (kind.Name == "tracepoint") Tools.ToolSession.EnsureTracefs();

            using var program = References.Program(parsed.GetValue(reference)!);
            // Before attaching, so that there is no moment in which a signal ends the process without detaching.
            using var interruption = new Interruption();
            using var link = Attach(kind, program, place ?? "", extras);
            if (parsed.GetValue(pin) is { } path) link.Pin(path);
            try
            {
                Write(parsed, output, program.GetInfo().Id, link);
            }
            catch
            {
                // Nobody learned of it, so it does not stay.
                if (link.PinnedPath is not null) link.Unpin();
                throw;
            }
            if (link.PinnedPath is not null) return ExitCode.Done;
            interruption.EndAfter(parsed.GetValue(duration));
            Errors.Note("attached; Ctrl-C detaches");
            interruption.Token.WaitHandle.WaitOne();
            return interruption.ExitStatus;
        });
        return command;
    }

    private static BpfLink Attach(AttachKind kind, BpfProgram program, string target, AttachExtras extras)
    {
        try
        {
            return kind.Attach(program, target, extras);
        }
        catch (ArgumentException e)
        {
            // The library calls a reserved number or a bad pattern its caller's mistake, and the caller here is the user.
            throw new UserException(e.Message);
        }
    }

    private static void Write(ParseResult parsed, OutputOptions output, uint program, BpfLink link)
    {
        using var sink = output.Open(parsed);
        using var rows = output.Detail(parsed, sink, new("id", "link"), new("type", "type"), new("prog_id", "program"), new("attached_to", "attached to"), new("pinned", "pinned"));
        rows.Start();
        rows.BeginRow();
        // Before 5.15 some attachments are no link objects, and netlink's never are.
        var info = link.Descriptor is null ? null : link.GetInfo();
        if (info is null) rows.AddNothing();
        else rows.Add(info.Id);
        rows.Add(info?.Type.ToString());
        rows.Add(program);
        rows.Add(link.Description);
        rows.Add(link.PinnedPath);
        rows.EndRow();
        rows.Finish();
    }
}
