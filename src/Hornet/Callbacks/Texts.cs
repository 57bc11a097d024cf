using System.Runtime.CompilerServices;
using System.Text;

namespace Hornet;

/// <summary>Text of at most 15 bytes and a closing zero: a process's name.</summary>
[InlineArray(16)]
public struct Text16
{
    private byte _first;

    /// <summary>Whether the text is another. Works in kernel code too.</summary>
    public readonly bool Is(ReadOnlySpan<byte> text) => TextBytes.AreEqual(this, text);

    /// <summary>Whether the text begins with another. Works in kernel code too.</summary>
    public readonly bool StartsWith(ReadOnlySpan<byte> prefix) => ((ReadOnlySpan<byte>)this).StartsWith(prefix);

    /// <inheritdoc/>
    public override readonly string ToString() => Encoding.UTF8.GetString(UntrustedText.CString(this[..]));
}

/// <summary>Text of at most 63 bytes and a closing zero.</summary>
[InlineArray(64)]
public struct Text64
{
    private byte _first;

    /// <summary>Whether the text is another. Works in kernel code too.</summary>
    public readonly bool Is(ReadOnlySpan<byte> text) => TextBytes.AreEqual(this, text);

    /// <summary>Whether the text begins with another. Works in kernel code too.</summary>
    public readonly bool StartsWith(ReadOnlySpan<byte> prefix) => ((ReadOnlySpan<byte>)this).StartsWith(prefix);

    /// <inheritdoc/>
    public override readonly string ToString() => Encoding.UTF8.GetString(UntrustedText.CString(this[..]));
}

/// <summary>Text of at most 127 bytes and a closing zero.</summary>
[InlineArray(128)]
public struct Text128
{
    private byte _first;

    /// <summary>Whether the text is another. Works in kernel code too.</summary>
    public readonly bool Is(ReadOnlySpan<byte> text) => TextBytes.AreEqual(this, text);

    /// <summary>Whether the text begins with another. Works in kernel code too.</summary>
    public readonly bool StartsWith(ReadOnlySpan<byte> prefix) => ((ReadOnlySpan<byte>)this).StartsWith(prefix);

    /// <inheritdoc/>
    public override readonly string ToString() => Encoding.UTF8.GetString(UntrustedText.CString(this[..]));
}

/// <summary>Text of at most 255 bytes and a closing zero.</summary>
[InlineArray(256)]
public struct Text256
{
    private byte _first;

    /// <summary>Whether the text is another. Works in kernel code too.</summary>
    public readonly bool Is(ReadOnlySpan<byte> text) => TextBytes.AreEqual(this, text);

    /// <summary>Whether the text begins with another. Works in kernel code too.</summary>
    public readonly bool StartsWith(ReadOnlySpan<byte> prefix) => ((ReadOnlySpan<byte>)this).StartsWith(prefix);

    /// <inheritdoc/>
    public override readonly string ToString() => Encoding.UTF8.GetString(UntrustedText.CString(this[..]));
}

internal static class TextBytes
{
    /// <summary>Whether a buffer with a zero behind its text holds a text. Written so that it compiles for the kernel.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> text) =>
        text.Length <= buffer.Length && buffer[..text.Length].SequenceEqual(text) && (text.Length == buffer.Length || buffer[text.Length] == 0);
}
