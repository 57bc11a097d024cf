using System.ComponentModel;
using System.Runtime.InteropServices;
using Hornet.Cli.Common;

namespace Hornet.Cli.Output;

/// <summary>The reader of our output went away (a closed pipe): stop quietly, as any Unix tool does.</summary>
internal sealed class OutputClosedException : IOException
{
    public OutputClosedException() : base("the reader of the output closed it") { }
}

/// <summary>
/// A descriptor written with write(2). Neither of the framework's streams will do: the console stream swallows EPIPE,
/// and a file stream writes at its own offset, which tears a file shared with another writer.
/// </summary>
internal sealed partial class DescriptorStream(int descriptor) : Stream
{
    private const int EINTR = 4;
    private const int EAGAIN = 11;
    private const int EPIPE = 32;
    private const short PollWritable = 4, PollError = 8, PollHangUp = 16;

    // What a pipe that is writable takes without blocking (PIPE_BUF).
    private const int Piece = 4096;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            WaitUntilWritable();
            nint written;
            fixed (byte* p = buffer) written = WriteCall(descriptor, p, Math.Min(buffer.Length, Piece));
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == EINTR) continue;
            if (error == EAGAIN)
            {
                // Somebody made the terminal non-blocking (ssh and node do); wait for room rather than lose output.
                Thread.Sleep(1);
                continue;
            }
            if (error == EPIPE) throw new OutputClosedException();
            throw new IOException($"cannot write the output: {new Win32Exception(error).Message}");
        }
    }

    /// <summary>Blocks until nobody reads what is written; false where that cannot be known (files, devices).</summary>
    public unsafe bool WaitUntilClosed()
    {
        PollDescriptor poll = new() { Descriptor = descriptor };
        int ready;
        do ready = Poll(&poll, 1, -1);
        while (ready < 0 && Marshal.GetLastPInvokeError() == EINTR);
        return ready > 0 && (poll.Returned & (PollError | PollHangUp)) != 0;
    }

    // A reader that stopped reading (a pager) holds the command up, but not beyond a signal.
    private unsafe void WaitUntilWritable()
    {
        PollDescriptor poll = new() { Descriptor = descriptor, Wanted = PollWritable };
        while (Poll(&poll, 1, 100) <= 0)
        {
            if (Interruption.IsOverdue) throw new OperationCanceledException("nobody reads the output");
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Wanted;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteCall(int fd, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATty(int fd);

    public static bool IsTerminal(int fd) => IsATty(fd) == 1;
}
