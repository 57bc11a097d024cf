using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>
/// An owned file descriptor. Everything in Hornet that holds one is disposable over this type, and every live one is
/// known to <see cref="DescriptorRegistry"/> when tracking is on.
/// </summary>
public sealed class FileDescriptor : SafeHandle
{
    private readonly DescriptorRegistry.Entry? _entry;

    /// <summary>Takes ownership of a raw descriptor.</summary>
    /// <param name="descriptor">The number the kernel returned.</param>
    /// <param name="what">What it stands for, for leak reports: <c>map counts</c>.</param>
    public FileDescriptor(int descriptor, string what = "descriptor") : base(-1, ownsHandle: true)
    {
        SetHandle(descriptor);
        _entry = DescriptorRegistry.Add(descriptor, what);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>The raw number, for a system call. Throws when the descriptor was closed.</summary>
    public int Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (int)handle;
        }
    }

    /// <summary>A second descriptor for the same kernel object (<c>F_DUPFD_CLOEXEC</c>).</summary>
    public FileDescriptor Duplicate(string what = "duplicate") =>
        new(Libc.Check(Libc.Fcntl(Value, Libc.F_DUPFD_CLOEXEC, 0), "duplicate a file descriptor"), what);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // A descriptor that only the garbage collector closes was forgotten by its owner, even if it is gone later.
        if (!disposing) _entry?.Abandon();
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _entry?.Remove();
        // Linux frees the number whatever close(2) returns, so EINTR must not be retried.
        _ = Libc.Close((int)handle);
        return true;
    }
}
