using System.Reflection;
using System.Runtime.Loader;

namespace Hornet;

/// <summary>Loads an assembly whose programs are to be compiled, together with what it refers to, into a tool.</summary>
internal sealed class ProgramAssembly : AssemblyLoadContext
{
    private readonly Dictionary<string, string> _references = new(StringComparer.OrdinalIgnoreCase);
    private readonly AssemblyDependencyResolver? _resolver;
    private readonly string _folder;

    private ProgramAssembly(string path, IEnumerable<string> references) : base(Path.GetFileName(path))
    {
        _folder = Path.GetDirectoryName(path)!;
        foreach (string reference in references) _references.TryAdd(Path.GetFileNameWithoutExtension(reference), Path.GetFullPath(reference));
        try
        {
            _resolver = new AssemblyDependencyResolver(path);
        }
        catch (InvalidOperationException)
        {
            // There is no list of dependencies beside it; then those in its folder are meant.
        }
    }

    /// <summary>Loads an assembly.</summary>
    /// <param name="path">The file.</param>
    /// <param name="references">What it refers to, where that does not lie beside it.</param>
    public static Assembly Load(string path, IEnumerable<string> references)
    {
        path = Path.GetFullPath(path);
        return new ProgramAssembly(path, references).LoadFromAssemblyPath(path);
    }

    protected override Assembly? Load(AssemblyName name)
    {
        // The library's own types must be those of this process, and so must the framework's.
        try
        {
            return Default.LoadFromAssemblyName(name);
        }
        catch (FileNotFoundException)
        {
        }
        string? path = _references.GetValueOrDefault(name.Name!) ?? _resolver?.ResolveAssemblyToPath(name) ?? Path.Combine(_folder, name.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
