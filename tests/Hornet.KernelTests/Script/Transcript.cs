using System.Globalization;
using System.Text;

namespace Hornet.KernelTests.Script;

/// <summary>One command and what it must print: a case of the conformance suite.</summary>
/// <param name="Name">File and line.</param>
/// <param name="Arguments">What follows <c>hornet trace</c>.</param>
/// <param name="Output">Lines on standard output, without empty ones at the end.</param>
/// <param name="Errors">Lines on standard error, without those that every run prints.</param>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Needs">What of the kernel the case needs.</param>
/// <param name="MinKernel">The first kernel that can do it; null for all.</param>
/// <param name="Environment">Variables of the environment it runs with.</param>
public sealed record TranscriptCase(string Name, IReadOnlyList<string> Arguments, string Output, string Errors, int ExitCode, IReadOnlyList<Needs> Needs, string? MinKernel, IReadOnlyDictionary<string, string> Environment);

/// <summary>
/// Reads transcripts. <c>$ hornet trace …</c> begins a case; lines with two blanks in front (or empty ones) are its output, with
/// <c>! </c> its messages, <c>= </c> is its exit code. In front of a case, <c>@ Kprobes 5.15</c> says what it needs and <c>@ NAME=value</c> what its environment has; <c>#</c> is a comment. <c>IMPORTS</c> in a command is the folder of <see cref="ImportFixtures"/>.
/// </summary>
internal static class Transcript
{
    private const string Command = "$ hornet trace ";

    public static IEnumerable<TranscriptCase> Read(string file, string text)
    {
        string[] lines = text.Split('\n');
        List<Needs> needs = [];
        Dictionary<string, string> environment = [];
        string? minimum = null;
        for (int i = 0; i < lines.Length;)
        {
            string line = lines[i];
            if (line.Length == 0 || line[0] == '#')
            {
                i++;
            }
            else if (line[0] == '@')
            {
                foreach (string word in line[1..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    if (word.Split('=', 2) is [var variable, var value]) environment.Add(variable, value);
                    else if (char.IsAsciiDigit(word[0])) minimum = word;
                    else needs.Add(Enum.Parse<Needs>(word));
                }
                i++;
            }
            else if (line.StartsWith(Command, StringComparison.Ordinal))
            {
                string name = $"{file}:{i + 1}";
                StringBuilder command = new(line[Command.Length..]);
                // A quoted script may go over several lines.
                while (command.ToString().Count(c => c == '\'') % 2 != 0) command.Append('\n').Append(lines[++i]);
                List<string> output = [], errors = [];
                int code = 0;
                for (i++; i < lines.Length && (lines[i].Length == 0 || lines[i][0] is ' ' or '!' or '='); i++)
                {
                    if (lines[i].Length == 0) output.Add("");
                    else if (lines[i][0] == '!') errors.Add(lines[i].Length > 2 ? lines[i][2..] : "");
                    else if (lines[i][0] == '=') code = int.Parse(lines[i][1..], CultureInfo.InvariantCulture);
                    else output.Add(lines[i][2..]);
                }
                yield return new TranscriptCase(name, Words(command.ToString()), Join(output), Join(errors), code, needs, minimum, environment);
                (needs, minimum, environment) = ([], null, []);
            }
            else
            {
                throw new FormatException($"{file}:{i + 1}: '{line}' belongs to no case.");
            }
        }
    }

    /// <summary>Lines as one text, without blanks at the ends and empty lines at the end.</summary>
    public static string Join(IEnumerable<string> lines) => string.Join('\n', lines.Select(l => l.TrimEnd())).TrimEnd();

    /// <summary>A command's words: blanks separate, single quotes keep together, and <c>'\''</c> is a quote.</summary>
    public static IReadOnlyList<string> Words(string command)
    {
        List<string> words = [];
        StringBuilder? word = null;
        bool quoted = false;
        for (int i = 0; i < command.Length; i++)
        {
            char c = command[i];
            if (c == '\'')
            {
                quoted = !quoted;
                word ??= new StringBuilder();
            }
            else if (!quoted && c == '\\' && i + 1 < command.Length)
            {
                (word ??= new StringBuilder()).Append(command[++i]);
            }
            else if (!quoted && c is ' ' or '\n' && !quoted)
            {
                if (word is not null) words.Add(word.ToString());
                word = null;
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }
        if (quoted) throw new FormatException($"A quote is not closed: {command}");
        if (word is not null) words.Add(word.ToString());
        return words;
    }
}
