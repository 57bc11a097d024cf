using System.Buffers.Binary;

namespace Hornet.Script.Output;

/// <summary>Files of captured packets (<c>skboutput</c>), in the classic pcap format with packets that begin with their IP header.</summary>
internal sealed class PacketFiles(ScriptClock clock) : IDisposable
{
    private const uint Magic = 0xa1b2c3d4, RawIp = 101, SnapLength = 65535;
    private readonly Dictionary<string, FileStream> _files = [];

    /// <param name="path">The file; made or emptied at its first packet.</param>
    /// <param name="payload">Nanoseconds since boot (8 bytes), the packet's length (4), the packet.</param>
    /// <exception cref="IOException">The file cannot be made or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public void Write(string path, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 12) return;
        ulong time = BinaryPrimitives.ReadUInt64LittleEndian(payload) + (ulong)clock.BootTime;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]);
        var packet = ValueFormatter.Slice(payload, 12, (int)Math.Min(length, int.MaxValue));
        if (packet.IsEmpty) return;
        var file = Open(path);
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)(time / 1_000_000_000));
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], (uint)(time % 1_000_000_000 / 1000));
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], (uint)packet.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[12..], length);
        file.Write(head);
        file.Write(packet);
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
        _files.Clear();
    }

    private FileStream Open(string path)
    {
        if (_files.TryGetValue(path, out var file)) return file;
        file = new(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, 64 * 1024);
        Span<byte> head = stackalloc byte[24];
        head.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(head, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(head[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(head[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(head[16..], SnapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(head[20..], RawIp);
        file.Write(head);
        return _files[path] = file;
    }
}
