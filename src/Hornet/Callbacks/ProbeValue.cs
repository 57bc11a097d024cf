using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Hornet;

/// <summary>The value of an event's field. Numbers allocate nothing; text and bytes are copies, so a value may be kept.</summary>
public readonly struct ProbeValue : ISpanFormattable
{
    private readonly long _number;
    private readonly byte[]? _bytes;

    internal ProbeValue(ProbeField field, ReadOnlySpan<byte> record)
    {
        Field = field;
        var at = record[field.Offset..];
        switch (field.Kind)
        {
            case ProbeFieldKind.Integer or ProbeFieldKind.Pointer:
                int unused = 64 - field.Bits;
                long raw = BinaryPrimitives.ReadInt64LittleEndian(at);
                _number = field.IsSigned ? raw << unused >> unused : (long)((ulong)raw << unused >> unused);
                break;
            default:
                var data = at[..field.Size];
                if (field.HasLength)
                {
                    _number = BinaryPrimitives.ReadInt32LittleEndian(at);
                    data = at.Slice(RecordLayout.LengthSize, (int)Math.Clamp(_number, 0, (long)field.Size));
                }
                _bytes = Copy(field, data);
                break;
        }
    }

    // In kernel code nothing is copied: there a value has a number and knows whether it could be read.
    internal static byte[] Copy(ProbeField field, ReadOnlySpan<byte> data) => (field.Kind == ProbeFieldKind.Text ? UntrustedText.CString(data) : data).ToArray();

    /// <summary>The field.</summary>
    public ProbeField Field { get; }

    /// <summary>Whether the memory the event pointed at could not be read: it was not there, or not ours to see.</summary>
    public bool IsUnreadable => Field.HasLength && _number < 0;

    /// <summary>The number or address.</summary>
    /// <exception cref="InvalidOperationException">The field is neither.</exception>
    public long ToInt64() => Field.Kind is ProbeFieldKind.Integer or ProbeFieldKind.Pointer
        ? _number
        : throw new InvalidOperationException($"The field '{Field.Name}' ({Field.TypeName}) is {Field.Kind}, not a number.");

    /// <summary>The number, cut to 32 bits.</summary>
    /// <exception cref="InvalidOperationException">The field is no number.</exception>
    public int ToInt32() => unchecked((int)ToInt64());

    /// <summary>The number or address without a sign.</summary>
    /// <exception cref="InvalidOperationException">The field is neither.</exception>
    public ulong ToUInt64() => unchecked((ulong)ToInt64());

    /// <summary>The copied bytes; empty for numbers and where nothing could be read.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A socket address as .NET has it; null when it could not be read or is of another family.</summary>
    public EndPoint? ToEndPoint() => Field.Kind == ProbeFieldKind.SocketAddress ? SocketAddressReader.Read(_bytes) : null;

    /// <summary>
    /// The value as text. Text that processes chose is as they chose it; write it to terminals through <see cref="UntrustedText"/>.
    /// </summary>
    public override string ToString() => Field is null ? "" : Field.Kind switch
    {
        ProbeFieldKind.Integer when !Field.IsSigned => ((ulong)_number).ToString(CultureInfo.InvariantCulture),
        ProbeFieldKind.Integer => _number.ToString(CultureInfo.InvariantCulture),
        ProbeFieldKind.Pointer => _number == 0 ? "0" : $"0x{_number:x}",
        ProbeFieldKind.Text => Encoding.UTF8.GetString(_bytes!),
        ProbeFieldKind.SocketAddress => ToEndPoint()?.ToString() ?? "",
        _ => Convert.ToHexStringLower(_bytes!),
    };

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        format is { Length: > 0 } && Field.Kind is ProbeFieldKind.Integer or ProbeFieldKind.Pointer ? _number.ToString(format, formatProvider) : ToString();

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        if (Field?.Kind is ProbeFieldKind.Integer && (Field.IsSigned || !format.IsEmpty)) return _number.TryFormat(destination, out charsWritten, format, provider);
        string text = ToString();
        charsWritten = 0;
        if (!text.TryCopyTo(destination)) return false;
        charsWritten = text.Length;
        return true;
    }
}
