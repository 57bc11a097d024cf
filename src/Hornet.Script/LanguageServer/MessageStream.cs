using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Hornet.Script.LanguageServer;

/// <summary>Messages of the language server protocol: a head with the length, an empty line, JSON.</summary>
internal sealed class MessageStream(Stream input, Stream output)
{
    // More than any script; a wrong length must not take the memory.
    private const int MostBytes = 64 << 20;

    /// <summary>The next message; null at the end of the input.</summary>
    /// <exception cref="InvalidDataException">What came is no message; there is no way to find the next.</exception>
    public JsonDocument? Read()
    {
        int length = -1;
        while (true)
        {
            if (ReadLine() is not { } line) return null;
            if (line.Length == 0) break;
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) && int.TryParse(line.AsSpan(15), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int value)) length = value;
        }
        if (length is < 0 or > MostBytes) throw new InvalidDataException("a message has no length that can be");
        byte[] bytes = new byte[length];
        int read = input.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
        if (read < length) return null;
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("a message is no JSON", e);
        }
    }

    /// <summary>Writes a message.</summary>
    /// <param name="write">Writes the members of the message behind its version.</param>
    public void Write(Action<Utf8JsonWriter> write)
    {
        using MemoryStream message = new();
        using (Utf8JsonWriter json = new(message))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            write(json);
            json.WriteEndObject();
        }
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {message.Length}\r\n\r\n")));
        message.WriteTo(output);
        output.Flush();
    }

    private string? ReadLine()
    {
        StringBuilder line = new();
        while (true)
        {
            int c = input.ReadByte();
            if (c < 0) return null;
            if (c == '\n') return line.ToString().TrimEnd('\r');
            if (line.Length < 4096) line.Append((char)c);
        }
    }
}
