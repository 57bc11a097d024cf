using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>What the kernel said to a netlink request.</summary>
/// <param name="Error"><see cref="Errno.None"/> when it was done.</param>
/// <param name="Text">The kernel's own sentence about the error (extended acknowledgement, since 4.12); null when it gave none.</param>
/// <param name="Messages">The messages that came before the acknowledgement: a dump's entries, or the echo of what was made.</param>
internal readonly record struct NetlinkAnswer(Errno Error, string? Text, IReadOnlyList<NetlinkMessage> Messages)
{
    public bool Ok => Error == Errno.None;

    /// <summary>Throws what the kernel answered, with its own words and a hint.</summary>
    public NetlinkAnswer Check(string operation, string? hint = null) => Ok ? this : throw Exception(operation, hint);

    /// <summary>The exception for an error; the kernel's own words come first.</summary>
    public BpfSyscallException Exception(string operation, string? hint = null)
    {
        string? words = Text is null ? null : $"The kernel says: {Text.TrimEnd('.')}.";
        return new BpfSyscallException(operation, Error, words is null ? hint : hint is null ? words : $"{words} {hint}");
    }
}

/// <summary>
/// A connection to the kernel's routing netlink, in the network namespace of the thread that opened it, and staying
/// there. Requests are strictly one at a time; a lock makes it safe to dispose a link from another thread.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    // A dump is consistent only if nothing changed meanwhile; on a busy host that can take a few tries.
    private const int DumpAttempts = 64;

    private readonly FileDescriptor _descriptor;
    private readonly Lock _lock = new();
    private byte[] _buffer = new byte[32 * 1024];
    private uint _sequence;

    public NetlinkSocket()
    {
        int fd = Netlink.Socket(Netlink.AddressFamily, Netlink.SockRaw | Netlink.SockCloseOnExec, Netlink.ProtocolRoute);
        _descriptor = new FileDescriptor(Libc.Check(fd, "open a routing netlink socket"), "netlink socket");
        int one = 1;
        // Both only make answers better: without them there is just the error number.
        _ = Netlink.SetSocketOption(fd, Netlink.SolNetlink, Netlink.OptionExtAck, &one, sizeof(int));
        _ = Netlink.SetSocketOption(fd, Netlink.SolNetlink, Netlink.OptionCapAck, &one, sizeof(int));
    }

    /// <summary>Sends a request and waits for its end: an acknowledgement, an error, or the end of a dump.</summary>
    public NetlinkAnswer Send(NetlinkWriter request)
    {
        lock (_lock)
        {
            for (int attempt = 1; ; attempt++)
            {
                uint sequence = ++_sequence;
                Transmit(request.Finish(sequence));
                var answer = Receive(sequence, out bool interrupted);
                if (!interrupted) return answer;
                if (attempt == DumpAttempts) return answer with { Error = Errno.EINTR, Text = "the list kept changing while it was read" };
            }
        }
    }

    public void Dispose() => _descriptor.Dispose();

    private void Transmit(ReadOnlySpan<byte> message)
    {
        var kernel = new Netlink.SocketAddress { Family = Netlink.AddressFamily };
        fixed (byte* p = message)
        {
            while (Netlink.SendTo(_descriptor.Value, p, message.Length, 0, &kernel, (uint)sizeof(Netlink.SocketAddress)) < 0)
            {
                if (Libc.LastError != Errno.EINTR) throw new BpfSyscallException("send a netlink request", Libc.LastError);
            }
        }
    }

    private NetlinkAnswer Receive(uint sequence, out bool interrupted)
    {
        interrupted = false;
        var messages = new List<NetlinkMessage>();
        while (true)
        {
            int length = ReceiveDatagram();
            for (int at = 0; at < length;)
            {
                ReadOnlySpan<byte> rest = _buffer.AsSpan(at, length - at);
                if (rest.Length < Netlink.HeaderSize) throw new BpfFormatException($"{rest.Length} stray bytes after the last netlink message");
                int size = MemoryMarshal.Read<int>(rest);
                if (size < Netlink.HeaderSize || size > rest.Length)
                    throw new BpfFormatException($"a netlink message says {size} bytes, but {rest.Length} are left");
                at += Math.Min((size + 3) & ~3, rest.Length);
                // What is left over from a request that was given up is not ours.
                if (MemoryMarshal.Read<uint>(rest[8..]) != sequence) continue;
                ushort type = MemoryMarshal.Read<ushort>(rest[4..]);
                var flags = (NetlinkFlags)MemoryMarshal.Read<ushort>(rest[6..]);
                interrupted |= (flags & NetlinkFlags.DumpInterrupted) != 0 && type != Netlink.MessageError;
                ReadOnlySpan<byte> payload = rest[Netlink.HeaderSize..size];
                if (type is Netlink.MessageError or Netlink.MessageDone) return Conclude(type, flags, payload, messages);
                messages.Add(new NetlinkMessage(type, flags, payload.ToArray()));
            }
        }
    }

    private static NetlinkAnswer Conclude(ushort type, NetlinkFlags flags, ReadOnlySpan<byte> payload, List<NetlinkMessage> messages)
    {
        // The end of a dump may come without an error number (before 2.6.x it was empty).
        int error = payload.Length >= 4 ? MemoryMarshal.Read<int>(payload) : 0;
        string? text = null;
        if ((flags & Netlink.AckAttributes) != 0)
        {
            // An acknowledgement repeats the request's header, and all of the request unless it is capped.
            int skip = 4;
            if (type == Netlink.MessageError)
            {
                if (payload.Length < 20) throw new BpfFormatException($"a netlink acknowledgement has only {payload.Length} bytes");
                int echoed = (flags & Netlink.AckCapped) != 0 ? Netlink.HeaderSize : MemoryMarshal.Read<int>(payload[4..]);
                if (echoed < Netlink.HeaderSize || echoed > payload.Length - 4) throw new BpfFormatException($"a netlink acknowledgement says it echoes {echoed} bytes, but has {payload.Length - 4}");
                skip = Math.Min(4 + ((echoed + 3) & ~3), payload.Length);
            }
            const ushort messageText = 1; // NLMSGERR_ATTR_MSG
            text = new NetlinkAttributes(payload[skip..]).String(messageText);
        }
        return new NetlinkAnswer((Errno)(-error), text, messages);
    }

    private int ReceiveDatagram()
    {
        while (true)
        {
            // Ask for the size first: one message can be larger than any fixed buffer (an interface with many functions).
            Netlink.SocketAddress sender = default;
            uint senderLength = (uint)sizeof(Netlink.SocketAddress);
            nint length = Netlink.ReceiveFrom(_descriptor.Value, null, 0, Netlink.MsgPeek | Netlink.MsgTrunc, null, null);
            if (length > _buffer.Length) _buffer = new byte[length];
            if (length >= 0)
            {
                fixed (byte* p = _buffer)
                    length = Netlink.ReceiveFrom(_descriptor.Value, p, _buffer.Length, 0, &sender, &senderLength);
            }
            if (length < 0)
            {
                if (Libc.LastError == Errno.EINTR) continue;
                throw new BpfSyscallException("receive a netlink answer", Libc.LastError);
            }
            // Only the kernel has port 0; another process may send to our port, and is not listened to.
            if (sender.PortId == 0) return (int)length;
        }
    }
}
