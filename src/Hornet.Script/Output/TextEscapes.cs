using System.Buffers;
using System.Text;

namespace Hornet.Script.Output;

/// <summary>
/// Where text that the kernel or other processes chose becomes safe: control characters for a terminal, what JSON does not allow
/// for JSON. To files and pipes text goes as it is.
/// </summary>
internal static class TextEscapes
{
    private static readonly SearchValues<byte> s_terminalStops = SearchValues.Create([.. Enumerable.Range(0, 256).Where(b => b is < 0x20 and not ('\n' or '\t') or >= 0x7f).Select(b => (byte)b)]);
    private static readonly SearchValues<byte> s_jsonStops = SearchValues.Create([.. Enumerable.Range(0, 256).Where(b => b is < 0x20 or '"' or '\\' or >= 0x80).Select(b => (byte)b)]);

    /// <summary>
    /// For a terminal: line ends and tabs stay, all other control characters, invisible ones and bytes that are no UTF-8 are written as
    /// <c>\xNN</c> or <c>\u{N}</c>. Backslashes stay too: what is printed is to be read, not to be taken apart.
    /// </summary>
    public static void Terminal(ByteWriter writer, ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAny(s_terminalStops);
            if (plain < 0)
            {
                writer.Bytes(text);
                return;
            }
            writer.Bytes(text[..plain]);
            text = text[plain..];
            int length = Rune.DecodeFromUtf8(text, out _, out int consumed) == OperationStatus.Done ? consumed : 1;
            UntrustedText.AppendEscaped(writer, text[..length]);
            text = text[length..];
        }
    }

    /// <summary>The inside of a JSON string. Bytes that are no UTF-8 become U+FFFD.</summary>
    public static void Json(ByteWriter writer, ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAny(s_jsonStops);
            if (plain < 0)
            {
                writer.Bytes(text);
                return;
            }
            writer.Bytes(text[..plain]);
            text = text[plain..];
            int length = 1;
            switch (text[0])
            {
                case (byte)'"': writer.Bytes("\\\""u8); break;
                case (byte)'\\': writer.Bytes("\\\\"u8); break;
                case (byte)'\n': writer.Bytes("\\n"u8); break;
                case (byte)'\r': writer.Bytes("\\r"u8); break;
                case (byte)'\t': writer.Bytes("\\t"u8); break;
                case < 0x20:
                    writer.Bytes("\\u"u8);
                    writer.Hex(text[0], 4);
                    break;
                default:
                    if (Rune.DecodeFromUtf8(text, out _, out length) == OperationStatus.Done) writer.Bytes(text[..length]);
                    else writer.Bytes("\uFFFD"u8);
                    break;
            }
            text = text[length..];
        }
    }

    /// <summary>A whole JSON string.</summary>
    public static void JsonString(ByteWriter writer, ReadOnlySpan<byte> text)
    {
        writer.Byte((byte)'"');
        Json(writer, text);
        writer.Byte((byte)'"');
    }
}
