using System.Buffers;
using System.Globalization;
using System.Text;

namespace Hornet;

/// <summary>
/// The one place where text that other processes chose (command names, paths, symbols, map contents) becomes safe to
/// show. Sanitise at the edge, keep raw bytes in the record: escape sequences in a process name must not repaint a
/// terminal, and an invalid byte must not break a JSON document.
/// </summary>
public static class UntrustedText
{
    /// <summary>
    /// Appends the bytes as text a terminal may see. C0 and C1 controls, DEL, bidirectional controls, other invisible
    /// format characters and line separators become <c>\xNN</c> or <c>\u{N}</c>; bytes that are not UTF-8 become
    /// <c>\xNN</c>; a backslash becomes <c>\\</c>, so that the result names the bytes without ambiguity.
    /// </summary>
    public static void AppendEscaped(IBufferWriter<byte> destination, ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int plain = PlainPrefix(text);
            if (plain > 0)
            {
                destination.Write(text[..plain]);
                text = text[plain..];
                continue;
            }
            var status = Rune.DecodeFromUtf8(text, out var rune, out int consumed);
            if (status != OperationStatus.Done)
            {
                for (int i = 0; i < consumed; i++) AppendHex(destination, text[i]);
            }
            else if (rune.Value == '\\') destination.Write("\\\\"u8);
            else if (!IsUnsafe(rune)) destination.Write(text[..consumed]);
            else if (rune.Value < 0x80) AppendShort(destination, (byte)rune.Value);
            else AppendCodePoint(destination, rune.Value);
            text = text[consumed..];
        }
    }

    /// <summary>The bytes as text a terminal may see; see <see cref="AppendEscaped"/>.</summary>
    public static string Escape(ReadOnlySpan<byte> text)
    {
        if (PlainPrefix(text) == text.Length) return Encoding.ASCII.GetString(text);
        var buffer = new ArrayBufferWriter<byte>(text.Length + 16);
        AppendEscaped(buffer, text);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The text as a terminal may see it; see <see cref="AppendEscaped"/>. Unpaired surrogates become U+FFFD.</summary>
    public static string Escape(string text)
    {
        foreach (char c in text)
        {
            if (c is < ' ' or > '~' or '\\') return Escape(Encoding.UTF8.GetBytes(text));
        }
        return text;
    }

    /// <summary>Up to the first zero byte: how C strings come out of fixed buffers.</summary>
    public static ReadOnlySpan<byte> CString(ReadOnlySpan<byte> buffer)
    {
        int end = buffer.IndexOf((byte)0);
        return end < 0 ? buffer : buffer[..end];
    }

    /// <summary>How many columns the UTF-8 text takes: one per character, two for wide East Asian ones, none for combining marks.</summary>
    public static int DisplayWidth(ReadOnlySpan<byte> text)
    {
        if (Ascii.IsValid(text)) return text.Length;
        int width = 0;
        while (!text.IsEmpty)
        {
            if (text[0] < 0x80)
            {
                width++;
                text = text[1..];
                continue;
            }
            _ = Rune.DecodeFromUtf8(text, out var rune, out int consumed);
            width += Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => 0,
                _ => IsWide(rune.Value) ? 2 : 1,
            };
            text = text[consumed..];
        }
        return width;
    }

    private static int PlainPrefix(ReadOnlySpan<byte> text)
    {
        int i = 0;
        while (i < text.Length && text[i] is >= 0x20 and < 0x7f and not (byte)'\\') i++;
        return i;
    }

    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        // Format covers the bidirectional controls (U+202A-202E, U+2066-2069), zero-width characters and tags.
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => true,
        _ => false,
    };

    private static bool IsWide(int c) =>
        c is >= 0x1100 and <= 0x115f or >= 0x2e80 and <= 0xa4cf or >= 0xac00 and <= 0xd7a3 or >= 0xf900 and <= 0xfaff
            or >= 0xfe30 and <= 0xfe6f or >= 0xff00 and <= 0xff60 or >= 0xffe0 and <= 0xffe6 or >= 0x1f300 and <= 0x1faff
            or >= 0x20000 and <= 0x3fffd;

    private static void AppendShort(IBufferWriter<byte> destination, byte value)
    {
        switch (value)
        {
            case (byte)'\n': destination.Write("\\n"u8); break;
            case (byte)'\r': destination.Write("\\r"u8); break;
            case (byte)'\t': destination.Write("\\t"u8); break;
            default: AppendHex(destination, value); break;
        }
    }

    private static void AppendHex(IBufferWriter<byte> destination, byte value)
    {
        var digits = "0123456789abcdef"u8;
        destination.Write([(byte)'\\', (byte)'x', digits[value >> 4], digits[value & 15]]);
    }

    private static void AppendCodePoint(IBufferWriter<byte> destination, int value)
    {
        Span<byte> buffer = stackalloc byte[12];
        "\\u{"u8.CopyTo(buffer);
        _ = System.Buffers.Text.Utf8Formatter.TryFormat(value, buffer[3..], out int n, new StandardFormat('x'));
        buffer[3 + n] = (byte)'}';
        destination.Write(buffer[..(n + 4)]);
    }
}
