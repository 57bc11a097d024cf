namespace Hornet.Compiler.IR;

/// <summary>A place in the source an instruction comes from. Lines and columns count from 1; 0 is unknown.</summary>
public sealed record SourceLocation
{
    /// <summary>The source file, as the debug information names it.</summary>
    public string File { get; init; } = "";

    /// <summary>The first line.</summary>
    public int Line { get; init; }

    /// <summary>The first column.</summary>
    public int Column { get; init; }

    /// <summary>The last line; 0 when unknown.</summary>
    public int EndLine { get; init; }

    /// <summary>The column after the last; 0 when unknown.</summary>
    public int EndColumn { get; init; }

    /// <summary>The offset in the method's IL; -1 for sources that are not IL.</summary>
    public int IlOffset { get; init; } = -1;

    /// <summary>The method or function, as a reader knows it: <c>Note(uint)</c>.</summary>
    public string? Method { get; init; }

    /// <summary>The call that this was inlined at; null for code of the program's own function.</summary>
    public SourceLocation? InlinedAt { get; init; }

    /// <summary>The text of the first line; null when the source could not be read or is not the one compiled.</summary>
    public string? SourceText { get; init; }

    /// <summary>The same place, seen from a call that was inlined around it.</summary>
    public SourceLocation WithCaller(SourceLocation caller) =>
        this with { InlinedAt = InlinedAt is null ? caller : InlinedAt.WithCaller(caller) };

    /// <summary><c>Program.cs(17,21)</c>, or the method and IL offset when there is no source.</summary>
    public override string ToString() =>
        File.Length > 0 ? $"{File}({Line},{Column})" : IlOffset >= 0 ? $"{Method}+IL_{IlOffset:x4}" : Method ?? "?";
}
