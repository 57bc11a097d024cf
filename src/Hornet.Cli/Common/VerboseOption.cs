using System.CommandLine;

namespace Hornet.Cli.Common;

/// <summary>The option <c>--verbose</c>. Once read, a refusal of the verifier is reported with its whole log.</summary>
internal sealed class VerboseOption
{
    private readonly Option<bool> _option;

    public VerboseOption(Command command, string description)
    {
        _option = new Option<bool>("--verbose") { Description = description };
        command.Options.Add(_option);
    }

    public bool Read(ParseResult parsed) => Errors.ShowVerifierLog = parsed.GetValue(_option);
}
