using System.Runtime.CompilerServices;
using Hornet.Script.Source;
using Hornet.Script.Syntax;

namespace Hornet.Script.Binding;

/// <summary>
/// A macro being looked at for one call: what its names mean there. Bodies are bound where they are called and never copied; a
/// macro's own variables get names nobody can write.
/// </summary>
internal sealed class MacroFrame(MacroDefinition macro, MacroFrame? caller, SourceSpan callSpan)
{
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);

    public MacroDefinition Macro { get; } = macro;

    /// <summary>Where the call stands; null for the script itself.</summary>
    public MacroFrame? Caller { get; } = caller;
    public SourceSpan CallSpan { get; } = callSpan;
    public int Depth { get; } = (caller?.Depth ?? 0) + 1;
    public Dictionary<string, ExpressionSyntax> Expressions { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, string> Maps { get; } = new(StringComparer.Ordinal);

    /// <summary>The macro sets this variable, so it is its own.</summary>
    public void Own(string name)
    {
        if (!Variables.ContainsKey(name)) _own.Add(name);
    }

    public string VariableName(string name) => Variables.TryGetValue(name, out string? outer) ? outer
        : _own.Contains(name) ? $"${Macro.Syntax.Name}_{Depth}_{name}"
        : name;
}

/// <summary>Compares a place of the tree by identity, together with the macro call it is looked at for.</summary>
internal sealed class FrameKey(object node, MacroFrame? frame, string name = "") : IEquatable<FrameKey>
{
    private readonly object _node = node;
    private readonly MacroFrame? _frame = frame;
    private readonly string _name = name;

    public bool Equals(FrameKey? other) => other is not null && ReferenceEquals(_node, other._node) && ReferenceEquals(_frame, other._frame) && _name == other._name;

    public override bool Equals(object? obj) => obj is FrameKey other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(RuntimeHelpers.GetHashCode(_node), _frame is null ? 0 : RuntimeHelpers.GetHashCode(_frame), _name);
}
