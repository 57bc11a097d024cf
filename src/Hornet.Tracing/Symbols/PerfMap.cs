using System.Buffers.Text;
using System.Text;

namespace Hornet.Tracing.Symbols;

/// <summary>
/// Names of code that a process made itself, as runtimes with a just-in-time compiler write them: <c>/tmp/perf-PID.map</c>, a line
/// <c>START SIZE NAME</c> in hexadecimal digits for each method. .NET writes it with <c>DOTNET_PerfMapEnabled=1</c>.
/// </summary>
public sealed class PerfMap
{
    // A map has some hundred bytes a method; whatever is larger is none.
    private const long LargestFile = 1L << 28;

    private readonly byte[] _text;
    private readonly ulong[] _starts;
    private readonly (uint Size, int Name, int Length)[] _entries;

    private PerfMap(byte[] text, ulong[] starts, (uint, int, int)[] entries) => (_text, _starts, _entries) = (text, starts, entries);

    /// <summary>The number of methods.</summary>
    public int Count => _starts.Length;

    /// <summary>Bytes of the file it was read from: a process adds to its file as it goes.</summary>
    public long FileSize => _text.Length;

    /// <summary>The file of a process, in that process' file system and by the number it has there; null when there is none to read.</summary>
    public static string? PathOf(int processId)
    {
        int inside = NamespaceId(processId) ?? processId;
        foreach (string path in (string[])[$"/proc/{processId}/root/tmp/perf-{inside}.map", $"/tmp/perf-{processId}.map"])
        {
            if (File.Exists(path)) return path;
        }
        return null;
    }

    /// <summary>Reads a file; null when it cannot be read or is larger than 256 MiB. Lines that are none are passed over.</summary>
    public static PerfMap? TryRead(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            long length = RandomAccess.GetLength(file);
            if (length > LargestFile) return null;
            byte[] text = new byte[length];
            int done = 0;
            while (done < text.Length && RandomAccess.Read(file, text.AsSpan(done), done) is > 0 and var n) done += n;
            return Parse(text[..done]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The method an address is in, and where that begins; null for none.</summary>
    public (string Name, ulong Start)? Find(ulong address)
    {
        int index = Array.BinarySearch(_starts, address);
        if (index < 0) index = ~index - 1;
        if (index < 0 || address - _starts[index] >= Math.Max(_entries[index].Size, 1)) return null;
        var (_, name, length) = _entries[index];
        return (Encoding.UTF8.GetString(_text, name, length), _starts[index]);
    }

    internal static PerfMap Parse(byte[] text)
    {
        List<(ulong Start, uint Size, int Name, int Length, int Order)> all = [];
        int at = 0;
        while (at < text.Length)
        {
            int end = Array.IndexOf(text, (byte)'\n', at);
            if (end < 0) end = text.Length;
            var line = text.AsSpan(at, end - at);
            int begin = at;
            at = end + 1;
            if (!Number(ref line, out ulong start) || !Number(ref line, out ulong size) || line.IsEmpty) continue;
            all.Add((start, (uint)Math.Min(size, uint.MaxValue), begin + (end - begin - line.Length), line.Length, all.Count));
        }
        // Memory is used again: of two methods at one address the later line is the living one.
        all.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.Order.CompareTo(a.Order));
        List<ulong> starts = new(all.Count);
        List<(uint, int, int)> entries = new(all.Count);
        foreach (var (start, size, name, length, _) in all)
        {
            if (starts.Count > 0 && starts[^1] == start) continue;
            starts.Add(start);
            entries.Add((size, name, length));
        }
        return new PerfMap(text, [.. starts], [.. entries]);

        static bool Number(ref Span<byte> line, out ulong value)
        {
            if (line.StartsWith("0x"u8)) line = line[2..];
            bool ok = Utf8Parser.TryParse(line, out value, out int used, 'x') && used < line.Length && line[used] == ' ';
            if (ok) line = line[(used + 1)..];
            return ok;
        }
    }

    /// <summary>The number a process has in its own namespace.</summary>
    private static int? NamespaceId(int processId)
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/{processId}/status"))
            {
                if (line.StartsWith("NSpid:", StringComparison.Ordinal)) return int.TryParse(line.Split('\t', ' ')[^1], out int id) ? id : null;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
        return null;
    }
}
