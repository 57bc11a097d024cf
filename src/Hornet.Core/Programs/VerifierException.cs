using Hornet.Interop;
using Hornet.Programs.Verifier;

namespace Hornet.Programs;

/// <summary>
/// The kernel refused to load a program. The message is short and says why as far as it is known;
/// <see cref="Log"/> has everything the verifier wrote.
/// </summary>
public sealed class VerifierException : BpfSyscallException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="operation">What was asked of the kernel.</param>
    /// <param name="errno">What it answered.</param>
    /// <param name="explanation">The short word for a person; null when there is none.</param>
    /// <param name="log">Everything the verifier wrote; empty when it was not reached.</param>
    /// <param name="logIsComplete">False when not even a buffer of the largest size held the log.</param>
    public VerifierException(string program, string operation, Errno errno, string? explanation, string log, bool logIsComplete = true)
        : base(operation, errno, explanation)
    {
        Program = program;
        Log = log;
        LogIsComplete = logIsComplete;
    }

    /// <summary>The name of the program.</summary>
    public string Program { get; }

    /// <summary>The whole log, as the kernel wrote it. Empty when the load was refused before the verifier ran.</summary>
    public string Log { get; }

    /// <summary>
    /// The refusal in plain words, with the instruction, the source line, the register and what to do. Null when the
    /// verifier said nothing: the load was refused before it ran.
    /// </summary>
    public VerifierExplanation? Explanation { get; init; }

    /// <summary>False when the log did not fit the largest buffer there can be (1 GiB) and <see cref="Log"/> is a part of it.</summary>
    public bool LogIsComplete { get; }
}
