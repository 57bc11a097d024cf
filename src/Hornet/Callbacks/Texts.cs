using System.Runtime.CompilerServices;
using System.Text;

namespace Hornet;

/// <summary>Text of at most 15 bytes and a closing zero: a process's name.</summary>
[InlineArray(16)]
public struct Text16
{
    private byte _first;

    /// <inheritdoc/>
    public override readonly string ToString() => Encoding.UTF8.GetString(UntrustedText.CString(this[..]));
}

/// <summary>Text of at most 63 bytes and a closing zero.</summary>
[InlineArray(64)]
public struct Text64
{
    private byte _first;

    /// <inheritdoc/>
    public override readonly string ToString() => Encoding.UTF8.GetString(UntrustedText.CString(this[..]));
}

/// <summary>Text of at most 127 bytes and a closing zero.</summary>
[InlineArray(128)]
public struct Text128
{
    private byte _first;

    /// <inheritdoc/>
    public override readonly string ToString() => Encoding.UTF8.GetString(UntrustedText.CString(this[..]));
}

/// <summary>Text of at most 255 bytes and a closing zero.</summary>
[InlineArray(256)]
public struct Text256
{
    private byte _first;

    /// <inheritdoc/>
    public override readonly string ToString() => Encoding.UTF8.GetString(UntrustedText.CString(this[..]));
}
