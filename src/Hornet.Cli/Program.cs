using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using Hornet.Cli.Commands;
using Hornet.Cli.Common;
using Hornet.Script.CommandLine;
using Hornet.Script.Runtime;
using Hornet.Kernel;
using Hornet.Links;

namespace Hornet.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        // A script is to run before any of the other commands' options would be made.
        bool traces = args is ["trace", ..];
        if (traces) HeadStart.Begin(args.AsSpan(1));
        if (CalledAs() == "bpftrace")
        {
            if (!traces) HeadStart.Begin(args);
            return TraceCommand.Run(args, "bpftrace");
        }
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
        if (verb is "trace") return TraceCommand.Run(args[1..], "hornet trace");
        if (verb is "--help" or "-h" or "-?" or "help" && args.Length < 2) return Overview.Print();
        if (verb is "--version") return PrintVersion();
        // 'hornet help prog' is 'hornet prog --help'.
        if (verb is "help") return Run([args[1], "--help"]);

        return RunCommand(verb, args);
    }

    // Apart: what reads command lines is not loaded for a script.
    private static int RunCommand(string verb, string[] args)
    {
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

    // The name of the executable, which links may have given.
    private static string CalledAs()
    {
        if (Path.GetFileName(Environment.ProcessPath) is "bpftrace") return "bpftrace";
        try
        {
            using var file = File.OpenHandle("/proc/self/cmdline");
            Span<byte> first = stackalloc byte[512];
            first = first[..RandomAccess.Read(file, first, 0)];
            int end = first.IndexOf((byte)0);
            return Path.GetFileName(System.Text.Encoding.UTF8.GetString(end < 0 ? first : first[..end]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static int PrintVersion()
    {
        string? version = typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        Console.WriteLine($"hornet {version}");
        return ExitCode.Done;
    }
}
