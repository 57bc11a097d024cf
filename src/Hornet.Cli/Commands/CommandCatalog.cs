using System.CommandLine;

namespace Hornet.Cli.Commands;

/// <summary>A verb of the command line: its name, what it is for, and how to build it.</summary>
internal sealed record CommandEntry(string Name, string Group, string Summary, Func<Command> Create);

/// <summary>
/// All verbs. Only the one that is asked for is built: making every option of every command costs more than starting
/// the runtime.
/// </summary>
internal static class CommandCatalog
{
    public const string Tools = "Tools";
    public const string Kernel = "What is in the kernel";
    public const string Development = "C# in the kernel";
    public const string Machine = "This machine";

    public static readonly IReadOnlyList<CommandEntry> Entries =
    [
        new("opensnoop", Tools, "Trace open(2): who opens which file, and what comes of it", Hornet.Cli.Tools.OpenSnoop.Create),
        new("syscount", Tools, "Count system calls, and how long they take", Hornet.Cli.Tools.SysCount.Create),
        new("trace", Tools, "Run scripts and one-liners in bpftrace's language", TraceVerb.Create),
        new("lsp", Tools, "Answer editors about tracing scripts (language server)", LanguageServerCommand.Create),
        new("run", Tools, "Load a BPF object file, attach it, stream its events", RunCommand.Create),
        new("list", Kernel, "What can be probed, with arguments and types", ListCommand.Create),
        new("prog", Kernel, "Programs: list, show, dump, load, attach, run, pin, and what they cost", ProgCommand.Create),
        new("map", Kernel, "Maps: list, show, dump, lookup, update, delete, pin, freeze", MapCommand.Create),
        new("link", Kernel, "Attachments: list, show, pin, detach", LinkCommand.Create),
        new("btf", Kernel, "Types: list, dump as C or C#", BtfCommand.Create),
        new("compile", Development, "C# methods as BPF objects, or step by step", CompileCommand.Create),
        new("generate", Development, "C# for the kernel's types and tracepoints", GenerateCommand.Create),
        new("vm", Machine, "Run BPF programs in user space, without a kernel", VmCommand.Create),
        new("feature", Machine, "What this kernel can do, since when, and why not", FeatureCommand.Create),
        new("doctor", Machine, "What works here, what does not, why, and what to do", DoctorCommand.Create),
        new("cleanup", Machine, "Remove what dead processes left attached", CleanupCommand.Create),
    ];

    public static CommandEntry? Find(string name) => Entries.FirstOrDefault(e => e.Name == name);
}
