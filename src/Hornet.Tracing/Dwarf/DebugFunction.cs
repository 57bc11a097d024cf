using Hornet.Btf;

namespace Hornet.Tracing.Dwarf;

/// <summary>A parameter of a function.</summary>
/// <param name="Name">Its name; empty when it has none.</param>
/// <param name="Type">Its type.</param>
/// <param name="Location">Where it is when the function begins.</param>
/// <param name="IsArtificial">The compiler added it: <c>this</c>.</param>
public readonly record struct DebugParameter(string Name, BtfType Type, ParameterLocation Location, bool IsArtificial)
{
    /// <inheritdoc/>
    public override string ToString() => BtfCFormatter.TypeName(Type) is var type && type.EndsWith('*') ? type + Name : $"{type} {Name}";
}

/// <summary>A function as its source has it, with all places it is at. What it says beyond names and addresses is read when asked for.</summary>
public sealed class DebugFunction
{
    private readonly DebugInfo _owner;
    private readonly List<DwarfDie> _instances;
    private DebugInfo.Signature? _signature;
    private IReadOnlyList<ulong>? _inlined;
    private string? _qualifiedName;

    internal DebugFunction(DebugInfo owner, DwarfDie source, List<DwarfDie> instances, ulong[] addresses)
    {
        (_owner, _instances, Source, Addresses) = (owner, instances, source, addresses);
        DwarfDie first = instances[0];
        Name = first.TryGetInherited(At.Name, out var name) ? name.Text : "";
        LinkageName = first.TryGetInherited(At.LinkageName, out name) || first.TryGetInherited(At.MipsLinkageName, out name) ? name.Text : null;
    }

    /// <summary>The name without namespaces and classes; with the arguments of a template.</summary>
    public string Name { get; }

    /// <summary>The name of its symbol where that is another (C++, Rust): <c>_ZN2ns4Type6methodEi</c>; null where the debug information has none.</summary>
    public string? LinkageName { get; }

    /// <summary>The name with namespaces and classes: <c>ns::Type::method</c>.</summary>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public string QualifiedName => _qualifiedName ??= _owner.QualifiedNameOf(Source, Name);

    /// <summary>
    /// Where its code begins: usually one address; none when it was inlined everywhere, several when the compiler made copies.
    /// The first instruction, as symbols have it, not the first one after the prologue.
    /// </summary>
    public IReadOnlyList<ulong> Addresses { get; }

    /// <summary>Where its inlined copies begin in other functions, ascending. Read from the units that can have them, once.</summary>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public IReadOnlyList<ulong> InlinedAddresses => _inlined ??= _owner.InlinedCopiesOf(_instances, Source);

    /// <summary>The parameters in their order, <c>this</c> among them.</summary>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public IReadOnlyList<DebugParameter> Parameters => Read().Parameters;

    /// <summary>The type of the result; <c>void</c> when there is none.</summary>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public BtfType ReturnType => Read().Result;

    /// <summary>A prototype with the parameters' names and types, as the kernel's functions have them.</summary>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public BtfType Prototype => Read().Prototype;

    /// <summary>Whether more arguments may follow (<c>...</c>).</summary>
    /// <exception cref="BpfFormatException">The debug information is malformed.</exception>
    public bool IsVariadic => Read().Variadic;

    /// <summary>Whether only its own source file sees it (<c>static</c>).</summary>
    public bool IsLocal => !_instances[0].TryGetInherited(At.External, out var external) || !external.Flag;

    internal DwarfDie Source { get; }

    /// <inheritdoc/>
    public override string ToString() => LinkageName is null ? Name : $"{Name} ({LinkageName})";

    private DebugInfo.Signature Read() => _signature ??= _owner.SignatureOf(_instances);
}
