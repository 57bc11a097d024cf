using System.Runtime.InteropServices;
using Hornet.Interop;
using Hornet.Programs;

namespace Hornet.Links;

/// <summary>
/// A program that belongs to one socket: a filter (<c>SO_ATTACH_BPF</c>, 3.19), which says how many bytes of each
/// packet the socket gets, or the selection among the sockets sharing a port (<c>SO_ATTACH_REUSEPORT_EBPF</c>, 4.5).
/// It lasts as long as the socket; disposing detaches earlier.
/// </summary>
public sealed class SocketLink : BpfLink
{
    private const int SocketLevel = 1, DetachFilter = 27, LockFilter = 44, AttachBpfFilter = 50, AttachGroup = 52, DetachGroup = 68;

    private readonly WeakReference<SafeHandle> _socket;
    private readonly int _detachOption;

    private SocketLink(SafeHandle socket, int detachOption, string description)
    {
        // Weak, and the descriptor not duplicated: a filter must not keep a socket open that its user closed.
        _socket = new WeakReference<SafeHandle>(socket);
        _detachOption = detachOption;
        Description = description;
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>Filters what a socket receives: the program returns the number of bytes to keep, 0 to drop the packet.</summary>
    /// <param name="program">A program of type <see cref="ProgramType.SocketFilter"/>.</param>
    /// <param name="socket">The socket's handle (<c>Socket.SafeHandle</c>).</param>
    /// <param name="locked">Nobody, including this process, can detach or exchange the filter any more (<c>SO_LOCK_FILTER</c>).</param>
    /// <exception cref="BpfSyscallException">The kernel refused; the message says why.</exception>
    public static SocketLink AttachFilter(BpfProgram program, SafeHandle socket, bool locked = false)
    {
        Require.Type(program, ProgramType.SocketFilter, "a socket filter");
        Set(socket, AttachBpfFilter, program.Descriptor.Value, $"attach '{program.Name}' as socket filter");
        if (locked) Set(socket, LockFilter, 1, $"lock the socket filter '{program.Name}'");
        return new SocketLink(socket, locked ? 0 : DetachFilter, $"socket filter {program.Name}");
    }

    /// <summary>
    /// Chooses the socket for a packet or connection among those bound to one port with <c>SO_REUSEPORT</c>. A socket
    /// filter returns the index of the socket in the order they were bound; a program of type
    /// <see cref="ProgramType.SkReusePort"/> (4.19) chooses from a map, and may migrate (5.14).
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="socket">Any socket of the group; it stays for the whole group.</param>
    /// <exception cref="BpfSyscallException">The kernel refused; the message says why.</exception>
    public static SocketLink AttachReusePort(BpfProgram program, SafeHandle socket)
    {
        Require.Type(program, [ProgramType.SocketFilter, ProgramType.SkReusePort], "port sharing");
        Set(socket, AttachGroup, program.Descriptor.Value, $"attach '{program.Name}' to sockets sharing a port");
        // Detaching a group's program came with 5.3; before that it ends with its sockets.
        return new SocketLink(socket, DetachGroup, $"port sharing {program.Name}");
    }

    /// <inheritdoc/>
    public override void Detach()
    {
        if (_detachOption == 0) throw new BpfException($"The {Description} was locked; it ends with its socket.");
        if (!_socket.TryGetTarget(out var socket) || socket.IsClosed) return;
        try
        {
            // ENOENT: it was detached or exchanged by somebody else. ENOPROTOOPT: before 5.3.
            const int noProtocolOption = 92;
            if (TrySet(socket, _detachOption, 0) is var errno and not (Errno.None or Errno.ENOENT) && (int)errno != noProtocolOption)
                throw new BpfSyscallException($"detach {Description}", errno);
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile: nothing is left to detach from.
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_detachOption != 0) Detach();
        base.Dispose(disposing);
    }

    private static void Set(SafeHandle socket, int option, int value, string operation)
    {
        var errno = TrySet(socket, option, value);
        if (errno == Errno.None) return;
        throw new BpfSyscallException(operation, errno, errno switch
        {
            Errno.EPERM => "The socket's filter is locked (SO_LOCK_FILTER).",
            Errno.EINVAL when option == AttachGroup => "The socket must have SO_REUSEPORT set, and the program's type must fit.",
            Errno.EBADF or Errno.ENOTSOCK => "That handle is no socket.",
            _ => null,
        });
    }

    private static unsafe Errno TrySet(SafeHandle socket, int option, int value)
    {
        ArgumentNullException.ThrowIfNull(socket);
        bool held = false;
        try
        {
            socket.DangerousAddRef(ref held);
            return Netlink.SetSocketOption((int)socket.DangerousGetHandle(), SocketLevel, option, &value, sizeof(int)) < 0 ? Libc.LastError : Errno.None;
        }
        finally
        {
            if (held) socket.DangerousRelease();
        }
    }
}
