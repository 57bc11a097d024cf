using Hornet.Compiler.IR;

namespace Hornet.IL.Symbols;

/// <summary>Lines of source files, for messages. Read only when there is something to say.</summary>
internal static class SourceText
{
    /// <summary>A place with its line of source, where the file is there.</summary>
    public static SourceLocation Attach(SourceLocation location)
    {
        if (location.SourceText is not null || location.File.Length == 0 || location.Line <= 0) return location;
        try
        {
            return File.Exists(location.File) && File.ReadLines(location.File).Skip(location.Line - 1).FirstOrDefault() is { } line
                ? location with { SourceText = line }
                : location;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return location;
        }
    }
}
