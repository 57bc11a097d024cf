using Hornet.Script.Syntax;

namespace Hornet.Script.Types;

/// <summary>The kernel's types for scripts, read when one is first asked for.</summary>
/// <param name="types">The kernel's types; null when it has none.</param>
internal sealed class BtfTypeSource(Func<BtfTypes?> types) : ITypeSource
{
    private readonly Dictionary<string, ScriptType?> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (EnumType, long)?> _enumerators = new(StringComparer.Ordinal);

    public ScriptType? FindType(string name)
    {
        if (!_found.TryGetValue(name, out var type)) _found.Add(name, type = types()?.FindType(name));
        return type;
    }

    public (EnumType Type, long Value)? FindEnumerator(string name)
    {
        // All enumerations have to be gone through: once per name.
        if (!_enumerators.TryGetValue(name, out var found)) _enumerators.Add(name, found = types()?.FindEnumerator(name));
        return found;
    }

    public ScriptType? FindVariableType(string name) => types() is { } known && known.FindVariable(name) is { } variable ? known.Get(variable.Target) : null;

    public ExpressionSyntax? FindConstant(string name) => null;

    public IEnumerable<string> Names => types()?.Names ?? [];
}
