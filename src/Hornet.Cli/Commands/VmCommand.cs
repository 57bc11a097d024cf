using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Vm;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet vm</c>: programs in the user-space machine.</summary>
internal static class VmCommand
{
    public static Command Create()
    {
        var command = new Command("vm", """
            Run BPF programs in user space: no kernel, no privileges. A program that misbehaves is ended, and told where and why.

            Examples:
              hornet vm run x.bpf.o                                 the object's only program, without a context
              hornet vm run x.bpf.o filter --data 00112233…         program 'filter' on a packet
              hornet vm run x.bpf.o filter --data-in p.bin --repeat 1000000 --engine jit
              echo b700000002000000 9500000000000000 | hornet vm exec
            """);
        command.Subcommands.Add(VmRun.Create());
        command.Subcommands.Add(VmExec.Create());
        return command;
    }

    public static Option<VmEngine> EngineOption() => new("--engine")
    {
        Description = "How to execute: auto, interpreter or jit",
        HelpName = "ENGINE",
        CustomParser = result =>
        {
            if (Enum.TryParse(result.Tokens.Count == 1 ? result.Tokens[0].Value : "", ignoreCase: true, out VmEngine engine) && Enum.IsDefined(engine)) return engine;
            result.AddError("--engine wants auto, interpreter or jit.");
            return default;
        },
    };

    public static Option<long?> BudgetOption() => new("--budget") { Description = "Instructions that a run may execute before it is ended", HelpName = "N" };

    public static BpfMachine Machine(VmEngine engine, long? budget)
    {
        if (budget is < 1) throw new UserException("--budget wants at least 1.");
        VmOptions options = new() { Engine = engine, TraceOutput = Console.Error.WriteLine };
        return new BpfMachine(budget is { } given ? options with { InstructionBudget = given } : options);
    }

    public static byte[] Hex(string text, string what)
    {
        try
        {
            return Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));
        }
        catch (FormatException)
        {
            throw new UserException($"{what} wants an even number of hexadecimal digits, as in 'ff 00 1a'.");
        }
    }
}
