using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Hornet.Interop;

namespace Hornet.KernelTests;

/// <summary>
/// The three rtnetlink requests tests need to build a small network: make a pair or a single interface, set it up, find
/// its index. They act on the calling thread's namespace.
/// </summary>
public static unsafe partial class TestNetlink
{
    private const int AfNetlink = 16, SockRaw = 3, RtmNewLink = 16;
    private const ushort Request = 1, Ack = 4, Create = 0x400, Exclusive = 0x200;

    /// <summary>Makes an interface of a kind; for veth and netkit with its peer.</summary>
    public static void AddLink(string kind, string name, string? peer = null)
    {
        var message = new MessageBuilder(RtmNewLink, Request | Ack | Create | Exclusive);
        message.InterfaceInfo(0, 0, 0);
        message.Text(3, name);
        int info = message.Begin(18);
        message.Text(1, kind);
        if (peer is not null)
        {
            int data = message.Begin(2);
            // IFLA_NETKIT_PEER_INFO and VETH_INFO_PEER are both 1, and hold an ifinfomsg with attributes.
            int inner = message.Begin(1);
            message.InterfaceInfo(0, 0, 0);
            message.Text(3, peer);
            message.End(inner);
            message.End(data);
        }
        message.End(info);
        Send(message, $"add link {name} ({kind})");
    }

    /// <summary>Sets an interface up; returns its index.</summary>
    public static int SetUp(int index)
    {
        var message = new MessageBuilder(RtmNewLink, Request | Ack);
        message.InterfaceInfo(index, 1, 1);
        Send(message, $"set link {index} up");
        return index;
    }

    /// <summary>The index of an interface by name.</summary>
    public static int IndexOf(string name)
    {
        uint index = NameToIndex(name);
        return index != 0 ? (int)index : throw new BpfSyscallException($"find interface {name}", Libc.LastError);
    }

    private static void Send(MessageBuilder message, string what)
    {
        using FileDescriptor socket = new(Libc.Check(Socket(AfNetlink, SockRaw | Libc.O_CLOEXEC, 0), "open a netlink socket"), "test netlink");
        ReadOnlySpan<byte> request = message.Finish();
        fixed (byte* p = request) Libc.Check(Libc.Write(socket.Value, p, request.Length), what);
        byte* answer = stackalloc byte[4096];
        nint n = Libc.Check(Libc.Read(socket.Value, answer, 4096), what);
        if (n < 20 || *(ushort*)(answer + 4) != 2) throw new BpfException($"{what}: the kernel did not acknowledge");
        int error = -*(int*)(answer + 16);
        if (error != 0) throw new BpfSyscallException(what, (Errno)error);
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint NameToIndex(string name);

    private sealed class MessageBuilder
    {
        private readonly byte[] _buffer = new byte[1024];
        private int _length = 16;

        public MessageBuilder(ushort type, int flags)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(4), type);
            BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(6), (ushort)flags);
        }

        public void InterfaceInfo(int index, uint flags, uint change)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length + 4), index);
            BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_length + 8), flags);
            BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_length + 12), change);
            _length += 16;
        }

        public void Text(ushort type, string value)
        {
            int start = Begin(type);
            _length += Encoding.ASCII.GetBytes(value, _buffer.AsSpan(_length)) + 1;
            End(start);
        }

        public int Begin(ushort type)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(_length + 2), type);
            _length += 4;
            return _length - 4;
        }

        public void End(int start)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(start), (ushort)(_length - start));
            _length = (_length + 3) & ~3;
        }

        public ReadOnlySpan<byte> Finish()
        {
            BinaryPrimitives.WriteInt32LittleEndian(_buffer, _length);
            return _buffer.AsSpan(0, _length);
        }
    }
}
