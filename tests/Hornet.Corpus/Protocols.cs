using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hornet.Corpus;

/// <summary>What programs do with bytes that came over the network.</summary>
public static class Protocols
{
    private static ReadOnlySpan<byte> Suffix => "\u0007example\u0003com\u0000"u8;

    private enum Method : byte { None, Get, Put, Post, Head, Delete, Options, Patch }

    [Flags]
    private enum TcpFlags : byte { None = 0, Fin = 1, Syn = 2, Rst = 4, Psh = 8, Ack = 16, Urg = 32 }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct DnsHeader
    {
        public ushort Id, Flags, Questions, Answers, Authorities, Additional;

        public readonly bool IsResponse => (BinaryPrimitives.ReverseEndianness(Flags) & 0x8000) != 0;

        public readonly int ResponseCode => BinaryPrimitives.ReverseEndianness(Flags) & 0xf;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct TcpHeader
    {
        public ushort Source, Destination;
        public uint Sequence, Acknowledgement;
        private byte _offset;
        public TcpFlags Flags;
        public ushort Window;

        public int HeaderLength { readonly get => (_offset >> 4) * 4; set => _offset = (byte)((value / 4) << 4); }
    }

    [Kernel]
    public static int DnsNameLength(uint a, uint b)
    {
        Span<byte> packet = stackalloc byte[32];
        "\u0003www\u0007example\u0003com\u0000"u8.CopyTo(packet);
        packet[(int)(a & 31)] = (byte)b;
        int at = 0, labels = 0;
        for (int i = 0; i < 8; i++)
        {
            if (at >= packet.Length) return -1;
            byte length = packet[at];
            if (length == 0) return at + 1 + labels * 100;
            if ((length & 0xc0) != 0) return -2;
            at += length + 1;
            labels++;
        }
        return -3;
    }

    [Kernel]
    public static ulong DnsNameHash(uint a, ulong b)
    {
        Span<byte> name = stackalloc byte[16];
        "\u0004Mail\u0007"u8.CopyTo(name);
        MemoryMarshal.Write(name[6..], in b);
        ulong hash = 14695981039346656037;
        foreach (byte raw in name)
        {
            byte lower = raw is >= (byte)'A' and <= (byte)'Z' ? (byte)(raw | 0x20) : raw;
            hash = (hash ^ lower) * 1099511628211;
        }
        return hash + a;
    }

    [Kernel]
    public static int DnsHeaderFields(ulong a, uint b)
    {
        Span<byte> bytes = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, a);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], b);
        ref readonly var header = ref MemoryMarshal.AsRef<DnsHeader>(bytes);
        return header switch
        {
            { IsResponse: true, ResponseCode: 3 } => 1,
            { IsResponse: true, ResponseCode: not 0 and var code } => 100 + code,
            { IsResponse: false, Questions: 0 } => -1,
            { IsResponse: false } => BinaryPrimitives.ReverseEndianness(header.Id),
            _ => BinaryPrimitives.ReverseEndianness(header.Answers) * 2,
        };
    }

    [Kernel]
    public static int HttpMethod(uint a, uint b)
    {
        Span<byte> line = stackalloc byte[16];
        var text = (a % 4) switch { 0 => "GET / HTTP/1.1\r\n"u8, 1 => "POST /a HTTP/1.1"u8, 2 => "DELETE /x HTTP/1"u8, _ => "HEAD /y HTTP/1.0"u8 };
        text.CopyTo(line);
        line[(int)(b & 15)] ^= (byte)(b >> 8);
        return (int)Parse(line) * 10 + (line.IndexOf((byte)' ') is >= 0 and var space ? space : 99);
    }

    private static Method Parse(ReadOnlySpan<byte> line) => line switch
    {
        [(byte)'G', (byte)'E', (byte)'T', (byte)' ', ..] => Method.Get,
        [(byte)'P', (byte)'U', (byte)'T', (byte)' ', ..] => Method.Put,
        [(byte)'P', (byte)'O', ..] when line.StartsWith("POST "u8) => Method.Post,
        [(byte)'H', ..] when line[..5].SequenceEqual("HEAD "u8) => Method.Head,
        _ when line.StartsWith("DELETE "u8) => Method.Delete,
        _ => Method.None,
    };

    [Kernel]
    public static int HttpStatus(ushort a, uint b)
    {
        Span<byte> line = stackalloc byte[13];
        "HTTP/1.1 "u8.CopyTo(line);
        line[9] = (byte)('0' + a / 100 % 10);
        line[10] = (byte)('0' + a / 10 % 10);
        line[11] = (byte)('0' + a % 10);
        line[(int)(b % 13)] += (byte)(b >> 16);
        if (!line.StartsWith("HTTP/"u8)) return -1;
        int status = 0;
        foreach (byte c in line.Slice(9, 3))
        {
            int digit = c - '0';
            if ((uint)digit > 9) return -2;
            status = status * 10 + digit;
        }
        return status switch { < 100 => 0, < 200 => 1, >= 200 and < 300 => 2, 301 or 302 or 307 or 308 => 3, >= 400 and < 500 => 4, >= 500 and <= 599 => 5, _ => -3 };
    }

    [Kernel]
    public static long ParseDecimal(uint a, uint b)
    {
        Span<byte> digits = stackalloc byte[12];
        uint rest = a;
        int at = digits.Length;
        do
        {
            digits[--at] = (byte)('0' + rest % 10);
            rest /= 10;
        }
        while (rest != 0);
        if (b % 5 == 0) digits[11] = (byte)b;
        return TryParse(digits[at..], out uint number) ? number : -1L;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, out uint number)
    {
        number = 0;
        if (text.IsEmpty) return false;
        for (int i = 0; i < text.Length && i < 12; i++)
        {
            if (text[i] is < (byte)'0' or > (byte)'9') return false;
            number = number * 10 + (uint)(text[i] - '0');
        }
        return true;
    }

    [Kernel]
    public static int ParseHex(uint a, byte b)
    {
        Span<byte> digits = stackalloc byte[8];
        for (int i = 7; i >= 0; i--, a >>= 4) digits[i] = "0123456789abcdef"u8[(int)(a & 15)];
        digits[b & 7] ^= (byte)(b & 0x20);
        int value = 0;
        foreach (byte c in digits)
        {
            int digit = c switch
            {
                >= (byte)'0' and <= (byte)'9' => c - '0',
                >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
                _ => -1,
            };
            if (digit < 0) return -1;
            value = value << 4 | digit;
        }
        return value;
    }

    [Kernel]
    public static int TlsServerName(uint a, uint b)
    {
        // Record header, handshake header, then extensions: type, length, and for 0 the list with one name.
        Span<byte> hello = stackalloc byte[48];
        hello[0] = 0x16; hello[1] = 3; hello[2] = 1;
        hello[5] = 1;
        int at = 9;
        BinaryPrimitives.WriteUInt16BigEndian(hello[at..], 0x002b);
        BinaryPrimitives.WriteUInt16BigEndian(hello[(at + 2)..], 3);
        at += 7;
        BinaryPrimitives.WriteUInt16BigEndian(hello[at..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(hello[(at + 2)..], 12);
        BinaryPrimitives.WriteUInt16BigEndian(hello[(at + 7)..], 7);
        "abc.com"u8.CopyTo(hello[(at + 9)..]);
        hello[(int)(a & 47) % 48] ^= (byte)b;
        if (hello is not [0x16, 3, <= 4, _, _, 1, ..]) return -1;
        int position = 9;
        for (int i = 0; i < 6 && position + 4 <= hello.Length; i++)
        {
            int type = BinaryPrimitives.ReadUInt16BigEndian(hello[position..]), length = BinaryPrimitives.ReadUInt16BigEndian(hello[(position + 2)..]);
            position += 4;
            if (type == 0)
            {
                if (position + 5 > hello.Length) return -2;
                int nameLength = BinaryPrimitives.ReadUInt16BigEndian(hello.Slice(position + 3, 2));
                if (nameLength > 16 || position + 5 + nameLength > hello.Length) return -3;
                var name = hello.Slice(position + 5, nameLength);
                int sum = 0;
                foreach (byte c in name) sum = sum * 31 + c;
                return sum;
            }
            position += length;
        }
        return -4;
    }

    [Kernel]
    public static int Ipv6Extensions(ulong a, ulong b)
    {
        Span<byte> headers = stackalloc byte[40];
        MemoryMarshal.Write(headers, in a);
        MemoryMarshal.Write(headers[8..], in b);
        headers[16] = 60;
        byte next = (byte)((a >> 32 & 3) switch { 0 => 0, 1 => 43, 2 => 60, _ => 6 });
        int offset = 0;
        for (int i = 0; i < 6; i++)
        {
            switch (next)
            {
                case 0 or 43 or 60:
                    if (offset + 2 > headers.Length) return -1;
                    next = headers[offset];
                    offset += (headers[offset + 1] & 3) * 8 + 8;
                    continue;
                case 44:
                    if (offset + 8 > headers.Length) return -2;
                    next = headers[offset];
                    offset += 8;
                    continue;
                case 6 or 17 or 58:
                    return next * 1000 + offset;
                case 59:
                    return 59;
                default:
                    return -next;
            }
        }
        return -1000;
    }

    [Kernel]
    public static uint InternetChecksum(ulong a, ulong b)
    {
        Span<byte> header = stackalloc byte[20];
        MemoryMarshal.Write(header, in a);
        MemoryMarshal.Write(header[8..], in b);
        header[16] = 192; header[17] = 168; header[18] = 0; header[19] = 1;
        uint sum = 0;
        foreach (ushort word in MemoryMarshal.Cast<byte, ushort>(header)) sum += word;
        sum = (sum & 0xffff) + (sum >> 16);
        sum += sum >> 16;
        return (ushort)~sum;
    }

    [Kernel]
    public static uint ChecksumUpdate(ushort a, uint b)
    {
        // RFC 1624: HC' = ~(~HC + ~m + m')
        static ushort Update(ushort check, ushort old, ushort now)
        {
            uint sum = (uint)(ushort)~check + (ushort)~old + now;
            sum = (sum >> 16) + (sum & 0xffff);
            return (ushort)~(sum + (sum >> 16));
        }

        return Update(Update(a, (ushort)b, 0x1234), (ushort)(b >> 16), 0xabcd);
    }

    // 6.12 does not know an index well enough after it was sliced with; 6.18 does.
    [Kernel(MinKernel = "6.18")]
    public static int TcpOptions(ulong a, ulong b)
    {
        Span<byte> options = stackalloc byte[20];
        ReadOnlySpan<byte> template = [2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
        template.CopyTo(options);
        options[(int)(a % 20)] = (byte)b;
        (ushort Mss, byte Scale, bool Sack, uint? Stamp) found = (536, 0, false, null);
        int i = 0;
        while (i < options.Length)
        {
            byte kind = options[i];
            if (kind == 0) break;
            if (kind == 1) { i++; continue; }
            if (i + 1 >= options.Length) return -1;
            int length = options[i + 1];
            if (length < 2 || i + length > options.Length) return -2;
            var body = options.Slice(i + 2, length - 2);
            switch (kind, body.Length)
            {
                case (2, 2): found.Mss = BinaryPrimitives.ReadUInt16BigEndian(body); break;
                case (3, 1): found.Scale = body[0]; break;
                case (4, _): found.Sack = true; break;
                case (8, >= 8): found = found with { Stamp = BinaryPrimitives.ReadUInt32BigEndian(body[..4]) }; break;
            }
            i += length;
        }
        return found.Mss + (found.Scale << 16) + (found.Sack ? 1 << 24 : 0) + (int)(found.Stamp ?? 77) * 3;
    }

    [Kernel]
    public static int TcpFlagNames(byte a, byte b)
    {
        var flags = (TcpFlags)a;
        var without = flags & ~TcpFlags.Psh;
        int kind = without switch
        {
            TcpFlags.Syn => 1,
            TcpFlags.Syn | TcpFlags.Ack => 2,
            TcpFlags.Ack => 3,
            _ when flags.HasFlag(TcpFlags.Rst) => 4,
            _ when flags.HasFlag(TcpFlags.Fin | TcpFlags.Ack) => 5,
            TcpFlags.None => 6,
            _ => 7,
        };
        flags ^= (TcpFlags)b;
        flags |= TcpFlags.Urg;
        return kind + ((flags & TcpFlags.Syn) == TcpFlags.Syn ? 10 : 0) + ((flags & (TcpFlags.Syn | TcpFlags.Fin)) is not TcpFlags.None ? 100 : 0) + (int)flags * 1000;
    }

    [Kernel]
    public static uint TcpHeaderView(ulong a, ulong b)
    {
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<TcpHeader>()];
        MemoryMarshal.Write(bytes, in a);
        MemoryMarshal.Write(bytes[8..], in b);
        ref var header = ref Unsafe.As<byte, TcpHeader>(ref MemoryMarshal.GetReference(bytes));
        header.HeaderLength += 4;
        (header.Source, header.Destination) = (header.Destination, header.Source);
        header.Flags |= TcpFlags.Rst;
        header.Sequence++;
        var copy = header;
        copy.Window = 0;
        return MemoryMarshal.Read<uint>(bytes) ^ header.Window ^ (uint)header.HeaderLength << 20 ^ copy.Sequence ^ (uint)copy.Flags << 8 ^ bytes[12];
    }

    [Kernel]
    public static bool PrefixMatch(uint a, uint b)
    {
        int length = (int)(b & 31) + 1;
        uint mask = uint.MaxValue << (32 - length);
        return (a & mask) == (0xc0a80000u & mask);
    }

    [Kernel]
    public static int Prefix6Match(ulong a, ulong b)
    {
        ReadOnlySpan<byte> prefix = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0];
        Span<byte> address = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(address, a);
        if ((b & 4) != 0) prefix.CopyTo(address);
        int bits = (int)(b & 3) * 13 + 3, matched = 0;
        for (int i = 0; i < 8 && matched < bits; i++)
        {
            int same = address[i] == prefix[i] ? 8 : System.Numerics.BitOperations.LeadingZeroCount((uint)(address[i] ^ prefix[i])) - 24;
            matched += same;
            if (same < 8) break;
        }
        return Math.Min(matched, bits);
    }

    [Kernel]
    public static int PathGlob(ulong a, ulong b)
    {
        Span<byte> path = stackalloc byte[24];
        "/var/log/app/x.log"u8.CopyTo(path);
        path[(int)(a % 18)] = (byte)(b % 96 + 32);
        int end = path.IndexOf((byte)0);
        ReadOnlySpan<byte> text = path[..end];
        if (!text.StartsWith("/var/"u8)) return 1;
        if (text.EndsWith(".log"u8)) return 2;
        int slash = text.LastIndexOf((byte)'/');
        return slash < 0 ? 3 : 4 + slash + text[(slash + 1)..].Length * 100;
    }

    [Kernel]
    public static int PathComponents(ulong a, ulong b)
    {
        Span<byte> path = stackalloc byte[16];
        "/a/bc/def/g"u8.CopyTo(path);
        path[(int)(a & 15)] = b % 3 == 0 ? (byte)'/' : (byte)b;
        int count = 0, longest = 0, start = 0;
        for (int i = 0; i < path.Length; i++)
        {
            if (path[i] == 0) break;
            if (path[i] != '/') continue;
            longest = Math.Max(longest, i - start);
            start = i + 1;
            count++;
        }
        return count * 100 + longest;
    }

    [Kernel]
    public static int CaseInsensitive(ulong a, ulong b)
    {
        Span<byte> left = stackalloc byte[8];
        Span<byte> right = stackalloc byte[8];
        MemoryMarshal.Write(left, in a);
        MemoryMarshal.Write(right, (b & 1) == 0 ? a ^ 0x2020202020202020 : b);
        for (int i = 0; i < left.Length; i++)
        {
            if (Lower(left[i]) != Lower(right[i])) return i;
        }
        return -1;

        static byte Lower(byte c) => (uint)(c - 'A') <= 'Z' - 'A' ? (byte)(c + 32) : c;
    }

    [Kernel]
    public static int VlanStack(ulong a, ulong b)
    {
        Span<byte> frame = stackalloc byte[24];
        MemoryMarshal.Write(frame, in a);
        MemoryMarshal.Write(frame[8..], in b);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], (ushort)((a & 1) == 0 ? 0x8100 : 0x88a8));
        BinaryPrimitives.WriteUInt16BigEndian(frame[16..], (ushort)((b & 1) == 0 ? 0x8100 : 0x0800));
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        int at = 14, tags = 0;
        while (type is 0x8100 or 0x88a8 && tags < 2)
        {
            type = BinaryPrimitives.ReadUInt16BigEndian(frame[(at + 2)..]);
            at += 4;
            tags++;
        }
        return type + (tags << 16);
    }

    [Kernel]
    public static uint Varint(ulong a, uint b)
    {
        Span<byte> bytes = stackalloc byte[8];
        MemoryMarshal.Write(bytes, in a);
        uint value = 0;
        for (int i = 0, shift = 0; shift < 35; i++, shift += 7)
        {
            value |= (bytes[i] & 0x7fu) << shift;
            if ((bytes[i] & 0x80) == 0) return value + b;
        }
        return uint.MaxValue;
    }

    [Kernel]
    public static uint Jenkins(ulong a, ulong b)
    {
        Span<byte> key = stackalloc byte[16];
        MemoryMarshal.Write(key, in a);
        MemoryMarshal.Write(key[8..], in b);
        uint hash = 0;
        foreach (ref readonly byte c in (ReadOnlySpan<byte>)key)
        {
            hash += c;
            hash += hash << 10;
            hash ^= hash >> 6;
        }
        hash += hash << 3;
        hash ^= hash >> 11;
        return hash + (hash << 15);
    }

    [Kernel]
    public static uint Crc32(ulong a, uint b)
    {
        Span<byte> bytes = stackalloc byte[8];
        MemoryMarshal.Write(bytes, in a);
        uint crc = ~b;
        foreach (byte c in bytes)
        {
            crc ^= c;
            for (int k = 0; k < 8; k++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        }
        return ~crc;
    }

    [Kernel]
    public static bool EndsInSuffix(ulong a, uint b)
    {
        Span<byte> name = stackalloc byte[24];
        Suffix.CopyTo(name[(int)(b & 7)..]);
        if (a % 3 == 0) name[(int)(a % 24)]++;
        return ((ReadOnlySpan<byte>)name)[..((int)(b & 7) + Suffix.Length)].EndsWith(Suffix);
    }
}
