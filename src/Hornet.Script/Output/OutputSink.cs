using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hornet.Script.Output;

/// <summary>When output is written (option -B).</summary>
internal enum BufferingMode
{
    /// <summary>At line ends.</summary>
    Line,

    /// <summary>When there is much of it, and at the end.</summary>
    Full,

    /// <summary>At once.</summary>
    None,
}

/// <summary>Why output can no longer be written.</summary>
/// <param name="IsBrokenPipe">Whether the reader has gone, which is no error but the end.</param>
/// <param name="Message">The system's word for it.</param>
internal sealed record OutputFailure(bool IsBrokenPipe, string Message);

/// <summary>
/// Where output goes: bytes are collected and written in whole records, so that two writers to one file never mix inside of a line. What cannot
/// be written is dropped and told once; nobody who writes has to care.
/// </summary>
internal sealed unsafe partial class OutputSink : IDisposable
{
    private const int FullBuffer = 64 * 1024;
    private const int Eintr = 4, Eagain = 11, Epipe = 32;
    private readonly SafeFileHandle? _handle;
    private readonly Stream? _stream;
    private readonly BufferingMode _mode;
    private int _searched;

    private OutputSink(SafeFileHandle? handle, Stream? stream, BufferingMode mode)
    {
        _handle = handle;
        _stream = stream;
        _mode = mode;
    }

    /// <summary>What has not been written yet. Writers append here and then call <see cref="EndRecord"/>.</summary>
    public ByteWriter Buffer { get; } = new(4096);

    /// <summary>Whether a batch of records is being worked on: line ends wait for its end, or until there is much. See <see cref="Idle"/>.</summary>
    public bool IsBatching { get; set; }

    /// <summary>Null while all is well.</summary>
    public OutputFailure? Failure { get; private set; }

    /// <summary>Bytes that were dropped after a failure.</summary>
    public long Dropped { get; private set; }

    /// <summary>Standard output (1) or error (2).</summary>
    public static OutputSink ToDescriptor(int descriptor, BufferingMode mode) => new(new SafeFileHandle(descriptor, ownsHandle: false), null, mode);

    /// <summary>A file, that is made or emptied.</summary>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static OutputSink ToFile(string path, BufferingMode mode) => new(File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite), null, mode);

    public static OutputSink ToStream(Stream stream, BufferingMode mode) => new(null, stream, mode);

    /// <summary>Whether a descriptor is a terminal.</summary>
    public static bool IsTerminal(int descriptor) => IsATty(descriptor) == 1;

    /// <summary>Says that a record is complete; writes what the mode says.</summary>
    public void EndRecord()
    {
        switch (_mode)
        {
            case BufferingMode.None:
                Flush();
                return;
            case BufferingMode.Line:
                if (Buffer.Length >= FullBuffer || (!IsBatching && HasLineEnd())) Flush();
                return;
            default:
                if (Buffer.Length >= FullBuffer) Flush();
                return;
        }
    }

    /// <summary>No more records are there now: complete lines are written.</summary>
    public void Idle()
    {
        if (_mode != BufferingMode.Full && HasLineEnd()) Flush();
    }

    /// <summary>Writes everything now.</summary>
    public void Flush()
    {
        _searched = 0;
        if (Buffer.Length == 0) return;
        if (Failure is null) Write(Buffer.Written);
        else Dropped += Buffer.Length;
        Buffer.Clear();
    }

    public void Dispose()
    {
        Flush();
        _handle?.Dispose();
        _stream?.Flush();
    }

    // What was looked through without finding one is not looked through again.
    private bool HasLineEnd()
    {
        if (Buffer.Written[_searched..].Contains((byte)'\n')) return true;
        _searched = Buffer.Length;
        return false;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (_stream is not null)
        {
            try
            {
                _stream.Write(bytes);
                _stream.Flush();
            }
            catch (IOException e)
            {
                Fail(bytes.Length, new(false, e.Message));
            }
            return;
        }
        while (!bytes.IsEmpty)
        {
            nint written;
            fixed (byte* p = bytes) written = Write(_handle!, p, (nuint)bytes.Length);
            if (written > 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (written < 0 && error == Eintr) continue;
            if (written < 0 && error == Eagain)
            {
                // Somebody made the pipe or terminal one that does not wait; we do.
                PollRequest request = new() { Descriptor = (int)_handle!.DangerousGetHandle(), Events = 4 };
                _ = Poll(&request, 1, -1);
                continue;
            }
            Fail(bytes.Length, new(error == Epipe, Marshal.GetPInvokeErrorMessage(error)));
            return;
        }
    }

    private void Fail(int dropped, OutputFailure failure)
    {
        Dropped += dropped;
        Failure ??= failure;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Result;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle handle, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollRequest* requests, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATty(int descriptor);
}
