using System.Buffers;

namespace Hornet.Tracing;

/// <summary>Files that the kernel makes while they are read, as bytes: of their hundred thousand lines few are wanted as text.</summary>
internal static class KernelText
{
    /// <summary>The whole file; null when it is not there or may not be read.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            // These files have no length: large pieces take the fewest calls.
            ArrayBufferWriter<byte> writer = new(1 << 20);
            while (true)
            {
                int read = RandomAccess.Read(file, writer.GetSpan(1 << 18), writer.WrittenCount);
                if (read <= 0) return writer.WrittenSpan.ToArray();
                writer.Advance(read);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The lines that are not empty.</summary>
    public static LineEnumerator Lines(byte[] text) => new(text);

    internal ref struct LineEnumerator(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly LineEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            while (!_rest.IsEmpty)
            {
                int end = _rest.IndexOf((byte)'\n');
                Current = end < 0 ? _rest : _rest[..end];
                _rest = end < 0 ? default : _rest[(end + 1)..];
                if (!Current.IsEmpty) return true;
            }
            return false;
        }
    }
}
