namespace Hornet.Programs.Verifier;

/// <summary>What kernels since 7.3 write about a failure after the classic line.</summary>
public sealed record VerifierReport
{
    /// <summary>The kernel's name for the kind of failure.</summary>
    public string Category { get; init; } = "";

    /// <summary>The failure in a few words.</summary>
    public string Title { get; init; } = "";

    /// <summary>Why it is one.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Where: the function, file and line, the lines around, the instructions around.</summary>
    public IReadOnlyList<string> At { get; init; } = [];

    /// <summary>How the path led there: the branches taken and the changes of what is at fault.</summary>
    public IReadOnlyList<string> CausalPath { get; init; } = [];

    /// <summary>What to do.</summary>
    public string Suggestion { get; init; } = "";
}
