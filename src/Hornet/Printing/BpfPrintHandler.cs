using System.Runtime.CompilerServices;

namespace Hornet;

/// <summary>
/// Takes an interpolated string of kernel code apart for <see cref="Bpf.Print"/> and <see cref="Bpf.TracePrint"/>. Its members
/// are called by the code that the C# compiler makes. Exists in kernel code only.
/// </summary>
[InterpolatedStringHandler]
public readonly ref struct BpfPrintHandler
{
    // Holds what was appended so far while the code is compiled; the kernel never sees it.
    private readonly object? _parts;

    /// <summary>Begins a text.</summary>
    [KernelOnly]
    public BpfPrintHandler(int literalLength, int formattedCount)
    {
        _parts = (literalLength, formattedCount);
        throw KernelOnly.Error();
    }

    /// <summary>Appends text.</summary>
    [KernelOnly]
    public void AppendLiteral(string value) => throw KernelOnly.Error(_parts?.ToString() ?? nameof(AppendLiteral));

    /// <summary>Appends a number, a Boolean, a character, an enumeration value, or an inline array of bytes as text.</summary>
    /// <param name="value">What to append.</param>
    /// <param name="alignment">The least width; negative to align left.</param>
    /// <param name="format">A format of .NET for the type: <c>x</c>, <c>N0</c>.</param>
    [KernelOnly]
    public void AppendFormatted<T>(T value, int alignment = 0, string? format = null) where T : unmanaged => throw KernelOnly.Error();

    /// <inheritdoc cref="AppendFormatted{T}(T, int, string)"/>
    [KernelOnly]
    public void AppendFormatted<T>(T value, string? format) where T : unmanaged => throw KernelOnly.Error();

    /// <summary>Appends UTF-8 text, up to its first zero; with the format <c>x</c> its bytes in hexadecimal.</summary>
    /// <param name="value">The bytes: of a length known at compile time, or the first 64 of them.</param>
    /// <param name="alignment">The least width; negative to align left.</param>
    /// <param name="format">Nothing, or <c>x</c> or <c>X</c>.</param>
    [KernelOnly]
    public void AppendFormatted(ReadOnlySpan<byte> value, int alignment = 0, string? format = null) => throw KernelOnly.Error();

    /// <inheritdoc cref="AppendFormatted(ReadOnlySpan{byte}, int, string)"/>
    [KernelOnly]
    public void AppendFormatted(Span<byte> value, int alignment = 0, string? format = null) => throw KernelOnly.Error();

    /// <summary>Appends a string that is known when the code is compiled.</summary>
    [KernelOnly]
    public void AppendFormatted(string? value, int alignment = 0, string? format = null) => throw KernelOnly.Error();
}
