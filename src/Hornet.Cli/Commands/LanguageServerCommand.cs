using System.CommandLine;
using Hornet.Cli.Common;
using Hornet.Script.LanguageServer;

namespace Hornet.Cli.Commands;

/// <summary><c>hornet lsp</c>: a language server for tracing scripts, which editors start.</summary>
internal static class LanguageServerCommand
{
    public static Command Create()
    {
        // Editors say so; there is no other way.
        Option<bool> stdio = new("--stdio") { Description = "Speak over standard input and output, as always" };
        Command command = new("lsp", """
            Answers an editor's questions about tracing scripts over standard input and output: mistakes while typing, what a name
            is, what can be typed, where something is defined, formatting, symbols. The editor starts it; see docs/editor.md.

            Example:
              hornet lsp
            """) { stdio };
        command.SetAction(_ =>
        {
            using var input = Console.OpenStandardInput();
            using var output = Console.OpenStandardOutput();
            try
            {
                using LanguageServer server = new(new BufferedStream(input), output);
                return server.Run();
            }
            catch (InvalidDataException e)
            {
                throw new UserException($"this is no language server protocol: {e.Message}. Editors start this command; see docs/editor.md");
            }
        });
        return command;
    }
}
