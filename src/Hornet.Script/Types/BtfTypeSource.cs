using Hornet.Script.Syntax;

namespace Hornet.Script.Types;

/// <summary>The kernel's types for scripts.</summary>
internal sealed class BtfTypeSource(BtfTypes types) : ITypeSource
{
    private readonly Dictionary<string, ScriptType?> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (EnumType, long)?> _enumerators = new(StringComparer.Ordinal);

    public ScriptType? FindType(string name)
    {
        if (!_found.TryGetValue(name, out var type)) _found.Add(name, type = types.FindType(name));
        return type;
    }

    public (EnumType Type, long Value)? FindEnumerator(string name)
    {
        // All enumerations have to be gone through: once per name.
        if (!_enumerators.TryGetValue(name, out var found)) _enumerators.Add(name, found = types.FindEnumerator(name));
        return found;
    }

    public ScriptType? FindVariableType(string name) => types.FindVariable(name) is { } variable ? types.Get(variable.Target) : null;

    public ExpressionSyntax? FindConstant(string name) => null;
}
