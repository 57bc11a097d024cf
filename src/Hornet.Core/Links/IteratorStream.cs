using Hornet.Interop;

namespace Hornet.Links;

/// <summary>The output of one iteration.</summary>
internal sealed unsafe class IteratorStream(FileDescriptor descriptor, string description) : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        fixed (byte* p = buffer)
        {
            while (true)
            {
                nint read = Libc.Read(descriptor.Value, p, buffer.Length);
                if (read >= 0) return (int)read;
                var errno = Libc.LastError;
                // EAGAIN: the kernel went over a million objects without any output and lets others run (bpf_seq_read).
                if (errno is Errno.EAGAIN or Errno.EINTR) continue;
                throw new BpfSyscallException($"read {description}", errno, errno == Errno.E2BIG ? "The program's output for one object is larger than the kernel's buffer." : null);
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) descriptor.Dispose();
        base.Dispose(disposing);
    }
}
