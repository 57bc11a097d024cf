using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hornet;

/// <summary>Reads <c>struct sockaddr</c> as user programs hand it to the kernel.</summary>
internal static class SocketAddressReader
{
    private const int Unix = 1, IPv4 = 2, IPv6 = 10;

    public static EndPoint? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) return null;
        var rest = bytes[2..];
        switch (BinaryPrimitives.ReadUInt16LittleEndian(bytes))
        {
            case IPv4 when rest.Length >= 6:
                return new IPEndPoint(new IPAddress(rest[2..6]), BinaryPrimitives.ReadUInt16BigEndian(rest));
            case IPv6 when rest.Length >= 22:
                long scope = rest.Length >= 26 ? BinaryPrimitives.ReadUInt32LittleEndian(rest[22..]) : 0;
                return new IPEndPoint(new IPAddress(rest[6..22], scope), BinaryPrimitives.ReadUInt16BigEndian(rest));
            case Unix:
                // A name that begins with a zero byte is abstract: it is no file, and its length counts.
                var name = rest.Length > 0 && rest[0] == 0 ? rest : UntrustedText.CString(rest);
                return name.IsEmpty ? null : new UnixDomainSocketEndPoint(Encoding.UTF8.GetString(name));
            default:
                return null;
        }
    }
}
