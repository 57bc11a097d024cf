using Hornet.Isa;

namespace Hornet;

/// <summary>
/// Marks a struct that stands for a pointer which the kernel gives a program: its context, or something the context or a
/// helper leads to. Its members are declared with <see cref="ContextFieldAttribute"/> and <see cref="HelperAttribute"/>.
/// </summary>
/// <param name="typeName">The kernel's name of what is pointed to; null for the program's context.</param>
[AttributeUsage(AttributeTargets.Struct)]
internal sealed class KernelContextAttribute(string? typeName = null) : Attribute
{
    /// <summary>The kernel's name of what is pointed to; null for the program's context, and for what is written like one.</summary>
    public string? TypeName { get; } = typeName;
}

/// <summary>
/// Declares a property that is a field of a context: its getter becomes a load, its setter a store. A property whose type
/// is marked with <see cref="KernelContextAttribute"/> is a pointer, one whose type is a struct as many loads as the struct
/// has fields.
/// </summary>
/// <param name="offset">Where the field is, in bytes from the context's beginning.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ContextFieldAttribute(int offset) : Attribute
{
    /// <summary>Where the field is, in bytes from the context's beginning.</summary>
    public int Offset { get; } = offset;

    /// <summary>How many bytes the kernel's field has; 0 for as many as the property's type.</summary>
    public int Width { get; init; }

    /// <summary>How many bits of the field, its lowest, are in network byte order: 16 or 32; 0 for none. The property has them in the host's.</summary>
    public int BigEndianBits { get; init; }

    /// <summary>How many bits the value stands above the field's lowest.</summary>
    public int Shift { get; init; }
}

/// <summary>Declares a property that says whether a pointer is null.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NullTestAttribute : Attribute;

/// <summary>
/// Declares a method that is a call of a helper. The arguments are the context, the parameters and the constants given
/// here: a span is a pointer and a length, a reference a pointer (and a size after it where <see cref="SizedAttribute"/>
/// says so), a map or a context a pointer.
/// </summary>
/// <param name="helper">The helper.</param>
/// <param name="constants">Arguments after the parameters.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
internal sealed class HelperAttribute(BpfHelper helper, params long[] constants) : Attribute
{
    /// <summary>The helper.</summary>
    public BpfHelper Helper { get; } = helper;

    /// <summary>Arguments after the parameters.</summary>
    public long[] Constants { get; } = constants;

    /// <summary>Whether the helper is not given the context.</summary>
    public bool WithoutContext { get; init; }

    /// <summary>For a method that returns a truth value: whether every result that is not negative means success, not 0 alone.</summary>
    public bool SucceedsAboveZero { get; init; }

    /// <summary>For a method that returns a truth value: whether the helper says 1 for yes, not 0 for success.</summary>
    public bool ResultIsTruth { get; init; }
}

/// <summary>Marks a member that only some types of program have, or a setter that only some may call.</summary>
/// <param name="types">The types.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
internal sealed class OnlyInAttribute(params ProgramType[] types) : Attribute
{
    /// <summary>The types of program.</summary>
    public ProgramType[] Types { get; } = types;
}

/// <summary>Marks a reference whose size the helper is given after it.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class SizedAttribute : Attribute;
