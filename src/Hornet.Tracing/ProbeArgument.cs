namespace Hornet.Tracing;

/// <summary>A value that comes with a probe.</summary>
/// <param name="Name">Its name; <c>argN</c> where nobody gave it one.</param>
/// <param name="TypeName">Its type as C writes it.</param>
public readonly record struct ProbeArgument(string Name, string TypeName)
{
    /// <inheritdoc/>
    public override string ToString() => TypeName.EndsWith('*') ? TypeName + Name : $"{TypeName} {Name}";
}
