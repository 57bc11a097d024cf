using System.CommandLine;
using System.Globalization;
using Hornet.Cli.Common;

namespace Hornet.Cli.Commands;

/// <summary>
/// <c>hornet vm exec</c>: raw instructions from standard input. This is the protocol that conformance suites speak to the
/// machines they test: memory as the first argument, instructions in hexadecimal on standard input, R0 in hexadecimal on
/// standard output.
/// </summary>
internal static class VmExec
{
    public static Command Create()
    {
        var memory = new Argument<string?>("MEMORY") { Description = "Memory for the program, in hexadecimal: its address is in R1, its length in R2", DefaultValueFactory = _ => null };
        var engine = VmCommand.EngineOption();
        var budget = VmCommand.BudgetOption();
        var command = new Command("exec", "Run instructions given in hexadecimal on standard input, and print R0") { memory, engine, budget };
        command.SetAction(parsed =>
        {
            byte[] code = VmCommand.Hex(Console.In.ReadToEnd(), "The program");
            byte[] bytes = VmCommand.Hex(parsed.GetValue(memory) ?? "", "MEMORY");
            var program = VmCommand.Machine(parsed.GetValue(engine), parsed.GetValue(budget)).Load((ReadOnlySpan<byte>)code, "stdin");
            var result = program.Run(bytes.AsSpan());
            if (result.Fault is { } fault) throw new UserException(fault.ToString());
            Console.WriteLine(result.ReturnValue.ToString("x", CultureInfo.InvariantCulture));
            return ExitCode.Done;
        });
        return command;
    }
}
