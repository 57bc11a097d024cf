namespace Hornet.Cli.Common;

/// <summary>What the process's exit status says.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The user's mistake: unknown option, no such file, nothing matches.</summary>
    public const int UserMistake = 1;

    /// <summary>The kernel refused: permission, missing feature, verifier, full disk.</summary>
    public const int Refused = 2;

    /// <summary>Events were lost, and <c>--strict</c> was given.</summary>
    public const int Lost = 3;

    /// <summary>Ended by Ctrl-C or SIGTERM; everything was detached and the final output written.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of our output closed it, as <c>head</c> does (128 + SIGPIPE).</summary>
    public const int OutputClosed = 141;
}
