using System.Text;

namespace Hornet.Script.Source;

/// <summary>
/// Texts of a script as bytes. They are UTF-8, but a literal may name any byte (<c>"\xff"</c>): such a byte, from 0x80 on, is the
/// lone surrogate U+DC00 + byte in our strings, which no text has, and comes out as that byte.
/// </summary>
internal static class ScriptBytes
{
    /// <summary>The character that stands for a byte from 0x80 on which is no UTF-8.</summary>
    public static char Raw(byte value) => (char)(0xdc00 + value);

    /// <summary>The text of bytes: what <see cref="Of"/> gives back as the same bytes.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out int consumed) == System.Buffers.OperationStatus.Done) text.Append(rune.ToString());
            else
            {
                text.Append(Raw(bytes[0]));
                consumed = 1;
            }
            bytes = bytes[consumed..];
        }
        return text.ToString();
    }

    public static byte[] Of(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyInRange('\udc80', '\udcff') < 0)
        {
            var plain = new byte[Encoding.UTF8.GetByteCount(text)];
            _ = Encoding.UTF8.GetBytes(text, plain);
            return plain;
        }
        var bytes = new byte[text.Length * 3];
        int length = 0;
        while (!text.IsEmpty)
        {
            // A high surrogate in front makes it one half of a character.
            if (text[0] is >= '\udc80' and <= '\udcff')
            {
                bytes[length++] = (byte)(text[0] - 0xdc00);
                text = text[1..];
                continue;
            }
            _ = Rune.DecodeFromUtf16(text, out var rune, out int consumed);
            length += rune.EncodeToUtf8(bytes.AsSpan(length));
            text = text[consumed..];
        }
        return bytes[..length];
    }
}
