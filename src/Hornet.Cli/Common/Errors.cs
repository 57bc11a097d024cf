using Hornet.Cli.Output;

namespace Hornet.Cli.Common;

/// <summary>Turns what went wrong into one message on stderr and an exit status.</summary>
internal static class Errors
{
    public static int Report(Exception exception)
    {
        switch (exception)
        {
            case OutputClosedException:
                return ExitCode.OutputClosed;
            case UserException or BpfFormatException:
                Write(exception.Message);
                return ExitCode.UserMistake;
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

    private static int Unexpected(Exception exception)
    {
        Write($"internal error: {exception}");
        return 70;
    }

    // A message may quote names from the kernel or a file; it may also have several lines of its own.
    private static void Write(string message)
    {
        string[] lines = message.Split('\n');
        for (int i = 0; i < lines.Length; i++) lines[i] = UntrustedText.Escape(lines[i].Replace("\t", "    ", StringComparison.Ordinal)).Replace(@"\\", @"\", StringComparison.Ordinal);
        Console.Error.WriteLine($"hornet: {string.Join("\n  ", lines)}");
    }
}
