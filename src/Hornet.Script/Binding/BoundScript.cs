using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>
/// A script with every name resolved and every type known: macros are expanded, compile-time parts are gone, patterns of
/// probes are places. The code generator decides nothing about meaning any more.
/// </summary>
internal sealed record BoundScript
{
    public required ScriptConfig Config { get; init; }
    public required IReadOnlyList<BoundMap> Maps { get; init; }
    public required IReadOnlyList<BoundProgram> Programs { get; init; }
    public IReadOnlyList<BoundFunction> Functions { get; init; } = [];

    /// <summary>What is linked to the programs.</summary>
    public IReadOnlyList<ImportedLibrary> Libraries { get; init; } = [];

    /// <summary>In the order of their numbers; <see cref="BoundAsync"/> refers to them.</summary>
    public required IReadOnlyList<AsyncAction> Actions { get; init; }
    public IReadOnlyList<string> TimeFormats { get; init; } = [];
    public IReadOnlyList<string> CgroupFilters { get; init; } = [];

    /// <summary>What values of <see cref="NameType"/> number.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The script's own command-line options (<c>getopt</c>), for its usage text.</summary>
    public IReadOnlyList<ScriptOption> Options { get; init; } = [];

    /// <summary>Option -k: failures of helpers are reported (1), those of reads too (2).</summary>
    public int HelperErrors { get; init; }
}

/// <summary>A map of the script.</summary>
internal sealed class BoundMap(string name, int number)
{
    /// <summary>Without the at sign; empty for <c>@</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Its position in <see cref="BoundScript.Maps"/>.</summary>
    public int Number { get; } = number;

    /// <summary>Null for a map without a key.</summary>
    public ScriptType? Key { get; set; }
    public bool KeyIsList { get; set; }
    public ScriptType Value { get; set; } = VoidType.Instance;

    /// <summary>Array kinds for a map without a key where that is cheaper; the generator asks this and never the declaration.</summary>
    public MapType Type { get; set; } = MapType.Hash;
    public uint MaxEntries { get; set; }

    /// <summary>Whether nobody said how many keys it may have.</summary>
    public bool Grows { get; set; }
    public bool IsPerCpu => Type is MapType.PerCpuHash or MapType.LruPerCpuHash or MapType.PerCpuArray;
}

/// <summary>A body for places of the same kind with the same arguments.</summary>
internal sealed record BoundProgram
{
    /// <summary>The probe's number in the script, and for a body that was made for each place, the place's.</summary>
    public required string Name { get; init; }
    public required SourceSpan Span { get; init; }
    public required IReadOnlyList<ProbeTarget> Targets { get; init; }

    /// <summary>The predicate; the body runs when it is not 0.</summary>
    public BoundExpression? Predicate { get; init; }
    public required BoundBlock Body { get; init; }

    /// <summary>Whether the program asks for the place's number (<c>probe</c> with several places): <see cref="BoundIntrinsic.TargetName"/>.</summary>
    public bool UsesCookie { get; init; }

    /// <summary>Where <see cref="BoundScript.Names"/> has the names of the targets, one after another, when <see cref="UsesCookie"/>.</summary>
    public int FirstName { get; init; }

    /// <summary>What is returned to the kernel when no <c>return</c> says otherwise.</summary>
    public int DefaultResult { get; init; }
}

/// <summary>A function of the script. It is compiled once for each program that calls it.</summary>
internal sealed class BoundFunction(string name, IReadOnlyList<BoundLocal> parameters, ScriptType returnType)
{
    public string Name { get; } = name;
    public IReadOnlyList<BoundLocal> Parameters { get; } = parameters;
    public ScriptType ReturnType { get; } = returnType;
    public BoundBlock? Body { get; set; }
    public SourceSpan Span { get; init; }
}

/// <summary>A variable: zero until it is assigned, as wide as the widest thing assigned to it.</summary>
internal sealed class BoundLocal(string name, SourceSpan span)
{
    public string Name { get; } = name;
    public SourceSpan Span { get; } = span;
    public ScriptType Type { get; set; } = VoidType.Instance;
}
