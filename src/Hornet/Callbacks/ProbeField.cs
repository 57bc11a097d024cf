namespace Hornet;

/// <summary>What the value of a field is.</summary>
public enum ProbeFieldKind
{
    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>An address; its memory was not read.</summary>
    Pointer,

    /// <summary>Text, copied from where the event points, up to <see cref="ProbeOptions.TextSize"/> bytes.</summary>
    Text,

    /// <summary>A socket's address (<c>struct sockaddr</c>), copied.</summary>
    SocketAddress,

    /// <summary>Other bytes, copied: an array in the event's record.</summary>
    Bytes,
}

/// <summary>A field of an event: an argument of a system call or function, a field of a tracepoint.</summary>
/// <param name="Name">The name, from the event's own description.</param>
/// <param name="TypeName">The type as C writes it.</param>
/// <param name="Kind">What the value is.</param>
public sealed record ProbeField(string Name, string TypeName, ProbeFieldKind Kind)
{
    /// <summary>Where the value is in the record.</summary>
    internal int Offset { get; init; }

    /// <summary>Bytes of the value; where a length comes first, the most there can be.</summary>
    internal int Size { get; init; } = 8;

    /// <summary>Whether 8 bytes of length (negative: an error number) come before the bytes.</summary>
    internal bool HasLength { get; init; }

    /// <summary>The bits of a number, and its sign.</summary>
    internal int Bits { get; init; } = 64;

    internal bool IsSigned { get; init; }
}
