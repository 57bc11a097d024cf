using Hornet.Cli.Output;
using Hornet.Compiler.Diagnostics;
using Hornet.Programs;

namespace Hornet.Cli.Common;

/// <summary>Turns what went wrong into one message on stderr and an exit status.</summary>
internal static class Errors
{
    /// <summary>Whether a refusal of the verifier comes with its whole log (<c>--verbose</c>).</summary>
    public static bool ShowVerifierLog { get; set; }

    public static int Report(Exception exception)
    {
        switch (exception)
        {
            case OutputClosedException:
                return ExitCode.OutputClosed;
            case CompilationException errors:
                // As compilers say it, so that an editor or a build finds the place.
                foreach (var diagnostic in errors.Diagnostics) WriteLines("", diagnostic.ToString());
                return ExitCode.UserMistake;
            case UserException or BpfFormatException:
                Write(exception.Message);
                return ExitCode.UserMistake;
            case VerifierException { Log.Length: > 0 } refusal:
                if (ShowVerifierLog) VerifierLog(refusal.Program, refusal.Log);
                Write(ShowVerifierLog ? refusal.Message : $"{refusal.Message}\nThe verifier's log has {refusal.Log.AsSpan().TrimEnd('\n').Count('\n') + 1} lines; --verbose prints it.");
                return ExitCode.Refused;
            case BpfException or IOException:
                Write(exception.Message);
                return ExitCode.Refused;
            case UnauthorizedAccessException:
                Write($"{exception.Message} Run hornet as root.");
                return ExitCode.Refused;
            case OperationCanceledException:
                return ExitCode.Interrupted;
            default:
                return Unexpected(exception);
        }
    }

    /// <summary>A note beside the output, on stderr, so that it never mixes with data.</summary>
    public static void Note(string text) => Write(text);

    /// <summary>What the verifier wrote about a program, on stderr.</summary>
    public static void VerifierLog(string program, string log) => Write($"the verifier on '{program}':\n{log.TrimEnd('\n')}");

    private static int Unexpected(Exception exception)
    {
        Write($"internal error: {exception}");
        return 70;
    }

    // A message may quote names from the kernel or a file; it may also have several lines of its own.
    private static void Write(string message) => WriteLines("hornet: ", message);

    private static void WriteLines(string prefix, string message)
    {
        string[] lines = message.Split('\n');
        for (int i = 0; i < lines.Length; i++) lines[i] = UntrustedText.Escape(lines[i].Replace("\t", "    ", StringComparison.Ordinal)).Replace(@"\\", @"\", StringComparison.Ordinal);
        try
        {
            Console.Error.WriteLine($"{prefix}{string.Join("\n  ", lines)}");
        }
        catch (IOException)
        {
            // A full disk behind stderr: there is nowhere left to say it, and the exit status still does.
        }
    }
}
