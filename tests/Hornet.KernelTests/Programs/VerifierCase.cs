using Hornet.Programs.Verifier;

namespace Hornet.KernelTests.Programs;

/// <summary>A program that the verifier refuses, and what the explanation must say of it.</summary>
/// <param name="Name">What is wrong with it, for the test's name.</param>
/// <param name="Category">The category the explanation must have.</param>
/// <param name="Words">Words that the explanation's reason, required, known or suggestion must contain.</param>
/// <param name="Code">The program in assembly text.</param>
internal sealed record VerifierCase(string Name, VerifierCategory Category, string[] Words, string Code)
{
    public ProgramType Type { get; init; } = ProgramType.SocketFilter;
    public AttachType AttachType { get; init; }
    public string License { get; init; } = "GPL";
    public Hornet.Programs.ProgramFlags Flags { get; init; }

    /// <summary>The first kernel that refuses it with a message the table has.</summary>
    public string Min { get; init; } = "5.10";

    /// <summary>The first kernel that accepts it; null when none does.</summary>
    public string? Until { get; init; }

    /// <summary>Load without CAP_PERFMON and CAP_SYS_ADMIN.</summary>
    public bool WithoutPerfmon { get; init; }

    /// <summary>Verifying it takes long: it is provoked once, and left out of the count.</summary>
    public bool IsSlow { get; init; }

    public override string ToString() => Name;
}
