using System.Text;
using Hornet.Interop;

namespace Hornet.Programs;

/// <summary>
/// The memory the verifier writes its log to. It is mapped, not allocated: what the log does not reach costs nothing, and
/// a gigabyte goes back to the system at once.
/// </summary>
internal sealed unsafe class VerifierLogBuffer : IDisposable
{
    /// <summary>What a first attempt gets; most logs fit.</summary>
    public const uint FirstSize = 64 * 1024;

    /// <summary>What shows where the verifier was, when the whole log would be a hundred times as large.</summary>
    public const uint PartSize = 1024 * 1024;

    /// <summary>The largest <c>log_size</c> the kernel takes: <c>UINT_MAX &gt;&gt; 2</c> (5.2; commit 7a9f5c65abcc).</summary>
    public const uint LargestSize = uint.MaxValue >> 2;

    // A step when the kernel does not say what it needs. Each one verifies the program again; memory it costs none.
    private const uint Growth = 16;

    private byte* _memory;

    private VerifierLogBuffer(byte* memory, uint size)
    {
        _memory = memory;
        Size = size;
    }

    public uint Size { get; }

    public ulong Address => (ulong)_memory;

    /// <summary>The text up to the first zero byte, whatever error came with it.</summary>
    public string Text
    {
        get
        {
            // Spans end at int.MaxValue, which is more than the largest buffer.
            ReadOnlySpan<byte> bytes = new(_memory, (int)Size);
            int end = bytes.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        }
    }

    /// <summary>Maps a buffer; null with <see cref="Libc.LastError"/> set when the system has no room for one.</summary>
    public static VerifierLogBuffer? TryCreate(uint size)
    {
        // Nothing is set aside for it: only what is written takes memory, and few logs fill their buffer.
        void* memory = Libc.Mmap(null, size, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE, -1, 0);
        return (nint)memory == -1 ? null : new((byte*)memory, size);
    }

    /// <summary>
    /// The size to try after one was too small: what the kernel said it needs (<c>log_true_size</c>, 6.4), else a
    /// multiple; 0 when there is no larger one.
    /// </summary>
    public static uint NextSize(uint size, uint trueSize)
    {
        if (size >= LargestSize) return 0;
        // The states visited can differ a little from run to run (timing, addresses), so leave some room.
        if (trueSize > size) return (uint)Math.Min(LargestSize, trueSize + (trueSize / 16ul) + 4096);
        return (uint)Math.Min(LargestSize, size * (ulong)Growth);
    }

    public void Dispose()
    {
        if (_memory is null) return;
        _ = Libc.Munmap(_memory, Size);
        _memory = null;
    }
}
