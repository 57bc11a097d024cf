using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>An epoll instance with a wake-up of its own, so that a wait can be ended from another thread.</summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EFD_NONBLOCK = 0x800;
    private const int EFD_CLOEXEC = 0x80000;
    /// <summary>Readable.</summary>
    public const uint EPOLLIN = 1;
    /// <summary>Writable.</summary>
    public const uint EPOLLOUT = 4;
    private const uint EPOLLERR = 8;
    private const uint EPOLLHUP = 16;

    // struct epoll_event is packed on x86-64 only, for the sake of 32-bit programs: 12 bytes with the data at 4.
    private static readonly bool s_packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int s_eventSize = s_packed ? 12 : 16;
    private static readonly int s_dataOffset = s_packed ? 4 : 8;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(int epoll, int operation, int fd, void* item);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(int epoll, void* events, int maximum, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    private readonly FileDescriptor _epoll;
    private readonly FileDescriptor _wake;

    public Epoll()
    {
        _epoll = new(Libc.Check(EpollCreate(EPOLL_CLOEXEC), "create an epoll instance"), "epoll");
        try
        {
            _wake = new(Libc.Check(EventFd(0, EFD_NONBLOCK | EFD_CLOEXEC), "create an eventfd"), "eventfd");
            Add(_wake);
        }
        catch
        {
            _wake?.Dispose();
            _epoll.Dispose();
            throw;
        }
    }

    /// <summary>Adds a descriptor, level-triggered.</summary>
    public void Add(FileDescriptor descriptor, uint events = EPOLLIN)
    {
        byte* item = stackalloc byte[16];
        *(uint*)item = events | EPOLLERR | EPOLLHUP;
        *(int*)(item + s_dataOffset) = descriptor.Value;
        Libc.Check(EpollControl(_epoll.Value, EPOLL_CTL_ADD, descriptor.Value, item), "add a descriptor to epoll");
    }

    /// <summary>Ends a wait that is under way or, when none is, the next.</summary>
    public void Wake()
    {
        ulong one = 1;
        // EAGAIN means that the counter is full of wake-ups already.
        _ = Libc.Write(_wake.Value, &one, sizeof(ulong));
    }

    /// <summary>Waits for one of the descriptors. A signal's interruption is not an answer: the wait goes on.</summary>
    /// <param name="milliseconds">How long; 0 to look only, -1 without end.</param>
    /// <returns>What ended it.</returns>
    public WaitResult Wait(int milliseconds)
    {
        const int Most = 16;
        byte* events = stackalloc byte[Most * 16];
        long end = milliseconds > 0 ? Environment.TickCount64 + milliseconds : 0;
        int n;
        while ((n = EpollWait(_epoll.Value, events, Most, milliseconds)) < 0)
        {
            var errno = Libc.LastError;
            if (errno != Errno.EINTR) throw new BpfSyscallException("wait for events", errno);
            if (milliseconds > 0 && (milliseconds = (int)(end - Environment.TickCount64)) <= 0) return WaitResult.Timeout;
        }
        if (n == 0) return WaitResult.Timeout;
        bool woken = false;
        for (int i = 0; i < n; i++)
        {
            if (*(int*)(events + i * s_eventSize + s_dataOffset) != _wake.Value) continue;
            ulong count;
            _ = Libc.Read(_wake.Value, &count, sizeof(ulong));
            woken = true;
        }
        return woken ? WaitResult.Woken : WaitResult.Ready;
    }

    public void Dispose()
    {
        _wake.Dispose();
        _epoll.Dispose();
    }

    /// <summary>What ended a wait.</summary>
    public enum WaitResult
    {
        /// <summary>Time is up.</summary>
        Timeout,
        /// <summary>A descriptor is readable.</summary>
        Ready,
        /// <summary>Somebody called <see cref="Wake"/>; a descriptor may be readable as well.</summary>
        Woken,
    }
}
