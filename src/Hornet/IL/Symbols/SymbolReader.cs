using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Hornet.IL.Symbols;

/// <summary>A range of source text that a run of IL came from. Lines and columns begin at 1.</summary>
internal readonly record struct SourceRange(int IlOffset, string File, int Line, int Column, int EndLine, int EndColumn);

/// <summary>The sequence points of a method in the order of their IL offsets.</summary>
internal sealed class MethodSymbols(SourceRange[] ranges, string[] locals)
{
    /// <summary>A method without symbols.</summary>
    public static MethodSymbols None { get; } = new([], []);

    /// <summary>The ranges.</summary>
    public IReadOnlyList<SourceRange> Ranges => ranges;

    /// <summary>The name of a local variable; null when the compiler made it.</summary>
    public string? LocalName(int slot) => slot < locals.Length && locals[slot].Length > 0 ? locals[slot] : null;

    /// <summary>The range that an instruction belongs to; null without symbols.</summary>
    public SourceRange? At(int ilOffset)
    {
        int low = 0, high = ranges.Length - 1, found = -1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (ranges[middle].IlOffset <= ilOffset)
            {
                found = middle;
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }
        return found >= 0 ? ranges[found] : ranges.Length > 0 ? ranges[0] : null;
    }
}

/// <summary>
/// Reads source positions from portable PDBs: beside the assembly or embedded in it. A PDB whose id is not the one the
/// assembly names is not used. Only the methods asked for are read.
/// </summary>
internal sealed class SymbolReader
{
    private static readonly ConcurrentDictionary<Assembly, SymbolReader> s_readers = [];

    private readonly Lock _lock = new();
    private readonly Dictionary<int, MethodSymbols> _methods = [];
    private readonly Dictionary<int, string> _documents = [];
    private readonly MetadataReader? _pdb;

    // Keeps the memory that _pdb points into.
    private readonly MetadataReaderProvider? _provider;

    private SymbolReader(MetadataReaderProvider? provider)
    {
        _provider = provider;
        _pdb = provider?.GetMetadataReader();
    }

    /// <summary>The symbols of a method; empty when there are none.</summary>
    public static MethodSymbols Of(MethodBase method)
    {
        var assembly = method.Module.Assembly;
        if (assembly.IsDynamic) return MethodSymbols.None;
        return s_readers.GetOrAdd(assembly, static a => new SymbolReader(Open(a))).Read(method.MetadataToken);
    }

    private static MetadataReaderProvider? Open(Assembly assembly)
    {
        string path = assembly.Location;
        if (path.Length == 0 || !File.Exists(path)) return null;
        try
        {
            using PEReader image = new(new MemoryStream(File.ReadAllBytes(path)));
            return image.TryOpenAssociatedPortablePdb(path, static file => File.Exists(file) ? new MemoryStream(File.ReadAllBytes(file)) : null, out var provider, out _)
                ? provider
                : null;
        }
        catch (Exception error) when (error is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            return null; // Symbols are a convenience: without them messages name the method instead of the line.
        }
    }

    private MethodSymbols Read(int token)
    {
        if (_pdb is null) return MethodSymbols.None;
        lock (_lock)
        {
            if (!_methods.TryGetValue(token, out var symbols)) _methods.Add(token, symbols = Parse(_pdb, token));
            return symbols;
        }
    }

    private MethodSymbols Parse(MetadataReader pdb, int token)
    {
        var handle = MetadataTokens.MethodDefinitionHandle(token & 0xffffff);
        if ((token & 0xffffff) > pdb.MethodDebugInformation.Count) return MethodSymbols.None;
        var points = pdb.GetMethodDebugInformation(handle.ToDebugInformationHandle()).GetSequencePoints();
        int count = 0;
        foreach (var point in points) count += point.IsHidden ? 0 : 1;
        var ranges = new SourceRange[count];
        count = 0;
        foreach (var point in points)
        {
            if (point.IsHidden) continue;
            ranges[count++] = new(point.Offset, Document(pdb, point.Document), point.StartLine, point.StartColumn, point.EndLine, point.EndColumn);
        }
        return new MethodSymbols(ranges, LocalNames(pdb, handle));
    }

    private string Document(MetadataReader pdb, DocumentHandle handle)
    {
        int row = MetadataTokens.GetRowNumber(handle);
        if (!_documents.TryGetValue(row, out string? name)) _documents.Add(row, name = pdb.GetString(pdb.GetDocument(handle).Name));
        return name;
    }

    private static string[] LocalNames(MetadataReader pdb, MethodDefinitionHandle method)
    {
        List<string> names = [];
        foreach (var scope in pdb.GetLocalScopes(method))
        {
            foreach (var handle in pdb.GetLocalScope(scope).GetLocalVariables())
            {
                var local = pdb.GetLocalVariable(handle);
                while (names.Count <= local.Index) names.Add("");
                names[local.Index] = pdb.GetString(local.Name);
            }
        }
        return [.. names];
    }
}
