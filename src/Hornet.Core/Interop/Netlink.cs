using System.Runtime.InteropServices;

namespace Hornet.Interop;

/// <summary>The numbers of netlink and rtnetlink that Hornet uses (include/uapi/linux/{netlink,rtnetlink,pkt_sched,pkt_cls,if_link}.h).</summary>
internal static unsafe partial class Netlink
{
    public const int AddressFamily = 16;
    public const int SockRaw = 3;
    public const int SockCloseOnExec = 0x80000;
    public const int ProtocolRoute = 0;
    public const int SolNetlink = 270;
    public const int OptionCapAck = 10;
    public const int OptionExtAck = 11;
    public const int MsgPeek = 2;
    public const int MsgTrunc = 0x20;

    // Message types.
    public const ushort MessageError = 2;
    public const ushort MessageDone = 3;
    public const ushort NewLink = 16;
    public const ushort DelLink = 17;
    public const ushort GetLink = 18;
    public const ushort SetLink = 19;
    public const ushort NewAddress = 20;
    public const ushort NewRoute = 24;
    public const ushort DelRoute = 25;
    public const ushort GetRoute = 26;
    public const ushort NewNeighbour = 28;
    public const ushort NewQdisc = 36;
    public const ushort DelQdisc = 37;
    public const ushort GetQdisc = 38;
    public const ushort NewFilter = 44;
    public const ushort DelFilter = 45;
    public const ushort GetFilter = 46;

    // Nested attributes are marked; the two top bits are not part of the type.
    public const ushort AttributeNested = 0x8000;
    public const ushort AttributeTypeMask = 0x3fff;

    public const int HeaderSize = 16;

    // Flags of an acknowledgement, which share their bits with those of requests: the request was not repeated in full,
    // and attributes follow that explain the error.
    public const NetlinkFlags AckCapped = (NetlinkFlags)0x100;
    public const NetlinkFlags AckAttributes = (NetlinkFlags)0x200;

    [StructLayout(LayoutKind.Sequential)]
    internal struct SocketAddress
    {
        public ushort Family;
        public ushort Pad;
        public uint PortId;
        public uint Groups;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int SetSocketOption(int fd, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int GetSocketOption(int fd, int level, int option, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    internal static partial nint SendTo(int fd, void* buffer, nint length, int flags, void* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    internal static partial nint ReceiveFrom(int fd, void* buffer, nint length, int flags, void* address, uint* addressLength);
}

/// <summary>The flags of a netlink request (<c>NLM_F_*</c>).</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    None = 0,
    Request = 0x1,
    Multi = 0x2,
    Ack = 0x4,
    Echo = 0x8,
    DumpInterrupted = 0x10,
    /// <summary>All of them: <c>NLM_F_ROOT | NLM_F_MATCH</c>.</summary>
    Dump = 0x300,
    Replace = 0x100,
    Exclusive = 0x200,
    Create = 0x400,
}

/// <summary><c>struct ifinfomsg</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InterfaceMessage
{
    public byte Family;
    public byte Pad;
    public ushort Type;
    public int Index;
    public uint Flags;
    public uint Change;
}

/// <summary><c>struct tcmsg</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TrafficControlMessage
{
    public byte Family;
    public byte Pad1;
    public ushort Pad2;
    public int InterfaceIndex;
    public uint Handle;
    public uint Parent;
    /// <summary>For filters: the priority in the upper half, the protocol in network byte order in the lower.</summary>
    public uint Info;
}

/// <summary><c>struct rtmsg</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteMessage
{
    public byte Family;
    public byte DestinationLength;
    public byte SourceLength;
    public byte TypeOfService;
    public byte Table;
    public byte Protocol;
    public byte Scope;
    public byte Type;
    public uint Flags;
}

/// <summary><c>struct ifaddrmsg</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressMessage
{
    public byte Family;
    public byte PrefixLength;
    public byte Flags;
    public byte Scope;
    public int InterfaceIndex;
}
