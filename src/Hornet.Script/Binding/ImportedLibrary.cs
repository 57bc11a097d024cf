using Hornet.Btf;
using Hornet.Objects;
using Hornet.Script.Source;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

/// <summary>A function of an imported object, as calls of it are checked.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">The file it comes from, for messages.</param>
internal sealed record ImportedFunction(string Name, string File)
{
    public ScriptType ReturnType { get; init; } = VoidType.Instance;

    /// <summary>Names may be empty.</summary>
    public IReadOnlyList<(string Name, ScriptType Type)> Parameters { get; init; } = [];

    /// <summary>Why it cannot be called; null when it can.</summary>
    public string? Problem { get; init; }
}

/// <summary>An object that a script imports: what it defines is linked to the script's programs, and they can call its functions.</summary>
internal sealed class ImportedLibrary
{
    private readonly Dictionary<string, ImportedFunction> _functions = new(StringComparer.Ordinal);
    private readonly BtfTypes? _types;
    private readonly Func<string, ScriptType?> _kernel;

    /// <param name="file">The file's name.</param>
    /// <param name="import">What imports it.</param>
    /// <param name="code">What it holds.</param>
    /// <param name="kernel">Finds the kernel's types by name.</param>
    public ImportedLibrary(string file, SourceSpan import, BpfObject code, Func<string, ScriptType?> kernel)
    {
        (File, Import, Object, _kernel) = (file, import, code, kernel);
        _types = code.Btf is { } types ? new BtfTypes(types) : null;
        foreach (var (name, type) in code.CallableFunctions) _functions.Add(name, Describe(name, type));
    }

    public string File { get; }
    public SourceSpan Import { get; }
    public BpfObject Object { get; }
    public IReadOnlyDictionary<string, ImportedFunction> Functions => _functions;

    /// <summary>The types that the object describes; null when it has none.</summary>
    public ITypeSource? Types => _types is { } types ? new BtfTypeSource(() => types) : null;

    private ImportedFunction Describe(string name, BtfType? function)
    {
        ImportedFunction found = new(name, File);
        if (function is not { } known || _types is null) return found with { Problem = $"{File} does not say what it takes and gives: compile it with -g" };
        var prototype = known.Target;
        List<(string, ScriptType)> parameters = [];
        string? problem = null;
        foreach (var parameter in prototype.Parameters)
        {
            var type = Visible(_types.Get(parameter.Type));
            if (type is not (IntegerType or BooleanType or EnumType or PointerType)) problem ??= $"its argument `{parameter.Name}` is {type} by value; take a pointer to it";
            parameters.Add((parameter.Name, type));
        }
        var result = Visible(_types.Get(prototype.Target));
        if (result is not (VoidType or IntegerType or BooleanType or EnumType or PointerType)) problem ??= $"it returns {result} by value; return a number, or write to where a pointer leads";
        return found with { ReturnType = result, Parameters = parameters, Problem = problem };
    }

    // A program that adapts to the kernel (CO-RE) declares the fields it needs; where they are, the kernel's own type says.
    private ScriptType Visible(ScriptType type) => type switch
    {
        PointerType pointer => pointer with { Target = Visible(pointer.Target) },
        CompositeType { Info: var own } when _kernel(own.Name) is CompositeType { Info: var whole } kernel && own.Fields.All(f => f.Name.Length == 0 || whole.FindField(f.Name) is not null) => kernel,
        _ => type,
    };
}
