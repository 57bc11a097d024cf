namespace Hornet.Objects;

/// <summary>Where the value of an external symbol comes from.</summary>
public enum ExternKind
{
    /// <summary>Nobody says: it was declared without <c>__kconfig</c> or <c>__ksym</c>.</summary>
    Unknown,
    /// <summary>The kernel's configuration, or a fact such as <c>LINUX_KERNEL_VERSION</c> (<c>__kconfig</c>).</summary>
    Kconfig,
    /// <summary>The address of a kernel symbol, of unknown type (<c>extern const void x __ksym</c>).</summary>
    KernelAddress,
    /// <summary>A kernel variable of known type (<c>extern const struct rq runqueues __ksym</c>).</summary>
    KernelVariable,
    /// <summary>A kernel function (<c>extern … __ksym</c>): a kfunc.</summary>
    KernelFunction,
}

/// <summary>A symbol that an object uses and the running kernel provides.</summary>
public sealed class ExternSymbol
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>Where its value comes from.</summary>
    public required ExternKind Kind { get; init; }

    /// <summary>Whether programs can do without it: a missing one is zero.</summary>
    public bool IsWeak { get; init; }

    /// <summary>The id of the variable or function in the object's BTF; 0 when it is not described there.</summary>
    public uint BtfId { get; init; }

    /// <summary>For <see cref="ExternKind.Kconfig"/>: bytes in the <c>.kconfig</c> map.</summary>
    public uint Size { get; init; }

    /// <summary>For <see cref="ExternKind.Kconfig"/>: the place in the <c>.kconfig</c> map.</summary>
    public uint Offset { get; init; }

    /// <summary>
    /// For <see cref="ExternKind.Kconfig"/>: the value to use instead of the running kernel's, <see cref="Size"/> bytes, or
    /// null to ask the kernel. For <see cref="ExternKind.Unknown"/>: the 8 bytes that the symbol stands for.
    /// </summary>
    public byte[]? Value { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsWeak ? "weak " : "")}{Kind} {Name}";
}
