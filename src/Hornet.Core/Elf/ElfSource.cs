using Microsoft.Win32.SafeHandles;

namespace Hornet.Elf;

/// <summary>
/// Where an ELF file's bytes come from. Files are read in pieces on demand rather than mapped: whoever shortens a
/// mapped file kills its readers with SIGBUS, and the files read here belong to others.
/// </summary>
internal sealed class ElfSource : IDisposable
{
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly SafeFileHandle? _file;

    public ElfSource(ReadOnlyMemory<byte> memory)
    {
        _memory = memory;
        Length = memory.Length;
    }

    public ElfSource(string path)
    {
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            Length = RandomAccess.GetLength(_file);
        }
        catch (NotSupportedException)
        {
            _file.Dispose();
            throw new BpfFormatException($"{path} is not a regular file");
        }
    }

    public long Length { get; }

    /// <summary>Reads a range that must lie inside the file.</summary>
    public ReadOnlyMemory<byte> Read(ulong offset, ulong length, string what)
    {
        if (length > int.MaxValue || offset > (ulong)Length || length > (ulong)Length - offset)
            throw new BpfFormatException($"{what}: {length} bytes at {offset} lie outside the file's {Length} bytes");
        if (_file is null) return _memory.Slice((int)offset, (int)length);
        byte[] buffer = new byte[(int)length];
        int done = 0;
        while (done < buffer.Length)
        {
            int n = RandomAccess.Read(_file, buffer.AsSpan(done), (long)offset + done);
            if (n == 0) throw new BpfFormatException($"{what}: the file became shorter while it was read");
            done += n;
        }
        return buffer;
    }

    public void Dispose() => _file?.Dispose();
}
