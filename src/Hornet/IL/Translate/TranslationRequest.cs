using System.Reflection;
using Hornet.Compiler;
using Hornet.Features;
using Hornet.IL.Values;

namespace Hornet.IL.Translate;

/// <summary>A method to translate, and what kind of program it is to become.</summary>
internal sealed record TranslationRequest
{
    /// <summary>The program's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, for messages: <c>tracepoint:sched:sched_switch</c>.</summary>
    public required string Description { get; init; }

    /// <summary>The kind of program.</summary>
    public required ProgramType ProgramType { get; init; }

    /// <summary>The attach type, where the kind has several.</summary>
    public AttachType AttachType { get; init; }

    /// <summary>The member of a table of functions that the program is; null for other kinds.</summary>
    public KernelMember? Member { get; init; }

    /// <summary>What it is compiled for: the kernel's version decides how some things are done.</summary>
    public CompilerOptions Options { get; init; } = RunningKernel.Options;

    /// <summary>Gives the buffer that <c>Bpf.Print</c> sends through; null when the program is only compiled.</summary>
    public Func<Printing.PrintChannel>? Prints { get; init; }

    /// <summary>The method.</summary>
    public required MethodBase Method { get; init; }

    /// <summary>The object it is called on: the closure of a lambda.</summary>
    public ILValue? Target { get; init; }

    /// <summary>Makes the arguments in the program's first block.</summary>
    public required Func<Translator, ILValue[]> Bind { get; init; }

    /// <summary>
    /// Where the named constants of a program go that is compiled ahead of time; null for one that is compiled where it
    /// runs, whose read-only fields are known.
    /// </summary>
    public NamedConstants? Constants { get; init; }

    /// <summary>What the program returns when its method returns nothing, and when a failed check ends it.</summary>
    public long DefaultResult { get; init; }

    /// <summary>Whether what the method returns is nobody's: the kind of program has no say, and an expression has a value all the same.</summary>
    public bool DropsResult { get; init; }

    /// <summary>Load flags.</summary>
    public Programs.ProgramFlags Flags { get; init; }

    /// <summary>Whether the kernel looks at what the program returns.</summary>
    public bool Returns => !DropsResult && Method is MethodInfo { ReturnType: var type } && type != typeof(void);
}
