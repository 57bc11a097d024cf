using Hornet.Script.Types;

namespace Hornet.Script.Output;

/// <summary>What an address is in: a function, or one inlined there.</summary>
/// <param name="Name">As it is to be shown, demangled.</param>
/// <param name="Offset">Bytes from the function's beginning.</param>
internal readonly record struct SymbolFrame(string Name, ulong Offset)
{
    /// <summary>The file the code was mapped from (perf's form shows it); null when it is not known.</summary>
    public string? Module { get; init; }
    public bool IsInlined { get; init; }

    /// <summary>The source file with its folder; null without debugging information.</summary>
    public string? File { get; init; }
    public int Line { get; init; }
}

/// <summary>Names of addresses.</summary>
internal interface ISymbols
{
    /// <summary>
    /// Appends what a kernel address is in: functions that were inlined there, innermost first, then the function itself. Nothing
    /// when it is not known.
    /// </summary>
    void Kernel(ulong address, bool withDebugInfo, List<SymbolFrame> into);

    /// <summary>The same for an address of a process, that may be gone.</summary>
    /// <param name="probe">The number of the probe that saw it, whose program tells more when the process is gone; -1 for none.</param>
    void User(ulong address, int process, int probe, bool withDebugInfo, List<SymbolFrame> into);
}

/// <summary>The frames behind the number of a stack.</summary>
internal interface IStacks
{
    /// <summary>
    /// The frames, innermost first: addresses of 8 bytes, or for build ids records of 32 (<c>struct bpf_stack_build_id</c>). The bytes are good
    /// until the next call. Empty when there is no such stack.
    /// </summary>
    ReadOnlySpan<byte> Frames(StackType type, long id);
}

/// <summary>No names and no stacks: every address is a number.</summary>
internal sealed class NoSymbols : ISymbols, IStacks
{
    public static readonly NoSymbols Instance = new();

    public void Kernel(ulong address, bool withDebugInfo, List<SymbolFrame> into)
    {
    }

    public void User(ulong address, int process, int probe, bool withDebugInfo, List<SymbolFrame> into)
    {
    }

    public ReadOnlySpan<byte> Frames(StackType type, long id) => default;
}
