using System.CommandLine;
using Hornet.Script.CommandLine;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet trace</c> among the commands.</summary>
internal static class TraceVerb
{
    /// <summary>The verb for the list of commands. It takes its options as they are, since they are bpftrace's.</summary>
    public static Command Create()
    {
        Argument<string[]> words = new("OPTIONS") { Description = "As bpftrace has them; hornet trace --help lists them", Arity = ArgumentArity.ZeroOrMore };
        Command command = new("trace", """
            Runs scripts in bpftrace's language, with bpftrace's options, output and exit statuses. The executable bpftrace beside
            hornet is the same.

            Examples:
              hornet trace -e 'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'   system calls by program
              hornet trace tool.bt                                                        a script
              hornet trace -l 'tracepoint:sched:*'                                        what can be probed
            """) { words };
        command.SetAction(parsed => TraceCommand.Run(parsed.GetValue(words) ?? [], "hornet trace"));
        return command;
    }
}
