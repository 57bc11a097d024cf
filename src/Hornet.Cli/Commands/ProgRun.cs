using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet prog run</c>: runs a program on given input without attaching it.</summary>
internal static class ProgRun
{
    public static Command Create()
    {
        var reference = References.Argument("PROG", "A program: its id, its name, or the path where it is pinned");
        var data = new Option<string?>("--data") { Description = "The packet, in hexadecimal; blanks are ignored", HelpName = "HEX" };
        var dataFile = new Option<string?>("--data-in") { Description = "The packet, from a file", HelpName = "FILE" };
        var context = new Option<string?>("--ctx") { Description = "The context, in hexadecimal", HelpName = "HEX" };
        var repeat = new Option<int>("--repeat") { Description = "How often to run it; the time is the average", HelpName = "N", DefaultValueFactory = _ => 1 };
        var dataOut = new Option<string?>("--data-out") { Description = "Write the packet as the program left it to a file", HelpName = "FILE" };
        var command = new Command("run", "Run a program once, or many times, on given input (BPF_PROG_TEST_RUN)") { reference, data, dataFile, context, repeat, dataOut };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var program = References.Program(parsed.GetValue(reference)!);
            if (parsed.GetValue(data) is not null && parsed.GetValue(dataFile) is not null) throw new UserException("--data and --data-in exclude each other.");
            byte[] packet = parsed.GetValue(dataFile) is { } path ? Files.ReadAllBytes(path) : Hex(parsed.GetValue(data), "--data");
            if (parsed.GetValue(repeat) < 1) throw new UserException("--repeat wants at least 1.");
            var result = program.TestRun(new TestRunOptions { Data = packet, Context = Hex(parsed.GetValue(context), "--ctx"), Repeat = parsed.GetValue(repeat) });
            if (parsed.GetValue(dataOut) is { } file) Files.WriteAllBytes(file, result.Data);
            using var sink = output.Open(parsed);
            using var rows = output.Detail(parsed, sink, new("return_value", "return value"), new("ns_per_run", "ns per run"), new("data", "data"), new("ctx", "context"));
            rows.Start();
            rows.BeginRow();
            rows.Add(result.ReturnValue);
            rows.Add(result.Nanoseconds);
            rows.Add(result.Data.Length == 0 ? null : Convert.ToHexStringLower(result.Data));
            rows.Add(result.Context.Length == 0 ? null : Convert.ToHexStringLower(result.Context));
            rows.EndRow();
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static byte[] Hex(string? text, string option)
    {
        if (text is null) return [];
        string digits = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException)
        {
            throw new UserException($"{option} wants an even number of hexadecimal digits, as in 'ff 00 1a'.");
        }
    }
}
