namespace Hornet.Tracing.Dwarf;

/// <summary>An instruction and the place in the source it came from.</summary>
/// <param name="Address">The instruction: a virtual address of the file.</param>
/// <param name="Path">The whole path of the source file, as the compiler saw it. Untrusted.</param>
/// <param name="Line">The line, from 1; 0 for code that came from no line.</param>
/// <param name="Column">The column, from 1; 0 when it was not recorded.</param>
public readonly record struct SourceLocation(ulong Address, string Path, int Line, int Column)
{
    /// <summary>As compilers write it: <c>/src/main.c:12:5</c>.</summary>
    public override string ToString() => Column == 0 ? $"{Path}:{Line}" : $"{Path}:{Line}:{Column}";
}

/// <summary>A function that an instruction is of, with the place in it: the function itself, or one whose code was inlined there.</summary>
/// <param name="Function">The name without namespaces.</param>
/// <param name="LinkageName">The name of its symbol where that is another; null when unknown.</param>
/// <param name="Location">The place in its source.</param>
/// <param name="IsInlined">Its code was inlined into the next frame's.</param>
public readonly record struct SourceFrame(string Function, string? LinkageName, SourceLocation Location, bool IsInlined);
