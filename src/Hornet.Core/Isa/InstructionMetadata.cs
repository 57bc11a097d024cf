namespace Hornet.Isa;

/// <summary>What an instruction carries beside its 8 bytes. Immutable; instructions share it freely.</summary>
public sealed record InstructionMetadata
{
    /// <summary>The name of a label or function that begins at this instruction.</summary>
    public string? Symbol { get; init; }

    /// <summary>The label, function, map, global or external symbol that the instruction refers to.</summary>
    public string? Reference { get; init; }

    /// <summary>What <see cref="Reference"/> names.</summary>
    public ReferenceKind ReferenceKind { get; init; }

    /// <summary>The targets of a jump table, in order: each the <see cref="Symbol"/> of an instruction of the program.</summary>
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>Where the instruction comes from in the source.</summary>
    public SourceLine? Source { get; init; }

    /// <summary>A remark for disassembly and errors, such as why an instruction was poisoned.</summary>
    public string? Comment { get; init; }

    /// <summary>Data of the room that made the instruction (a CO-RE relocation, say). The ISA does not look at it.</summary>
    public object? Tag { get; init; }
}

/// <summary>What a symbolic reference stands for.</summary>
public enum ReferenceKind
{
    /// <summary>No reference.</summary>
    None,
    /// <summary>A label inside the program: the target of a jump.</summary>
    Label,
    /// <summary>A BPF function: the target of a call, or an address taken of it.</summary>
    Function,
    /// <summary>A map: its descriptor goes in the instruction.</summary>
    Map,
    /// <summary>A place inside the value of a data-section map; the offset is the upper half of the constant.</summary>
    MapValue,
    /// <summary>A kernel symbol by address (kallsyms) or by BTF id.</summary>
    KernelSymbol,
    /// <summary>A kernel function to call (kfunc).</summary>
    KernelFunction,
    /// <summary>A table of places in the program (<see cref="InstructionMetadata.Targets"/>), for an indirect jump (kernel 6.19).</summary>
    JumpTable,
}

/// <summary>A place in source text.</summary>
/// <param name="File">The file name as the compiler recorded it.</param>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Column">The column, counted from 1; 0 when unknown.</param>
/// <param name="Text">The text of the line; empty when it was not recorded.</param>
public sealed record SourceLine(string File, int Line, int Column, string Text);
