using System.Text;
using Hornet.Interop;

namespace Hornet.Kernel;

/// <summary>
/// The kernel's trace buffer (<c>trace_pipe</c>), read by lines as they come. What is read is gone for other readers.
/// </summary>
public sealed unsafe class TracePipe : IDisposable
{
    private const int BufferSize = 4096;

    // Between two looks when nothing is there.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly FileDescriptor _file;
    private readonly List<byte> _rest = [];
    private int _scanned;

    private TracePipe(FileDescriptor file) => _file = file;

    /// <summary>Opens the trace buffer.</summary>
    /// <exception cref="BpfException">There is no tracefs, or the buffer may not be read.</exception>
    public static TracePipe Open()
    {
        string path = Path.Combine(Tracefs.Mount, "trace_pipe");
        return new TracePipe(new FileDescriptor(Libc.Check(Libc.Open(path, Libc.O_RDONLY | Libc.O_CLOEXEC | Libc.O_NONBLOCK), $"open '{path}'"), "trace_pipe"));
    }

    /// <summary>The next line, without its end.</summary>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>Null when it was cancelled.</returns>
    /// <exception cref="BpfSyscallException">The buffer could not be read.</exception>
    public string? ReadLine(CancellationToken cancellation)
    {
        while (true)
        {
            int end = _rest.IndexOf((byte)'\n', _scanned);
            if (end >= 0)
            {
                string line = Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_rest)[..end]);
                _rest.RemoveRange(0, end + 1);
                _scanned = 0;
                return line;
            }
            _scanned = _rest.Count;
            if (cancellation.IsCancellationRequested) return null;
            if (!Fill() && cancellation.WaitHandle.WaitOne(s_pause)) return null;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private bool Fill()
    {
        byte* buffer = stackalloc byte[BufferSize];
        nint read = Libc.Read(_file.Value, buffer, BufferSize);
        if (read < 0)
        {
            var errno = Libc.LastError;
            return errno is Errno.EAGAIN or Errno.EINTR ? false : throw new BpfSyscallException("read the trace buffer", errno);
        }
        _rest.AddRange(new ReadOnlySpan<byte>(buffer, (int)read));
        return read > 0;
    }
}
