using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using Hornet.Cli.Commands;
using Hornet.Cli.Common;
using Hornet.Kernel;
using Hornet.Links;

namespace Hornet.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        // What would outlive a kill -9 is said at the moment it is attached, whichever command attaches it.
        AttachmentJournal.SurvivorAttached += (_, notice) => Errors.Note(notice);
        try
        {
            return Run(args);
        }
        catch (Exception e)
        {
            return Errors.Report(e);
        }
    }

    private static int Run(string[] args)
    {
        string verb = args.Length == 0 ? "help" : args[0];
        if (verb is "--help" or "-h" or "-?" or "help" && args.Length < 2) return Overview.Print();
        if (verb is "--version") return PrintVersion();
        // 'hornet help prog' is 'hornet prog --help'.
        if (verb is "help") return Run([args[1], "--help"]);

        if (CommandCatalog.Find(verb) is not { } entry)
        {
            string? close = CloseNames.Suggest(verb, CommandCatalog.Entries.Select(e => e.Name));
            throw new UserException($"there is no command '{verb}'. {close} 'hornet --help' lists them all.".Replace("  ", " ", StringComparison.Ordinal));
        }

        // A RootCommand would be called as the assembly is; the user knows the command as hornet.
        var root = new Command("hornet", "eBPF for .NET") { new HelpOption(), entry.Create() };
        var parsed = root.Parse(args);
        int status = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? ExitCode.UserMistake : status;
    }

    private static int PrintVersion()
    {
        string? version = typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        Console.WriteLine($"hornet {version}");
        return ExitCode.Done;
    }
}
