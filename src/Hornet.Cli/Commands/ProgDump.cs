using System.CommandLine;
using System.Globalization;
using System.Text;
using Hornet.Cli.Common;
using Hornet.Cli.Output;
using Hornet.Isa;
using Hornet.Programs;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet prog dump</c>: a program's instructions as the kernel keeps them, or its machine code.</summary>
internal static class ProgDump
{
    public static Command Create()
    {
        var reference = References.Argument("PROG", "A program: its id, its name, or the path where it is pinned");
        var jited = new Option<bool>("--jited") { Description = "The machine code, in hexadecimal" };
        var noSource = new Option<bool>("--no-source") { Description = "Leave out source lines" };
        var command = new Command("dump", "Print a program's instructions (as translated by the kernel), or its machine code, with source lines where there are any") { reference, jited, noSource };
        var output = new OutputOptions(command);
        command.SetAction(parsed =>
        {
            using var program = References.Program(parsed.GetValue(reference)!);
            var dump = program.Dump();
            using var sink = output.Open(parsed);
            bool source = !parsed.GetValue(noSource);
            if (output.Format(parsed) == OutputFormat.Text)
            {
                string text = parsed.GetValue(jited) ? Machine(dump, source) : Translated(dump, source);
                sink.Write(Encoding.UTF8.GetBytes(text));
                return ExitCode.Done;
            }
            if (parsed.GetValue(jited))
            {
                using var functions = output.List(parsed, sink, new("function", "FUNCTION"), new("address", "ADDRESS"), new("bytes", "BYTES", -1), new("code", "CODE"));
                functions.Start();
                foreach (var function in dump.Functions)
                {
                    functions.BeginRow();
                    functions.Add(function.Name);
                    functions.Add($"0x{function.Address:x}");
                    functions.Add((long)function.Code.Length);
                    functions.Add(Convert.ToHexStringLower(function.Code.Span));
                    functions.EndRow();
                }
                functions.Finish();
                return ExitCode.Done;
            }
            using var rows = output.List(parsed, sink, new("slot", "SLOT", -1), new("instruction", "INSTRUCTION"), new("function", "FUNCTION"), new("file", "FILE"), new("line", "LINE", -1), new("source", "SOURCE"));
            rows.Start();
            long slot = 0;
            foreach (var instruction in dump.Instructions)
            {
                var line = instruction.Metadata?.Source;
                rows.BeginRow();
                rows.Add(slot);
                rows.Add(Disassembler.Format(instruction));
                rows.Add(instruction.Symbol);
                rows.Add(line?.File);
                if (line is null) rows.AddNothing();
                else rows.Add((long)line.Line);
                rows.Add(line?.Text);
                rows.EndRow();
                slot += instruction.Slots;
            }
            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static string Translated(ProgramDump dump, bool source)
    {
        IReadOnlyList<Instruction> shown = source ? dump.Instructions
            : [.. dump.Instructions.Select(i => i.Metadata is { } m ? i with { Metadata = m with { Source = null } } : i)];
        // Names and source lines come from whoever loaded the program.
        return string.Join('\n', Disassembler.Format(shown).Split('\n').Select(Safe));
    }

    internal static string Machine(ProgramDump dump, bool source)
    {
        var text = new StringBuilder();
        foreach (var function in dump.Functions)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Safe(function.Name)}: 0x{function.Address:x}, {function.Code.Length} bytes\n");
            int at = 0;
            var stops = source ? function.Lines.Where(l => l.Offset > 0 && l.Offset < function.Code.Length).Select(l => l.Offset).Distinct().Order().ToList() : [];
            stops.Add(function.Code.Length);
            foreach (int stop in stops)
            {
                if (source)
                {
                    foreach (var line in function.Lines.Where(l => l.Offset == at)) text.Append("; ").Append(Safe(line.Source.Text)).Append(" @ ").Append(Safe(line.Source.File)).Append(':').Append(line.Source.Line).Append('\n');
                }
                for (; at < stop; at += 16)
                {
                    int count = Math.Min(16, stop - at);
                    text.Append(CultureInfo.InvariantCulture, $"{at,6:x}: ").Append(string.Join(' ', Convert.ToHexStringLower(function.Code.Span.Slice(at, count)).Chunk(2).Select(pair => new string(pair)))).Append('\n');
                    if (count < 16)
                    {
                        at = stop;
                        break;
                    }
                }
                at = stop;
            }
        }
        if (dump.Functions.Count == 0) text.Append("The program has no machine code: the just-in-time compiler is off, or this process may not see kernel addresses (CAP_SYSLOG, kernel.kptr_restrict).\n");
        return text.ToString();
    }

    internal static string Safe(string line) => UntrustedText.Escape(line.Replace("\t", "    ", StringComparison.Ordinal)).Replace(@"\\", @"\", StringComparison.Ordinal);
}
