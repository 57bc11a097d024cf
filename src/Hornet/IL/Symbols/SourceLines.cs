using Hornet.Compiler.IR;

namespace Hornet.IL.Symbols;

/// <summary>
/// Gives a program the text of its lines, which then goes into the object file. Files are read once; code that is compiled
/// where it runs goes without, since reading them costs more than compiling.
/// </summary>
internal sealed class SourceLines
{
    private readonly Dictionary<string, string[]> _files = [];
    private readonly Dictionary<SourceLocation, SourceLocation> _known = [];

    /// <summary>Attaches the text of each line that is found.</summary>
    public void Attach(IrModule module)
    {
        foreach (var function in module.Functions)
        {
            if (function.Location is { } location) function.Location = With(location);
            foreach (var instruction in function.Instructions)
            {
                if (instruction.Location is { } place) instruction.Location = With(place);
            }
        }
    }

    private SourceLocation With(SourceLocation location)
    {
        if (_known.TryGetValue(location, out var known)) return known;
        var lines = Lines(location.File);
        var found = location.SourceText is null && location.Line > 0 && location.Line <= lines.Length ? location with { SourceText = lines[location.Line - 1] } : location;
        _known.Add(location, found);
        return found;
    }

    private string[] Lines(string file)
    {
        if (_files.TryGetValue(file, out var lines)) return lines;
        try
        {
            lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            lines = [];
        }
        _files.Add(file, lines);
        return lines;
    }
}
