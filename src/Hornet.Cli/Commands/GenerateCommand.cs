using System.CommandLine;
using System.Text;
using Hornet.Btf;
using Hornet.Cli.Common;
using Hornet.Kernel;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet generate</c>: C# for what this kernel has, to name it in kernel code.</summary>
internal static class GenerateCommand
{
    public static Command Create() => new("generate", """
        Write C# for the types and tracepoints of the running kernel.

        Examples:
          hornet generate types task_struct mm_struct > KernelTypes.cs
          hornet generate tracepoint 'sched:*' > Sched.cs
        """) { Types(), Tracepoint() };

    private static Command Types()
    {
        var names = new Argument<string[]>("TYPE") { Description = "Structs and unions of the kernel", Arity = ArgumentArity.OneOrMore };
        var space = NamespaceOption();
        var source = new Option<string>("--btf") { Description = "Where the types are from: vmlinux, a module, a file", HelpName = "SOURCE", DefaultValueFactory = _ => "vmlinux" };
        var command = new Command("types", "An interface for each type, with its fields as properties; those marked [KernelType] are read in kernel code. Delete what is not needed.") { names, space, source };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var btf = BtfDump.Open(parsed.GetValue(source)!, null);
            List<BtfType> types = [];
            foreach (string name in parsed.GetValue(names)!.Distinct())
            {
                if (!btf.TryFind(name, BtfKind.Struct, out var type) && !btf.TryFind(name, BtfKind.Union, out type))
                    throw new UserException($"there is no struct or union '{name}' in {btf.Name}. {CloseNames.Suggest(name, StructNames(btf))}".TrimEnd());
                types.Add(type);
            }
            using var sink = output.Open(parsed);
            sink.Write(Encoding.UTF8.GetBytes(new KernelTypeWriter(types).Write(parsed.GetValue(space)!)));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Tracepoint()
    {
        var patterns = new Argument<string[]>("TRACEPOINT") { Description = "Tracepoints, as in sched:sched_switch or 'sched:*'", Arity = ArgumentArity.OneOrMore };
        var space = NamespaceOption();
        var command = new Command("tracepoint", "A struct for each tracepoint, with the fields of its record, for AttachTracepoint((in T record) => …)") { patterns, space };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            Tools.ToolSession.EnsureTracefs();
            List<(string Group, string Name)> events = [];
            foreach (string pattern in parsed.GetValue(patterns)!)
            {
                string[] parts = pattern.Split(':', '/');
                if (parts.Length != 2) throw new UserException($"'{pattern}' is no tracepoint; write group:name, with * for any text.");
                int before = events.Count;
                foreach (string group in Tracefs.Groups().Where(g => Matches(parts[0], g)).Order(StringComparer.Ordinal))
                    events.AddRange(Tracefs.Events(group).Where(e => Matches(parts[1], e)).Order(StringComparer.Ordinal).Select(e => (group, e)));
                if (events.Count == before) throw new UserException($"no tracepoint matches '{pattern}'. {Closest(parts[0], parts[1])}'hornet list' shows what there is.");
            }
            using var sink = output.Open(parsed);
            sink.Write(Encoding.UTF8.GetBytes(TracepointWriter.Write(events.Distinct(), parsed.GetValue(space)!)));
            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<string> StructNames(BtfSpec btf)
    {
        for (uint id = 1; id < btf.TypeCount; id++)
        {
            if (btf[id] is { IsAnonymous: false, Kind: BtfKind.Struct or BtfKind.Union } type) yield return type.Name;
        }
    }

    // The names in the group where there is such a group, all names where there is none.
    private static string Closest(string group, string name)
    {
        var groups = Tracefs.Groups().Where(g => g == group).ToList();
        if (groups.Count == 0) groups = [.. Tracefs.Groups()];
        return CloseNames.Suggest($"{group}:{name}", groups.SelectMany(g => Tracefs.Events(g).Select(e => $"{g}:{e}"))) is { } close ? close + " " : "";
    }

    private static Option<string> NamespaceOption() => new("--namespace") { Description = "The namespace of what is written", HelpName = "NAME", DefaultValueFactory = _ => "Kernel" };

    private static bool Matches(string pattern, string name) => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
