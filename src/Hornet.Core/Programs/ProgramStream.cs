using System.Text;
using Hornet.Interop;

namespace Hornet.Programs;

/// <summary>The output streams a program has in the kernel (6.17).</summary>
public enum ProgramStream
{
    /// <summary>What it prints with <c>bpf_stream_printk</c> (<c>BPF_STREAM_STDOUT</c>).</summary>
    Output = 1,
    /// <summary>What it prints as errors, and what the kernel reports about it: arena faults, endless loops (<c>BPF_STREAM_STDERR</c>).</summary>
    Error = 2,
}

public sealed partial class BpfProgram
{
    /// <summary>
    /// Takes text from one of the program's streams (<c>BPF_PROG_STREAM_READ_BY_FD</c>, 6.17). What was read is gone.
    /// </summary>
    /// <returns>The number of bytes; 0 when there is nothing.</returns>
    /// <exception cref="BpfNotSupportedException">The kernel is older than 6.17.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public unsafe int ReadStream(ProgramStream stream, Span<byte> buffer)
    {
        fixed (byte* target = buffer)
        {
            ProgramStreamReadAttr attr = new()
            {
                ProgFd = (uint)Descriptor.Value,
                StreamId = (uint)stream,
                StreamBuf = Bpf.Pointer(target),
                StreamBufLen = (uint)buffer.Length,
            };
            int count = Bpf.Call(BpfCommand.ProgramStreamReadByFd, ref attr);
            if (count >= 0) return count;
            // Older kernels answer EINVAL to every command they do not know; this one has no other use for it here.
            if (Libc.LastError == Errno.EINVAL)
            {
                throw new BpfNotSupportedException(
                    "program streams", UnsupportedCause.Version, $"read the {stream} stream of program '{Name}': it needs Linux 6.17.", new Version(6, 17));
            }
            throw new BpfSyscallException($"read the {stream} stream of program '{Name}'", Libc.LastError);
        }
    }

    /// <summary>Takes all the text there is in one of the program's streams (6.17).</summary>
    /// <exception cref="BpfNotSupportedException">The kernel is older than 6.17.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public string ReadStream(ProgramStream stream)
    {
        using MemoryStream all = new();
        var buffer = new byte[4096];
        for (int count; (count = ReadStream(stream, buffer)) > 0;) all.Write(buffer, 0, count);
        return Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }
}
