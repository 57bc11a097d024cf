using System.CommandLine;
using Hornet.Btf;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Kernel;
using Hornet.Tracing;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet list</c>: what can be probed on this machine.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var pattern = new Argument<string>("PATTERN") { Description = "KIND:NAME with the wildcards * and ?, or a name alone", DefaultValueFactory = _ => "*" };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Show arguments, results and modules" };
        var command = new Command("list", """
            What can be probed on this machine. Kinds: syscall, tracepoint, rawtracepoint, function (a kernel function with
            a known prototype), kprobe (by symbol), uprobe, usdt, software, hardware (counters), iter, lsm. A name without a
            kind is looked for among system calls, tracepoints and kernel functions.

            Examples:
              hornet list 'tracepoint:sched:*'          the scheduler's tracepoints
              hornet list -v syscall:openat             with arguments
              hornet list 'function:vfs_*' -v --json    kernel functions and their prototypes
              hornet list 'uprobe:/bin/bash:read*'      functions of a program
              hornet list usdt:libstdc++.so.6           static probes of a library
            """) { pattern, verbose };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            string wanted = parsed.GetValue(pattern)!;
            bool more = parsed.GetValue(verbose);
            IEnumerable<Probe> found;
            try
            {
                found = ProbeCatalog.Find(wanted);
            }
            catch (ArgumentException e)
            {
                throw new UserException(e.Message.Split(" (Parameter")[0]);
            }
            using var sink = output.Open(parsed);
            Column[] columns = more
                ? [new("kind", "KIND"), new("name", "NAME"), new("returns", "RETURNS"), new("module", "MODULE"), new("arguments", "ARGUMENTS")]
                : [new("kind", "KIND"), new("name", "NAME")];
            using var rows = output.List(parsed, sink, columns);
            rows.Start();
            int shown = 0;
            foreach (var probe in found)
            {
                shown++;
                rows.BeginRow();
                rows.Add(ProbeCatalog.NameOf(probe.Kind));
                rows.Add(probe.Name);
                if (more)
                {
                    rows.Add(probe.ReturnTypeName);
                    rows.Add(probe.Module);
                    if (probe.Arguments is { } arguments) rows.Add(arguments.Select(a => a.ToString()));
                    else rows.AddNothing();
                }
                rows.EndRow();
            }
            rows.Finish();
            if (shown == 0) throw new UserException($"nothing matches '{wanted}'. {Suggest(wanted)}".TrimEnd());
            return ExitCode.Done;
        });
        return command;
    }

    private static string? Suggest(string pattern)
    {
        int colon = pattern.LastIndexOf(':');
        string name = pattern[(colon + 1)..].Trim('*', '?');
        if (name.Length == 0) return null;
        if (pattern.StartsWith("uprobe:", StringComparison.Ordinal) || pattern.StartsWith("usdt:", StringComparison.Ordinal))
        {
            var all = ProbeCatalog.Find(colon > pattern.IndexOf(':') ? pattern[..(colon + 1)] + "*" : pattern);
            return CloseNames.Suggest(name, all.Select(p => p.Name[(p.Name.LastIndexOf(':') + 1)..]));
        }
        var known = Tracefs.FindMount() is null ? [] : TracepointProbe.Find("*").Select(p => p.EventName).Concat(SyscallProbe.Find("*").Select(p => p.Name));
        if (KernelBtf.IsAvailable) known = known.Concat(KernelFunctionProbe.Find("*").Select(p => p.Name));
        return CloseNames.Suggest(name, known);
    }
}
