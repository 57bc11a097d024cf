using System.CommandLine;
using Hornet.Cli.Output;

namespace Hornet.Cli.Common;

/// <summary>Where a command writes and in which form: <c>--json --csv --output --no-header</c>. The same for every command.</summary>
internal sealed class OutputOptions
{
    private readonly Option<bool> _json = new("--json", "-j") { Description = "Write JSON" };
    private readonly Option<bool> _csv = new("--csv") { Description = "Write CSV" };
    private readonly Option<string?> _output = new("--output") { Description = "Write to a file", HelpName = "FILE" };
    private readonly Option<bool> _noHeader = new("--no-header") { Description = "Leave out the headings" };

    /// <param name="command">The command that gets the options.</param>
    /// <param name="shortOutput">Whether <c>-o</c> is <c>--output</c> here.</param>
    public OutputOptions(Command command, bool shortOutput = true)
    {
        if (shortOutput) _output.Aliases.Add("-o");
        command.Options.Add(_json);
        command.Options.Add(_csv);
        command.Options.Add(_output);
        command.Options.Add(_noHeader);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_json) && result.GetValue(_csv)) result.AddError("--json and --csv exclude each other.");
        });
    }

    public OutputFormat Format(ParseResult parsed) =>
        parsed.GetValue(_json) ? OutputFormat.Json : parsed.GetValue(_csv) ? OutputFormat.Csv : OutputFormat.Text;

    /// <summary>Opens what the command writes to; dispose closes the file.</summary>
    public Stream Open(ParseResult parsed)
    {
        if (parsed.GetValue(_output) is not { } path) return new DescriptorStream(1);
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot write '{path}': {e.Message}");
        }
    }

    /// <summary>A stream of events: fixed columns, one JSON object a line.</summary>
    public RowWriter Events(ParseResult parsed, Stream sink, params Column[] columns) =>
        new(sink, Format(parsed), RowLayout.Events, headings: !parsed.GetValue(_noHeader), columns);

    /// <summary>One thing in detail: a line per column, one JSON object.</summary>
    public RowWriter Detail(ParseResult parsed, Stream sink, params Column[] columns) =>
        new(sink, Format(parsed), RowLayout.Detail, headings: !parsed.GetValue(_noHeader), columns);

    /// <summary>A list: fitted columns, one JSON array.</summary>
    public RowWriter List(ParseResult parsed, Stream sink, params Column[] columns) =>
        new(sink, Format(parsed), RowLayout.List, headings: !parsed.GetValue(_noHeader), columns);
}
